use super::*;
use crate::*;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

const BODY: &str = "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\nPlease write to \
    {% if bodies %}{{ body.name }}{% else %}them{% endif %}.\n\n{{ supporter.name }}\n{{ supporter.address }}";

fn code(text: &str) -> AreaCode {
    text.parse().unwrap()
}

fn person(number: u128, office: Office, area: &str, route: Route) -> Representative {
    Representative {
        id: RepresentativeId::new(Uuid::from_u128(number)),
        external_id: format!("test:{number}"),
        office,
        area_code: code(area),
        name: format!("Person {number}"),
        salutation: None,
        party: Some("Sample Party".to_owned()),
        email: Some(EmailAddress::parse("office@example.org").unwrap()),
        route,
        language: None,
        source: None,
        verified_on: None,
        bounced_on: None,
        held_on: None,
        digest: None,
        end_decided_on: None,
        start_date: None,
        end_date: NaiveDate::from_ymd_opt(2027, 3, 1),
    }
}

fn directory() -> Directory {
    Directory::build(DirectoryParts {
        areas: Vec::new(),
        representatives: vec![
            person(1, Office::Mp, "S14000001", Route::Email),
            person(2, Office::MspRegion, "S17000001", Route::ViaOffice),
            person(3, Office::MspRegion, "S17000001", Route::Refuses),
            person(9, Office::Mp, "S14000009", Route::Email),
        ],
        bodies: vec![Body {
            kind: AreaKind::CancerAlliance,
            code: code("E56000001"),
            name: "Sample Alliance".to_owned(),
            email: None,
            route: Route::NoAddress,
            source: None,
        }],
        layers: Vec::new(),
        ..DirectoryParts::default()
    })
}

fn place() -> Place {
    let areas = vec![
        (AreaKind::WestminsterConstituency, code("S14000001")),
        (AreaKind::HolyroodConstituency, code("S16000001")),
        (AreaKind::HolyroodRegion, code("S17000001")),
        (AreaKind::CancerAlliance, code("E56000001")),
    ];
    Place::with_areas(Postcode::parse("ZA99 9ZZ").unwrap(), Nation::Scotland, areas)
}

fn fields() -> CampaignFields {
    CampaignFields {
        slug: "fair-care".to_owned(),
        title: "Fair Care".to_owned(),
        summary: Some("Fair care for all.".to_owned()),
        nations: vec!["scotland".to_owned(), "wales".to_owned()],
        offices: ["mp", "msp_constituency", "msp_region"].map(str::to_owned).into(),
        body_kind: Some("cancer_alliance".to_owned()),
        confirmation: "none".to_owned(),
        personal_message_limit: Some(10),
        ..CampaignFields::default()
    }
}

fn live(fields: CampaignFields) -> LiveCampaign {
    let content = CampaignContent::new(fields).unwrap();
    let organisation = OrganisationFields {
        slug: "trust".to_owned(),
        name: "Example Trust".to_owned(),
        ..OrganisationFields::default()
    };
    let organisation = OrganisationContent::new(organisation).unwrap();
    let source = TemplateSource::new(None, Locale::En, "Care in {{ area.name }}", BODY).unwrap();
    let template = TemplateVersion { id: TemplateId::new(Uuid::nil()), version: 1, source };
    let edition = EditionContent::assemble(&content, &organisation, &[], &[template]);
    let (id, organisation_id) = (CampaignId::new(Uuid::from_u128(7)), OrganisationId::new(Uuid::from_u128(8)));
    let words = Wordings::new(BTreeMap::from([(Locale::En, "May we write?".to_owned())])).unwrap();
    let purpose = Purpose::parse("campaign_news").unwrap();
    let terms = QuestionTerms { basis: Basis::Consent, channels: vec![Channel::Email], wordings: words.clone() };
    let notice = NoticeWords { wordings: words, long_wordings: None };
    let notice = ObjectionNotice::new(NoticeId::new(Uuid::nil()), false, Activity::WealthResearch, notice, 0);
    LiveCampaign {
        campaign: Campaign::restore(id, organisation_id, CampaignStatus::Live, content),
        organisation: Organisation { id: organisation_id, status: OrganisationStatus::Active, content: organisation },
        asks: Vec::new(),
        edition: Arc::new(Edition::compile(EditionId::new(Uuid::from_u128(6)), id, edition).unwrap()),
        questions: vec![ConsentQuestion::new(QuestionId::new(Uuid::nil()), None, purpose, terms).unwrap()],
        objections: vec![notice],
        earlier_objections: Vec::new(),
        partners: Vec::new(),
    }
}

fn submission() -> Submission {
    Submission {
        words: SupporterWords {
            name: PersonName::new(None, "Ada", "Sample").unwrap(),
            email: EmailAddress::parse("Ada@Example.org").unwrap(),
            phone: None,
            address: PostalAddress::new("1 Sample Street", None, "Exampleton", "ZA99 9ZZ").unwrap(),
            personal_message: None,
            may_be_quoted: false,
            locale: Locale::Cy,
        },
        target_ids: None,
        area_choices: AreaChoices::none(),
        consents: Vec::new(),
        objections: Vec::new(),
        source: Source::new(Some("newsletter"), None, None).unwrap(),
        origin: None,
        partner: None,
        is_under_age: false,
        verified: false,
        test: false,
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn accept_at(live: &LiveCampaign, submission: Submission, now: DateTime<Utc>) -> Result<Accepted, SubmitError> {
    accept_in(&directory(), live, submission, now)
}

fn accept_in(
    directory: &Directory,
    live: &LiveCampaign,
    submission: Submission,
    now: DateTime<Utc>,
) -> Result<Accepted, SubmitError> {
    let mut number = 100;
    let mut fresh = || {
        number += 1;
        Uuid::from_u128(number)
    };
    live.accept(submission, &place(), directory, &|_nobody_yet| 0, now, &mut fresh)
}

fn accept(live: &LiveCampaign, submission: Submission) -> Result<Accepted, SubmitError> {
    accept_at(live, submission, now())
}

fn representative(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(number))
}

/// Who is skipped, and why, where nobody is left to write to.
fn refused(result: Result<Accepted, SubmitError>) -> Vec<(Option<RepresentativeId>, Reachability)> {
    let Err(SubmitError::NoReachableRepresentative { skipped }) = result else { panic!("{result:?}") };
    skipped.iter().map(|skipped| (skipped.representative_id, skipped.reason)).collect()
}

fn pointers(error: &SubmitError) -> Vec<(&str, &'static str)> {
    let SubmitError::Invalid(errors) = error else { panic!("{error:?}") };
    errors.iter().map(|error| (error.pointer(), error.flaw().code())).collect()
}

#[test]
fn a_submission_writes_to_every_reachable_representative_of_the_place() {
    let accepted = accept(&live(fields()), submission()).unwrap();
    let written: Vec<_> =
        accepted.deliveries.iter().map(|delivery| (delivery.representative_id, delivery.state)).collect();
    assert_eq!(written, [(representative(1), DeliveryState::Queued), (representative(2), DeliveryState::Queued)]);
    assert!(accepted.deliveries.iter().all(|delivery| delivery.available_at == Some(now())));
    let skipped: Vec<_> = accepted.skipped.iter().map(|skipped| (skipped.representative_id, skipped.reason)).collect();
    assert_eq!(skipped, [(None, Reachability::NotLoaded), (Some(representative(3)), Reachability::Refuses)]);
    assert_eq!(accepted.action.status, ActionStatus::Confirmed);
    assert_eq!(accepted.action.supporter_key, "ada@example.org");
    assert_eq!(accepted.action.areas.len(), 4);
}

#[test]
fn nobody_is_guessed_where_a_postcode_lies_in_several_areas() {
    let choice = |kind, text: &str| AreaChoice { kind, code: code(text), share: None };
    let mut divided = place();
    divided.areas.retain(|(kind, _code)| *kind != AreaKind::WestminsterConstituency);
    divided.choices = vec![
        choice(AreaKind::WestminsterConstituency, "S14000001"),
        choice(AreaKind::WestminsterConstituency, "S14000009"),
        choice(AreaKind::LocalAuthority, "S12000001"),
    ];
    let (live, directory, today) = (live(fields()), directory(), now().date_naive());
    let targets = live.targets(&divided, &directory, today).unwrap();
    assert!(targets.targets.iter().all(|target| target.office != Office::Mp));
    let candidates: Vec<_> = targets.choices.iter().map(|choice| choice.area.code).collect();
    assert_eq!(candidates, [code("S14000001"), code("S14000009")]);
    let refused = live.accept(submission(), &divided, &directory, &|_nobody_yet| 0, now(), &mut Uuid::nil);
    assert_eq!(refused.unwrap_err(), SubmitError::ChoiceNeeded { choices: targets.choices });
    let preview = live.preview(&submission().words, None, &divided, &directory, &|_nobody_yet| 0, today);
    assert!(matches!(preview, Err(SubmitError::ChoiceNeeded { .. })));
    let elsewhere = self::live(CampaignFields { office_rules: vec![only_in_wales("mp")], ..fields() });
    let targets = elsewhere.targets(&divided, &directory, today).unwrap();
    assert_eq!(targets.choices, [], "an office that is not written to here needs no seat");
}

#[test]
fn people_on_a_border_are_outside_only_if_both_sides_are() {
    let bordering = Place { nation: Nation::England, other_nations: vec![Nation::Wales], ..place() };
    let today = now().date_naive();
    assert!(live(fields()).targets(&bordering, &directory(), today).is_ok());
    let outside = Place { other_nations: vec![Nation::NorthernIreland], ..bordering };
    let refused = live(fields()).targets(&outside, &directory(), today).unwrap_err();
    assert_eq!(
        refused,
        SubmitError::OutsideNations { nation: Nation::England, nations: vec![Nation::Scotland, Nation::Wales] }
    );
}

#[test]
fn confirmation_by_email_holds_every_message() {
    let live = live(CampaignFields { confirmation: "email".to_owned(), ..fields() });
    let accepted = accept(&live, submission()).unwrap();
    assert_eq!(accepted.action.status, ActionStatus::AwaitingConfirmation);
    let held = |delivery: &NewDelivery| delivery.state == DeliveryState::Held && delivery.available_at.is_none();
    assert!(accepted.deliveries.iter().all(held));
}

#[test]
fn a_test_sends_and_counts_nothing() {
    let accepted = accept(&live(fields()), Submission { test: true, ..submission() }).unwrap();
    let never = |delivery: &NewDelivery| delivery.state == DeliveryState::Cancelled && delivery.available_at.is_none();
    assert!(accepted.deliveries.iter().all(never));
    assert!(accepted.tally(true, |_| false).is_empty());
}

#[test]
fn only_a_live_campaign_takes_actions() {
    let live = live(fields());
    for status in CampaignStatus::ALL.iter().copied().filter(|status| *status != CampaignStatus::Live) {
        let (id, owner) = (live.campaign.id(), live.campaign.organisation_id());
        let campaign = Campaign::restore(id, owner, status, live.campaign.content().clone());
        let error = accept(&LiveCampaign { campaign, ..live.clone() }, submission()).unwrap_err();
        assert_eq!(error, SubmitError::NotLive { status });
    }
}

#[test]
fn a_campaign_takes_actions_from_its_opening_up_to_its_closing() {
    let (opens_at, closes_at) = (now(), now() + chrono::TimeDelta::hours(1));
    let live = live(CampaignFields { opens_at: Some(opens_at), closes_at: Some(closes_at), ..fields() });
    let second = chrono::TimeDelta::seconds(1);
    let at = |now| accept_at(&live, submission(), now).err();
    assert_eq!(at(opens_at - second), Some(SubmitError::NotYetOpen { opens_at }));
    assert_eq!((at(opens_at), at(closes_at - second)), (None, None));
    assert_eq!(at(closes_at), Some(SubmitError::Closed { closed_at: closes_at }));
}

#[test]
fn people_of_other_nations_are_told_so() {
    let live = live(CampaignFields { nations: vec!["wales".to_owned()], ..fields() });
    assert_eq!(
        accept(&live, submission()),
        Err(SubmitError::OutsideNations { nation: Nation::Scotland, nations: vec![Nation::Wales] })
    );
}

#[test]
fn targets_can_be_narrowed_and_never_added() {
    let live = live(fields());
    let to = |ids: &[u128]| accept(&live, Submission { target_ids: Some(named(ids)), ..submission() });
    let accepted = to(&[2]).unwrap();
    assert_eq!(
        accepted.deliveries.iter().map(|delivery| delivery.representative_id).collect::<Vec<_>>(),
        [representative(2)]
    );
    assert_eq!(accepted.skipped, []);
    assert_eq!(pointers(&to(&[1, 9]).unwrap_err()), [("/target_ids/1", "target_unknown")]);
    assert_eq!(pointers(&to(&[]).unwrap_err()), [("/target_ids", "targets_missing")]);
    assert_eq!(refused(to(&[3])), [(Some(representative(3)), Reachability::Refuses)]);
}

/// A region of four members, of whom the last refuses.
fn region() -> Directory {
    let route = |number| if number == 13 { Route::Refuses } else { Route::Email };
    let members = (10..14).map(|number| person(number, Office::MspRegion, "S17000001", route(number)));
    let representatives = [person(1, Office::Mp, "S14000001", Route::Email)].into_iter().chain(members).collect();
    Directory::build(DirectoryParts { representatives, ..DirectoryParts::default() })
}

fn region_rule(write_to: &str, up_to: Option<u32>) -> CampaignFields {
    let rule = OfficeRuleFields {
        office: "msp_region".to_owned(),
        write_to: write_to.to_owned(),
        up_to,
        ..OfficeRuleFields::default()
    };
    CampaignFields { offices: vec!["mp".to_owned(), "msp_region".to_owned()], office_rules: vec![rule], ..fields() }
}

fn only_in_wales(office: &str) -> OfficeRuleFields {
    let nations = Some(vec!["wales".to_owned()]);
    OfficeRuleFields { office: office.to_owned(), nations, ..OfficeRuleFields::default() }
}

fn named(ids: &[u128]) -> Vec<RepresentativeId> {
    ids.iter().map(|id| representative(*id)).collect()
}

#[test]
fn a_supporter_chooses_whom_to_write_to_where_the_rule_says_so() {
    let live = live(region_rule("choice", Some(2)));
    let narrowed = |target_ids| accept_in(&region(), &live, Submission { target_ids, ..submission() }, now());
    let to = |ids: &[u128]| narrowed(Some(named(ids)));
    let chosen = |ids: &[u128]| -> Vec<u128> {
        let deliveries = to(ids).unwrap().deliveries;
        deliveries.iter().map(|delivery| delivery.representative_id.uuid().as_u128()).collect()
    };
    assert_eq!(pointers(&narrowed(None).unwrap_err()), [("/target_ids", "target_choice_needed")]);
    assert_eq!(pointers(&to(&[1, 10, 11, 12]).unwrap_err()), [("/target_ids", "targets_too_many")]);
    assert_eq!(chosen(&[1, 12, 10]), [1, 10, 12]);
    assert_eq!(chosen(&[1]), [1], "nobody of the region");
    assert_eq!(chosen(&[12, 13]), [12]);
    let refuses = Skipped {
        representative_id: Some(representative(13)),
        office: Office::MspRegion,
        reason: Reachability::Refuses,
    };
    assert_eq!(to(&[11, 12, 13]).unwrap().skipped, [refuses], "who cannot be reached takes nobody's place");
}

#[test]
fn who_is_not_drawn_is_not_skipped() {
    let accepted = accept_in(&region(), &live(region_rule("random", None)), submission(), now()).unwrap();
    assert_eq!(accepted.deliveries.len(), 2);
    assert_eq!(accepted.skipped.len(), 1, "only who refuses");
}

#[test]
fn an_office_is_written_to_in_the_nations_of_its_rule_alone() {
    let live = live(CampaignFields { office_rules: vec![only_in_wales("mp")], ..fields() });
    let accepted = accept(&live, submission()).unwrap();
    assert_eq!(accepted.deliveries.iter().map(|delivery| delivery.office).collect::<Vec<_>>(), [Office::MspRegion]);
    assert_eq!(
        pointers(&accept(&live, Submission { target_ids: Some(named(&[1])), ..submission() }).unwrap_err()),
        [("/target_ids/0", "target_unknown")]
    );
}

#[test]
fn targets_are_grouped_by_office_with_its_rule() {
    let (live, place, directory) = (live(region_rule("choice", Some(2))), place(), region());
    let targets = live.targets(&place, &directory, now().date_naive()).unwrap();
    let grouped = live.by_office(&targets, &directory);
    let shown: Vec<_> = grouped.iter().map(|o| (o.office, o.write_to, o.up_to, o.seats, o.vacant)).collect();
    assert_eq!(shown, [(Office::Mp, WriteTo::All, None, 1, 0), (Office::MspRegion, WriteTo::Choice, Some(2), 4, 0)]);
    assert_eq!(grouped[1].representative_ids, [10, 11, 12, 13].map(representative));
    let key = AreaKey { kind: AreaKind::HolyroodRegion, code: code("S17000001") };
    let areas = vec![Area { seats: Some(7), ..Area::new(key, "Sample Region".to_owned()) }];
    let listed = Directory::build(DirectoryParts { areas, ..DirectoryParts::default() });
    let targets = live.targets(&place, &listed, now().date_naive()).unwrap();
    let seats: Vec<_> = live.by_office(&targets, &listed).iter().map(|o| (o.seats, o.vacant, o.not_loaded)).collect();
    assert_eq!(seats, [(1, 0, 1), (7, 0, 7)], "nobody was imported");
}

proptest::proptest! {
    #[test]
    fn nobody_is_ever_written_to_but_reachable_holders_and_of_the_named_only_them(
        write_to in proptest::sample::select(WriteTo::ALL),
        most in 1..4_u32,
        ids in proptest::option::of(proptest::collection::vec(9..15_u128, 0..5)),
    ) {
        let live = live(region_rule(write_to.as_str(), (write_to != WriteTo::All).then_some(most)));
        let target_ids = ids.as_deref().map(named);
        if let Ok(accepted) = accept_in(&region(), &live, Submission { target_ids, ..submission() }, now()) {
            for delivery in &accepted.deliveries {
                let id = delivery.representative_id.uuid().as_u128();
                proptest::prop_assert!([1, 10, 11, 12].contains(&id));
                proptest::prop_assert!(ids.as_ref().is_none_or(|ids| ids.contains(&id)));
            }
        }
    }
}

#[test]
fn after_a_dissolution_there_is_nobody_to_write_to() {
    let last_day = "2027-02-28T23:59:59Z".parse().unwrap();
    let live = live(fields());
    assert!(accept_at(&live, submission(), last_day).is_ok());
    let gone = last_day + chrono::TimeDelta::seconds(1);
    let empty = [Reachability::Vacant, Reachability::NotLoaded, Reachability::Vacant];
    assert_eq!(refused(accept_at(&live, submission(), gone)), empty.map(|reason| (None, reason)));
}

#[test]
fn whoever_writes_to_nobody_is_told_why_for_each_representative() {
    let live = live(CampaignFields { offices: vec!["mp".to_owned()], ..fields() });
    let mp = |route| person(1, Office::Mp, "S14000001", route);
    let silent = Representative { email: None, ..mp(Route::Email) };
    for (people, holder, reason) in [
        (vec![], None, Reachability::NotLoaded),
        (vec![person(2, Office::Mp, "S14000002", Route::Email)], None, Reachability::Vacant),
        (vec![mp(Route::Refuses)], Some(representative(1)), Reachability::Refuses),
        (vec![mp(Route::NoAddress)], Some(representative(1)), Reachability::NoAddress),
        (vec![silent], Some(representative(1)), Reachability::NoAddress),
    ] {
        let directory = Directory::build(DirectoryParts { representatives: people, ..DirectoryParts::default() });
        assert_eq!(refused(accept_in(&directory, &live, submission(), now())), [(holder, reason)]);
    }
}

#[test]
fn every_flaw_of_a_submission_is_told_at_once() {
    let mut submission = submission();
    submission.words.personal_message = Some(PersonalMessage::parse("eleven char").unwrap());
    submission.target_ids = Some(vec![representative(9)]);
    let question_id = QuestionId::new(Uuid::nil());
    submission.consents = vec![AnswerGiven { question_id, version: 4, channel: Channel::Email, answer: Answer::Yes }];
    submission.objections =
        vec![ObjectionRaised { organisation: None, activity: Activity::TargetedAdvertising, version: 1 }];
    let error = accept(&live(fields()), submission).unwrap_err();
    let expected = [
        ("/personal_message", "text_too_long"),
        ("/target_ids/0", "target_unknown"),
        ("/consents/0/version", "question_version_unknown"),
        ("/objections/0/activity", "objection_not_offered"),
    ];
    assert_eq!(pointers(&error), expected);
}

#[test]
fn a_campaign_decides_whether_people_add_words() {
    let with = |rule: &str, message: Option<&str>| {
        let mut submission = submission();
        submission.words.personal_message = message.map(|message| PersonalMessage::parse(message).unwrap());
        accept(&live(CampaignFields { personal_message: rule.to_owned(), ..fields() }), submission)
    };
    assert!(with("optional", None).is_ok() && with("optional", Some("ten  chars")).is_ok());
    assert_eq!(pointers(&with("required", None).unwrap_err()), [("/personal_message", "personal_message_missing")]);
    assert_eq!(
        pointers(&with("none", Some("x")).unwrap_err()),
        [("/personal_message", "personal_message_not_invited")]
    );
}

#[test]
fn consents_and_objections_are_recorded_with_the_language_shown() {
    let mut submission = submission();
    let question_id = QuestionId::new(Uuid::nil());
    submission.consents = vec![AnswerGiven { question_id, version: 1, channel: Channel::Email, answer: Answer::No }];
    submission.objections =
        vec![ObjectionRaised { organisation: None, activity: Activity::WealthResearch, version: 1 }];
    let accepted = accept(&live(fields()), submission).unwrap();
    assert_eq!(accepted.consents.len(), 1);
    assert_eq!((accepted.consents[0].answer, accepted.consents[0].locale), (Answer::No, Locale::En));
    let notice_id = Some(NoticeId::new(Uuid::nil()));
    let objection = NewObjection { notice_id, activity: Activity::WealthResearch, version: 1, locale: Locale::En };
    assert_eq!(accepted.objections, [objection]);
}

#[test]
fn a_letter_that_cannot_be_composed_stops_the_submission() {
    let mut live = live(fields());
    let mut content = live.edition.content().clone();
    let source = TemplateSource::new(None, Locale::En, "Hello", "{{ area.nothing }}").unwrap();
    content.templates[0].source = source;
    live.edition = Arc::new(Edition::compile(live.edition.id(), live.campaign.id(), content).unwrap());
    let error = accept(&live, submission()).unwrap_err();
    assert!(
        matches!(error, SubmitError::Compose(ComposeError { reason: ComposeReason::ValueMissing, .. })),
        "{error:?}"
    );
}

#[test]
fn the_preview_is_what_is_sent() {
    let (live, submission) = (live(fields()), submission());
    let (place, directory, today) = (place(), directory(), now().date_naive());
    let previews = live.preview(&submission.words, None, &place, &directory, &|_nobody_yet| 0, today).unwrap();
    let accepted = accept(&live, submission.clone()).unwrap();
    assert_eq!(previews.letters.len(), accepted.deliveries.len());
    for (preview, delivery) in previews.letters.iter().zip(&accepted.deliveries) {
        let bodies = NamedArea::bodies_at(&place, Some(AreaKind::CancerAlliance), &directory);
        let holder = directory.representative(delivery.representative_id).unwrap();
        let addressee = Addressee::of(holder, &place, bodies, &directory);
        assert_eq!(live.edition.compose(&submission.words, &addressee).unwrap(), preview.letter);
        assert!(preview.letter.body.contains("Please write to Sample Alliance."));
    }
}

#[test]
fn an_accepted_submission_is_counted_by_everything_it_touches() {
    let accepted = accept(&live(fields()), submission()).unwrap();
    let second = accepted.deliveries[1].id;
    let delta = accepted.tally(true, |id| id == second);
    let changes: Vec<_> = delta.iter().map(|(key, change)| format!("{} {} {change}", key.kind, key.key)).collect();
    assert_eq!(
        changes,
        [
            "actions  1",
            "supporters  1",
            "area cancer_alliance/E56000001 1",
            "area holyrood_constituency/S16000001 1",
            "area holyrood_region/S17000001 1",
            "area nation/S92000003 1",
            "area westminster_constituency/S14000001 1",
            "representative 00000000-0000-0000-0000-000000000001 1",
            "representative 00000000-0000-0000-0000-000000000002 1",
            "office mp 1",
            "office msp_region 1",
            "hour 2026-11-22T10 1",
            "source newsletter 1",
            "message queued 1",
        ]
    );
}

#[test]
fn a_test_leaves_no_evidence_of_consent() {
    let question_id = live(fields()).questions[0].id();
    let mut submission = submission();
    submission.consents = vec![AnswerGiven { question_id, version: 1, channel: Channel::Email, answer: Answer::Yes }];
    submission.test = true;
    let accepted = accept(&live(fields()), submission);
    assert!(accepted.is_ok_and(|accepted| accepted.consents.is_empty() && accepted.objections.is_empty()));
}
