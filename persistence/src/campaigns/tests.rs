use super::*;
use crate::connection::AnyConnection;
use crate::testing::each_backend;
use diesel::prelude::*;
use postbag_domain::{
    Activity, AddressedTo, AskFields, AskStatus, Basis, CampaignContent, CampaignFields, Channel, ContactFields,
    FieldErrors, Locale, ModerationFields, NoticeWords, OfficePages, OrganisationContent, OrganisationFields,
    OrganisationId, PrivacyNoticeFields, Purpose, QuestionTerms, RetentionFields, SubmissionLimitsFields, Wordings,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

fn fresh() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00.123456Z".parse().unwrap()
}

fn organisation_content(slug: &str, name: &str) -> OrganisationContent {
    OrganisationContent::new(OrganisationFields {
        limits: SubmissionLimitsFields::default(),
        moderation: ModerationFields::default(),
        slug: slug.to_owned(),
        name: name.to_owned(),
        charity_number: Some("1089464".to_owned()),
        privacy_notice: Some(PrivacyNoticeFields {
            url: "https://example.org/privacy".to_owned(),
            version: "2026-05".to_owned(),
        }),
        contacts: vec![ContactFields {
            role: "complaints".to_owned(),
            email: Some("complaints@example.org".to_owned()),
            ..ContactFields::default()
        }],
        processors: Some(Vec::new()),
        sending_domain: Some(format!("mail.{slug}.example.org")),
        preferences_url: None,
        retention: RetentionFields::default(),
        mails: Vec::new(),
    })
    .unwrap()
}

fn campaign_content(slug: &str, title: &str) -> CampaignContent {
    CampaignContent::new(CampaignFields {
        slug: slug.to_owned(),
        title: title.to_owned(),
        summary: Some("Care for everybody.".to_owned()),
        nations: vec!["england".to_owned()],
        offices: vec!["mp".to_owned()],
        special_category_condition: Some("explicit_consent".to_owned()),
        ..CampaignFields::default()
    })
    .unwrap()
}

fn source(body: &str) -> TemplateSource {
    let body = format!("Dear {{{{ representative.name }}}},\n{{{{ personal_message }}}}\n{body}");
    TemplateSource::new(None, Locale::En, "Please act", &body).unwrap()
}

fn edit(slug: &str, expected: Expected) -> CampaignEdit {
    CampaignEdit { reach: Reach::All, slug: Slug::parse(slug).unwrap(), expected, now: now(), fresh }
}

fn anything(slug: &str) -> CampaignEdit {
    edit(slug, Expected::Anything)
}

fn organisation(store: &Store, slug: &str) -> OrganisationId {
    let content = organisation_content(slug, "Example Charity");
    let put = store.put_organisation_blocking(Reach::All, content, Expected::Nothing, now(), fresh).unwrap();
    put.value().unwrap().organisation.id
}

fn draft_of(owner: OrganisationId, content: CampaignContent) -> Campaign {
    Campaign::draft(postbag_domain::CampaignId::new(fresh()), owner, content)
}

/// A draft of an organisation of its own.
fn draft(store: &Store, slug: &str) -> StoredCampaign {
    let owner = organisation(store, &format!("{slug}-charity"));
    let draft = draft_of(owner, campaign_content(slug, "Fair care"));
    let put = store.put_campaign_blocking(&anything(slug), &draft, Vec::new());
    *put.unwrap().value().unwrap()
}

fn change(store: &Store, slug: &str, changes: Vec<CampaignChange>) -> StoredCampaign {
    *store.edit_campaign_blocking(&anything(slug), |_| Ok(changes)).unwrap().value().unwrap()
}

fn add_template(store: &Store, slug: &str, body: &str) -> CampaignEdited {
    store.edit_campaign_blocking(&anything(slug), |stored| change::add_version(stored, &source(body), fresh)).unwrap()
}

fn transition(store: &Store, slug: &str, to: CampaignStatus) -> CampaignEdited {
    store
        .edit_campaign_blocking(&anything(slug), |stored| {
            let campaign = stored.campaign.transition(to, &stored.readiness())?;
            Ok(vec![CampaignChange::Campaign(Box::new(campaign))])
        })
        .unwrap()
}

fn live(store: &Store, slug: &str) -> StoredCampaign {
    draft(store, slug);
    add_template(store, slug, "Please act.").value().unwrap();
    *transition(store, slug, CampaignStatus::Live).value().unwrap()
}

fn put_organisation(store: &Store, slug: &str, name: &str) -> Edited<crate::StoredOrganisation, Refusal> {
    let content = organisation_content(slug, name);
    store.put_organisation_blocking(Reach::All, content, Expected::Anything, now(), fresh).unwrap()
}

fn revision(store: &Store) -> i64 {
    store.load_campaigns_blocking(&pages()).unwrap().revision
}

fn find(store: &Store, reach: Reach, slug: &str) -> Option<StoredCampaign> {
    let slug = Slug::parse(slug).unwrap();
    store.read_blocking(|connection| rows::find(connection, reach, &slug)).unwrap()
}

fn run(store: &Store, sql: &str) -> Result<usize, StoreError> {
    store.write_blocking(|connection: &mut AnyConnection| Ok(diesel::sql_query(sql).execute(connection)?))
}

fn wordings(text: &str) -> Wordings {
    Wordings::new(BTreeMap::from([(Locale::En, text.to_owned())])).unwrap()
}

fn question(purpose: &str, text: &str) -> ConsentQuestion {
    let id = postbag_domain::QuestionId::new(fresh());
    let purpose = Purpose::parse(purpose).unwrap();
    ConsentQuestion::new(id, None, purpose, terms(text)).unwrap()
}

fn notice(text: &str) -> ObjectionNotice {
    let id = postbag_domain::NoticeId::new(fresh());
    ObjectionNotice::new(id, false, Activity::WealthResearch, notice_words(text), 0)
}

fn notice_words(text: &str) -> NoticeWords {
    NoticeWords { wordings: wordings(text), long_wordings: Some(wordings("In full.")) }
}

fn terms(text: &str) -> QuestionTerms {
    QuestionTerms { basis: Basis::Consent, channels: vec![Channel::Email], wordings: wordings(text) }
}

#[test]
fn an_organisation_is_given_back_as_it_was_put() {
    each_backend(|store| {
        let content = organisation_content("charity", "Example Charity");
        let put =
            store.put_organisation_blocking(Reach::All, content.clone(), Expected::Nothing, now(), fresh).unwrap();
        let Edited::Created(stored) = put else { panic!("{put:?}") };
        assert_eq!((stored.organisation.content, stored.revision, stored.created_at), (content, 1, now()));
    });
}

#[test]
fn the_same_organisation_again_changes_nothing() {
    each_backend(|store| {
        organisation(store, "charity");
        let before = revision(store);
        let again = put_organisation(store, "charity", "Example Charity").value().unwrap();
        assert_eq!((again.revision, revision(store)), (1, before));
    });
}

#[test]
fn a_campaign_is_given_back_as_it_was_put() {
    each_backend(|store| {
        let stored = draft(store, "fair-care");
        assert_eq!(stored.campaign.content(), &campaign_content("fair-care", "Fair care"));
        assert_eq!((stored.campaign.status(), stored.revision), (CampaignStatus::Draft, 1));
        assert_eq!(find(store, Reach::All, "fair-care"), Some(stored));
    });
}

#[test]
fn a_stale_revision_is_refused_with_the_one_there_is() {
    each_backend(|store| {
        let stored = draft(store, "fair-care");
        let put = |expected, title: &str| {
            let content = campaign_content("fair-care", title);
            store
                .put_campaign_blocking(
                    &edit("fair-care", expected),
                    &draft_of(stored.campaign.organisation_id(), content),
                    Vec::new(),
                )
                .unwrap()
        };
        assert!(matches!(put(Expected::Revision(1), "Fairer care"), Edited::Done(stored) if stored.revision == 2));
        assert_eq!(put(Expected::Revision(1), "Fairest care"), Edited::Stale(Some(2)));
        assert_eq!(put(Expected::Nothing, "Fairest care"), Edited::Stale(Some(2)));
        assert_eq!(find(store, Reach::All, "fair-care").unwrap().campaign.content().title, "Fairer care");
    });
}

#[test]
fn nobody_reaches_a_campaign_of_another_organisation() {
    each_backend(|store| {
        draft(store, "fair-care");
        let other = organisation(store, "other");
        let edit = CampaignEdit { reach: Reach::Organisation(other), ..anything("fair-care") };
        assert!(find(store, Reach::Organisation(other), "fair-care").is_none());
        assert_eq!(store.edit_campaign_blocking(&edit, |_| Ok(Vec::new())).unwrap(), Edited::Unknown);
        let taken = store
            .put_campaign_blocking(&edit, &draft_of(other, campaign_content("fair-care", "Mine now")), Vec::new())
            .unwrap();
        assert_eq!(taken, Edited::Taken);
        let request = PageRequest { limit: 10, after: None };
        let list = |reach| {
            store.read_blocking(|c| rows::list(c, reach, CampaignFilter::default(), request)).unwrap().items.len()
        };
        assert_eq!((list(Reach::Organisation(other)), list(Reach::All)), (0, 1));
    });
}

#[test]
fn a_campaign_that_is_not_ready_stays_a_draft_and_says_what_is_missing() {
    each_backend(|store| {
        draft(store, "fair-care");
        let Edited::Refused(Refusal::Missing(missing)) = transition(store, "fair-care", CampaignStatus::Live) else {
            panic!("a campaign without a template went live")
        };
        assert_eq!(missing[0].code, "template_missing");
        assert_eq!(find(store, Reach::All, "fair-care").unwrap().revision, 1);
    });
}

#[test]
fn a_draft_is_not_public_and_a_live_campaign_is() {
    each_backend(|store| {
        draft(store, "draft");
        let stored = live(store, "fair-care");
        let loaded = store.load_campaigns_blocking(&pages()).unwrap().value;
        let [campaign] = loaded.as_slice() else { panic!("{} campaigns", loaded.len()) };
        assert_eq!(campaign.campaign, stored.campaign);
        assert_eq!(campaign.edition.content(), &stored.edition_content());
        assert!(campaign.takes_actions(now()).is_ok());
    });
}

#[test]
fn every_change_raises_the_revision() {
    each_backend(|store| {
        live(store, "fair-care");
        let before = revision(store);
        transition(store, "fair-care", CampaignStatus::Paused);
        assert_eq!(revision(store), before + 1);
        change(store, "fair-care", Vec::new());
        assert_eq!(revision(store), before + 1, "nothing changed");
    });
}

#[test]
fn letters_that_would_change_become_a_new_edition_and_others_do_not() {
    each_backend(|store| {
        let first = live(store, "fair-care").edition.unwrap();
        let paused = *transition(store, "fair-care", CampaignStatus::Paused).value().unwrap();
        assert_eq!(paused.edition, Some(first.clone()), "the status is not in the letters");
        let second = add_template(store, "fair-care", "Please act now.").value().unwrap().edition.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_ne!(first.id, second.id);
        let organisation = paused.organisation.content.slug.to_string();
        put_organisation(store, &organisation, "Renamed Charity").value().unwrap();
        let third = find(store, Reach::All, "fair-care").unwrap().edition.unwrap();
        assert_eq!((third.number, third.content.organisation_name.as_str()), (3, "Renamed Charity"));
    });
}

#[test]
fn versions_of_a_template_count_up_and_the_newest_is_used() {
    each_backend(|store| {
        draft(store, "fair-care");
        add_template(store, "fair-care", "One.").value().unwrap();
        let stored = add_template(store, "fair-care", "Two.").value().unwrap();
        let [template] = stored.templates.used.as_slice() else { panic!("{:?}", stored.templates) };
        assert_eq!((template.version, &template.source), (2, &source("Two.")));
    });
}

#[test]
fn a_template_that_does_not_render_is_refused() {
    each_backend(|store| {
        draft(store, "fair-care");
        let refused = add_template(store, "fair-care", "{{ nobody.knows }}");
        assert!(matches!(refused, Edited::Refused(Refusal::Fields(_))), "{refused:?}");
    });
}

#[test]
fn a_campaign_that_the_public_sees_keeps_what_it_needs() {
    each_backend(|store| {
        let stored = live(store, "fair-care");
        let fields = CampaignFields { offices: Vec::new(), ..stored.campaign.content().clone().into() };
        let content = CampaignContent::new(fields).unwrap();
        let owner = stored.campaign.organisation_id();
        let put = store.put_campaign_blocking(&anything("fair-care"), &draft_of(owner, content), Vec::new()).unwrap();
        assert!(matches!(put, Edited::Refused(Refusal::Missing(_))), "{put:?}");
        let fields = OrganisationFields { charity_number: None, ..stored.organisation.content.clone().into() };
        let content = OrganisationContent::new(fields).unwrap();
        let put = store.put_organisation_blocking(Reach::All, content, Expected::Anything, now(), fresh).unwrap();
        assert!(matches!(put, Edited::Refused(Refusal::Missing(_))), "{put:?}");
        assert_eq!(find(store, Reach::All, "fair-care"), Some(stored));
    });
}

#[test]
fn asks_keep_their_ids_when_the_list_changes() {
    each_backend(|store| {
        draft(store, "fair-care");
        let ask = |id, text: &str| AskFields {
            id,
            text: text.to_owned(),
            addressed_to: AddressedTo::Representative.to_string(),
            status: None,
        };
        let number = |asks, known: &[Ask]| -> Result<Vec<Ask>, FieldErrors> {
            postbag_domain::ask::number(asks, known, &mut fresh)
        };
        let first = number(vec![ask(None, "One"), ask(None, "Two")], &[]).unwrap();
        let stored = change(store, "fair-care", vec![CampaignChange::Asks(first.clone())]);
        assert_eq!(stored.asks, first);
        let two = first[1].id();
        let second = number(vec![ask(Some(two), "Two, first"), ask(None, "Three")], &first).unwrap();
        let stored = change(store, "fair-care", vec![CampaignChange::Asks(second)]);
        assert_eq!((stored.asks[0].id(), stored.asks[0].position(), stored.revision), (two, 1, 3));
        assert_eq!(stored.asks[0].status(), AskStatus::Open);
    });
}

#[test]
fn new_words_make_a_new_version_and_the_old_one_stays_word_for_word() {
    each_backend(|store| {
        draft(store, "fair-care");
        let first = question("campaign_news", "May we write to you?");
        let stored = change(store, "fair-care", vec![CampaignChange::Questions(vec![first.clone()])]);
        assert_eq!(stored.questions.asked, std::slice::from_ref(&first));
        let second = first.clone().revised(terms("May we mail you?")).unwrap();
        let stored = change(store, "fair-care", vec![CampaignChange::Questions(vec![second.clone()])]);
        assert_eq!(stored.questions.asked, [second]);
        assert_eq!(stored.questions.asked[0].at_version(1), first.at_version(1));
    });
}

#[test]
fn a_question_that_is_gone_is_retired_and_may_come_back() {
    each_backend(|store| {
        draft(store, "fair-care");
        let (news, research) = (question("campaign_news", "News?"), question("research_news", "Research?"));
        change(store, "fair-care", vec![CampaignChange::Questions(vec![news.clone(), research.clone()])]);
        let stored = change(store, "fair-care", vec![CampaignChange::Questions(vec![news.clone()])]);
        assert_eq!((stored.questions.asked, stored.questions.retired), (vec![news.clone()], vec![research.clone()]));
        let stored = change(store, "fair-care", vec![CampaignChange::Questions(vec![research.clone(), news.clone()])]);
        assert_eq!((stored.questions.asked.len(), stored.questions.retired.len()), (2, 0));
    });
}

#[test]
fn notices_keep_their_versions_too() {
    each_backend(|store| {
        draft(store, "fair-care");
        let first = notice("We estimate wealth.");
        change(store, "fair-care", vec![CampaignChange::Notices(vec![first.clone()])]);
        let second = first.clone().reworded(notice_words("We guess at wealth."), 0);
        let stored = change(store, "fair-care", vec![CampaignChange::Notices(vec![second.clone()])]);
        assert_eq!(stored.notices.shown, std::slice::from_ref(&second));
        let stored = change(store, "fair-care", vec![CampaignChange::Notices(Vec::new())]);
        assert_eq!((stored.notices.shown.len(), stored.notices.retired), (0, vec![second]));
    });
}

#[test]
fn evidence_refuses_update_and_delete_in_the_database_itself() {
    each_backend(|store| {
        live(store, "fair-care");
        change(store, "fair-care", vec![CampaignChange::Questions(vec![question("campaign_news", "News?")])]);
        change(store, "fair-care", vec![CampaignChange::Notices(vec![notice("We estimate wealth.")])]);
        insert_consent(store);
        for (table, column) in [
            ("consents", "answer = 'yes'"),
            ("consent_wordings", "purpose = 'other'"),
            ("objection_wordings", "version = 7"),
            ("editions", "number = 7"),
        ] {
            for sql in [format!("UPDATE {table} SET {column}"), format!("DELETE FROM {table}")] {
                let error = run(store, &sql).expect_err(&sql).to_string();
                assert!(error.contains("append-only"), "{sql}: {error}");
            }
        }
    });
}

/// One answer with the rows it hangs on.
fn insert_consent(store: &Store) {
    let id = if store.is_postgres() { "'00000000-0000-0000-0000-000000000001'" } else { "zeroblob(16)" };
    let (time, no) = if store.is_postgres() { ("'2026-11-22T10:00:00Z'", "FALSE") } else { ("0", "0") };
    let supporter = format!(
        "INSERT INTO supporters (id, organisation_id, email_key, created_at) VALUES ({id}, {id}, 'a@example.org', {time})"
    );
    let action = format!(
        "INSERT INTO actions (id, organisation_id, campaign_id, supporter_id, status, is_test, first_of_supporter, nation, \
         locale, areas, words, created_at) VALUES ({id}, {id}, {id}, {id}, 'confirmed', {no}, {no}, 'wales', 'en', '[]', \
         '{{}}', {time})"
    );
    let consent = format!(
        "INSERT INTO consents (id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, \
         channel, answer, locale, created_at) SELECT {id}, {id}, {id}, {id}, {id}, question_id, version, 'news', 'email', 'no', \
         'en', {time} FROM consent_wordings"
    );
    for sql in [supporter, action, consent] {
        run(store, &sql).unwrap();
    }
}

fn pages() -> OfficePages {
    OfficePages::at("https://act.example.org")
}

#[test]
fn an_old_edition_can_still_be_composed_from() {
    each_backend(|store| {
        let first = live(store, "fair-care").edition.unwrap();
        add_template(store, "fair-care", "Please act now.").value().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let edition = runtime.block_on(store.load_edition(first.id, pages())).unwrap().unwrap();
        assert_eq!(edition.content(), &first.content);
    });
}

#[test]
fn a_list_goes_on_where_it_stopped() {
    each_backend(|store| {
        let owner = organisation(store, "charity");
        for number in 0..5u32 {
            let slug = format!("campaign-{number}");
            let edit =
                CampaignEdit { now: now() + chrono::TimeDelta::seconds(i64::from(number / 2)), ..anything(&slug) };
            store
                .put_campaign_blocking(&edit, &draft_of(owner, campaign_content(&slug, "Title")), Vec::new())
                .unwrap()
                .value()
                .unwrap();
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let request = PageRequest { limit: 2, after };
            let page = store.read_blocking(|c| rows::list(c, Reach::All, CampaignFilter::default(), request)).unwrap();
            seen.extend(page.items.into_iter().map(|listed| listed.campaign.content().slug.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["campaign-4", "campaign-3", "campaign-2", "campaign-1", "campaign-0"]);
    });
}

#[test]
fn of_two_editors_with_the_same_page_open_one_is_refused() {
    each_backend(|store| {
        draft(store, "fair-care");
        let write = |title: &'static str| {
            let store = store.clone();
            std::thread::spawn(move || {
                let edit = edit("fair-care", Expected::Revision(1));
                let title = |stored: &StoredCampaign| {
                    let content = campaign_content("fair-care", title);
                    Ok(vec![CampaignChange::Campaign(Box::new(stored.campaign.with_content(content)))])
                };
                store.edit_campaign_blocking(&edit, title).unwrap()
            })
        };
        let both = [write("One"), write("Two")].map(|editor| editor.join().unwrap());
        assert_eq!(both.iter().filter(|edited| matches!(edited, Edited::Done(_))).count(), 1);
        assert_eq!(both.iter().filter(|edited| matches!(edited, Edited::Stale(Some(2)))).count(), 1);
    });
}

#[test]
fn a_template_that_is_left_out_is_not_used_any_more_and_its_number_is_not_given_again() {
    each_backend(|store| {
        draft(store, "fair-care");
        add_template(store, "fair-care", "One.").value().unwrap();
        let stored = change(store, "fair-care", vec![CampaignChange::Templates(Vec::new())]);
        assert_eq!((stored.templates.used.len(), stored.templates.retired.len()), (0, 1));
        let stored = add_template(store, "fair-care", "One.").value().unwrap();
        let [template] = stored.templates.used.as_slice() else { panic!("{:?}", stored.templates) };
        assert_eq!((template.version, stored.templates.retired.len()), (2, 0));
    });
}

#[test]
fn a_draft_can_be_deleted_with_all_that_belongs_to_it_and_nothing_else_can() {
    each_backend(|store| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fill = |slug: &str| {
            add_template(store, slug, "Please act.").value().unwrap();
            change(store, slug, vec![CampaignChange::Questions(vec![question("campaign_news", "News?")])]);
            change(store, slug, vec![CampaignChange::Notices(vec![notice("We estimate wealth.")])]).revision
        };
        live(store, "live");
        fill("live");
        draft(store, "fair-care");
        let revision = fill("fair-care");
        let delete = |slug, expected| runtime.block_on(store.delete_draft(edit(slug, expected))).unwrap();
        assert_eq!(delete("fair-care", Expected::Revision(1)), Edited::Stale(Some(revision)));
        assert_eq!(delete("fair-care", Expected::Revision(revision)), Edited::Done(()));
        assert!(find(store, Reach::All, "fair-care").is_none());
        assert_eq!(delete("fair-care", Expected::Anything), Edited::Unknown);
        let refused = Edited::Refused(Refusal::NotADraft(CampaignStatus::Live));
        assert_eq!(delete("live", Expected::Anything), refused);
        // Not even by way of its status.
        let error = run(store, "UPDATE campaigns SET status = 'draft'").unwrap_err().to_string();
        assert!(error.contains("never becomes a draft"), "{error}");
    });
}
