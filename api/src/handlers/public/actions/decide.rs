//! The decision on a submission, from memory alone unless the postcode has to be looked up elsewhere.

use super::answer::SubmittedAction;
use super::document::{Came, SubmitAction};
use crate::app::App;
use crate::app::snapshots::PublicCampaign;
use crate::handlers::public::supporter::at_postcode;
use crate::http::problem::Answer;
use crate::ids;
use postbag_domain::{Accepted, ActionId, uk_day};
use std::sync::Arc;

/// A submission that can be accepted.
pub(super) struct Decided {
    pub(super) public: Arc<PublicCampaign>,
    pub(super) accepted: Accepted,
    pub(super) answer: SubmittedAction,
    /// True if the supporter is too young to consent.
    pub(super) is_under_age: bool,
}

impl Decided {
    /// Parses and decides. The action gets this id.
    pub(super) async fn on(app: &App, slug: &str, submitted: &SubmitAction, came: Came, id: ActionId) -> Answer<Self> {
        let now = app.clock.now();
        let public = app.campaign(slug)?;
        let submission = submitted.parse(public.live.campaign.content().default_locale, came)?;
        let is_under_age = submission.is_under_age;
        let directory = app.directory.load();
        let postcode = submission.words.address.postcode();
        let place =
            app.place(&directory, postcode, &submission.area_choices, uk_day(now)).await.map_err(at_postcode)?;
        let written = app.tallies.written(public.live.campaign.id());
        // An action's own id is the first that is drawn.
        let mut first = Some(id.uuid());
        let mut fresh = || first.take().unwrap_or_else(ids::fresh);
        let accepted = public.live.accept(submission, &place, &directory, &written, now, &mut fresh);
        let accepted = accepted.map_err(|refusal| at_postcode(refusal.into()))?;
        let answer = SubmittedAction::of(&accepted, &directory);
        Ok(Self { public, accepted, answer, is_under_age })
    }
}
