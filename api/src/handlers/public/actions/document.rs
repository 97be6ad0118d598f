//! A submission, as a form sends it.

use crate::app::App;
use crate::handlers::public::challenges::{Brought, FormFields};
use crate::handlers::public::submission::{AreaChoiceFields, parse_area_choices, parse_locale, parse_targets, within};
use crate::handlers::public::supporter::SupporterFields;
use crate::views::vocabulary;
use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::NaiveDate;
use postbag_domain::{
    AnswerGiven, AreaChoices, Confirmation, FieldErrors, Findings, Flaw, Locale, ObjectionRaised, Origin,
    RepresentativeId, Slug, Source, Submission, SupporterWords,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A submission, as a form sends it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "supporter": {
        "title": "Ms", "first_name": "Ada", "last_name": "Ashgrove", "email": "ada@example.org", "phone": null,
        "address": { "line1": "1 Harbour Street", "line2": null, "town": "Alderwick", "postcode": "ZA1 1AA" } },
    "personal_message": "My mother waited eleven weeks.", "locale": "en",
    "consents": [], "objections": [], "source": { "source": "newsletter", "medium": "email", "campaign": "may" }
})))]
pub(crate) struct SubmitAction {
    #[serde(default)]
    #[schema(required)]
    supporter: SupporterFields,
    /// The supporter's own words; the campaign's form says whether they are wanted and how long they may be.
    personal_message: Option<String>,
    /// True if the person agrees that their words are quoted in a digest, where a representative receives one mail in place of
    /// single letters.
    #[serde(default)]
    may_be_quoted: bool,
    /// Only these of the person's representatives; all of them when absent. Narrows, and never adds. Where an office's rule is
    /// `choice`, it names those of its holders to write to. Where it is `least_written_to`, naming those that the preview answered
    /// pins them, since the counts may move in between.
    target_ids: Option<Vec<Uuid>>,
    /// Which area the person lives in, by kind, where the postcode straddles several.
    #[serde(default)]
    area_choices: AreaChoiceFields,
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
    /// Explicit answers. A question that is not answered was not asked: silence is never consent.
    #[serde(default)]
    consents: Vec<ConsentFields>,
    /// The activity that the person forbids.
    #[serde(default)]
    objections: Vec<ObjectionFields>,
    #[serde(default)]
    source: SourceFields,
    /// The slug of the campaign's partner on whose form the person writes: it is the controller of what they submit then. The campaign's
    /// own organisation is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partner: Option<String>,
    /// `none` if the caller has verified that the address is the person's: nothing waits for a confirmation. Needs a token with the
    /// scope `actions:write` of the organisation whose form it is. The campaign's `confirmation` holds when absent.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_confirmation)]
    pub(super) confirmation: Option<String>,
    /// Runs everything, counts nothing and sends nothing to a representative. With `confirmation: "none"`, and the token that needs, each letter
    /// goes to the person's own address, marked as a test; without, nothing is sent at all.
    #[serde(default)]
    pub(super) test: bool,
    /// How the form was filled in. A retry may say something else.
    #[serde(default, skip_serializing_if = "differs_in_retries")]
    form: FormFields,
    /// The solution of a challenge, where the form asks for one: of `GET …/challenge` as ALTCHA's widgets send it, or the token of the widget
    /// that the form names. A retry may bring another.
    #[serde(default, skip_serializing_if = "differs_in_retries")]
    challenge: Option<String>,
}

/// True, so that what a retry may say otherwise is no part of what its key stands for (A2).
fn differs_in_retries<T>(_member: &T) -> bool {
    true
}

/// One answer to one question, for one channel.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentFields {
    question_id: Uuid,
    /// The version that was shown.
    version: i32,
    #[schema(schema_with = vocabulary::channel)]
    channel: String,
    #[schema(schema_with = vocabulary::answer)]
    answer: String,
}

/// One objection.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectionFields {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    /// The version of the notice that was shown.
    version: i32,
    /// The slug of the organisation that gives the notice; the campaign's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
}

/// How the person came to the form.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceFields {
    #[schema(example = "newsletter", max_length = 100)]
    source: Option<String>,
    #[schema(example = "email", max_length = 100)]
    medium: Option<String>,
    #[schema(example = "may", max_length = 100)]
    campaign: Option<String>,
}

/// From where and when a submission came.
pub(crate) struct Came {
    /// The web page of its form, where a browser sent it.
    pub(crate) origin: Option<Origin>,
    /// The day in the United Kingdom.
    pub(crate) today: NaiveDate,
}

impl Came {
    pub(super) fn of(request: &HttpRequest, app: &App) -> Self {
        let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
        Self { origin: origin.and_then(|text| Origin::parse(text).ok()), today: app.clock.today() }
    }
}

/// The parts of a submission that its letters are made from.
pub(crate) struct Draft {
    pub(crate) words: SupporterWords,
    pub(crate) area_choices: AreaChoices,
    pub(crate) target_ids: Option<Vec<RepresentativeId>>,
}

impl SubmitAction {
    /// Parses the whole submission: every flaw at once.
    pub(crate) fn parse(&self, default_locale: Locale, came: Came) -> Result<Submission, FieldErrors> {
        let mut findings = Findings::new();
        let is_under_age = self.supporter.is_under_age(&mut findings, came.today);
        let draft = self.draft(&mut findings, default_locale);
        let consents = parse_each(&mut findings, "/consents", &self.consents, ConsentFields::parse);
        let objections = parse_each(&mut findings, "/objections", &self.objections, ObjectionFields::parse);
        let source = self.source.parse(&mut findings);
        let verified = self.verified(&mut findings);
        let partner = findings.check_optional("/partner", self.partner.as_deref(), Slug::parse);
        let whole = draft.zip(consents).zip(objections).zip(source).zip(verified).zip(is_under_age).zip(partner);
        findings.finish(whole.map(
            |((((((draft, consents), objections), source), verified), is_under_age), partner)| {
                let Draft { words, area_choices, target_ids } = draft;
                Submission {
                    words,
                    target_ids,
                    area_choices,
                    consents,
                    objections,
                    source,
                    origin: came.origin,
                    partner,
                    is_under_age,
                    verified,
                    test: self.test,
                }
            },
        ))
    }

    /// What it says of its form, and what it brought for a challenge.
    pub(super) fn brought(&self) -> Brought<'_> {
        Brought { form: &self.form, solution: self.challenge.as_deref() }
    }

    /// True if the caller says that the address is verified.
    fn verified(&self, findings: &mut Findings) -> Option<bool> {
        let confirmation = findings.check_optional("/confirmation", self.confirmation.as_deref(), |word| {
            word.parse().and_then(|word| match word {
                Confirmation::None => Ok(word),
                Confirmation::Email => Err(Flaw::new("confirmation_not_chosen", "can be none only: leave it out")),
            })
        });
        confirmation.map(|confirmation| confirmation.is_some())
    }

    /// Parses what the letters are made from, and nothing else.
    pub(crate) fn parse_draft(&self, default_locale: Locale) -> Result<Draft, FieldErrors> {
        let mut findings = Findings::new();
        let draft = self.draft(&mut findings, default_locale);
        findings.finish(draft)
    }

    fn draft(&self, findings: &mut Findings, default_locale: Locale) -> Option<Draft> {
        let locale = parse_locale(findings, self.locale.as_deref(), default_locale);
        let words = self.supporter.parse(findings, self.personal_message.as_deref(), locale);
        let area_choices = parse_area_choices(findings, &self.area_choices);
        let target_ids = parse_targets(findings, self.target_ids.as_deref());
        let words = words.map(|words| SupporterWords { may_be_quoted: self.may_be_quoted, ..words });
        let draft = words.zip(area_choices).zip(target_ids);
        draft.map(|((words, area_choices), target_ids)| Draft { words, area_choices, target_ids })
    }
}

/// Parses every member of a list, or notes each one's flaws.
pub(crate) fn parse_each<T, U>(
    findings: &mut Findings,
    pointer: &str,
    members: &[T],
    parse: impl Fn(&T, &mut Findings, &str) -> Option<U>,
) -> Option<Vec<U>> {
    if !within(findings, pointer, members.len()) {
        return None;
    }
    let parsed =
        members.iter().enumerate().map(|(index, member)| parse(member, findings, &format!("{pointer}/{index}")));
    let parsed = parsed.collect::<Vec<_>>();
    parsed.into_iter().collect()
}

impl ConsentFields {
    pub(crate) fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<AnswerGiven> {
        let channel = findings.check(format!("{pointer}/channel"), self.channel.parse());
        let answer = findings.check(format!("{pointer}/answer"), self.answer.parse());
        let question_id = postbag_domain::QuestionId::new(self.question_id);
        Some(AnswerGiven { question_id, version: self.version, channel: channel?, answer: answer? })
    }
}

impl ObjectionFields {
    fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<ObjectionRaised> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse())?;
        let organisation = self.organisation.as_deref();
        let organisation = findings.check_optional(format!("{pointer}/organisation"), organisation, Slug::parse)?;
        Some(ObjectionRaised { organisation, activity, version: self.version })
    }
}

impl SourceFields {
    fn parse(&self, findings: &mut Findings) -> Option<Source> {
        findings.absorb(Source::new(self.source.as_deref(), self.medium.as_deref(), self.campaign.as_deref()))
    }
}
