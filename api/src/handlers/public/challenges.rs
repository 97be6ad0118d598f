//! Challenges for machines: setting one, and asking submissions for it.

use crate::app::App;
use crate::challenges::Offer;
use crate::http::extract::Path;
use crate::http::limits;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::challenge::{ChallengeOfferView, ProofOfWorkView};
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use postbag_domain::{Campaign, CampaignId, Filling, Signal};
use postbag_persistence::{KeyClaim, SpentChallenge};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// How the form was filled in. What is left out says nothing.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormFields {
    /// What stands in the form's `honeypot`, which people leave empty.
    website: Option<String>,
    /// How long the form was open, in whole seconds.
    seconds: Option<u32>,
}

/// What a submission says of its form, and what it brought for a challenge.
pub(crate) struct Brought<'a> {
    pub(crate) form: &'a FormFields,
    pub(crate) solution: Option<&'a str>,
}

impl Brought<'_> {
    /// The signals of the form and of how much its client submits, once it was counted.
    pub(super) fn signals(&self, request: &HttpRequest) -> Vec<Signal> {
        let filling = Filling { honeypot: self.form.website.as_deref(), seconds: self.form.seconds };
        let busy = limits::is_busy(request).then_some(Signal::BusyClient);
        filling.signals().into_iter().chain(busy).collect()
    }
}

/// A challenge for machines
///
/// A proof of work for one submission to this campaign, in the form of ALTCHA's, so that its widgets work with it; a browser solves it
/// unseen while the person writes. Send the solution as `challenge` of the submission within 20 minutes. `maxnumber` is 50,000, and up to
/// eight times that while the server has more to do than usual. Not there where the operator has chosen hCaptcha or Turnstile.
#[utoipa::path(
    tag = "campaigns",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    responses((status = 200, description = "A challenge that nobody else has.", body = ProofOfWorkView))
)]
#[get("/challenge")]
pub(crate) async fn get_challenge(app: Data<App>, slug: Path<String>) -> Answer {
    let public = app.campaign(&slug.0)?;
    let set = offer(&app, public.live.campaign.id()).proof_of_work.ok_or_else(|| {
        Problem::not_found().detail("Challenges are those of a service here: the form names it with its site key.")
    })?;
    let response =
        HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(ProofOfWorkView::from(set));
    Ok(response)
}

fn offer(app: &App, campaign: CampaignId) -> Offer<'_> {
    app.challenges.offer(campaign, (app.intake.waiting(), app.config.intake.queue), app.clock.now())
}

/// Asks a submission that was counted for a challenge, if it needs one.
pub(super) async fn ask(
    request: &HttpRequest,
    campaign: &Campaign,
    brought: &Brought<'_>,
    signals: &[Signal],
    claim: &KeyClaim,
) -> Answer<Option<SpentChallenge>> {
    let app = App::of(request);
    let now = app.clock.now();
    app.challenges.note_arrival(now);
    if !campaign.content().challenge.asks(signals) {
        return Ok(None);
    }
    let solution = brought.solution.ok_or(ProblemType::ChallengeNeeded)?;
    let spent = app.challenges.check(campaign.id(), solution, claim, now).await?;
    app.metrics.challenges_solved.count([]);
    Ok(Some(spent))
}

/// The problem with a fresh offer, if it is one of challenges: the front end can solve it and repeat the call.
pub(super) fn offered(app: &App, campaign: CampaignId, problem: Problem) -> Problem {
    if problem.kind().is_about_challenge() {
        problem.member("challenge", json!(ChallengeOfferView::from(offer(app, campaign))))
    } else {
        problem
    }
}
