//! Submitting, and the receipt.

use super::submission::{AreaChoiceFields, parse_area_choices, parse_locale, parse_targets, within};
use super::supporter::SupporterFields;
use super::supporter::at_postcode;
use crate::app::App;
use crate::auth::{Bearer, Caller, scope};
use crate::handlers::replay::{REPLAYED, answered_before};
use crate::http::extract::{IdempotencyKey, Json, Path};
use crate::http::limits::{self, Client, Submitting};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::skipped::SkippedView;
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::confirmation::confirm_by;
use postbag_domain::{
    Accepted, ActionId, ActionStatus, AnswerGiven, AreaChoices, Confirmation, DigestRule, FieldErrors, Findings, Flaw,
    HeldFor, Locale, MailId, ObjectionRaised, Origin, RepresentativeId, Slug, Source, Submission, SupporterId,
    SupporterWords, uk_day,
};
use postbag_persistence::{KeyClaim, Receipt, ReceiptLine, Record, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    partner: Option<String>,
    /// `none` if the caller has verified that the address is the person's: nothing waits for a confirmation. Needs a token with the
    /// scope `actions:write` of the organisation whose form it is. The campaign's `confirmation` holds when absent.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_confirmation)]
    confirmation: Option<String>,
    /// Runs everything, counts nothing and sends nothing to a representative. With `confirmation: "none"`, and the token that needs, each letter
    /// goes to the person's own address, marked as a test; without, nothing is sent at all.
    #[serde(default)]
    test: bool,
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
    fn of(request: &HttpRequest, app: &App) -> Self {
        let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
        Self { origin: origin.and_then(|text| Origin::parse(text).ok()), today: app.clock.today() }
    }
}

/// The parts of a submission that its letters are made from.
pub(super) struct Draft {
    pub(super) words: SupporterWords,
    pub(super) area_choices: AreaChoices,
    pub(super) target_ids: Option<Vec<RepresentativeId>>,
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
    pub(super) fn parse_draft(&self, default_locale: Locale) -> Result<Draft, FieldErrors> {
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

/// What a submission is answered with, and what a retry is answered with again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "status": "confirmed", "receipt_token": "67ba1d3cf5d717e7507244e26500ea2d",
    "deliveries": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                     "state": "queued" }],
    "skipped": [], "tally": { "actions": 1234 }
})))]
pub(crate) struct SubmittedAction {
    #[schema(format = "uuid", value_type = String)]
    id: Uuid,
    #[schema(schema_with = vocabulary::action_status)]
    status: String,
    /// Opens `GET /v1/actions/{id}`, as a bearer token.
    receipt_token: String,
    deliveries: Vec<DeliveryView>,
    /// Representatives that are not written to, and why.
    skipped: Vec<SkippedView>,
    tally: ActionsView,
}

/// One message to one representative.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    name: String,
    #[schema(schema_with = vocabulary::office)]
    office: String,
    #[schema(schema_with = vocabulary::delivery_state)]
    state: String,
}

/// How many have taken part, this action among them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct ActionsView {
    actions: i64,
}

impl SubmittedAction {
    /// The answer but for the token, which is never stored, and the count, which is known when it is stored.
    fn of(accepted: &Accepted, directory: &postbag_domain::Directory) -> Self {
        let name = |id| directory.representative(id).map(|known| known.name.clone()).unwrap_or_default();
        let delivery = |delivery: &postbag_domain::NewDelivery| DeliveryView {
            representative_id: delivery.representative_id.uuid(),
            name: name(delivery.representative_id),
            office: delivery.office.to_string(),
            state: delivery.state.to_string(),
        };
        Self {
            id: accepted.action.id.uuid(),
            status: accepted.action.status.to_string(),
            receipt_token: String::new(),
            deliveries: accepted.deliveries.iter().map(delivery).collect(),
            skipped: accepted.skipped.iter().map(SkippedView::from).collect(),
            tally: ActionsView::default(),
        }
    }
}

/// Submit a supporter’s messages
///
/// Answered once everything is on disk. One message goes to each of the person's representatives for the campaign's offices, or
/// to as many of those who hold an office together as the campaign's `office_rules` say; the same person's message to the same
/// representative is sent once. Repeat the call with the same `Idempotency-Key` until it is answered: the answer is always the
/// first one's, marked with `Idempotency-Replayed`. Keys are kept for 48 hours. One client may submit so often in a minute and in an hour,
/// and so may all of a campaign together (`RateLimit`); a test, and a submission that is refused, count as look-ups.
#[utoipa::path(
    tag = "actions",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("Idempotency-Key" = String, Header, description = "A fresh random key for each submission, the same for its retries.",
         example = "5f0c8f3e-6b1d-4c0e-9a55-2f6c5f0f6a11"),
    ),
    request_body = SubmitAction,
    responses((status = 201, description = "Stored; the messages are on their way.", body = SubmittedAction,
               headers(("Location" = String, description = "The receipt.")))),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-large-user", "postcode-crown-dependency", "postcode-bfpo", "postcode-overseas", "area-choice-wrong", "area-choice-needed", "outside-nations", "directory-empty", "no-reachable-representative", "letter-not-composed", "campaign-not-live", "campaign-not-yet-open", "campaign-closed", "idempotency-key-missing", "quota-exceeded", "token-missing", "token-invalid", "scope-insufficient"])))
)]
#[post("/actions")]
pub(crate) async fn submit_action(
    request: HttpRequest,
    app: Data<App>,
    slug: Path<String>,
    key: IdempotencyKey,
    body: Json<SubmitAction>,
) -> Answer {
    let Json(submitted) = body;
    Slug::parse(&slug.0).map_err(|_flaw| Problem::not_found())?;
    let claim = key.claim(format!("actions/{}", slug.0), &submitted);
    let verifier = verifier(&request, &app, &slug.0, &submitted)?;
    match decide(&app, &slug.0, &submitted, Came::of(&request, &app)).await {
        Ok((accepted, answer)) => {
            if let Err(refusal) = count(&request, &slug.0, &accepted, verifier.as_ref()) {
                // What was accepted before is answered again however often it is asked for.
                return replay(&app, claim).await?.ok_or(refusal);
            }
            record(&app, accepted, answer, claim).await
        }
        Err(refusal) => {
            if let Some(answer) = replay(&app, claim).await? {
                return Ok(answer);
            }
            limits::count::<limits::Targets>(&request)?;
            Err(refusal)
        }
    }
}

/// Counts a submission: a test as a look-up.
fn count(request: &HttpRequest, slug: &str, accepted: &Accepted, verifier: Option<&Verifier>) -> Answer<()> {
    if accepted.action.test {
        return limits::count::<limits::Targets>(request);
    }
    let app = App::of(request);
    let vouching = verifier.map(|caller| app.limits.keys.credential(caller.tenant().unwrap_or("*"), caller.subject()));
    let public = app.campaign(slug)?;
    limits::count_submission(request, &Submitting { client: Client::of(request)?, live: &public.live, vouching })
}

/// A system that says that it has verified an address.
type Verifier = Caller<scope::ActionsWrite>;

/// The system that says so, which must be one of the organisation whose form it is. Whether that has a part in the campaign is decided with
/// the submission.
fn verifier(request: &HttpRequest, app: &App, slug: &str, submitted: &SubmitAction) -> Answer<Option<Verifier>> {
    if submitted.confirmation.is_none() {
        return Ok(None);
    }
    let caller = Verifier::of(request)?;
    let public = app.campaign(slug)?;
    caller.reach(submitted.partner.as_deref().unwrap_or(public.live.organisation.content.slug.as_str()))?;
    Ok(Some(caller))
}

/// Parses and decides, from memory alone unless the postcode has to be looked up elsewhere.
async fn decide(app: &App, slug: &str, submitted: &SubmitAction, came: Came) -> Answer<(Accepted, SubmittedAction)> {
    let now = app.clock.now();
    let public = app.campaign(slug)?;
    let submission = submitted.parse(public.live.campaign.content().default_locale, came)?;
    let directory = app.directory.load();
    let postcode = submission.words.address.postcode();
    let place = app.place(&directory, postcode, &submission.area_choices, uk_day(now)).await.map_err(at_postcode)?;
    let written = app.tallies.written(public.live.campaign.id());
    let accepted = public.live.accept(submission, &place, &directory, &written, now, &mut ids::fresh);
    let accepted = accepted.map_err(|refusal| at_postcode(refusal.into()))?;
    let answer = SubmittedAction::of(&accepted, &directory);
    Ok((accepted, answer))
}

/// Stores, and answers once it is on disk.
async fn record(app: &App, accepted: Accepted, answer: SubmittedAction, claim: KeyClaim) -> Answer {
    let stored = serde_json::to_value(&answer).map_err(Problem::internal)?;
    let record = Record {
        mailbox: app.mail_keys.confirmations.mailbox(&accepted.action.words.email),
        supporter_id: SupporterId::new(ids::fresh()),
        mail_id: MailId::new(ids::fresh()),
        accepted,
        idempotency: claim,
        answer: stored,
    };
    match app.intake.record(record).await? {
        Recorded::New { tally_actions } => {
            app.wake.notify_one();
            app.wake_mails.notify_one();
            Ok(answer.created(app, tally_actions, false))
        }
        Recorded::Replayed { answer, tally_actions } => replayed(app, answer, tally_actions),
    }
}

/// The first answer to a retry that would be refused today: the campaign may have closed in between.
async fn replay(app: &App, claim: KeyClaim) -> Answer<Option<HttpResponse>> {
    let before = answered_before(app, claim, app.clock.now()).await?;
    before.map(|(answer, tally_actions)| replayed(app, answer, tally_actions.unwrap_or_default())).transpose()
}

fn replayed(app: &App, stored: Value, tally_actions: i64) -> Answer {
    let answer: SubmittedAction = serde_json::from_value(stored).map_err(Problem::internal)?;
    Ok(answer.created(app, tally_actions, true))
}

impl SubmittedAction {
    fn created(mut self, app: &App, tally_actions: i64, replayed: bool) -> HttpResponse {
        self.receipt_token = receipt_token(app, ActionId::new(self.id));
        self.tally.actions = tally_actions;
        let mut response = HttpResponse::Created();
        response.insert_header((header::LOCATION, format!("/v1/actions/{}", self.id)));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if replayed {
            response.insert_header(REPLAYED);
        }
        response.json(self)
    }
}

/// The supporter's receipt: what became of each message.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "campaign": "fair-care", "status": "confirmed", "test": false,
    "created_at": "2026-11-22T09:00:00Z", "confirm_by": null,
    "deliveries": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                     "state": "accepted", "held_for": null, "digest": null }]
})))]
pub(crate) struct ActionView {
    #[schema(format = "uuid", value_type = String)]
    id: Uuid,
    /// The campaign's slug.
    campaign: String,
    #[schema(schema_with = vocabulary::action_status)]
    status: &'static str,
    /// Nothing went to a representative.
    test: bool,
    created_at: DateTime<Utc>,
    /// The moment until which it can be confirmed; `null` unless it waits for that.
    confirm_by: Option<DateTime<Utc>>,
    deliveries: Vec<DeliveryStatusView>,
}

/// Where one message stands. The state says what the mail relay said, never more.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryStatusView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    /// `null` for a person who is no longer in the directory.
    name: Option<String>,
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::delivery_state)]
    state: &'static str,
    /// What a held message waits for, or a cancelled one waited for: `vacancy` is a seat that is empty.
    #[schema(schema_with = vocabulary::optional_held_for)]
    held_for: Option<&'static str>,
    /// It goes with other people's letters in one mail a day or a week, as the representative or the campaign wants it; `null` for a letter
    /// that goes alone.
    #[schema(schema_with = vocabulary::optional_digest_interval)]
    digest: Option<&'static str>,
}

/// A supporter’s receipt
///
/// Opened by the `receipt_token` of the submission's answer. An action that does not exist and a token that does not fit look
/// the same.
#[utoipa::path(
    tag = "actions",
    params(("id" = String, Path, description = "The action.", format = "uuid")),
    security(("receipt_token" = [])),
    responses((status = 200, description = "What became of each message.", body = ActionView))
)]
#[get("/v1/actions/{id}")]
pub(crate) async fn get_action(app: Data<App>, id: Path<Uuid>, bearer: Bearer) -> Answer {
    let id = ActionId::new(id.0);
    app.receipts.open(&id.to_string(), bearer.token()).ok_or_else(Bearer::refused)?;
    let receipt = app.store.receipt(id).await?.ok_or_else(Bearer::refused)?;
    let view = ActionView::of(&app, &receipt);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// What opens an action's receipt: nothing but this server's secret can make it (C24).
pub(super) fn receipt_token(app: &App, id: ActionId) -> String {
    app.receipts.close(&id.to_string(), &[])
}

impl ActionView {
    pub(super) fn of(app: &App, receipt: &Receipt) -> Self {
        let (campaigns, directory) = (app.campaigns.load(), app.directory.load());
        let term = campaigns.get(&receipt.campaign_slug).and_then(|public| public.live.campaign.content().digest);
        // By today's rules and not by what became of the letter, which a repeat never shows (C23).
        let digest = |id| DigestRule::of(directory.representative(id).and_then(|holder| holder.digest), term);
        let line = |line: &ReceiptLine| DeliveryStatusView {
            representative_id: line.representative_id.uuid(),
            name: line.name.clone(),
            office: line.office.as_str(),
            state: line.state.as_str(),
            held_for: line.held_for.map(HeldFor::as_str),
            digest: digest(line.representative_id).map(|rule| rule.every.as_str()),
        };
        let awaits = receipt.status == ActionStatus::AwaitingConfirmation;
        Self {
            id: receipt.action_id.uuid(),
            campaign: receipt.campaign_slug.clone(),
            status: receipt.status.as_str(),
            test: receipt.test,
            created_at: receipt.created_at,
            confirm_by: awaits.then(|| confirm_by(receipt.created_at)),
            deliveries: receipt.deliveries.iter().map(line).collect(),
        }
    }
}
