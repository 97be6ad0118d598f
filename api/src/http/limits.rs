//! How often one client may do something: counted in memory, and announced with every answer it holds for (A4, C29).
//!
//! A handler that is limited says so in its signature, `_within: Within<Reports>`; a new limit is a quota here and a type that
//! names it. The counting is governor's: one unit comes back after each part of the window, so a client never waits a whole hour.

mod within;

pub(crate) use within::count;
pub use within::{Complaints, Confirmations, Limited, PreferenceLinks, Reports, Submissions, Targets, Within};

use crate::clock::Clock;
use crate::config;
use crate::http::network::ClientAddress;
use crate::http::problem::{Problem, ProblemType};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use governor::clock::Clock as _;
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{NotUntil, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The window of a quota, in seconds.
const HOUR: u32 = 3600;
const MINUTE: u32 = 60;

/// Every so many requests, clients whose quota has refilled are dropped.
const SWEEP: u32 = 1024;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Every quota of this process.
#[derive(Debug)]
pub struct Limits {
    reports: Quota,
    submissions: Quota,
    targets: Quota,
    confirmations: Quota,
    preference_links: Quota,
    complaints: Quota,
}

impl Limits {
    /// The quotas that the operator set.
    pub fn new(config: &config::Limits, clock: &Clock) -> Self {
        let hourly = |name, amount| Quota::of_client(&[policy(name, amount, HOUR)], clock);
        let submissions = [
            policy("submissions", config.submissions, HOUR),
            policy("submissions-a-minute", config.submissions_a_minute, MINUTE),
        ];
        Self {
            reports: hourly("reports", config.reports).and_together("reports-together", config.reports_together),
            confirmations: hourly("confirmations", config.confirmations),
            preference_links: hourly("preference-links", config.preference_links),
            complaints: hourly("complaints", config.complaints),
            // A caller on the operator's own network is a proxy that is missing from the settings, or a server that asks for many people.
            submissions: Quota::of_client(&submissions, clock).sparing_own_network(),
            targets: hourly("targets", config.targets).sparing_own_network(),
        }
    }
}

/// The headers of an answer about the quotas it was counted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    policies: String,
    standing: String,
}

impl Announcement {
    /// The announcement of this request, if it was counted.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Both.
    fn and(self, other: &Self) -> Self {
        Self { standing: [self.standing.as_str(), &other.standing].join(", "), ..self }
    }

    /// Says it.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in [(POLICY, self.policies), (STANDING, self.standing)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// A request that came too soon.
#[derive(Debug)]
struct Refused {
    announcement: Announcement,
    policy: &'static str,
    wait: Duration,
}

impl Refused {
    fn problem(&self) -> Problem {
        let whole_seconds = Duration::from_secs(self.wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
        Problem::new(ProblemType::QuotaExceeded)
            .member("violated-policies", vec![self.policy])
            .retry_after(whole_seconds)
    }
}

/// How often something may be done: by each client, in one window or several, and by all of them together. What is zero in the settings is
/// unlimited.
#[derive(Debug)]
pub struct Quota {
    each: Vec<Counter<IpAddr, DashMapStateStore<IpAddr>>>,
    together: Option<Counter<NotKeyed, InMemoryState>>,
    policies: String,
    clock: Ticks,
    spares_own_network: bool,
    admitted: AtomicU32,
}

impl Quota {
    /// The quota of one client.
    fn of_client(policies: &[Option<Policy>], clock: &Clock) -> Self {
        let clock = Ticks(clock.clone());
        let counter = |policy: &Policy| {
            let limiter = RateLimiter::dashmap_with_clock(policy.quota(), clock.clone()).with_middleware();
            Counter { policy: *policy, limiter }
        };
        let each: Vec<_> = policies.iter().flatten().map(counter).collect();
        let described: Vec<_> = each.iter().map(|counter| counter.policy.describe()).collect();
        Self {
            each,
            together: None,
            policies: described.join(", "),
            clock,
            spares_own_network: false,
            admitted: AtomicU32::new(0),
        }
    }

    /// The same, and so many an hour by all clients together.
    fn and_together(mut self, name: &'static str, amount: u32) -> Self {
        if let Some(policy) = policy(name, amount, HOUR) {
            let limiter = RateLimiter::direct_with_clock(policy.quota(), self.clock.clone()).with_middleware();
            let described = std::iter::once(self.policies).filter(|policies| !policies.is_empty());
            self.policies = described.chain([policy.describe()]).collect::<Vec<_>>().join(", ");
            self.together = Some(Counter { policy, limiter });
        }
        self
    }

    /// The same, but for callers on private networks.
    fn sparing_own_network(self) -> Self {
        Self { spares_own_network: true, ..self }
    }

    /// Counts a request, and says what to announce if there is a quota for it; or refuses it.
    fn admit(&self, client: ClientAddress) -> Result<Option<Announcement>, Refused> {
        if self.spares_own_network && is_private(client.ip()) {
            return Ok(None);
        }
        self.sweep();
        let mut standing: Option<Announcement> = None;
        for each in &self.each {
            let counted = self.counted(each.policy, each.limiter.check_key(&client.bucket()))?;
            standing = Some(standing.map_or(counted.clone(), |before| before.and(&counted)));
        }
        if let Some(together) = &self.together {
            let counted = self.counted(together.policy, together.limiter.check())?;
            standing = standing.or(Some(counted));
        }
        Ok(standing)
    }

    fn counted(
        &self,
        policy: Policy,
        counted: Result<StateSnapshot, NotUntil<Nanos>>,
    ) -> Result<Announcement, Refused> {
        let announce =
            |remaining| Announcement { policies: self.policies.clone(), standing: policy.standing(remaining) };
        match counted {
            Ok(state) => Ok(announce(state.remaining_burst_capacity())),
            Err(refusal) => {
                let wait = refusal.wait_time_from(self.clock.now());
                Err(Refused { announcement: announce(0), policy: policy.name, wait })
            }
        }
    }

    /// Forgets now and then who has their whole quota again, so that only the clients of the last hours are in memory.
    fn sweep(&self) {
        let is_due = self.admitted.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1;
        if is_due {
            self.each.iter().for_each(|each| each.limiter.retain_recent());
        }
    }
}

/// True for addresses of private networks.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// So many in a window.
#[derive(Clone, Copy, Debug)]
struct Policy {
    name: &'static str,
    amount: NonZeroU32,
    window: u32,
}

/// A policy; none for a number of zero.
fn policy(name: &'static str, amount: u32, window: u32) -> Option<Policy> {
    NonZeroU32::new(amount).map(|amount| Policy { name, amount, window })
}

impl Policy {
    fn quota(self) -> governor::Quota {
        let one = Duration::from_secs(self.window.into()) / self.amount.get();
        governor::Quota::with_period(one)
            .unwrap_or_else(|| governor::Quota::per_hour(self.amount))
            .allow_burst(self.amount)
    }

    fn describe(self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.amount, self.window)
    }

    /// What is left, and in how many seconds all of it will be there again.
    fn standing(self, remaining: u32) -> String {
        let used = u64::from(self.amount.get().saturating_sub(remaining));
        let whole_in = (used * u64::from(self.window)).div_ceil(u64::from(self.amount.get()));
        format!("\"{}\";r={remaining};t={whole_in}", self.name)
    }
}

/// A policy and what has been counted on it.
#[derive(Debug)]
struct Counter<K, S: StateStore<Key = K>> {
    policy: Policy,
    limiter: RateLimiter<K, S, Ticks, StateInformationMiddleware>,
}

/// Our clock, as governor reads it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.now().timestamp_nanos_opt().and_then(|nanos| nanos.try_into().ok()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn quota(per_client: u32, together: u32) -> (Quota, Clock) {
        let clock = Clock::still(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let quota = Quota::of_client(&[policy("reports", per_client, HOUR)], &clock);
        (quota.and_together("reports-together", together), clock)
    }

    fn client(text: &str) -> ClientAddress {
        ClientAddress::from(text.parse::<IpAddr>().unwrap())
    }

    fn standing(quota: &Quota, text: &str) -> Result<String, (&'static str, u64)> {
        let admitted = quota.admit(client(text));
        admitted
            .map(|announced| announced.unwrap().standing)
            .map_err(|refused| (refused.policy, refused.wait.as_secs()))
    }

    #[test]
    fn each_client_has_a_quota_that_comes_back_bit_by_bit() {
        let (quota, clock) = quota(2, 0);
        assert_eq!(quota.admit(client("192.0.2.1")).unwrap().unwrap().policies, "\"reports\";q=2;w=3600");
        assert_eq!(standing(&quota, "192.0.2.1").unwrap(), "\"reports\";r=0;t=3600");
        assert_eq!(standing(&quota, "192.0.2.1"), Err(("reports", 1800)));
        assert_eq!(standing(&quota, "192.0.2.2").unwrap(), "\"reports\";r=1;t=1800");
        clock.advance(Duration::from_mins(30));
        assert_eq!(standing(&quota, "192.0.2.1").unwrap(), "\"reports\";r=0;t=3600");
        assert!(standing(&quota, "192.0.2.1").is_err());
    }

    #[test]
    fn a_burst_has_a_window_of_its_own() {
        let clock = Clock::still(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let quota = Quota::of_client(&[policy("acts", 5, HOUR), policy("acts-a-minute", 2, MINUTE)], &clock);
        let admitted = quota.admit(client("192.0.2.1")).unwrap().unwrap();
        assert_eq!(admitted.policies, "\"acts\";q=5;w=3600, \"acts-a-minute\";q=2;w=60");
        assert_eq!(admitted.standing, "\"acts\";r=4;t=720, \"acts-a-minute\";r=1;t=30");
        assert!(standing(&quota, "192.0.2.1").is_ok());
        assert_eq!(standing(&quota, "192.0.2.1"), Err(("acts-a-minute", 30)));
        clock.advance(Duration::from_mins(1));
        assert!((0..2).all(|_| standing(&quota, "192.0.2.1").is_ok()));
        clock.advance(Duration::from_mins(1));
        assert_eq!(standing(&quota, "192.0.2.1").unwrap_err().0, "acts", "an hour's worth is used up");
    }

    #[test]
    fn a_host_that_hops_in_its_own_64_is_one_client() {
        let (quota, _clock) = quota(1, 0);
        assert!(standing(&quota, "2001:db8::1").is_ok() && standing(&quota, "2001:db8::2").is_err());
    }

    #[test]
    fn all_clients_together_have_a_quota_too() {
        let (quota, _clock) = quota(2, 3);
        let announced = quota.admit(client("192.0.2.1")).unwrap().unwrap();
        assert_eq!(announced.policies, "\"reports\";q=2;w=3600, \"reports-together\";q=3;w=3600");
        assert_eq!(announced.standing, "\"reports\";r=1;t=1800", "what others use does not show");
        assert!(standing(&quota, "192.0.2.2").is_ok() && standing(&quota, "192.0.2.3").is_ok());
        assert_eq!(standing(&quota, "192.0.2.4"), Err(("reports-together", 1200)));
    }

    #[test]
    fn zero_is_no_limit_and_ones_own_network_may_be_spared() {
        let (unlimited, _clock) = quota(0, 0);
        assert!((0..5000).all(|_| unlimited.admit(client("192.0.2.1")).unwrap().is_none()));
        let (quota, _clock) = quota(1, 0);
        let sparing = quota.sparing_own_network();
        for own in ["127.0.0.1", "172.17.0.1", "10.1.2.3", "::1", "fd00::1", "::ffff:192.168.1.1"] {
            assert!((0..5).all(|_| sparing.admit(client(own)).unwrap().is_none()), "{own}");
        }
        assert!(sparing.admit(client("192.0.2.1")).unwrap().is_some() && sparing.admit(client("192.0.2.1")).is_err());
    }

    #[test]
    fn clients_with_their_whole_quota_are_forgotten() {
        let (quota, clock) = quota(1, 0);
        for number in 0..SWEEP - 2 {
            let address = std::net::Ipv4Addr::from_bits(0xc000_0200 + number).to_string();
            quota.admit(client(&address)).unwrap();
        }
        clock.advance(Duration::from_hours(3));
        quota.admit(client("198.51.100.1")).unwrap();
        quota.admit(client("198.51.100.2")).unwrap();
        assert!(quota.each[0].limiter.len() <= 2);
    }
}
