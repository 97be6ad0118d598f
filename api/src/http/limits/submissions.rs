//! The limits of submissions: of the client, of the server that vouches, of the campaign, of its organisation and of all together.

use super::charge::{Charge, Subject};
use super::client::Client;
use super::policy::{Limit, Policy};
use super::{Limits, announced};
use crate::app::App;
use crate::http::problem::Answer;
use crate::secrets::ClientHash;
use actix_web::HttpRequest;
use postbag_domain::{KnownNetwork, LiveCampaign, Rate, SubmissionLimits};
use uuid::Uuid;

/// A submission to be counted.
pub(crate) struct Submitting<'a> {
    pub(crate) client: Client,
    pub(crate) live: &'a LiveCampaign,
    /// The server that vouches for the person's address.
    pub(crate) vouching: Option<ClientHash>,
}

/// Counts a submission on every limit that it falls under, or refuses it.
pub(crate) fn count_submission(request: &HttpRequest, submitting: &Submitting<'_>) -> Answer<()> {
    let App { limits, metrics, .. } = App::of(request);
    announced(request, metrics, limits.counters.charge(&limits.charges(submitting)))
}

/// Refuses a submission whose limits were used up a moment ago, before anything is made of it.
pub(crate) fn refuse_spent(request: &HttpRequest, submitting: &Submitting<'_>) -> Answer<()> {
    let App { limits, metrics, .. } = App::of(request);
    announced(request, metrics, limits.counters.refuse_spent(&limits.charges(submitting)).map(|()| None))
}

/// The limits that a campaign's submissions fall under, from the narrowest, each with the id of what sets it.
fn set_for(live: &LiveCampaign) -> [(Uuid, &SubmissionLimits); 2] {
    let (campaign, organisation) = (&live.campaign, &live.organisation);
    [(campaign.id().uuid(), &campaign.content().limits), (organisation.id.uuid(), &organisation.content.limits)]
}

/// The network of a client where many people share an address by arrangement, with the id of what names it.
fn shared_network<'l>(live: &'l LiveCampaign, client: &Client) -> Option<(Uuid, &'l KnownNetwork)> {
    set_for(live).into_iter().find_map(|(scope, limits)| Some((scope, limits.network_of(client.address.ip())?)))
}

/// True if a client's people are counted: not where many share an address by arrangement, nor on the operator's own network.
pub(crate) fn counts_people(live: &LiveCampaign, client: &Client) -> bool {
    shared_network(live, client).is_none() && !client.is_on_own_network()
}

impl Limits {
    /// The client comes first, so that one that is refused uses up nothing of what others share.
    fn charges(&self, submitting: &Submitting<'_>) -> Vec<Charge> {
        let mut charges = Vec::with_capacity(8);
        let Submitting { client, live, vouching } = submitting;
        let [(campaign, own), (organisation, whole)] = set_for(live);
        let mut add = |limit, rate, subject, is_own| {
            charges.extend(Policy::each(limit, rate).map(|policy| Charge { policy, subject, is_own }));
        };
        if vouching.is_none() || client.credential.is_some() {
            let (limit, rate, subject) = self.of_client(client, live);
            add(limit, rate, subject, limit == Limit::Submissions);
        }
        if let Some(credential) = vouching.or(client.credential) {
            add(Limit::SubmissionsOfCredential, self.rates.of_credential, Subject::of(Uuid::nil(), credential), true);
        }
        let of_campaign = own.together().unwrap_or(self.rates.of_campaign);
        add(Limit::SubmissionsOfCampaign, of_campaign, Subject::everybody(campaign), false);
        let of_organisation = whole.together().unwrap_or_default();
        add(Limit::SubmissionsOfOrganisation, of_organisation, Subject::everybody(organisation), false);
        add(Limit::SubmissionsTogether, self.rates.together, Subject::everybody(Uuid::nil()), false);
        charges
    }

    /// The rate of a client: that of its network where somebody shares one, or that of each client, as the narrowest says it. It is counted
    /// where it is said, so that one client has one quota over all campaigns that say nothing.
    fn of_client(&self, client: &Client, live: &LiveCampaign) -> (Limit, Rate, Subject) {
        if let Some((scope, known)) = shared_network(live, client) {
            let whole = self.keys.network(known.network);
            return (Limit::SubmissionsOfNetwork, known.rate, Subject::of(scope, whole));
        }
        let each = set_for(live).into_iter().find_map(|(scope, limits)| Some((scope, limits.each_client()?)));
        let (scope, rate) = each.unwrap_or((Uuid::nil(), self.rates.submissions));
        let rate = if client.is_on_own_network() { Rate::default() } else { rate };
        (Limit::Submissions, rate, client.subject(scope))
    }
}
