//! A campaign's checked document.

use super::{CampaignFields, CampaignTerms, OfficeRule, spread};
use crate::text::{self, Limit};
use crate::{
    AreaKind, DigestRule, FieldErrors, Findings, Flaw, Hashtag, Locale, Office, Origin, PersonalMessage, ReviewTerms,
    Slug, SubmissionLimits, WebPage,
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A campaign's checked document: [`CampaignTerms`] that hold together. Read-only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CampaignFields", into = "CampaignFields")]
pub struct CampaignContent(CampaignTerms);

impl std::ops::Deref for CampaignContent {
    type Target = CampaignTerms;

    fn deref(&self) -> &CampaignTerms {
        &self.0
    }
}

impl CampaignContent {
    /// Checks a whole document; every flaw at once, with its pointer.
    ///
    /// A draft may leave out what only a live campaign needs; [`Readiness`](super::Readiness) asks for that.
    pub fn new(fields: CampaignFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let terms = check(&mut findings, fields);
        findings.finish(terms.map(Self))
    }
}

fn check(findings: &mut Findings, fields: CampaignFields) -> Option<CampaignTerms> {
    let slug = findings.check("/slug", Slug::parse(&fields.slug));
    let title = findings.check("/title", text::line(&fields.title, Limit::of(150)));
    let summary = findings.check_optional("/summary", fields.summary, |text| text::prose(&text, Limit::of(1_000)));
    let problem = findings.check_optional("/problem", fields.problem, |text| text::prose(&text, Limit::of(10_000)));
    let hashtag = findings.check_optional("/hashtag", fields.hashtag, |text| Hashtag::parse(&text));
    let call_to_action =
        findings.check_optional("/call_to_action", fields.call_to_action, |text| text::line(&text, Limit::of(80)));
    let topic = findings.check_optional("/topic", fields.topic, |text| Slug::parse(&text));
    let nations = check_set(findings, "/nations", &fields.nations, str::parse);
    let offices = check_set(findings, "/offices", &fields.offices, Office::parse_written_to);
    let office_rules = OfficeRule::check_all(findings, fields.office_rules, offices.as_deref());
    let origins = check_set(findings, "/origins", &fields.origins, Origin::parse);
    let body_kind = findings.check_optional("/body_kind", fields.body_kind, |word| body_kind(&word));
    let confirmation = findings.check("/confirmation", fields.confirmation.parse());
    let confirmation_url =
        findings.check_optional("/confirmation_url", fields.confirmation_url, |text| WebPage::parse(&text));
    let confirmation_waiver = findings
        .check_optional("/confirmation_waiver", fields.confirmation_waiver, |text| text::line(&text, Limit::of(300)));
    let default_locale = findings.check("/default_locale", Locale::from_str(&fields.default_locale));
    let personal_message = findings.check("/personal_message", fields.personal_message.parse());
    let limit = fields.personal_message_limit.unwrap_or(PersonalMessage::DEFAULT_LIMIT);
    let personal_message_limit =
        findings.check("/personal_message_limit", within(limit, 1, PersonalMessage::HIGHEST_LIMIT));
    let after_uncertain = findings.check("/after_uncertain", fields.after_uncertain.parse());
    let when_seat_filled = findings.check("/when_seat_filled", fields.when_seat_filled.parse());
    let estimated_minutes =
        findings.check_optional("/estimated_minutes", fields.estimated_minutes, |minutes| within(minutes, 1, 240));
    let goal = findings.check_optional("/goal", fields.goal, |goal| within(goal, 1, 100_000_000));
    let spread_hours = findings.check("/spread_hours", within(fields.spread_hours, 0, spread::LONGEST));
    let special_category_condition =
        findings.check_optional("/special_category_condition", fields.special_category_condition, |word| word.parse());
    let digest = DigestRule::check_optional(findings, fields.digest.as_ref());
    let limits = SubmissionLimits::new(&fields.limits).map_err(|errors| errors.under("/limits"));
    let limits = findings.absorb(limits);
    let review = ReviewTerms::new(&fields.review).map_err(|errors| errors.under("/review"));
    let review = findings.absorb(review);
    let challenge = findings.check("/challenge", fields.challenge.parse());
    if fields.opens_at.zip(fields.closes_at).is_some_and(|(opens, closes)| closes <= opens) {
        findings.note("/closes_at", Flaw::new("closes_before_opening", "must be later than opens_at"));
    }
    Some(CampaignTerms {
        slug: slug?,
        title: title?,
        summary: summary?,
        problem: problem?,
        hashtag: hashtag?,
        opens_at: fields.opens_at,
        closes_at: fields.closes_at,
        nations: nations?,
        offices: offices?,
        office_rules: office_rules?,
        body_kind: body_kind?,
        call_to_action: call_to_action?,
        estimated_minutes: estimated_minutes?,
        goal: goal?,
        confirmation: confirmation?,
        confirmation_url: confirmation_url?,
        confirmation_waiver: confirmation_waiver?,
        topic: topic?,
        origins: origins?,
        default_locale: default_locale?,
        personal_message: personal_message?,
        personal_message_limit: personal_message_limit?,
        after_uncertain: after_uncertain?,
        when_seat_filled: when_seat_filled?,
        digest: digest?,
        receipt_by_mail: fields.receipt_by_mail,
        spread_hours: spread_hours?,
        special_category_condition: special_category_condition?,
        limits: limits?,
        review: review?,
        challenge: challenge?,
    })
}

/// At most 50 different values, each parsed; a repeated one is a flaw.
pub(super) fn check_set<T: PartialEq>(
    findings: &mut Findings,
    pointer: &str,
    words: &[String],
    parse: impl Fn(&str) -> Result<T, Flaw>,
) -> Option<Vec<T>> {
    if words.len() > 50 {
        return findings.check(pointer, Err(Flaw::new("too_many", "must be at most 50 values")));
    }
    let mut values = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let parsed = parse(word).and_then(|value| {
            let repeated = || Flaw::new("repeated", "must not stand in the list twice");
            if values.contains(&value) { Err(repeated()) } else { Ok(value) }
        });
        values.extend(findings.check(format!("{pointer}/{index}"), parsed));
    }
    (values.len() == words.len()).then_some(values)
}

/// Kinds of area whose responsible body is not elected.
fn body_kind(word: &str) -> Result<AreaKind, Flaw> {
    match word.parse()? {
        kind @ (AreaKind::CancerAlliance | AreaKind::Icb | AreaKind::SubIcb | AreaKind::LocalAuthority) => Ok(kind),
        _ => Err(Flaw::new("body_kind_unfit", "must be one of: cancer_alliance icb sub_icb local_authority")),
    }
}

pub(super) fn within(number: u32, lowest: u32, highest: u32) -> Result<u32, Flaw> {
    let fits = (lowest..=highest).contains(&number);
    fits.then_some(number)
        .ok_or_else(|| Flaw::new("out_of_range", format!("must be a number from {lowest} to {highest}")))
}

impl TryFrom<CampaignFields> for CampaignContent {
    type Error = FieldErrors;

    fn try_from(fields: CampaignFields) -> Result<Self, FieldErrors> {
        Self::new(fields)
    }
}

impl From<CampaignContent> for CampaignFields {
    fn from(CampaignContent(terms): CampaignContent) -> Self {
        Self {
            slug: terms.slug.to_string(),
            title: terms.title,
            summary: terms.summary,
            problem: terms.problem,
            hashtag: terms.hashtag.map(|hashtag| hashtag.to_string()),
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            nations: terms.nations.iter().map(ToString::to_string).collect(),
            offices: terms.offices.iter().map(ToString::to_string).collect(),
            office_rules: terms.office_rules.into_iter().map(Into::into).collect(),
            body_kind: terms.body_kind.map(|kind| kind.to_string()),
            call_to_action: terms.call_to_action,
            estimated_minutes: terms.estimated_minutes,
            goal: terms.goal,
            confirmation: terms.confirmation.to_string(),
            confirmation_url: terms.confirmation_url.map(|page| page.to_string()),
            confirmation_waiver: terms.confirmation_waiver,
            topic: terms.topic.map(|topic| topic.to_string()),
            origins: terms.origins.iter().map(ToString::to_string).collect(),
            default_locale: terms.default_locale.to_string(),
            personal_message: terms.personal_message.to_string(),
            personal_message_limit: Some(terms.personal_message_limit),
            after_uncertain: terms.after_uncertain.to_string(),
            when_seat_filled: terms.when_seat_filled.to_string(),
            digest: terms.digest.map(Into::into),
            receipt_by_mail: terms.receipt_by_mail,
            spread_hours: terms.spread_hours,
            special_category_condition: terms.special_category_condition.map(|condition| condition.to_string()),
            limits: terms.limits.into(),
            review: terms.review.into(),
            challenge: terms.challenge.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldError, OfficeRuleFields};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    fn rule(office: &str, write_to: &str, up_to: Option<u32>) -> OfficeRuleFields {
        OfficeRuleFields { office: office.to_owned(), nations: None, write_to: write_to.to_owned(), up_to }
    }

    #[test]
    fn a_draft_needs_little() {
        let fields = CampaignFields {
            slug: "fair-care".to_owned(),
            title: " Fair Care ".to_owned(),
            ..CampaignFields::default()
        };
        let content = CampaignContent::new(fields).unwrap();
        assert_eq!(content.title, "Fair Care");
        assert_eq!(content.confirmation, crate::Confirmation::Email);
        assert_eq!(content.personal_message_limit, PersonalMessage::DEFAULT_LIMIT);
    }

    #[test]
    fn a_stored_campaign_comes_back_through_the_same_door() {
        let fields = CampaignFields {
            slug: "fair-care".to_owned(),
            title: "Fair Care".to_owned(),
            hashtag: Some("#FairCare".to_owned()),
            opens_at: "2026-11-22T10:00:00Z".parse().ok(),
            nations: words(&["wales", "england"]),
            offices: words(&["mp", "ms"]),
            office_rules: vec![rule("ms", "random", None)],
            body_kind: Some("icb".to_owned()),
            origins: words(&["https://Example.org/"]),
            ..CampaignFields::default()
        };
        let content = CampaignContent::new(fields).unwrap();
        let json = serde_json::to_string(&content).unwrap();
        assert!(
            json.contains(r#""hashtag":"FairCare""#) && json.contains(r#""origins":["https://example.org"]"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<CampaignContent>(&json).unwrap(), content);
        assert!(serde_json::from_str::<CampaignContent>(&json.replace("fair-care", "Fair Care")).is_err());
    }

    #[test]
    fn every_flaw_of_a_campaign_is_told_at_once() {
        let fields = CampaignFields {
            slug: "x y".to_owned(),
            title: String::new(),
            opens_at: "2026-11-22T10:00:00Z".parse().ok(),
            closes_at: "2026-11-22T10:00:00Z".parse().ok(),
            nations: words(&["wales", "mars", "wales"]),
            offices: words(&["president", "peer"]),
            office_rules: vec![rule("ms", "choice", None)],
            origins: words(&["*"]),
            body_kind: Some("holyrood_region".to_owned()),
            estimated_minutes: Some(0),
            goal: Some(0),
            confirmation: "sms".to_owned(),
            default_locale: "fr".to_owned(),
            personal_message: "maybe".to_owned(),
            personal_message_limit: Some(1_000_000),
            after_uncertain: "forget".to_owned(),
            when_seat_filled: "shred".to_owned(),
            challenge: "sometimes".to_owned(),
            ..CampaignFields::default()
        };
        let errors = CampaignContent::new(fields).unwrap_err();
        let expected = "/slug /title /nations/1 /nations/2 /offices/0 /offices/1 /office_rules/0/up_to /origins/0 /body_kind \
                        /confirmation /default_locale /personal_message /personal_message_limit /after_uncertain /when_seat_filled /estimated_minutes /goal /challenge /closes_at";
        assert_eq!(errors.iter().map(FieldError::pointer).collect::<Vec<_>>().join(" "), expected);
    }
}
