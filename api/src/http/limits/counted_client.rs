//! Whose people are counted.

use super::client::Client;
use crate::http::problem::Answer;
use crate::secrets::ClientHash;
use actix_web::HttpRequest;
use postbag_domain::{ConfirmedBy, LiveCampaign, NewAction};

/// The client of a submission, if its people are counted: not where many share an address by arrangement, nor for a server that vouches for
/// the person.
pub(crate) fn counted_client(
    request: &HttpRequest,
    live: &LiveCampaign,
    action: &NewAction,
) -> Answer<Option<ClientHash>> {
    let client = Client::of(request)?;
    let address = client.address.ip();
    let own = [&live.campaign.content().limits, &live.organisation.content.limits];
    let is_shared = own.iter().any(|limits| limits.network_of(address).is_some());
    let is_vouched_for = action.confirmed_by == Some(ConfirmedBy::Caller);
    let is_counted = !(action.test || is_vouched_for || is_shared || client.is_on_own_network());
    Ok(is_counted.then_some(client.hash))
}
