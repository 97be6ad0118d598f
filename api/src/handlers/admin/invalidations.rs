//! Undo at scale: submissions that are looked for, struck out together, and put back.

use super::stops::actor;
use super::{narrowed, owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path, calendar};
use crate::http::network::ClientAddress;
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::text::{self, Limit as Length};
use postbag_domain::{
    ActionId, ClientTag, ConditionFields, Conditions, FieldErrors, Findings, Flaw, InvalidationId, InvalidationStep,
    Network, Organisation,
};
use postbag_persistence::{
    ActionFilter, NewInvalidation, PageRequest, Reach, Stepped, StoredAction, StoredInvalidation,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many of the actions that were found are shown with an invalidation.
const SAMPLE: u16 = 10;

/// How many clients a network may have.
const WIDEST: u32 = 256;

/// What to look for, and why. An action is found if each kind of condition that is given holds, and of a list, one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "campaign": "every-week-counts", "email_domains": ["bots.example"], "created_from": "2026-11-30T08:00:00Z",
    "reason": "A script, 30 November"
})))]
pub(crate) struct Invalidate {
    /// Only of this campaign, by its slug; of all campaigns of the organisation when left out.
    #[serde(default)]
    campaign: Option<String>,
    /// The organisation's slug: needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    /// Why, for other staff and the audit.
    #[schema(max_length = 500)]
    reason: String,
    /// Clients, as `GET /v1/admin/actions` shows them. They are kept for as many days as the organisation's `retention.client_days` says.
    #[serde(default)]
    #[schema(max_items = 25000)]
    clients: Vec<String>,
    /// Networks: up to a /24 each, or a /56 of IPv6. They are hashed at once and not kept.
    #[serde(default)]
    #[schema(example = json!(["203.0.113.0/24"]), max_items = 25000)]
    networks: Vec<String>,
    /// Addresses at these domains, and below them.
    #[serde(default)]
    #[schema(max_items = 1000)]
    email_domains: Vec<String>,
    /// Addresses in which `*` stands for any text: `*+bot*@*.example`.
    #[serde(default)]
    #[schema(max_items = 1000)]
    email_patterns: Vec<String>,
    /// `utm_source` labels.
    #[serde(default)]
    #[schema(max_items = 1000)]
    sources: Vec<String>,
    /// Actions by their ids.
    #[serde(default)]
    #[schema(max_items = 1000)]
    ids: Vec<Uuid>,
    /// The id of an action: those whose personal messages resemble its own.
    #[serde(default)]
    like: Option<Uuid>,
    /// Made at this moment or later.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_before: Option<DateTime<Utc>>,
}

/// An invalidation: what it looks for, how far it is, and what it found.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000061", "organisation_id": "01998f00-0000-7000-8000-000000000001",
    "campaign_id": "01998f00-0000-7000-8000-000000000005", "state": "ready", "reason": "A script, 30 November",
    "conditions": { "clients": 0, "email_domains": ["bots.example"], "email_patterns": [], "sources": [], "ids": [], "like": null,
                    "created_from": "2026-11-30T08:00:00Z", "created_before": null },
    "progress": { "looked_at": 9000, "found": 500, "struck_out": 0 }, "letters": { "waiting": 420, "sent": 80 },
    "created_by": "ops", "created_at": "2026-11-30T10:00:00Z", "updated_at": "2026-11-30T10:00:04Z"
})))]
pub(crate) struct InvalidationView {
    id: Uuid,
    organisation_id: Uuid,
    campaign_id: Option<Uuid>,
    #[schema(schema_with = vocabulary::invalidation_state)]
    state: &'static str,
    reason: String,
    conditions: ConditionsView,
    progress: ProgressView,
    letters: FoundLettersView,
    /// The subject of the token that it was made with.
    created_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What it looks for.
#[derive(Serialize, ToSchema)]
struct ConditionsView {
    /// How many clients, those of networks among them.
    clients: usize,
    email_domains: Vec<String>,
    email_patterns: Vec<String>,
    sources: Vec<String>,
    ids: Vec<Uuid>,
    like: Option<Uuid>,
    created_from: Option<DateTime<Utc>>,
    created_before: Option<DateTime<Utc>>,
}

/// How far it is, in actions.
#[derive(Serialize, ToSchema)]
struct ProgressView {
    looked_at: i64,
    found: i64,
    /// How many are struck out now.
    struck_out: i64,
}

/// The letters of what was found, as they stood then; once it was started, of what is struck out.
#[derive(Serialize, ToSchema)]
struct FoundLettersView {
    /// Those that have not left, and will be cancelled; once it was started, those that were.
    waiting: i64,
    /// Those that have left, or may have, and stay as they are.
    sent: i64,
}

/// An invalidation with a sample of what it found.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000061", "organisation_id": "01998f00-0000-7000-8000-000000000001",
    "campaign_id": "01998f00-0000-7000-8000-000000000005", "state": "ready", "reason": "A script, 30 November",
    "conditions": { "clients": 0, "email_domains": ["bots.example"], "email_patterns": [], "sources": [], "ids": [], "like": null,
                    "created_from": "2026-11-30T08:00:00Z", "created_before": null },
    "progress": { "looked_at": 9000, "found": 500, "struck_out": 0 }, "letters": { "waiting": 420, "sent": 80 },
    "created_by": "ops", "created_at": "2026-11-30T10:00:00Z", "updated_at": "2026-11-30T10:00:04Z",
    "sample": [{ "id": "01998f00-0000-7000-8000-000000000003", "email_domain": "bots.example", "source": null, "client": "6f1c0a9b5d3e47f2880917a4c2b6e510", "status": "confirmed", "created_at": "2026-11-30T08:31:00Z" }]
})))]
pub(crate) struct FoundInvalidationView {
    #[serde(flatten)]
    invalidation: InvalidationView,
    /// The newest ten that it found; `GET /v1/admin/actions?invalidation=` lists all of them with their people (`supporters:read`).
    sample: Vec<SampledActionView>,
}

/// An action that was found.
#[derive(Serialize, ToSchema)]
struct SampledActionView {
    id: Uuid,
    email_domain: Option<String>,
    source: Option<String>,
    client: Option<String>,
    #[schema(schema_with = vocabulary::action_status)]
    status: &'static str,
    created_at: DateTime<Utc>,
}

impl From<StoredAction> for SampledActionView {
    fn from(action: StoredAction) -> Self {
        let words = action.words.as_ref();
        Self {
            id: action.id.uuid(),
            email_domain: words.map(|words| words.email.domain().to_owned()),
            source: action.source,
            client: action.client.map(|client| client.to_string()),
            status: action.status.as_str(),
            created_at: action.created_at,
        }
    }
}

impl From<StoredInvalidation> for InvalidationView {
    fn from(stored: StoredInvalidation) -> Self {
        let conditions = ConditionFields::from(stored.conditions);
        Self {
            id: stored.id.uuid(),
            organisation_id: stored.organisation_id.uuid(),
            campaign_id: stored.campaign_id.map(postbag_domain::CampaignId::uuid),
            state: stored.state.as_str(),
            reason: stored.reason,
            conditions: ConditionsView {
                clients: conditions.clients.len(),
                email_domains: conditions.email_domains,
                email_patterns: conditions.email_patterns,
                sources: conditions.sources,
                ids: conditions.ids.into_iter().map(ActionId::uuid).collect(),
                like: conditions.like.map(ActionId::uuid),
                created_from: conditions.created_from,
                created_before: conditions.created_before,
            },
            progress: ProgressView { looked_at: stored.looked_at, found: stored.found, struck_out: stored.struck_out },
            letters: FoundLettersView { waiting: stored.letters_waiting, sent: stored.letters_sent },
            created_by: stored.created_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// Invalidations
///
/// Newest first.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["moderation:read"])),
    responses((status = 200, description = "A page of invalidations.", body = Page<InvalidationView>))
)]
#[get("")]
pub(crate) async fn list_invalidations(
    app: Data<App>,
    caller: Caller<scope::ModerationRead>,
    list: List<NoFilter>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let found = app.store.list_invalidations(reach, list.paging.stored()?).await?;
    Ok(list.paging.private(&list.paging.page(found).map(InvalidationView::from)))
}

/// An invalidation
///
/// How far it is, what it found, and a sample.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The invalidation.", format = "uuid")),
    security(("bearer" = ["moderation:read"])),
    responses((status = 200, description = "The invalidation.", body = FoundInvalidationView))
)]
#[get("/{id}")]
pub(crate) async fn get_invalidation(
    app: Data<App>,
    caller: Caller<scope::ModerationRead>,
    path: Path<Uuid>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let id = InvalidationId::new(path.0);
    let stored = app.store.invalidation(reach, id).await?.ok_or_else(Problem::not_found)?;
    let filter = ActionFilter { invalidation_id: Some(id), ..ActionFilter::default() };
    let page = PageRequest { limit: SAMPLE, after: None };
    let sample = app.store.list_actions(reach, filter, page).await?.items;
    let sample = sample.into_iter().map(SampledActionView::from).collect();
    Ok(HttpResponse::Ok().json(FoundInvalidationView { invalidation: stored.into(), sample }))
}

/// Look for submissions to strike out
///
/// Looks for actions of the organisation that were made until now and changes nothing: this is the dry run. Read what it found once its
/// `state` is `ready`, and start it with `POST …/steps`. Tests are not looked for.
#[utoipa::path(
    tag = "administration",
    request_body = Invalidate,
    security(("bearer" = ["moderation:write"])),
    responses((status = 201, description = "It is looking.", body = InvalidationView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("")]
pub(crate) async fn invalidate(
    app: Data<App>,
    caller: Caller<scope::ModerationWrite>,
    body: Json<Invalidate>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let organisation = owner(&app, reach, body.0.organisation.as_deref()).await?;
    let within = Reach::Organisation(organisation.id);
    let campaign_id = narrowed(&app, within, body.0.campaign.as_deref()).await?;
    let (conditions, reason) = body.0.parse(&app, &organisation)?;
    let id = InvalidationId::new(ids::fresh());
    let new = NewInvalidation { id, organisation_id: organisation.id, campaign_id, conditions, reason };
    let unlike =
        Flaw::new("message_unknown", "must be an action of the organisation whose message is kept and long enough");
    let stored = app.store.invalidate(new, actor(&app, &caller)).await?;
    let stored = stored.ok_or_else(|| FieldErrors::one("/like", unlike))?;
    app.wake_invalidations.notify_one();
    Ok(HttpResponse::Created().json(InvalidationView::from(stored)))
}

impl Invalidate {
    fn parse(self, app: &App, organisation: &Organisation) -> Result<(Conditions, String), FieldErrors> {
        let mut findings = Findings::new();
        let reason = findings.check("/reason", text::line(&self.reason, Length::of(500)));
        let clients = self.clients.iter().enumerate();
        let clients = clients.map(|(index, client)| findings.check(format!("/clients/{index}"), client.parse()));
        let mut clients: Vec<ClientTag> = clients.flatten().collect();
        let networks = self.networks.iter().enumerate();
        let networks =
            networks.map(|(index, text)| findings.check(format!("/networks/{index}"), text.parse::<Network>()));
        let networks: Vec<Network> = networks.flatten().collect();
        let days = days_kept(app, organisation, (self.created_from, self.created_before));
        match addresses_of(&networks, days.len()) {
            Ok(addresses) => {
                let tag = |address: &IpAddr, day: &NaiveDate| ClientTag::new(app.limits.keys.hash(*address, *day));
                clients.extend(addresses.iter().flat_map(|address| days.iter().map(move |day| tag(address, day))));
            }
            Err((index, flaw)) => findings.note(format!("/networks/{index}"), flaw),
        }
        let reason = findings.finish(reason)?;
        let conditions = Conditions::new(ConditionFields {
            clients,
            email_domains: self.email_domains,
            email_patterns: self.email_patterns,
            sources: self.sources,
            ids: self.ids.into_iter().map(ActionId::new).collect(),
            like: self.like.map(ActionId::new),
            created_from: self.created_from,
            created_before: self.created_before,
        });
        Ok((conditions?, reason))
    }
}

/// The addresses that clients of networks are known by, of which so many days are kept; or the network at fault.
fn addresses_of(networks: &[Network], days: usize) -> Result<BTreeSet<IpAddr>, (usize, Flaw)> {
    let mut all = BTreeSet::new();
    for (index, network) in networks.iter().enumerate() {
        if days == 0 {
            return Err((
                index,
                Flaw::new("clients_not_kept", "cannot be looked for: clients of that time are not kept"),
            ));
        }
        all.extend(addresses(*network).map_err(|flaw| (index, flaw))?);
        if all.len() * days > Conditions::MOST_CLIENTS {
            let rule = format!(
                "makes more than {} addresses times days: narrow created_from and created_before, or name fewer",
                Conditions::MOST_CLIENTS
            );
            return Err((index, Flaw::new("too_many", rule)));
        }
    }
    Ok(all)
}

/// The addresses that clients of a network are known by.
fn addresses(network: Network) -> Result<Vec<IpAddr>, Flaw> {
    let wide = || Flaw::new("network_too_wide", "must be a /24 or narrower, or a /56 or narrower of IPv6");
    let bits = u32::from(network.bits());
    match (network.base(), network.base().to_canonical()) {
        (IpAddr::V4(_), IpAddr::V4(base)) => range_of(base, 32_u32.saturating_sub(bits)).ok_or_else(wide),
        // An IPv4 address as IPv6 writes it.
        (IpAddr::V6(_), IpAddr::V4(base)) => range_of(base, 128_u32.saturating_sub(bits)).ok_or_else(wide),
        (IpAddr::V4(_) | IpAddr::V6(_), IpAddr::V6(base)) => {
            let free = 64_u32.saturating_sub(bits);
            let count = 1_u128.checked_shl(free).filter(|count| *count <= WIDEST.into()).ok_or_else(wide)?;
            let first = (base.to_bits() >> 64) & !(count - 1);
            let bucket = |number: u128| ClientAddress::from(IpAddr::V6(Ipv6Addr::from_bits(number << 64))).bucket();
            Ok((first..=first + (count - 1)).map(bucket).collect())
        }
    }
}

/// The IPv4 addresses around one, of which so many bits are free; nothing if they are too many.
fn range_of(base: Ipv4Addr, free: u32) -> Option<Vec<IpAddr>> {
    let count = 1_u32.checked_shl(free).filter(|count| *count <= WIDEST)?;
    let first = base.to_bits() & !(count - 1);
    Some((first..=first + (count - 1)).map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))).collect())
}

/// The days of a period of which it is still kept which clients there were.
fn days_kept(
    app: &App,
    organisation: &Organisation,
    (from, before): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Vec<NaiveDate> {
    let (now, rules) = (app.clock.now(), organisation.content.retention);
    if !rules.keeps_clients() {
        return Vec::new();
    }
    let earliest = rules.cutoffs(now).clients;
    let first = from.map_or(earliest, |from| from.max(earliest)).date_naive();
    let last = before.map_or(now, |before| before.min(now)).date_naive();
    first.iter_days().take_while(|day| *day <= last).collect()
}

/// What is done with an invalidation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "step": "start" })))]
pub(crate) struct StepInvalidation {
    #[schema(schema_with = vocabulary::invalidation_step)]
    step: String,
}

/// Take a step with an invalidation
///
/// `start` strikes out what was found: it counts nowhere any more, its letters that have not begun to leave are cancelled, and a yes that came
/// with it permits nothing. What was sent stays as it was. `cancel` stops in the middle and `resume` goes on; `undo` puts everything back,
/// and the letters that were cancelled are due. A step that does not fit the state is refused. Each is in the audit.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The invalidation.", format = "uuid")),
    request_body = StepInvalidation,
    security(("bearer" = ["moderation:write"])),
    responses((status = 200, description = "Done: the work goes on by itself.", body = InvalidationView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/{id}/steps")]
pub(crate) async fn step_invalidation(
    app: Data<App>,
    caller: Caller<scope::ModerationWrite>,
    path: Path<Uuid>,
    body: Json<StepInvalidation>,
) -> Answer {
    let step: InvalidationStep = body.0.step.parse().map_err(|flaw| FieldErrors::one("/step", flaw))?;
    let reach = reach(&app, &caller).await?;
    let stepped = app.store.step_invalidation(reach, InvalidationId::new(path.0), step, actor(&app, &caller)).await?;
    match stepped {
        Stepped::Done(stored) => {
            app.wake_invalidations.notify_one();
            Ok(HttpResponse::Ok().json(InvalidationView::from(*stored)))
        }
        Stepped::NotAllowed(state) => {
            let rule = format!("does not fit an invalidation that is {state}");
            Err(FieldErrors::one("/step", Flaw::new("step_not_allowed", rule)).into())
        }
        Stepped::Unknown => Err(Problem::not_found()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(network: &str) -> Option<usize> {
        addresses(network.parse().unwrap()).ok().map(|addresses| addresses.len())
    }

    #[test]
    fn a_network_is_its_addresses_and_one_of_ipv6_its_64s() {
        assert_eq!(
            (count("203.0.113.9"), count("203.0.113.0/24"), count("203.0.112.0/23")),
            (Some(1), Some(256), None)
        );
        assert_eq!(
            (count("2001:db8::1"), count("2001:db8::/64"), count("2001:db8::/56")),
            (Some(1), Some(1), Some(256))
        );
        assert_eq!((count("2001:db8::/55"), count("::/0"), count("0.0.0.0/0")), (None, None, None));
        let all = addresses("203.0.113.77/30".parse().unwrap()).unwrap();
        assert_eq!(all.first().map(ToString::to_string).as_deref(), Some("203.0.113.76"));
        assert_eq!(addresses("::ffff:203.0.113.76/126".parse().unwrap()).unwrap(), all);
        let client: IpAddr = "2001:db8:0:5::9".parse().unwrap();
        let clients = addresses("2001:db8::/56".parse().unwrap()).unwrap();
        assert!(clients.contains(&ClientAddress::from(client).bucket()));
    }
}
