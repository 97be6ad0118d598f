//! When the queue will be empty, and what each message waits for.

use super::reach;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use postbag_domain::delivery::{Forecast, PaceKey, PaceScope, QueueForecast, SendingHours};
use postbag_domain::{DeliveryState, Directory, HeldFor, RepresentativeId};
use postbag_persistence::{QueuedMessages, WaitingMessages};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many caps are named: the fullest.
const MOST: usize = 50;

/// What waits, why, and until when.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "waiting": 1120, "empty_at": "2026-11-23T03:00:00Z", "hours": "00:00-24:00", "opens_at": null,
    "reasons": [
        { "reason": "cap", "messages": 1100, "held_for": null, "next_at": null },
        { "reason": "due", "messages": 20, "held_for": null, "next_at": null },
        { "reason": "held", "messages": 3, "held_for": "vacancy", "next_at": null }
    ],
    "caps": [{ "scope": "mailbox", "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy",
               "messages": 1100, "empty_at": "2026-11-23T03:00:00Z" }]
})))]
pub(crate) struct DeliveryPlanView {
    /// How many messages will leave by themselves; held ones are not among them.
    waiting: u64,
    /// The earliest moment at which all of them can have left, if nothing is refused; `null` if none waits.
    empty_at: Option<DateTime<Utc>>,
    /// The hours of the day in which messages leave, by British clocks.
    hours: String,
    /// The moment at which they begin next; `null` within them.
    opens_at: Option<DateTime<Utc>>,
    /// What messages wait for.
    reasons: Vec<WaitView>,
    /// The caps that messages wait for, the last to be empty first; at most 50.
    caps: Vec<CapView>,
}

/// Messages that wait for one reason.
#[derive(Serialize, ToSchema)]
struct WaitView {
    /// `due`: a worker takes them next. `cap`: for their turn under a cap. `digest`: for the mail that carries them together. `hours`: for the sending hours. `stopped`: for the end of a stop or of their
    /// campaign's pause. `put_off`: the campaign spreads its
    /// letters over hours, or the receiving domain asked for a pause. `retry`: they were refused for now, or are in doubt. `held`: for what
    /// `held_for` says.
    #[schema(example = "cap")]
    reason: &'static str,
    messages: u64,
    #[schema(schema_with = vocabulary::optional_held_for)]
    held_for: Option<&'static str>,
    /// When the first of them is looked at again, where that is known.
    next_at: Option<DateTime<Utc>>,
}

/// Messages that wait for one cap.
#[derive(Serialize, ToSchema)]
struct CapView {
    #[schema(schema_with = vocabulary::pace_scope)]
    scope: &'static str,
    /// The representative whose mailbox it is.
    representative_id: Option<Uuid>,
    /// The representative, the receiving domain, the campaign or the sending domain.
    name: String,
    /// How many messages within this token's reach wait for it.
    messages: u64,
    /// The moment at which everybody's messages that wait for it can have left.
    empty_at: DateTime<Utc>,
}

/// When messages will have left
///
/// What waits and why, and when the queue can be empty, by the caps and hours of this server (`pacing`). A token of one organisation
/// sees its own messages; the times count everybody's.
#[utoipa::path(
    tag = "administration",
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "The plan.", body = DeliveryPlanView))
)]
#[get("/plan")]
pub(crate) async fn get_delivery_plan(app: Data<App>, caller: Caller<scope::DeliveriesRead>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let now = app.clock.now();
    let waiting = app.store.waiting_messages(reach, now).await?;
    let pacing = &app.config.pacing;
    let forecast = Forecast::of(waiting.queues.clone(), pacing.caps(), pacing.hours, now);
    Ok(HttpResponse::Ok().json(plan(&app, &waiting, &forecast, now)))
}

fn plan(app: &App, waiting: &WaitingMessages, forecast: &Forecast, now: DateTime<Utc>) -> DeliveryPlanView {
    let hours = app.config.pacing.hours;
    let last = waiting.queued.iter().filter_map(|queued| queued.last_at.or((queued.due > 0).then_some(now))).max();
    let paced: u64 = waiting.paced.values().sum();
    let queued: u64 = waiting.queued.iter().map(|queued| queued.due + queued.later).sum();
    let directory = app.directory.load();
    let names = Names { app, directory: &directory };
    let own = |queue: &QueueForecast| waiting.paced.get(&queue.key).copied();
    let caps = forecast.queues.iter().filter_map(|queue| Some(names.cap(queue, own(queue)?)));
    DeliveryPlanView {
        waiting: paced + queued,
        empty_at: forecast.empty_at.filter(|_| paced > 0).max(last).max(waiting.digests.map(|(_, last)| last)),
        hours: hours.to_string(),
        opens_at: hours.next_opening(now),
        reasons: reasons(waiting, paced, hours, now),
        caps: caps.take(MOST).collect(),
    }
}

fn reasons(waiting: &WaitingMessages, paced: u64, hours: SendingHours, now: DateTime<Utc>) -> Vec<WaitView> {
    let is_closed = hours.next_opening(now).is_some();
    let mut reasons: Vec<WaitView> = Vec::new();
    let mut add = |reason, messages, held_for, next_at: Option<DateTime<Utc>>| {
        let same = reasons.iter_mut().find(|known| known.reason == reason && known.held_for == held_for);
        match same {
            _ if messages == 0 => {}
            Some(known) => {
                known.messages += messages;
                known.next_at = [known.next_at, next_at].into_iter().flatten().min();
            }
            None => reasons.push(WaitView { reason, messages, held_for, next_at }),
        }
    };
    let of = |scope: PaceScope| -> u64 {
        let own = waiting.paced.iter().filter(|(key, _)| key.scope() == scope);
        own.map(|(_, messages)| messages).sum()
    };
    let (stopped, collected) = (of(PaceScope::Stop), of(PaceScope::Digest));
    add("stopped", stopped, None, None);
    add("digest", collected, None, waiting.digests.map(|(first, _)| first));
    add("cap", paced - stopped - collected, None, None);
    for queued in &waiting.queued {
        add("due", queued.due, None, None);
        add(why_later(queued, is_closed), queued.later, None, queued.first_at);
    }
    for (reason, messages) in &waiting.held {
        add("held", *messages, Some(HeldFor::as_str(*reason)), None);
    }
    reasons
}

fn why_later(queued: &QueuedMessages, is_closed: bool) -> &'static str {
    match queued.state {
        DeliveryState::TemporaryFailure | DeliveryState::Uncertain => "retry",
        _ if is_closed => "hours",
        _ => "put_off",
    }
}

/// Names for caps, as people know them.
struct Names<'a> {
    app: &'a App,
    directory: &'a Directory,
}

impl Names<'_> {
    fn cap(&self, queue: &QueueForecast, messages: u64) -> CapView {
        let (id, name) = self.of(&queue.key);
        let scope = queue.key.scope().as_str();
        CapView { scope, representative_id: id.map(RepresentativeId::uuid), name, messages, empty_at: queue.empty_at }
    }

    /// Addresses are not shown: this token need not read the directory.
    fn of(&self, key: &PaceKey) -> (Option<RepresentativeId>, String) {
        match key.scope() {
            PaceScope::Mailbox => {
                let is_theirs = |address| PaceKey::mailbox(address) == *key;
                let known = self.directory.representatives().find(|known| known.email.as_ref().is_some_and(is_theirs));
                known.map_or_else(
                    || (None, format!("a mailbox at {}", key.receiving_domain().unwrap_or_default())),
                    |known| (Some(known.id), known.name.clone()),
                )
            }
            PaceScope::Campaign => {
                let campaigns = self.app.campaigns.load();
                let known = campaigns.newest_first().find(|known| PaceKey::campaign(known.live.campaign.id()) == *key);
                (None, known.map_or_else(String::new, |known| known.live.campaign.content().slug.to_string()))
            }
            PaceScope::Domain | PaceScope::Sender | PaceScope::Stop | PaceScope::Digest => {
                (None, key.name().to_owned())
            }
        }
    }
}
