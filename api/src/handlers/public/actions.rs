//! Submitting: accepted, held for a person, or refused with a reason; and the receipt.
//!
//! ```text
//! submit_action ── decide.rs ── rules.rs ─┬─ accepted ── the group commit
//!                                         ├─ held ── hold.rs ── reviews ── release.rs ── the group commit
//!                                         └─ refused
//! ```

mod answer;
mod decide;
mod document;
mod held;
mod hold;
mod receipt;
mod release;
mod rules;
mod seen;

pub(crate) use document::{Came, ConsentFields, Draft, SubmitAction, parse_each};
pub(crate) use held::HeldSubmission;
pub(crate) use receipt::{ActionView, get_action, receipt_token};
pub(crate) use rules::content_of;

use super::challenges;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::replay::answered_before;
use crate::http::extract::{IdempotencyKey, Json, Path};
use crate::http::limits::{self, Client, Submitting};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::secrets::ClientHash;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use answer::SubmittedAction;
use decide::Decided;
use postbag_domain::{ActionId, ClientTag, MailId, Outcome, Signal, Slug, SupporterId};
use postbag_persistence::{KeyClaim, Record, Recorded, SpentChallenge};
use seen::Seen;
use serde_json::Value;
use std::collections::BTreeSet;

/// Submit a supporter’s messages
///
/// Answered once everything is on disk. One message goes to each of the person's representatives for the campaign's offices, or
/// to as many of those who hold an office together as the campaign's `office_rules` say; the same person's message to the same
/// representative is sent once. Repeat the call with the same `Idempotency-Key` until it is answered: the answer is always the
/// first one's, marked with `Idempotency-Replayed`. Keys are kept for 48 hours. One client may submit so often in a minute and in an hour,
/// and so may all of a campaign together (`RateLimit`); a test, and a submission that is refused, count as look-ups. Beyond these limits a
/// retry finds its first answer as long as the client has look-ups left. Where
/// the campaign's form asks for a challenge, the body brings its solution; `challenge-needed` comes with one to be solved, and the call is
/// repeated with the same key.
#[utoipa::path(
    tag = "actions",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("Idempotency-Key" = String, Header, description = "A fresh random key for each submission, the same for its retries.",
         example = "5f0c8f3e-6b1d-4c0e-9a55-2f6c5f0f6a11"),
    ),
    request_body = SubmitAction,
    responses((status = 201, description = "Stored; the messages are on their way, or wait for a person: `in_review`.", body = SubmittedAction,
               headers(("Location" = String, description = "The receipt.")))),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-large-user", "postcode-crown-dependency", "postcode-bfpo", "postcode-overseas", "area-choice-wrong", "area-choice-needed", "outside-nations", "directory-empty", "no-reachable-representative", "letter-not-composed", "campaign-not-live", "campaign-not-yet-open", "campaign-closed", "submissions-stopped", "submission-refused", "idempotency-key-missing", "quota-exceeded", "challenge-needed", "challenge-wrong", "challenge-expired", "challenge-spent", "challenge-unavailable", "token-missing", "token-invalid", "scope-insufficient"])))
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
    app.intake.require_room()?;
    Slug::parse(&slug.0).map_err(|_flaw| Problem::not_found())?;
    let claim = key.claim(format!("actions/{}", slug.0), &submitted);
    let verifier = verifier(&request, &app, &slug.0, &submitted)?;
    if let Err(refusal) = refuse_spent(&request, &slug.0, &submitted, verifier.as_ref()) {
        return replay_or(&request, claim, refusal).await;
    }
    let came = Came::of(&request, &app);
    match Decided::on(&app, &slug.0, &submitted, came, ActionId::new(ids::fresh())).await {
        Ok(decided) => {
            let campaign = decided.public.live.campaign.id();
            let answered = match admit(&request, &submitted, &decided, verifier.as_ref(), &claim).await {
                Ok(admitted) => settle(&app, &submitted, decided, admitted, claim).await,
                Err(refusal) => replay_or(&request, claim, refusal).await,
            };
            answered.map_err(|problem| challenges::offered(&app, campaign, problem))
        }
        Err(refusal) => {
            limits::count::<limits::Targets>(&request)?;
            replay(&app, claim).await?.ok_or(refusal)
        }
    }
}

/// What a submission that may come in brought.
#[derive(Default)]
struct Admitted {
    challenge: Option<SpentChallenge>,
    signals: BTreeSet<Signal>,
    client: Option<ClientHash>,
    /// True where the people of one client are counted.
    counts_people: bool,
}

/// Counts a submission, unless submissions are stopped, and asks it for a challenge if it needs one. A test counts as a
/// look-up and needs none; nor does a person for whom a server vouches.
async fn admit(
    request: &HttpRequest,
    submitted: &SubmitAction,
    decided: &Decided,
    verifier: Option<&Verifier>,
    claim: &KeyClaim,
) -> Answer<Admitted> {
    rules::require_open(App::of(request), decided)?;
    if decided.accepted.action.test {
        return limits::count::<limits::Targets>(request).map(|()| Admitted::default());
    }
    let (app, live) = (App::of(request), &decided.public.live);
    let (client, vouching) = (Client::of(request)?, verifier.map(|caller| limits::credential(app, caller)));
    limits::count_submission(request, &Submitting { client, live, vouching })?;
    let mut admitted = Admitted { client: Some(client.hash), ..Admitted::default() };
    if vouching.is_some() {
        return Ok(admitted);
    }
    admitted.counts_people = limits::counts_people(live, &client);
    let person = &decided.accepted.action.supporter_key;
    let are_many = admitted.counts_people && app.limits.people.are_many(client.hash, person);
    let mut signals = submitted.brought().signals(request);
    signals.extend(are_many.then_some(Signal::ManyPeople));
    admitted.challenge = challenges::ask(request, &live.campaign, &submitted.brought(), &signals, claim).await?;
    let takes_none = app.mail_domains.take_none(decided.accepted.action.words.email.domain()).await;
    signals.extend(takes_none.then_some(Signal::DomainWithoutMail));
    admitted.signals = signals.into_iter().collect();
    Ok(admitted)
}

/// Refuses a submission of a client, a server or to a campaign whose limit was met a moment ago.
fn refuse_spent(
    request: &HttpRequest,
    slug: &str,
    submitted: &SubmitAction,
    verifier: Option<&Verifier>,
) -> Answer<()> {
    if submitted.test {
        return Ok(());
    }
    let app = App::of(request);
    let public = app.campaign(slug)?;
    let (client, vouching) = (Client::of(request)?, verifier.map(|caller| limits::credential(app, caller)));
    limits::refuse_spent(request, &Submitting { client, live: &public.live, vouching })
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

/// Does what the organisation's rules say.
async fn settle(app: &App, submitted: &SubmitAction, decided: Decided, admitted: Admitted, claim: KeyClaim) -> Answer {
    let Admitted { challenge, signals, client, counts_people } = admitted;
    let seen = Seen::of(&decided, client.filter(|_| counts_people));
    let ruling = rules::rule(app, &decided, &seen, signals);
    let client = client.map(ClientTag::new);
    match ruling.outcome {
        Outcome::Accept => record(app, decided, client, (claim, challenge), seen).await,
        Outcome::Hold => hold::hold(app, decided, (submitted, client), ruling, (claim, challenge), seen).await,
        Outcome::Refuse => replay(app, claim).await?.ok_or_else(|| rules::refusal(&decided, &ruling)),
    }
}

/// Stores, and answers once it is on disk.
async fn record(
    app: &App,
    decided: Decided,
    client: Option<ClientTag>,
    (claim, challenge): (KeyClaim, Option<SpentChallenge>),
    seen: Seen,
) -> Answer {
    let answer = decided.answer.clone();
    match store(app, decided, client, (claim, challenge)).await? {
        Recorded::New { tally_actions } => {
            seen.note(app);
            Ok(answer.created(app, tally_actions, false))
        }
        Recorded::Replayed { answer, tally_actions } => replayed(app, answer, tally_actions),
    }
}

/// Stores, and lets the messages leave.
async fn store(
    app: &App,
    decided: Decided,
    client: Option<ClientTag>,
    (claim, challenge): (KeyClaim, Option<SpentChallenge>),
) -> Answer<Recorded> {
    let Decided { public, accepted, answer, .. } = decided;
    let client = client.filter(|_| public.keeps_clients(accepted.action.organisation_id));
    let record = Record {
        mailbox: app.mail_keys.confirmations.mailbox(&accepted.action.words.email),
        client,
        supporter_id: SupporterId::new(ids::fresh()),
        mail_id: MailId::new(ids::fresh()),
        accepted,
        idempotency: claim,
        challenge,
        answer: serde_json::to_value(&answer).map_err(Problem::internal)?,
    };
    let outcome = if record.accepted.action.test { "test" } else { "accepted" };
    let recorded = app.intake.record(record).await?;
    if matches!(recorded, Recorded::New { .. }) {
        app.metrics.submissions.count([outcome]);
        app.wake.notify_one();
        app.wake_mails.notify_one();
    }
    Ok(recorded)
}

/// What was accepted before is answered again although it would be refused now; but one client makes only so many refusals look for it.
async fn replay_or(request: &HttpRequest, claim: KeyClaim, refusal: Problem) -> Answer {
    let may_look = limits::is_within::<limits::Targets>(request)?;
    let before = if may_look { replay(App::of(request), claim).await? } else { None };
    before.ok_or(refusal)
}

/// The first answer to a retry that would be refused today: the campaign may have closed in between.
async fn replay(app: &App, claim: KeyClaim) -> Answer<Option<HttpResponse>> {
    let before = answered_before(app, claim, app.clock.now()).await?;
    before.map(|(answer, tally_actions)| replayed(app, answer, tally_actions.unwrap_or_default())).transpose()
}

fn replayed(app: &App, stored: Value, tally_actions: i64) -> Answer {
    let answer: SubmittedAction = serde_json::from_value(stored).map_err(Problem::internal)?;
    app.metrics.submissions.count(["replayed"]);
    Ok(answer.created(app, tally_actions, true))
}
