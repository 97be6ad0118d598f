//! How often people may submit, as documents and answers spell it.

use postbag_domain::{KnownNetworkFields, RateFields, SubmissionLimitsFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often people may submit. A campaign's limits stand in place of its organisation's, and those in place of the server's; what is
/// absent is said by the next wider. The server's limit over all campaigns always holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "each_client": { "a_minute": 8, "an_hour": 60 }, "together": { "a_minute": 600, "an_hour": null },
    "networks": [{ "name": "City Hospital", "network": "203.0.113.0/24", "rate": { "a_minute": 100, "an_hour": 1000 } }]
})))]
pub(crate) struct SubmissionLimitsDocument {
    /// Each client (an IPv4 address or an IPv6 /64), counted for this campaign or organisation alone.
    #[serde(default)]
    each_client: Option<RateDocument>,
    /// All clients of the campaign, or of all the organisation's campaigns, together.
    #[serde(default)]
    together: Option<RateDocument>,
    /// Networks behind which many people share an address: each has a rate of its own in place of that of each client.
    #[serde(default)]
    #[schema(max_items = 100)]
    networks: Vec<KnownNetworkDocument>,
}

/// How often something may be done; without limit where a number is absent.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateDocument {
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    a_minute: Option<u32>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    an_hour: Option<u32>,
}

/// A network behind which many people share an address, such as a hospital's.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnownNetworkDocument {
    /// Whose it is, for other administrators.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// One address or a range, at least as narrow as /16, or /32 for IPv6.
    #[schema(example = "203.0.113.0/24")]
    network: String,
    #[serde(default)]
    rate: RateDocument,
}

impl From<SubmissionLimitsDocument> for SubmissionLimitsFields {
    fn from(document: SubmissionLimitsDocument) -> Self {
        Self {
            each_client: document.each_client.map(Into::into),
            together: document.together.map(Into::into),
            networks: document.networks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<SubmissionLimitsFields> for SubmissionLimitsDocument {
    fn from(fields: SubmissionLimitsFields) -> Self {
        Self {
            each_client: fields.each_client.map(Into::into),
            together: fields.together.map(Into::into),
            networks: fields.networks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RateDocument> for RateFields {
    fn from(RateDocument { a_minute, an_hour }: RateDocument) -> Self {
        Self { a_minute, an_hour }
    }
}

impl From<RateFields> for RateDocument {
    fn from(RateFields { a_minute, an_hour }: RateFields) -> Self {
        Self { a_minute, an_hour }
    }
}

impl From<KnownNetworkDocument> for KnownNetworkFields {
    fn from(document: KnownNetworkDocument) -> Self {
        Self { name: document.name, network: document.network, rate: document.rate.into() }
    }
}

impl From<KnownNetworkFields> for KnownNetworkDocument {
    fn from(fields: KnownNetworkFields) -> Self {
        Self { name: fields.name, network: fields.network, rate: fields.rate.into() }
    }
}
