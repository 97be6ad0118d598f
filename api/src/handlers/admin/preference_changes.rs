//! What people ask for by telephone, by letter, by email or in person, recorded by staff (B3).

use super::permissions::{find_ledger, view};
use super::reach;
use super::stops::actor;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::public::actions::{ConsentFields, parse_each};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::permissions::{PermissionsView, standing};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{
    Activity, ChangeEntries, Channel, ConsentId, ConsentQuestion, FieldErrors, Findings, Flaw, Locale, Means,
    ObjectionId, Organisation, PreferenceChange, PreferenceChangeId, Purpose, StaffNote, Stance, SupporterId, consent,
};
use postbag_persistence::{NewPreferenceChange, RecordedAnswer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the person asked for, how, and why it is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "means": "telephone", "note": "Rang on Monday: no more calls, and no research into her means.",
    "withdraw": [{ "purpose": "campaign_news", "channel": "phone" }],
    "objections": [{ "activity": "wealth_research", "stance": "objects" }]
})))]
pub(crate) struct RecordPreferenceChange {
    /// How the request was made: any but `form` and `link`, which are not for staff to record.
    #[schema(schema_with = vocabulary::means)]
    means: String,
    /// Why, for those who look later.
    #[schema(max_length = 1000)]
    note: String,
    /// Answers to questions that were read to the person in the words of that version.
    #[serde(default)]
    consents: Vec<ConsentFields>,
    /// The language in which they were read; English if left out.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
    /// Purposes and channels to end: a no, which needs no question.
    #[serde(default)]
    withdraw: Vec<WithdrawalFields>,
    /// Ends everything: a no to all that was ever asked, and an objection to direct marketing.
    #[serde(default)]
    withdraw_everything: bool,
    /// Each activity once.
    #[serde(default)]
    objections: Vec<StanceFields>,
}

/// A purpose and a channel that end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawalFields {
    #[schema(example = "campaign_news")]
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: String,
}

/// An objection to raise or to take back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StanceFields {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    #[schema(schema_with = vocabulary::stance)]
    stance: String,
}

/// The change that was recorded, and what may be done from now on.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "change_id": "01998f00-0000-7000-8000-000000000043",
    "now": {
        "supporter_id": "01998f00-0000-7000-8000-000000000008", "organisation_id": "01998f00-0000-7000-8000-000000000001",
        "as_of": "2026-11-30T09:00:00Z", "suppressed": false, "permissions": [], "objections": [],
        "ledger": { "answers": [], "objections": [] } }
})))]
pub(crate) struct PreferenceChangeView {
    change_id: Uuid,
    now: PermissionsView,
}

/// Record a change of mind
///
/// For requests made by telephone, by letter, by email or in person. In force with the answer: the next decision knows it. The ledger keeps
/// who recorded it, how it was asked for and why, and the audit says who did it. Sending it twice records it twice and changes nothing more.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The supporter.", format = "uuid")),
    request_body = RecordPreferenceChange,
    security(("bearer" = ["consents:write"])),
    responses((status = 201, description = "Recorded.", body = PreferenceChangeView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/{id}/changes")]
pub(crate) async fn record_preference_change(
    app: Data<App>,
    caller: Caller<scope::ConsentsWrite>,
    path: Path<Uuid>,
    body: Json<RecordPreferenceChange>,
) -> Answer {
    let supporter = SupporterId::new(path.0);
    let reach = reach(&app, &caller).await?;
    let (ledger, organisation) = find_ledger(&app, reach, supporter).await?;
    let questions = app.store.questions_of_organisation(organisation.id).await?;
    let (means, note, change) = body.0.parse(&questions)?;
    let entries = change.entries(&standing(&ledger, organisation.content.charity_number.is_some()))?;
    let change = new_change(means, note, entries, &organisation);
    let change_id = change.id.uuid();
    if !app.store.change_preferences(reach, supporter, change, actor(&app, &caller)).await? {
        return Err(Problem::not_found());
    }
    let (ledger, organisation) = find_ledger(&app, reach, supporter).await?;
    let now = view(&app, &ledger, &organisation);
    Ok(HttpResponse::Created().json(PreferenceChangeView { change_id, now }))
}

fn new_change(
    means: Means,
    note: StaffNote,
    entries: ChangeEntries,
    organisation: &Organisation,
) -> NewPreferenceChange {
    let privacy_notice = organisation.content.privacy_notice.as_ref().map(|notice| notice.version.clone());
    let asked = entries.answers.into_iter().map(|answer| RecordedAnswer::Asked(answer, privacy_notice.clone()));
    let withdrawn = entries.withdrawn.into_iter().map(|(purpose, channel)| RecordedAnswer::Withdrawn(purpose, channel));
    let answers = asked.chain(withdrawn).map(|answer| (ConsentId::new(ids::fresh()), answer)).collect();
    let objections = entries.objections.into_iter();
    let objections = objections.map(|(activity, stance)| (ObjectionId::new(ids::fresh()), activity, stance)).collect();
    NewPreferenceChange { id: PreferenceChangeId::new(ids::fresh()), means, note: Some(note), answers, objections }
}

impl RecordPreferenceChange {
    /// Parses the whole request: every flaw at once, but those of answers after all others.
    fn parse(self, questions: &[ConsentQuestion]) -> Result<(Means, StaffNote, PreferenceChange), FieldErrors> {
        let mut findings = Findings::new();
        let means = findings.check("/means", staff_means(&self.means));
        let note = findings.check("/note", StaffNote::parse(&self.note));
        let locale = findings.check_optional("/locale", self.locale.as_deref(), str::parse::<Locale>);
        let given = parse_each(&mut findings, "/consents", &self.consents, ConsentFields::parse);
        let withdrawn = parse_each(&mut findings, "/withdraw", &self.withdraw, WithdrawalFields::parse);
        let objections = parse_stances(&mut findings, &self.objections);
        let whole = means.zip(note).zip(locale).zip(given).zip(withdrawn).zip(objections);
        let (((((means, note), locale), given), withdrawn), objections) = findings.finish(whole)?;
        let locale = locale.unwrap_or(Locale::En);
        let answers = consent::decide(questions, &given, locale, locale)?;
        let withdraws_everything = self.withdraw_everything;
        Ok((means, note, PreferenceChange { answers, withdrawn, withdraws_everything, objections }))
    }
}

fn staff_means(word: &str) -> Result<Means, Flaw> {
    let means: Means = word.parse()?;
    let flaw = Flaw::new(
        "means_not_recorded",
        "must be telephone, post, email or in_person: people use forms and links themselves",
    );
    means.is_recorded_by_staff().then_some(means).ok_or(flaw)
}

impl WithdrawalFields {
    fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<(Purpose, Channel)> {
        let purpose = findings.check(format!("{pointer}/purpose"), Purpose::parse(&self.purpose));
        let channel = findings.check(format!("{pointer}/channel"), self.channel.parse());
        purpose.zip(channel)
    }
}

impl StanceFields {
    fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<(Activity, Stance)> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse());
        let stance = findings.check(format!("{pointer}/stance"), self.stance.parse());
        activity.zip(stance)
    }
}

fn parse_stances(findings: &mut Findings, list: &[StanceFields]) -> Option<BTreeMap<Activity, Stance>> {
    let mut stances = BTreeMap::new();
    for (index, (activity, stance)) in
        parse_each(findings, "/objections", list, StanceFields::parse)?.into_iter().enumerate()
    {
        if stances.insert(activity, stance).is_some() {
            let flaw = Flaw::new("repeated", "must not stand in the list twice");
            findings.note(format!("/objections/{index}/activity"), flaw);
        }
    }
    Some(stances)
}
