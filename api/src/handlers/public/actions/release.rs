//! What becomes of held submissions by themselves: those that were approved are submitted, and those that nobody looked at end or go out,
//! as their campaign says.

use super::decide::Decided;
use super::document::Came;
use super::held::HeldSubmission;
use super::store;
use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use postbag_domain::{AfterReview, CampaignStatus, ReviewState, StaffNote};
use postbag_persistence::{StoreError, StoredReview, release_key};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked, unless somebody decides.
const ROUND: Duration = Duration::from_secs(2);

/// How many are taken at once.
const PORTION: u16 = 100;

impl App {
    /// Submits and ends until it is stopped. While the database is away, the next round tries again.
    pub(crate) async fn release_reviews(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = round(&self).await {
                tracing::warn!(%error, "held submissions stay as they are until the next round");
            }
            let woken = async {
                tokio::select! {
                    () = self.wake_reviews.notified() => {}
                    () = tokio::time::sleep(ROUND) => {}
                }
            };
            if stop.run_until_cancelled(woken).await.is_none() {
                return;
            }
        }
    }
}

async fn round(app: &App) -> Result<(), StoreError> {
    for overdue in app.store.overdue_reviews(app.clock.now(), PORTION).await? {
        // What somebody refused goes out by nobody's silence, however it was appealed.
        let after = match app.review_terms(overdue.campaign_id).then() {
            AfterReview::Send if overdue.decided_by.is_none() => ReviewState::Approved,
            AfterReview::Send | AfterReview::End => ReviewState::Ended,
        };
        app.store.decide_overdue(overdue.id, after, app.clock.now()).await?;
    }
    for review in app.store.reviews_to_release(PORTION).await? {
        release(app, &review).await?;
    }
    Ok(())
}

/// Submits what was approved. What can be submitted no more ends, and its receipt says so; a paused campaign, and a failure on this side, are
/// waited for.
async fn release(app: &App, review: &StoredReview) -> Result<(), StoreError> {
    let public = app.campaign_by_id(review.campaign_id);
    if public.is_some_and(|public| public.live.campaign.status() == CampaignStatus::Paused) {
        return Ok(());
    }
    match submit(app, review).await {
        Ok(()) => Ok(()),
        Err(problem) if problem.kind().status().is_server_error() || problem.kind() == ProblemType::Conflict => {
            tracing::warn!(problem = problem.kind().slug(), "an approved submission is looked at again");
            Ok(())
        }
        Err(problem) => match StaffNote::parse(&format!("It can be submitted no more: {}.", problem.kind().title())) {
            Ok(why) => app.store.review_unreleasable(review.id, why, app.clock.now()).await,
            Err(_flaw) => Ok(()),
        },
    }
}

/// Decides on it as on any other submission, under its own id and a key of its own: a second time changes nothing.
async fn submit(app: &App, review: &StoredReview) -> Answer<()> {
    let held = review.submission.as_deref().and_then(HeldSubmission::read).ok_or_else(Problem::not_found)?;
    let submitted = held.submitted().ok_or_else(Problem::not_found)?;
    let public = app.campaign_by_id(review.campaign_id).ok_or_else(Problem::not_found)?;
    let came = Came { origin: held.origin(), today: app.clock.today() };
    let decided = Decided::on(app, public.slug(), &submitted, came, review.id).await?;
    store(app, decided, held.client(), (release_key(review.id), None)).await.map(drop)
}
