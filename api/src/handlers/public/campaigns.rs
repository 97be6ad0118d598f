//! What a campaign page shows.

use crate::app::App;
use crate::http::extract::Path;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::views::campaign::CampaignView;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use postbag_domain::{CampaignStatus, LiveCampaign, Nation};
use serde::Deserialize;
use std::cmp::Reverse;
use utoipa::IntoParams;

/// Which campaigns, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignQuery {
    /// Open to the people of this nation.
    #[param(value_type = Option<vocabulary::NationWord>, inline)]
    nation: Option<Nation>,
    /// Of this policy area, by its slug.
    topic: Option<String>,
    /// Known by this word, without the `#`, in any case.
    hashtag: Option<String>,
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
    params(CampaignQuery, PageQuery),
    responses((status = 200, description = "A page of campaigns.", body = Page<CampaignView>), (status = 304, description = "It has not changed."))
)]
#[get("/v1/campaigns")]
pub(crate) async fn list_campaigns(app: Data<App>, list: List<CampaignQuery>) -> Answer {
    let List { filter: query, paging } = list;
    let campaigns = app.campaigns.load();
    let found = campaigns.newest_first().filter(|public| query.wants(&public.live));
    let page = paging.cut(found, |public| Reverse(public.live.campaign.id()))?;
    Ok(paging.public(&page.map(|public| &public.view)))
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
pub(crate) async fn get_campaign(request: HttpRequest, app: Data<App>, slug: Path<String>) -> Answer {
    Ok(app.campaign(&slug.0)?.page.answer(&request))
}
