//! How often something may be done: counted in memory, shared by the servers of one database, and announced with every answer it holds for
//! (A4, C29).
//!
//! A handler that is limited says so in its signature, `_within: Within<Reports>`; a new limit is a row in `policy.rs`, a quota here and a type
//! that names it. Submissions have limits of their own: `submissions.rs`.

mod announcement;
mod charge;
mod client;
mod counters;
mod people;
mod policy;
mod sharing;
mod submissions;
mod within;

pub(crate) use announcement::{Announcement, is_busy};
pub(crate) use client::{Client, credential};
pub(crate) use submissions::{Submitting, count_submission, counts_people, refuse_spent};
pub(crate) use within::{
    Appeals, Complaints, Confirmations, PreferenceLinks, Reports, Targets, Within, count, is_within,
};

use crate::clock::Clock;
use crate::config;
use crate::http::problem::{Answer, Problem};
use crate::metrics::Metrics;
use crate::secrets::ClientKeys;
use actix_web::{HttpMessage, HttpRequest};
use announcement::Refused;
use charge::{Charge, Subject};
use counters::Counters;
use people::People;
use policy::{Limit, Policy};
use postbag_domain::Rate;
use std::num::NonZeroU32;
use uuid::Uuid;

/// Every limit of this process, and what has been counted.
#[derive(Debug)]
pub(crate) struct Limits {
    counters: Counters,
    pub(crate) keys: ClientKeys,
    /// The people of each client.
    pub(crate) people: People,
    rates: SubmissionRates,
    reports: Quota,
    targets: Quota,
    confirmations: Quota,
    preference_links: Quota,
    complaints: Quota,
    appeals: Quota,
}

/// The operator's rates of submissions.
#[derive(Debug)]
struct SubmissionRates {
    submissions: Rate,
    of_credential: Rate,
    of_campaign: Rate,
    together: Rate,
}

impl Limits {
    /// The limits that the operator set.
    pub(crate) fn new(config: &config::Limits, keys: ClientKeys, clock: &Clock) -> Self {
        let quota = |limit, a_minute, an_hour| Quota::of_client(limit, rate(a_minute, an_hour));
        let reports = quota(Limit::Reports, config.reports_a_minute, config.reports);
        Self {
            counters: Counters::new(clock),
            keys,
            people: People::default(),
            rates: SubmissionRates {
                submissions: rate(config.submissions_a_minute, config.submissions),
                of_credential: rate(config.submissions_of_credential_a_minute, config.submissions_of_credential),
                of_campaign: rate(config.submissions_of_campaign_a_minute, config.submissions_of_campaign),
                together: rate(config.submissions_together_a_minute, config.submissions_together),
            },
            reports: Quota { together: Some((Limit::ReportsTogether, rate(0, config.reports_together))), ..reports },
            targets: quota(Limit::Targets, config.targets_a_minute, config.targets).sparing_own_network(),
            confirmations: quota(Limit::Confirmations, config.confirmations_a_minute, config.confirmations),
            preference_links: quota(Limit::PreferenceLinks, config.preference_links_a_minute, config.preference_links),
            complaints: quota(Limit::Complaints, config.complaints_a_minute, config.complaints),
            appeals: quota(Limit::Appeals, config.complaints_a_minute, config.complaints),
        }
    }
}

/// A rate of the settings, where zero is without limit.
fn rate(a_minute: u32, an_hour: u32) -> Rate {
    Rate { a_minute: NonZeroU32::new(a_minute), an_hour: NonZeroU32::new(an_hour) }
}

/// How often something may be done by each client, and by all of them together.
#[derive(Debug)]
pub(crate) struct Quota {
    each: (Limit, Rate),
    together: Option<(Limit, Rate)>,
    spares_own_network: bool,
}

impl Quota {
    const fn of_client(limit: Limit, rate: Rate) -> Self {
        Self { each: (limit, rate), together: None, spares_own_network: false }
    }

    /// The same, but for callers on private networks.
    const fn sparing_own_network(self) -> Self {
        Self { spares_own_network: true, ..self }
    }

    fn charges(&self, client: &Client) -> Vec<Charge> {
        if self.spares_own_network && client.is_on_own_network() {
            return Vec::new();
        }
        let charges = |(limit, rate), subject, is_own| {
            Policy::each(limit, rate).map(move |policy| Charge { policy, subject, is_own })
        };
        let together = self.together.into_iter().flat_map(|all| charges(all, Subject::everybody(Uuid::nil()), false));
        charges(self.each, client.subject(Uuid::nil()), true).chain(together).collect()
    }
}

/// Goes on if a call was counted, and keeps what its answer announces.
fn announced(request: &HttpRequest, metrics: &Metrics, counted: Result<Option<Announcement>, Refused>) -> Answer<()> {
    let (announcement, refusal): (_, Option<Problem>) = match counted {
        Ok(announcement) => (announcement, None),
        Err(refused) => {
            let (policy, _wait) = refused.says();
            metrics.limits_met.count([&policy]);
            let problem = refused.problem();
            (Some(refused.announcement), Some(problem))
        }
    };
    if let Some(announcement) = announcement {
        request.extensions_mut().insert(announcement);
    }
    refusal.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
