//! What people ask for by telephone, by letter, by email or in person, recorded by staff (B3).

use super::reach;
use super::stops::actor;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::preferences::{ChangeSource, Person, StanceFields, WishFields, Wishes, WithdrawalFields};
use crate::handlers::public::actions::ConsentFields;
use crate::http::extract::{Json, Path};
use crate::http::problem::Answer;
use crate::views::permissions::PermissionsView;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{FieldErrors, Findings, Locale, Means, StaffNote, SupporterId};
use serde::{Deserialize, Serialize};
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
    /// The language in which they were read, and of the mail that tells the person; English if left out.
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
/// who recorded it, how it was asked for and why, the audit says who did it, and a mail tells the person. Sending it twice records it twice and changes nothing more.
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
    let reach = reach(&app, &caller).await?;
    let person = Person::find(&app, reach, SupporterId::new(path.0)).await?;
    let (means, note, wishes) = body.0.parse()?;
    let questions = app.store.questions_of_organisation(person.organisation.id).await?;
    let locale = wishes.locale.unwrap_or(Locale::En);
    let change = wishes.change(&questions.all(), locale)?;
    let source = ChangeSource { means, note: Some(note), locale, actor: actor(&app, &caller) };
    let change_id = person.record(&app, change, source).await?.uuid();
    let now = person.again(&app).await?.permissions(app.clock.now());
    Ok(HttpResponse::Created().json(PreferenceChangeView { change_id, now }))
}

impl RecordPreferenceChange {
    /// Parses the whole request: every flaw at once, but those of answers after all others.
    fn parse(&self) -> Result<(Means, StaffNote, Wishes), FieldErrors> {
        let mut findings = Findings::new();
        let means = findings.check("/means", Means::parse_staffs(&self.means));
        let note = findings.check("/note", StaffNote::parse(&self.note));
        let wishes = WishFields {
            consents: &self.consents,
            locale: self.locale.as_deref(),
            withdraw: &self.withdraw,
            withdraw_everything: self.withdraw_everything,
            objections: &self.objections,
        };
        let wishes = wishes.parse(&mut findings);
        let whole = means.zip(note).zip(wishes);
        findings.finish(whole.map(|((means, note), wishes)| (means, note, wishes)))
    }
}
