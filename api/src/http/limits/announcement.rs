//! What an answer says of the limits that it was counted on (A4: draft-ietf-httpapi-ratelimit-headers).

use super::charge::Charge;
use super::policy::Policy;
use crate::http::problem::{Problem, ProblemType};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use std::time::Duration;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// The headers of an answer about the limits it was counted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Announcement {
    policies: String,
    standing: String,
    /// True if its client submits more than most.
    is_busy: bool,
}

impl Announcement {
    pub(super) fn of_policies(charges: &[Charge]) -> Self {
        let policies: Vec<_> = charges.iter().map(|charge| charge.policy.describe()).collect();
        Self { policies: policies.join(", "), ..Self::default() }
    }

    /// The announcement of this request, if it was counted.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    pub(super) fn add(&mut self, policy: Policy, remaining: u32) {
        self.is_busy |= policy.is_of_busy_client(remaining);
        let standing = policy.standing(remaining);
        if self.standing.is_empty() {
            self.standing = standing;
        } else {
            self.standing = format!("{}, {standing}", self.standing);
        }
    }

    /// Nothing where nothing was counted.
    pub(super) fn if_any(self) -> Option<Self> {
        if self.policies.is_empty() { None } else { Some(self) }
    }

    /// Sets the headers.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in [(POLICY, self.policies), (STANDING, self.standing)] {
            if let Some(value) = HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
                headers.insert(name, value);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn texts(&self) -> (&str, &str) {
        (&self.policies, &self.standing)
    }
}

/// True if this request was counted as a submission, and its client had used more than a third of a quota before it.
pub(crate) fn is_busy(request: &HttpRequest) -> bool {
    request.extensions().get::<Announcement>().is_some_and(|announcement| announcement.is_busy)
}

/// A call that came too soon.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(super) announcement: Announcement,
    policy: Policy,
    wait: Duration,
}

impl Refused {
    pub(super) fn new(announcement: Announcement, policy: Policy, wait: Duration) -> Self {
        Self { announcement: Announcement { standing: policy.standing(0), ..announcement }, policy, wait }
    }

    /// The name of the limit, and the whole seconds to wait.
    pub(super) fn says(&self) -> (String, u64) {
        let seconds = self.wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
        (self.policy.name(), seconds)
    }

    pub(super) fn problem(&self) -> Problem {
        let (policy, seconds) = self.says();
        Problem::new(ProblemType::QuotaExceeded)
            .member("violated-policies", vec![policy])
            .retry_after(Duration::from_secs(seconds))
    }
}
