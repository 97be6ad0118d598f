//! Actions as their organisation sees them.

use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::calendar;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use postbag_domain::{ActionStatus, InvalidationId, PostalAddress, RepresentativeId, SupporterWords};
use postbag_persistence::{ActionFilter, RecordedConsent, RecordedObjection, StoredAction};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which actions, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActionQuery {
    /// Of this campaign, by its slug.
    campaign: Option<String>,
    /// Only in this status.
    #[param(value_type = Option<vocabulary::ActionStatusWord>, inline)]
    status: Option<ActionStatus>,
    /// That wrote to this representative.
    representative: Option<Uuid>,
    /// Tests only, or none of them.
    test: Option<bool>,
    /// Made at this moment or later.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_before: Option<DateTime<Utc>>,
    /// That this invalidation found.
    invalidation: Option<Uuid>,
}

/// An action with what the supporter typed.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "campaign_id": "01998f00-0000-7000-8000-000000000005",
    "supporter_id": "01998f00-0000-7000-8000-000000000008", "status": "confirmed", "test": false,
    "supporter": {
        "title": "Ms", "first_name": "Ada", "last_name": "Ashgrove", "email": "ada@example.org", "phone": null,
        "address": { "line1": "1 Harbour Street", "line2": null, "town": "Alderwick", "postcode": "ZA1 1AA" } },
    "personal_message": null, "locale": "en", "nation": "england", "areas": { "westminster_constituency": "E14999001" },
    "source": { "source": "newsletter", "medium": null, "campaign": null },
    "consents": [{ "question_id": "01998f00-0000-7000-8000-000000000002", "version": 1, "purpose": "campaign_news",
                   "channel": "email", "answer": "yes", "locale": "en" }],
    "objections": [], "client": "6f1c0a9b5d3e47f2880917a4c2b6e510", "created_at": "2026-11-22T09:00:00Z", "confirmed_at": "2026-11-22T09:05:00Z",
    "confirmed_by": "link"
})))]
pub(crate) struct AdminActionView {
    id: Uuid,
    campaign_id: Uuid,
    supporter_id: Uuid,
    #[schema(schema_with = vocabulary::action_status)]
    status: &'static str,
    test: bool,
    /// What was typed; `null` once the action has expired.
    supporter: Option<AdminSupporterView>,
    personal_message: Option<String>,
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    #[schema(schema_with = vocabulary::nation)]
    nation: &'static str,
    /// The codes of the areas they live in, by kind.
    areas: std::collections::BTreeMap<&'static str, String>,
    source: AdminSourceView,
    /// The answers given, as the ledger holds them. What was not answered was not asked.
    consents: Vec<AdminConsentView>,
    objections: Vec<AdminObjectionView>,
    /// The keyed hash of the client of that day: the same for all that one client submitted in a day. `null` once it was deleted.
    client: Option<String>,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    /// What stands for the confirmation; `null` for actions from before it was recorded, too.
    #[schema(schema_with = vocabulary::optional_confirmed_by)]
    confirmed_by: Option<&'static str>,
}

/// An answer to a question in the version that was shown.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AdminConsentView {
    question_id: Uuid,
    version: i32,
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: &'static str,
    #[schema(schema_with = vocabulary::answer)]
    answer: &'static str,
    /// The language it was asked in.
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
}

/// An objection to an activity, against the version of the notice that was shown.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AdminObjectionView {
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    version: i32,
    /// The language of the notice.
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
}

/// The person as they wrote it.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AdminSupporterView {
    title: Option<String>,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    address: AdminAddressView,
}

/// A postal address.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AdminAddressView {
    line1: String,
    line2: Option<String>,
    town: String,
    postcode: String,
}

/// How they came.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AdminSourceView {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
}

impl From<StoredAction> for AdminActionView {
    fn from(stored: StoredAction) -> Self {
        let message = stored.words.as_ref().and_then(|words| words.personal_message.as_ref());
        Self {
            id: stored.id.uuid(),
            campaign_id: stored.campaign_id.uuid(),
            supporter_id: stored.supporter_id.uuid(),
            status: stored.status.as_str(),
            test: stored.test,
            supporter: stored.words.as_ref().map(AdminSupporterView::of),
            personal_message: message.map(|message| message.as_str().to_owned()),
            locale: stored.locale.as_str(),
            nation: stored.nation.as_str(),
            areas: stored.areas.iter().map(|area| (area.kind.as_str(), area.code.to_string())).collect(),
            source: AdminSourceView { source: stored.source, medium: stored.medium, campaign: stored.source_campaign },
            consents: stored.consents.into_iter().map(AdminConsentView::from).collect(),
            objections: stored.objections.into_iter().map(AdminObjectionView::from).collect(),
            client: stored.client.map(|client| client.to_string()),
            created_at: stored.created_at,
            confirmed_at: stored.confirmed.map(|(at, _)| at),
            confirmed_by: stored.confirmed.map(|(_, by)| by.as_str()),
        }
    }
}

impl From<RecordedConsent> for AdminConsentView {
    fn from(recorded: RecordedConsent) -> Self {
        Self {
            question_id: recorded.question_id.uuid(),
            version: recorded.version,
            purpose: recorded.purpose,
            channel: recorded.channel.as_str(),
            answer: recorded.answer.as_str(),
            locale: recorded.locale.as_str(),
        }
    }
}

impl From<RecordedObjection> for AdminObjectionView {
    fn from(recorded: RecordedObjection) -> Self {
        let (activity, locale) = (recorded.activity.as_str(), recorded.locale.as_str());
        Self { activity, version: recorded.version, locale }
    }
}

impl AdminSupporterView {
    fn of(words: &SupporterWords) -> Self {
        Self {
            title: words.name.title().map(str::to_owned),
            first_name: words.name.first().to_owned(),
            last_name: words.name.last().to_owned(),
            email: words.email.as_str().to_owned(),
            phone: words.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            address: AdminAddressView::of(&words.address),
        }
    }
}

impl AdminAddressView {
    fn of(address: &PostalAddress) -> Self {
        Self {
            line1: address.line1().to_owned(),
            line2: address.line2().map(str::to_owned),
            town: address.town().to_owned(),
            postcode: address.postcode().to_string(),
        }
    }
}

/// Actions
///
/// Newest first, with personal data.
#[utoipa::path(
    tag = "administration",
    params(ActionQuery, PageQuery),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "A page of actions.", body = Page<AdminActionView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("/actions")]
pub(crate) async fn list_actions(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    list: List<ActionQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let filter = ActionFilter {
        campaign_id: narrowed(&app, reach, query.campaign.as_deref()).await?,
        status: query.status,
        representative_id: query.representative.map(RepresentativeId::new),
        test: query.test,
        created_from: query.created_from,
        created_before: query.created_before,
        invalidation_id: query.invalidation.map(InvalidationId::new),
    };
    let found = app.store.list_actions(reach, filter, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(AdminActionView::from)))
}
