use super::*;
use crate::{
    AskId, AskStatus, Campaign, CampaignContent, CampaignFields, CampaignId, CampaignStatus, ContactFields,
    ModerationFields, OfficeRuleFields, OrganisationContent, OrganisationFields, OrganisationId, PrivacyNoticeFields,
    RetentionFields, SubmissionLimitsFields, TemplateId, TemplateSource, TransitionError,
};
use uuid::Uuid;

fn fields() -> CampaignFields {
    CampaignFields {
        slug: "fair-care".to_owned(),
        title: "Fair Care".to_owned(),
        summary: Some("Fair care for all.".to_owned()),
        nations: vec!["wales".to_owned()],
        offices: vec!["mp".to_owned(), "ms".to_owned()],
        special_category_condition: Some("explicit_consent".to_owned()),
        ..CampaignFields::default()
    }
}

fn organisation() -> OrganisationFields {
    let complaints = ContactFields {
        role: "complaints".to_owned(),
        email: Some("complaints@example.org".to_owned()),
        ..ContactFields::default()
    };
    OrganisationFields {
        slug: "trust".to_owned(),
        name: "Example Trust".to_owned(),
        charity_number: Some("1234567".to_owned()),
        privacy_notice: Some(PrivacyNoticeFields { url: "https://example.org/p".to_owned(), version: "1".to_owned() }),
        contacts: vec![complaints],
        processors: Some(Vec::new()),
        sending_domain: Some("mail.example.org".to_owned()),
        preferences_url: None,
        retention: RetentionFields::default(),
        limits: SubmissionLimitsFields::default(),
        moderation: ModerationFields::default(),
        mails: Vec::new(),
    }
}

fn template(office: Option<Office>, locale: Locale, body: &str) -> TemplateVersion {
    let source = TemplateSource::new(office, locale, "Hello", body).unwrap();
    TemplateVersion { id: TemplateId::new(Uuid::nil()), version: 1, source }
}

fn readiness(fields: CampaignFields, organisation: OrganisationFields, templates: &[TemplateVersion]) -> Readiness {
    let ask = Ask::new(AskId::new(Uuid::nil()), 1, "Please", AddressedTo::Representative, AskStatus::Open).unwrap();
    Readiness::of(&CampaignContent::new(fields).unwrap(), &active(organisation), &[ask], templates)
}

fn active(organisation: OrganisationFields) -> Organisation {
    let content = OrganisationContent::new(organisation).unwrap();
    Organisation { id: OrganisationId::new(Uuid::nil()), status: OrganisationStatus::Active, content }
}

fn codes(readiness: &Readiness) -> Vec<(&str, &str)> {
    readiness.missing().iter().map(|missing| (missing.code, missing.pointer.as_str())).collect()
}

fn common() -> TemplateVersion {
    template(None, Locale::En, "Please. {{ personal_message }}")
}

#[test]
fn a_whole_campaign_is_ready_and_goes_live() {
    let readiness = readiness(fields(), organisation(), &[common()]);
    assert_eq!(codes(&readiness), []);
    let content = CampaignContent::new(fields()).unwrap();
    let draft = Campaign::draft(CampaignId::new(Uuid::nil()), OrganisationId::new(Uuid::nil()), content);
    assert_eq!(draft.transition(CampaignStatus::Live, &readiness).unwrap().status(), CampaignStatus::Live);
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let bare =
        OrganisationFields { slug: "trust".to_owned(), name: "Trust".to_owned(), ..OrganisationFields::default() };
    let empty = CampaignFields {
        summary: None,
        nations: vec![],
        offices: vec![],
        special_category_condition: None,
        ..fields()
    };
    let expected = [
        ("charity_number_missing", "/organisation/charity_number"),
        ("privacy_notice_missing", "/organisation/privacy_notice"),
        ("complaints_contact_missing", "/organisation/contacts"),
        ("processors_missing", "/organisation/processors"),
        ("sending_domain_missing", "/organisation/sending_domain"),
        ("summary_missing", "/summary"),
        ("nations_missing", "/nations"),
        ("offices_missing", "/offices"),
        ("special_category_condition_missing", "/special_category_condition"),
    ];
    assert_eq!(codes(&readiness(empty, bare, &[])), expected);
}

#[test]
fn a_change_is_held_against_what_was_missing_before() {
    let undeclared = CampaignFields { special_category_condition: None, ..fields() };
    let before = readiness(undeclared.clone(), organisation(), &[common()]);
    let after = readiness(CampaignFields { summary: None, ..undeclared }, organisation(), &[common()]);
    let codes: Vec<_> = after.worse_than(&before).into_iter().map(|missing| missing.code).collect();
    assert_eq!(codes, ["summary_missing"]);
}

#[test]
fn offices_and_nations_must_fit() {
    let fields = CampaignFields {
        nations: vec!["wales".to_owned(), "england".to_owned()],
        offices: vec!["ms".to_owned(), "mla".to_owned()],
        ..fields()
    };
    let expected = [("office_serves_no_nation", "/offices/1"), ("nation_not_served", "/nations/1")];
    assert_eq!(codes(&readiness(fields, organisation(), &[common()])), expected);
}

#[test]
fn offices_and_nations_must_fit_under_the_rules() {
    let only_in = |office: &str, nation: &str| OfficeRuleFields {
        office: office.to_owned(),
        nations: Some(vec![nation.to_owned()]),
        ..OfficeRuleFields::default()
    };
    let fields = CampaignFields {
        nations: vec!["wales".to_owned(), "england".to_owned()],
        offices: vec!["mp".to_owned(), "ms".to_owned()],
        office_rules: vec![only_in("mp", "wales")],
        ..fields()
    };
    let check = |fields| readiness(fields, organisation(), &[common()]);
    assert_eq!(codes(&check(fields.clone())), [("nation_not_served", "/nations/1")]);
    let elsewhere = CampaignFields { office_rules: vec![only_in("mp", "scotland")], ..fields };
    let expected = [("office_serves_no_nation", "/offices/0"), ("nation_not_served", "/nations/1")];
    assert_eq!(codes(&check(elsewhere)), expected);
}

#[test]
fn every_office_needs_a_template_in_the_default_language_that_renders() {
    let own = template(Some(Office::Mp), Locale::En, "Please. {{ personal_message }}{{ body.name }}");
    let welsh = template(None, Locale::Cy, "Please. {{ personal_message }}");
    let expected = [("template_missing", "/templates"), ("template_value_missing", "/templates/1/body")];
    assert_eq!(codes(&readiness(fields(), organisation(), &[own, welsh])), expected);
}

#[test]
fn an_ask_to_a_body_needs_a_kind_of_body() {
    let ask = Ask::new(AskId::new(Uuid::nil()), 1, "Please", AddressedTo::Body, AskStatus::Open).unwrap();
    let (terms, owner) = (CampaignContent::new(fields()).unwrap(), active(organisation()));
    let readiness = Readiness::of(&terms, &owner, &[ask], &[common()]);
    assert_eq!(codes(&readiness), [("body_kind_missing", "/body_kind")]);
}

#[test]
fn a_campaign_that_is_not_ready_may_still_close_but_not_go_live() {
    let readiness = readiness(fields(), organisation(), &[]);
    let (id, owner) = (CampaignId::new(Uuid::nil()), OrganisationId::new(Uuid::nil()));
    let content = CampaignContent::new(fields()).unwrap();
    let paused = Campaign::restore(id, owner, CampaignStatus::Paused, content);
    assert!(paused.transition(CampaignStatus::Closed, &readiness).is_ok());
    let error = paused.transition(CampaignStatus::Live, &readiness).unwrap_err();
    assert_eq!(error, TransitionError::Missing(readiness.missing().to_vec()));
    let error = paused.transition(CampaignStatus::Draft, &Readiness::default()).unwrap_err();
    assert_eq!(error, TransitionError::NotAllowed { from: CampaignStatus::Paused, to: CampaignStatus::Draft });
}

#[test]
fn a_campaign_goes_live_without_confirmation_only_with_a_reason_for_it() {
    let without = |waiver: Option<&str>| {
        let confirmation_waiver = waiver.map(str::to_owned);
        CampaignFields { confirmation: "none".to_owned(), confirmation_waiver, ..fields() }
    };
    let refused = readiness(without(None), organisation(), &[common()]);
    assert_eq!(codes(&refused), [("confirmation_waiver_missing", "/confirmation_waiver")]);
    let reason = Some("Only members with a verified address can write.");
    assert_eq!(codes(&readiness(without(reason), organisation(), &[common()])), []);
}

#[test]
fn a_campaign_of_an_archived_organisation_does_not_go_live() {
    let ask = Ask::new(AskId::new(Uuid::nil()), 1, "Please", AddressedTo::Representative, AskStatus::Open).unwrap();
    let archived = Organisation { status: OrganisationStatus::Archived, ..active(organisation()) };
    let readiness = Readiness::of(&CampaignContent::new(fields()).unwrap(), &archived, &[ask], &[common()]);
    assert_eq!(codes(&readiness), [("organisation_archived", "/organisation")]);
}
