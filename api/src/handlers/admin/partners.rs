//! The partners of a campaign: who shares its form, and what each of them asks.

use super::consent_questions::{PickedNotice, PickedQuestion, pick};
use super::question_words::{NoticeVersionView, QuestionVersionView};
use super::{find_organisation, find_shared_campaign, made, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Answer, Problem, ProblemError, ProblemType};
use crate::ids;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use chrono::{DateTime, Utc};
use postbag_domain::{
    CampaignTally, ConsentQuestion, FieldErrors, ObjectionNotice, Organisation, Readiness, TallyKind,
};
use postbag_persistence::{CampaignEdit, Expected, Library, PartnerChange, Reach, StoredCampaign, StoredPartner};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a partner asks on the form of a campaign, picked from its own library.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "questions": [{ "key": "research-news" }], "objections": [{ "activity": "wealth_research" }]
})))]
pub(crate) struct JoinCampaign {
    /// Each purpose once, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    questions: Vec<PickedQuestion>,
    /// Each activity once, in order.
    #[serde(default)]
    objections: Vec<PickedNotice>,
}

/// A partner of a campaign.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "organisation": "clearwater-lung-charity", "name": "Clearwater Lung Charity", "invited_at": "2026-11-30T09:00:00Z",
    "joined_at": null, "consent_questions": [], "objections": [], "actions": 0
})))]
pub(crate) struct PartnerView {
    /// Its slug.
    organisation: String,
    name: String,
    invited_at: DateTime<Utc>,
    /// `null` until it has joined: nothing of it shows before.
    joined_at: Option<DateTime<Utc>>,
    consent_questions: Vec<QuestionVersionView>,
    objections: Vec<NoticeVersionView>,
    /// How many confirmed actions came through its form.
    actions: i64,
}

/// The partners of a campaign, by slug.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "partners": [] })))]
pub(crate) struct PartnersView {
    partners: Vec<PartnerView>,
}

impl JoinCampaign {
    /// What the partner asks; every flaw at once.
    pub(crate) fn parse(&self, library: &Library) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), FieldErrors> {
        pick(&self.questions, &self.objections, library)
    }
}

impl PartnerView {
    fn of(partner: &StoredPartner, tally: &CampaignTally) -> Self {
        let Organisation { id, content, .. } = &partner.organisation;
        Self {
            organisation: content.slug.to_string(),
            name: content.name.clone(),
            invited_at: partner.invited_at,
            joined_at: partner.joined_at,
            consent_questions: partner.questions.asked.iter().map(QuestionVersionView::of).collect(),
            objections: partner.notices.shown.iter().map(NoticeVersionView::of).collect(),
            actions: tally.get(TallyKind::Partner, &id.to_string()),
        }
    }
}

/// A campaign's partners
///
/// For the campaign's organisation all of them, with how many people came through each one's form; a partner reads itself alone.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The partners.", body = PartnersView))
)]
#[get("/partners")]
pub(crate) async fn list_partners(app: Data<App>, caller: Caller<scope::CampaignsRead>, path: Path<String>) -> Answer {
    let (reach, stored) = find(&app, &caller, &path.0).await?;
    answer(&app, reach, &stored, &stored.partners).await
}

/// Invite a partner
///
/// By the campaign's organisation or the operator. Nothing shows until the partner joins; inviting twice changes nothing.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("organisation" = String, Path, description = "The partner's slug.", example = "clearwater-lung-charity"),
    ),
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The partners.", body = PartnersView)),
    extensions(("x-problems" = json!(["conflict"])))
)]
#[put("/partners/{organisation}")]
pub(crate) async fn invite_partner(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<(String, String)>,
) -> Answer {
    let (reach, stored) = find(&app, &caller, &path.0.0).await?;
    if !reach.covers(stored.organisation.id) {
        return Err(Problem::not_found());
    }
    let organisation = find_organisation(&app, Reach::All, &path.0.1).await?.organisation;
    if organisation.id == stored.organisation.id {
        return Err(Problem::conflict("an organisation is no partner of its own campaign"));
    }
    change(&app, reach, &stored, &organisation, PartnerChange::Invite).await
}

/// Join a campaign
///
/// By the partner that was invited or the operator: says what it asks on the form, picked from its own library, as a whole; again, to change
/// that. It answers for its people as the campaign's organisation does, so it needs what that needs: charity number, privacy notice,
/// a contact for complaints, its processors and a domain to send from.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("organisation" = String, Path, description = "The partner's slug.", example = "clearwater-lung-charity"),
    ),
    request_body = JoinCampaign,
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The partners.", body = PartnersView)),
    extensions(("x-problems" = json!(["campaign-incomplete", "conflict"])))
)]
#[put("/partners/{organisation}/consent-questions")]
pub(crate) async fn join_campaign(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<(String, String)>,
    body: Json<JoinCampaign>,
) -> Answer {
    let (reach, stored) = find(&app, &caller, &path.0.0).await?;
    let organisation = find_organisation(&app, Reach::All, &path.0.1).await?.organisation;
    let is_invited = stored.partners.iter().any(|partner| partner.organisation.id == organisation.id);
    if !reach.covers(organisation.id) || !is_invited {
        return Err(Problem::not_found());
    }
    let library = app.store.library(organisation.id).await?;
    let (questions, notices) = body.0.parse(&library)?;
    require_ready(&organisation)?;
    change(&app, reach, &stored, &organisation, PartnerChange::Join(questions, notices)).await
}

/// End a partnership
///
/// By the campaign's organisation, the partner or the operator. The partner's people, and what they answered it, stay its own; what they
/// submitted is still delivered.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("organisation" = String, Path, description = "The partner's slug.", example = "clearwater-lung-charity"),
    ),
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The partners that are left.", body = PartnersView)),
    extensions(("x-problems" = json!(["conflict"])))
)]
#[delete("/partners/{organisation}")]
pub(crate) async fn remove_partner(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<(String, String)>,
) -> Answer {
    let (reach, stored) = find(&app, &caller, &path.0.0).await?;
    let organisation = find_organisation(&app, Reach::All, &path.0.1).await?.organisation;
    if !reach.covers(stored.organisation.id) && !reach.covers(organisation.id) {
        return Err(Problem::not_found());
    }
    change(&app, reach, &stored, &organisation, PartnerChange::Leave).await
}

async fn find<S>(app: &App, caller: &Caller<S>, campaign: &str) -> Answer<(Reach, Box<StoredCampaign>)> {
    let reach = reach(app, caller).await?;
    Ok((reach, find_shared_campaign(app, reach, slug(campaign)?).await?))
}

fn require_ready(organisation: &Organisation) -> Answer<()> {
    match Readiness::of_controller(organisation).missing() {
        [] => Ok(()),
        missing => {
            let errors = missing.iter().cloned().map(ProblemError::from);
            Err(Problem::new(ProblemType::CampaignIncomplete).errors(errors))
        }
    }
}

async fn change(
    app: &App,
    reach: Reach,
    stored: &StoredCampaign,
    organisation: &Organisation,
    change: PartnerChange,
) -> Answer {
    let edit = CampaignEdit {
        reach: Reach::All,
        slug: stored.campaign.content().slug.clone(),
        expected: Expected::Anything,
        now: app.clock.now(),
        fresh: ids::fresh,
    };
    let (partners, _revision) = made(app.store.change_partner(edit, organisation.id, change).await?)?;
    app.refresh().await?;
    answer(app, reach, stored, &partners).await
}

/// The partners that a caller may read.
async fn answer(app: &App, reach: Reach, stored: &StoredCampaign, partners: &[StoredPartner]) -> Answer {
    let tally = app.store.tally(stored.campaign.id()).await?;
    let shows =
        |partner: &&StoredPartner| reach.covers(stored.organisation.id) || reach.covers(partner.organisation.id);
    let partners = partners.iter().filter(shows).map(|partner| PartnerView::of(partner, &tally)).collect();
    Ok(HttpResponse::Ok().json(PartnersView { partners }))
}
