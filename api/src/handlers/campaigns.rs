//! What a campaign page shows.

use super::notices::NoticeView;
use crate::extract::{Path, Query};
use crate::page::{Limit, Page};
use crate::postbag::Postbag;
use crate::prepared::Prepared;
use crate::problem::Answer;
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::{DateTime, Utc};
use postbag_domain::{
    Ask, CampaignStatus, CampaignTerms, Contact, LiveCampaign, Nation, Office, OrganisationTerms, PrivacyNotice,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A campaign, as its page shows it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "slug": "fair-care", "title": "Fair care", "summary": "Ask your MP to write to the Cancer Alliance.",
    "problem": "Four in ten wait too long.", "hashtag": "FairCare", "status": "live",
    "organisation": { "slug": "harbour-cancer-trust", "name": "Harbour Cancer Trust", "charity_number": "0000001",
        "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
        "contacts": [{ "role": "complaints", "email": "complaints@harbour.example.org", "phone": null, "url": null }] },
    "opens_at": null, "closes_at": null, "nations": ["england"], "offices": ["mp"],
    "office_rules": [{ "office": "mp", "nations": ["england"], "write_to": "all", "up_to": null }], "body_kind": "cancer_alliance",
    "call_to_action": "Email your MP", "estimated_minutes": 2, "goal": 10000, "confirmation": "none", "topic": null,
    "asks": [{ "id": "01998f00-0000-7000-8000-000000000001", "position": 1, "text": "Publish the waiting times.",
               "addressed_to": "body", "status": "open" }],
    "notices": []
})))]
pub(crate) struct CampaignView {
    /// Names the campaign in every path.
    slug: String,
    title: String,
    summary: Option<String>,
    /// What is wrong today and has to change.
    problem: Option<String>,
    /// Without the `#`.
    hashtag: Option<String>,
    #[schema(schema_with = vocabulary::campaign_status)]
    status: &'static str,
    organisation: OrganisationView,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<&'static str>,
    #[schema(schema_with = vocabulary::offices)]
    offices: Vec<&'static str>,
    /// Where each of the offices is written to, and how many of its holders.
    office_rules: Vec<OfficeRuleView>,
    #[schema(schema_with = vocabulary::optional_area_kind)]
    body_kind: Option<&'static str>,
    call_to_action: Option<String>,
    estimated_minutes: Option<u32>,
    /// How many actions the campaign hopes for.
    goal: Option<u32>,
    /// Whether supporters confirm by email before anything is sent.
    #[schema(schema_with = vocabulary::confirmation)]
    confirmation: &'static str,
    /// The slug of a policy area.
    topic: Option<String>,
    asks: Vec<AskView>,
    /// What people ought to know before they write: a legislature that is dissolved, or will be.
    notices: Vec<NoticeView>,
}

/// How a campaign writes to one of its offices.
///
/// `nations`: whose people write to it. `write_to`: to how many of the people who hold it together: `all`, those the person names in
/// `target_ids` (`choice`), some drawn by lot, always the same for one person (`random`), or those to whom the campaign wrote least
/// so far (`least_written_to`).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct OfficeRuleView {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<&'static str>,
    #[schema(schema_with = vocabulary::write_to)]
    write_to: &'static str,
    /// At most how many; `null` for `all`.
    up_to: Option<u32>,
}

/// The data controller behind a campaign (UK GDPR, article 13).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct OrganisationView {
    slug: String,
    name: String,
    charity_number: Option<String>,
    pub(super) privacy_notice: Option<PrivacyNoticeView>,
    pub(super) contacts: Vec<ContactView>,
}

/// Where and in which version the privacy notice stands.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PrivacyNoticeView {
    #[schema(format = "uri")]
    url: String,
    #[schema(example = "2026-05")]
    version: String,
}

/// Whom to turn to for what.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ContactView {
    #[schema(schema_with = vocabulary::contact_role)]
    role: &'static str,
    email: Option<String>,
    phone: Option<String>,
    url: Option<String>,
}

/// One numbered demand.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AskView {
    id: Uuid,
    /// Starts at 1.
    position: u16,
    text: String,
    #[schema(schema_with = vocabulary::addressed_to)]
    addressed_to: &'static str,
    #[schema(schema_with = vocabulary::ask_status)]
    status: &'static str,
}

impl CampaignView {
    /// Everything a campaign page shows.
    pub(crate) fn of(live: &LiveCampaign, notices: Vec<NoticeView>) -> Self {
        let terms = live.campaign.content();
        Self {
            slug: terms.slug.to_string(),
            title: terms.title.clone(),
            summary: terms.summary.clone(),
            problem: terms.problem.clone(),
            hashtag: terms.hashtag.as_ref().map(ToString::to_string),
            status: live.campaign.status().as_str(),
            organisation: OrganisationView::of(&live.organisation.content),
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            nations: terms.nations.iter().map(|nation| nation.as_str()).collect(),
            offices: terms.offices.iter().map(|office| office.as_str()).collect(),
            office_rules: OfficeRuleView::each(terms),
            body_kind: terms.body_kind.map(postbag_domain::AreaKind::as_str),
            call_to_action: terms.call_to_action.clone(),
            estimated_minutes: terms.estimated_minutes,
            goal: terms.goal,
            confirmation: terms.confirmation.as_str(),
            topic: terms.topic.as_ref().map(ToString::to_string),
            asks: live.asks.iter().map(AskView::of).collect(),
            notices,
        }
    }
}

impl OfficeRuleView {
    /// One for each of a campaign's offices, in their order.
    pub(super) fn each(terms: &CampaignTerms) -> Vec<Self> {
        terms.offices.iter().map(|office| Self::of(*office, terms)).collect()
    }

    fn of(office: Office, terms: &CampaignTerms) -> Self {
        let (rule, nations) = (terms.office_rule(office), terms.nations_written_to(office));
        Self {
            office: office.as_str(),
            nations: nations.into_iter().map(Nation::as_str).collect(),
            write_to: rule.write_to().as_str(),
            up_to: rule.up_to(),
        }
    }
}

impl OrganisationView {
    pub(super) fn of(terms: &OrganisationTerms) -> Self {
        Self {
            slug: terms.slug.to_string(),
            name: terms.name.clone(),
            charity_number: terms.charity_number.clone(),
            privacy_notice: terms.privacy_notice.as_ref().map(PrivacyNoticeView::of),
            contacts: terms.contacts.iter().map(ContactView::of).collect(),
        }
    }
}

impl PrivacyNoticeView {
    fn of(notice: &PrivacyNotice) -> Self {
        Self { url: notice.url.to_string(), version: notice.version.clone() }
    }
}

impl ContactView {
    fn of(contact: &Contact) -> Self {
        Self {
            role: contact.role.as_str(),
            email: contact.email.as_ref().map(|email| email.as_str().to_owned()),
            phone: contact.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            url: contact.url.as_ref().map(ToString::to_string),
        }
    }
}

impl AskView {
    pub(super) fn of(ask: &Ask) -> Self {
        Self {
            id: ask.id().uuid(),
            position: ask.position(),
            text: ask.text().to_owned(),
            addressed_to: ask.addressed_to().as_str(),
            status: ask.status().as_str(),
        }
    }
}

/// Which campaigns, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignQuery {
    /// Open to the people of this nation.
    #[param(schema_with = vocabulary::nation, required = false)]
    nation: Option<Nation>,
    /// Of this policy area, by its slug.
    topic: Option<String>,
    /// Known by this word, without the `#`, in any case.
    hashtag: Option<String>,
    /// How many items a page holds.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl CampaignQuery {
    fn wants(&self, live: &LiveCampaign) -> bool {
        let terms = live.campaign.content();
        let hashtag = || terms.hashtag.as_ref().map(ToString::to_string);
        live.campaign.status() == CampaignStatus::Live
            && self.nation.is_none_or(|nation| terms.nations.contains(&nation))
            && self.topic.as_deref().is_none_or(|topic| terms.topic.as_ref().is_some_and(|own| own.as_str() == topic))
            && self
                .hashtag
                .as_deref()
                .is_none_or(|wanted| hashtag().is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
    }
}

/// Live campaigns
///
/// Newest first.
#[utoipa::path(
    tag = "campaigns",
    params(CampaignQuery),
    responses((status = 200, description = "A page of campaigns.", body = Page<CampaignView>), (status = 304, description = "It has not changed."))
)]
#[get("/v1/campaigns")]
pub(crate) async fn list_campaigns(
    request: HttpRequest,
    postbag: Data<Postbag>,
    query: Query<CampaignQuery>,
) -> Answer {
    let Query(query) = query;
    let cursors = &State::of(&request).cursors;
    let list = format!("campaigns/{:?}", (query.nation, &query.topic, &query.hashtag));
    let after: Option<Uuid> = cursors.read_optional(&list, query.cursor.as_deref())?;
    let campaigns = postbag.campaigns.load();
    let wanted = campaigns.newest_first().filter(|public| query.wants(&public.live));
    let rest = wanted.filter(|public| after.is_none_or(|after| public.live.campaign.id().uuid() < after));
    let found: Vec<_> = rest.take(usize::from(query.limit.get()) + 1).collect();
    let page = Page::cut(found, query.limit, cursors, &list, |public| public.live.campaign.id().uuid());
    let page = page.map(|public| public.view.clone());
    Ok(Prepared::page(&page, &request))
}

/// A campaign
///
/// Everything a campaign page shows. Drafts and archived campaigns are not found.
#[utoipa::path(
    tag = "campaigns",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    responses(
        (status = 200, description = "The campaign.", body = CampaignView, headers(("ETag" = String, description = "Its tag."))),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("")]
pub(crate) async fn get_campaign(request: HttpRequest, postbag: Data<Postbag>, slug: Path<String>) -> Answer {
    Ok(postbag.campaign(&slug.0)?.page.answer(&request))
}
