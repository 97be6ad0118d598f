//! The signals that the client of a submission gives.

use super::client::Client;
use crate::app::App;
use crate::http::problem::Answer;
use actix_web::HttpRequest;
use postbag_domain::{ConfirmedBy, LiveCampaign, NewAction, Signal};

/// The signals that the client of a submission gives. Where many people share an address by arrangement, and for a server that vouches for
/// the person, there are none.
pub(crate) fn signals(request: &HttpRequest, live: &LiveCampaign, action: &NewAction) -> Answer<Vec<Signal>> {
    let client = Client::of(request)?;
    let address = client.address.ip();
    let own = [&live.campaign.content().limits, &live.organisation.content.limits];
    let is_shared = own.iter().any(|limits| limits.network_of(address).is_some());
    if action.test || action.confirmed_by == Some(ConfirmedBy::Caller) || is_shared || client.is_on_own_network() {
        return Ok(Vec::new());
    }
    let are_many = App::of(request).limits.people.are_many(client.hash, &action.supporter_key);
    Ok(are_many.then_some(Signal::ManyPeople).into_iter().collect())
}
