//! What an organisation may do with a person's data today, and the entries of the ledger that say so.

use crate::views::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::{
    Activity, Answer, Basis, Evidence, LedgerAnswer, Means, Permission, SoftOptIn, SoftOptInCondition, Standing, uk_day,
};
use postbag_persistence::{EntrySource, Ledger, StoredAnswer, StoredObjection};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What may be done with a person's data today, and why.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "supporter_id": "01998f00-0000-7000-8000-000000000008", "organisation_id": "01998f00-0000-7000-8000-000000000001",
    "as_of": "2026-11-30T09:00:00Z", "suppressed": false,
    "permissions": [
        { "purpose": "campaign_news", "channel": "email", "permitted": true, "basis": "consent", "reason": "answered_yes",
          "detail": "The last answer to a question for this purpose and channel is yes.", "unmet": [],
          "because": "01998f00-0000-7000-8000-000000000041" }],
    "objections": [{ "activity": "wealth_research", "objects": true, "because": "01998f00-0000-7000-8000-000000000042" }],
    "ledger": {
        "answers": [
            { "id": "01998f00-0000-7000-8000-000000000041", "given_at": "2026-11-22T09:00:00Z", "purpose": "campaign_news",
              "channel": "email", "answer": "yes",
              "shown": { "question_id": "01998f00-0000-7000-8000-000000000002", "version": 1, "basis": "consent", "locale": "en",
                         "wording": "May we tell you how this campaign goes on?", "privacy_notice_version": "2026-05" },
              "source": { "means": "form", "action_id": "01998f00-0000-7000-8000-000000000003",
                          "origin": "https://www.example.org", "change_id": null,
                          "recorded_by": null, "note": null } }],
        "objections": [
            { "id": "01998f00-0000-7000-8000-000000000042", "given_at": "2026-11-29T09:00:00Z", "activity": "wealth_research",
              "stance": "objects",
              "source": { "means": "telephone", "action_id": null, "origin": null, "change_id": "01998f00-0000-7000-8000-000000000043",
                          "recorded_by": "crm", "note": "Rang on Sunday." } }]
    }
})))]
pub(crate) struct PermissionsView {
    supporter_id: Uuid,
    organisation_id: Uuid,
    /// The moment of the decision.
    as_of: DateTime<Utc>,
    /// Whether the address is suppressed: then nothing is sent to it at all.
    suppressed: bool,
    /// One for each purpose and channel that the person was ever asked for. For any other the decision is no: never asked.
    permissions: Vec<PermissionView>,
    /// One for each activity that the person may object to.
    objections: Vec<ObjectionStateView>,
    ledger: LedgerView,
}

/// The decision for one purpose and channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionView {
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: &'static str,
    permitted: bool,
    /// The lawful basis, if it is permitted.
    #[schema(schema_with = vocabulary::optional_basis)]
    basis: Option<&'static str>,
    #[schema(schema_with = vocabulary::permission_reason)]
    reason: &'static str,
    /// The reason, for people.
    detail: String,
    /// The conditions of the soft opt-in that are not met.
    #[schema(schema_with = vocabulary::soft_opt_in_conditions)]
    unmet: Vec<&'static str>,
    /// The entry of the ledger that decided.
    because: Option<Uuid>,
}

/// Whether the person objects to an activity.
#[derive(Serialize, ToSchema)]
pub(crate) struct ObjectionStateView {
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    objects: bool,
    /// The entry of the ledger that says so.
    because: Option<Uuid>,
}

/// Every entry about the person, in the order of recording. Entries are never changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerView {
    answers: Vec<LedgerAnswerView>,
    objections: Vec<LedgerObjectionView>,
}

/// An answer with its evidence.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerAnswerView {
    id: Uuid,
    given_at: DateTime<Utc>,
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: &'static str,
    #[schema(schema_with = vocabulary::answer)]
    answer: &'static str,
    /// True if it came with an action that was struck out: then a yes permits nothing.
    struck_out: bool,
    /// What was asked; nothing where the person withdrew without being asked.
    shown: Option<ShownView>,
    source: EntrySourceView,
}

/// What the person was shown, word for word.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShownView {
    question_id: Uuid,
    version: i32,
    #[schema(schema_with = vocabulary::basis)]
    basis: &'static str,
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    wording: String,
    /// The version of the privacy notice that stood beside it.
    privacy_notice_version: Option<String>,
}

/// An objection, or one that was taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerObjectionView {
    id: Uuid,
    given_at: DateTime<Utc>,
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    #[schema(schema_with = vocabulary::stance)]
    stance: &'static str,
    source: EntrySourceView,
}

/// How an entry reached the organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntrySourceView {
    #[schema(schema_with = vocabulary::means)]
    means: &'static str,
    /// The action it was given with.
    action_id: Option<Uuid>,
    /// The web page that the form stood on, as a browser said; `null` for what a server sent.
    origin: Option<String>,
    /// The change it is part of.
    change_id: Option<Uuid>,
    /// The subject of the token that it was recorded with.
    recorded_by: Option<String>,
    /// Why, in the words of staff.
    note: Option<String>,
}

/// What a ledger says, as the decision reads it. The soft opt-in is only for a registered charity, and for what people told it themselves on
/// a form of its own, not on a partner's; that its purposes are charitable and that each message offers to refuse is declared with the question.
pub(crate) fn standing(ledger: &Ledger, is_registered_charity: bool) -> Standing {
    let answer = |stored: &StoredAnswer| LedgerAnswer {
        id: stored.id,
        given_at: stored.given_at,
        purpose: stored.purpose.clone(),
        channel: stored.channel,
        answer: stored.answer,
        soft_opt_in: soft_opt_in(stored, is_registered_charity),
    };
    let answers = ledger.answers.iter().filter(|stored| stored.counts()).map(answer).collect();
    Standing::new(answers, ledger.objections.iter().map(StoredObjection::entry).collect(), ledger.is_suppressed)
}

fn soft_opt_in(stored: &StoredAnswer, is_registered_charity: bool) -> Option<SoftOptIn> {
    let declared = stored.shown.as_ref().is_some_and(|shown| shown.basis == Basis::CharitableSoftOptIn);
    let on_a_form = stored.source.means == Means::Form;
    declared.then(|| SoftOptIn {
        registered_charity: is_registered_charity,
        collected_by_itself: !on_a_form || stored.source.action_id.is_some(),
        interest_or_support: on_a_form,
        charitable_purposes_only: true,
        opt_out_at_collection: stored.answer == Answer::NotRefused,
        opt_out_in_every_message: true,
        collected_on: uk_day(stored.given_at),
    })
}

impl PermissionsView {
    pub(crate) fn of(ledger: &Ledger, is_registered_charity: bool, now: DateTime<Utc>) -> Self {
        let standing = standing(ledger, is_registered_charity);
        let permissions = standing.asked().into_iter().map(|(purpose, channel)| {
            let permission = standing.permission(&purpose, channel);
            PermissionView {
                purpose: purpose.as_str().to_owned(),
                channel: channel.as_str(),
                permitted: permission.is_given(),
                basis: permission.basis().map(Basis::as_str),
                reason: permission.reason().as_str(),
                detail: vocabulary::plain(permission.reason().about()),
                unmet: unmet(ledger, &permission, is_registered_charity),
                because: permission.because().map(entry),
            }
        });
        Self {
            supporter_id: ledger.supporter_id.uuid(),
            organisation_id: ledger.organisation_id.uuid(),
            as_of: now,
            suppressed: standing.is_suppressed(),
            permissions: permissions.collect(),
            objections: Activity::ALL.iter().map(|activity| ObjectionStateView::of(&standing, *activity)).collect(),
            ledger: LedgerView::from(ledger),
        }
    }
}

/// The conditions that kept a soft opt-in from being a permission.
fn unmet(ledger: &Ledger, permission: &Permission, is_registered_charity: bool) -> Vec<&'static str> {
    let decided = |stored: &&StoredAnswer| {
        stored.answer == Answer::NotRefused && permission.because() == Some(Evidence::Answer(stored.id))
    };
    let conditions = ledger.answers.iter().find(decided).and_then(|stored| soft_opt_in(stored, is_registered_charity));
    conditions.into_iter().flat_map(SoftOptIn::unmet).map(SoftOptInCondition::as_str).collect()
}

fn entry(evidence: Evidence) -> Uuid {
    match evidence {
        Evidence::Answer(id) => id.uuid(),
        Evidence::Objection(id) => id.uuid(),
    }
}

impl From<&Ledger> for LedgerView {
    fn from(ledger: &Ledger) -> Self {
        Self {
            answers: ledger.answers.iter().map(LedgerAnswerView::from).collect(),
            objections: ledger.objections.iter().map(LedgerObjectionView::from).collect(),
        }
    }
}

impl ObjectionStateView {
    fn of(standing: &Standing, activity: Activity) -> Self {
        let standing = standing.objection(activity);
        Self {
            activity: activity.as_str(),
            objects: standing.is_some(),
            because: standing.map(|objection| objection.id.uuid()),
        }
    }
}

impl From<&StoredAnswer> for LedgerAnswerView {
    fn from(stored: &StoredAnswer) -> Self {
        let shown = stored.shown.as_ref().map(|shown| ShownView {
            question_id: shown.question_id.uuid(),
            version: shown.version,
            basis: shown.basis.as_str(),
            locale: shown.locale.as_str(),
            wording: shown.wording.clone(),
            privacy_notice_version: shown.privacy_notice_version.clone(),
        });
        Self {
            id: stored.id.uuid(),
            given_at: stored.given_at,
            purpose: stored.purpose.as_str().to_owned(),
            channel: stored.channel.as_str(),
            answer: stored.answer.as_str(),
            struck_out: stored.is_struck_out,
            shown,
            source: EntrySourceView::from(&stored.source),
        }
    }
}

impl From<&StoredObjection> for LedgerObjectionView {
    fn from(stored: &StoredObjection) -> Self {
        Self {
            id: stored.id.uuid(),
            given_at: stored.given_at,
            activity: stored.activity.as_str(),
            stance: stored.stance.as_str(),
            source: EntrySourceView::from(&stored.source),
        }
    }
}

impl From<&EntrySource> for EntrySourceView {
    fn from(source: &EntrySource) -> Self {
        Self {
            means: source.means.as_str(),
            action_id: source.action_id.map(postbag_domain::ActionId::uuid),
            origin: source.origin.clone(),
            change_id: source.change_id.map(postbag_domain::PreferenceChangeId::uuid),
            recorded_by: source.recorded_by.clone(),
            note: source.note.as_ref().map(|note| note.as_str().to_owned()),
        }
    }
}
