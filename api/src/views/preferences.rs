//! A person's preferences, as the person sees them.

use super::permissions::LedgerView;
use crate::views::vocabulary;
use postbag_domain::permission::{choices, phrases};
use postbag_domain::{
    Activity, Answer, Choice, ConsentQuestion, Locale, Organisation, PreferenceChangeId, Purpose, Standing,
};
use postbag_persistence::{EntrySource, Ledger};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a person may allow, end and object to, with what is in force today.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "organisation": { "slug": "harbour-cancer-trust", "name": "Harbour Cancer Trust" }, "email": "ada@example.org", "locale": "en",
    "suppressed": false,
    "choices": [
        { "purpose": "campaign_news", "channel": "email", "label": "May we tell you how this campaign goes on?", "permitted": true,
          "reason": "answered_yes",
          "question": { "id": "01998f00-0000-7000-8000-000000000002", "version": 1, "answers": ["yes", "no"] } }],
    "objections": [{ "activity": "wealth_research", "label": "Estimating what you could give", "objects": false }],
    "ledger": { "answers": [], "objections": [] }
})))]
pub(crate) struct PreferencesView {
    /// The controller of the person's data.
    organisation: ControllerView,
    /// The person's address.
    #[schema(format = "email")]
    email: String,
    /// The language of the labels.
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    /// Whether the address is suppressed: then nothing is sent to it at all.
    suppressed: bool,
    /// One for each purpose and channel that the organisation asks for, or that the person was ever asked for.
    choices: Vec<PreferenceChoiceView>,
    /// One for each activity.
    objections: Vec<ObjectionChoiceView>,
    ledger: LedgerView,
}

/// An organisation as the controller of data.
#[derive(Serialize, ToSchema)]
pub(crate) struct ControllerView {
    slug: String,
    name: String,
}

/// A purpose and a channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreferenceChoiceView {
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: &'static str,
    /// The words of the question to show, or the purpose where nobody asks for it any more.
    label: String,
    /// Whether the organisation may contact the person for it today.
    permitted: bool,
    #[schema(schema_with = vocabulary::permission_reason)]
    reason: &'static str,
    /// The question to answer, in the words of `label`. Where there is none, the person can only say no: with `withdraw`.
    question: Option<OpenQuestionView>,
}

/// The question behind a choice.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenQuestionView {
    id: Uuid,
    version: i32,
    #[schema(schema_with = vocabulary::answers)]
    answers: Vec<&'static str>,
}

/// Whether a person objects to an activity.
#[derive(Serialize, ToSchema)]
pub(crate) struct ObjectionChoiceView {
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    /// The activity in words.
    label: &'static str,
    objects: bool,
}

impl PreferencesView {
    /// Nothing for a person who was forgotten.
    pub(crate) fn of(
        (ledger, standing): (&Ledger, &Standing),
        organisation: &Organisation,
        asked: &[ConsentQuestion],
        locale: Locale,
    ) -> Option<Self> {
        let content = &organisation.content;
        let objection = |activity: &Activity| ObjectionChoiceView {
            activity: activity.as_str(),
            label: phrases::activity(*activity, locale),
            objects: standing.objection(*activity).is_some(),
        };
        let choice = |choice: &Choice<'_>| PreferenceChoiceView::of(choice, ledger, locale);
        Some(Self {
            organisation: ControllerView { slug: content.slug.to_string(), name: content.name.clone() },
            email: ledger.address.as_ref()?.as_str().to_owned(),
            locale: locale.as_str(),
            suppressed: ledger.is_suppressed,
            choices: choices(standing, asked).iter().map(choice).collect(),
            objections: Activity::ALL.iter().map(objection).collect(),
            ledger: LedgerView::from(ledger),
        })
    }
}

impl PreferenceChoiceView {
    fn of(choice: &Choice<'_>, ledger: &Ledger, locale: Locale) -> Self {
        let question = choice.question.map(|question| OpenQuestionView {
            id: question.id().uuid(),
            version: question.version(),
            answers: question.current().answers().iter().copied().map(Answer::as_str).collect(),
        });
        Self {
            purpose: choice.purpose.to_string(),
            channel: choice.channel.as_str(),
            label: label(choice, ledger, locale),
            permitted: choice.permission.is_given(),
            reason: choice.permission.reason().as_str(),
            question,
        }
    }
}

/// The words for a choice: those of its question, or of the one that was shown last, or the purpose's own.
pub(crate) fn label(choice: &Choice<'_>, ledger: &Ledger, locale: Locale) -> String {
    match choice.question {
        Some(question) => question.wording(locale, Locale::En).1.to_owned(),
        None => words_for(&choice.purpose, ledger, locale),
    }
}

fn words_for(purpose: &Purpose, ledger: &Ledger, locale: Locale) -> String {
    ledger.wording(purpose).map_or_else(|| phrases::purpose(purpose, locale), str::to_owned)
}

/// What a change changed, a line each.
pub(crate) fn changes(ledger: &Ledger, change: PreferenceChangeId, locale: Locale) -> Vec<String> {
    let is_part = |source: &EntrySource| source.change_id == Some(change);
    let answers = ledger.answers.iter().filter(|answer| is_part(&answer.source)).map(|answer| {
        let words = words_for(&answer.purpose, ledger, locale);
        phrases::answered(&words, answer.channel, answer.answer, locale)
    });
    let objections = ledger.objections.iter().filter(|objection| is_part(&objection.source));
    let objections = objections.map(|objection| phrases::objected(objection.activity, objection.stance, locale));
    answers.chain(objections).collect()
}
