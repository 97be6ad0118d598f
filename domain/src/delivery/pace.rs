//! How fast messages leave: caps an hour for a mailbox, a receiving domain, a campaign and a sending domain, over all campaigns (B26).
//!
//! Each cap is kept by one moment that moves on with every message (the generic cell rate algorithm): the theoretical arrival
//! time. A few messages may follow one another at once, and the rest is spread evenly, so that no hour, wherever it begins, holds
//! more than the cap.

use crate::words::words;
use crate::{CampaignId, DigestId, EmailAddress};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;
use std::num::NonZeroU32;
use uuid::Uuid;

/// The time in which a cap is counted.
pub const PACE_WINDOW: TimeDelta = TimeDelta::hours(1);

/// The share of a cap that may leave at once.
const BURST_SHARE: u32 = 12;

/// The most by which a wait is drawn out, as a share of it.
const JITTER_SHARE: i32 = 10;

words! {
    /// What is counted together, or held back together.
    PaceScope, "pace_scope_unknown" {
        /// One address of a recipient, whoever writes to it.
        Mailbox = "mailbox",
        /// All addresses at one domain.
        Domain = "domain",
        /// One campaign.
        Campaign = "campaign",
        /// All that leaves from one sending domain.
        Sender = "sender",
        /// What a stop or a paused campaign holds back.
        Stop = "stop",
        /// The letters that one digest carries.
        Digest = "digest",
    }
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaceKey(String);

impl PaceKey {
    /// Everything to one address.
    pub fn mailbox(address: &EmailAddress) -> Self {
        Self::of(PaceScope::Mailbox, &address.as_str().to_lowercase())
    }

    /// Everything to one receiving domain.
    pub fn domain(address: &EmailAddress) -> Self {
        let address = address.as_str().to_lowercase();
        Self::of(PaceScope::Domain, address.rsplit('@').next().unwrap_or_default())
    }

    /// Everything of one campaign.
    pub fn campaign(id: CampaignId) -> Self {
        Self::of(PaceScope::Campaign, &id.to_string())
    }

    /// Everything from one sending domain.
    pub fn sender(domain: &str) -> Self {
        Self::of(PaceScope::Sender, &domain.to_lowercase())
    }

    /// What waits for the end of a stop, or of a campaign's pause: of everything, an organisation, a representative or a campaign.
    pub fn stop(subject: Uuid) -> Self {
        Self::of(PaceScope::Stop, &subject.to_string())
    }

    /// What waits for a digest to leave.
    pub fn digest(id: DigestId) -> Self {
        Self::of(PaceScope::Digest, &id.to_string())
    }

    /// The id of what is stopped.
    pub fn stopped(&self) -> Option<Uuid> {
        (self.scope() == PaceScope::Stop).then(|| self.name().parse().ok())?
    }

    /// A key as it was stored; nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (scope, _) = text.split_once(':')?;
        scope.parse::<PaceScope>().ok().map(|_scope| Self(text.to_owned()))
    }

    /// The text by which it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the cap is for.
    pub fn scope(&self) -> PaceScope {
        let scope = self.0.split(':').next().and_then(|scope| scope.parse().ok());
        scope.unwrap_or(PaceScope::Mailbox)
    }

    /// The name of what is counted, without what it is.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, name)| name)
    }

    /// The receiving domain of a mailbox or a domain.
    pub fn receiving_domain(&self) -> Option<&str> {
        let (scope, name) = self.0.split_once(':')?;
        match scope.parse().ok()? {
            PaceScope::Mailbox => name.rsplit('@').next(),
            PaceScope::Domain => Some(name),
            PaceScope::Campaign | PaceScope::Sender | PaceScope::Stop | PaceScope::Digest => None,
        }
    }

    fn of(scope: PaceScope, name: &str) -> Self {
        Self(format!("{scope}:{name}"))
    }
}

impl fmt::Display for PaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many messages may leave in any hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap(NonZeroU32);

impl Cap {
    /// So many an hour; nothing for zero, which is no cap.
    pub fn per_hour(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// How many an hour.
    pub fn number(self) -> u32 {
        self.0.get()
    }

    /// How many may follow one another at once.
    fn burst(self) -> u32 {
        (self.number() / BURST_SHARE).max(1)
    }

    /// The time between two messages once the burst is used up, rounded up.
    pub fn interval(self) -> TimeDelta {
        let window = PACE_WINDOW.num_microseconds().unwrap_or(i64::MAX);
        let gaps = i64::from(self.number() - self.burst() + 1);
        TimeDelta::microseconds((window + gaps - 1) / gaps)
    }

    /// The moment from which the next message may leave, after what left before.
    pub fn free_at(self, arrival: DateTime<Utc>) -> DateTime<Utc> {
        let tolerance = self.interval() * i32::try_from(self.burst() - 1).unwrap_or(i32::MAX);
        arrival - tolerance
    }

    /// How many may leave now, `most` at the most.
    pub fn room(self, arrival: Option<DateTime<Utc>>, now: DateTime<Utc>, most: u32) -> u32 {
        let Some(arrival) = arrival else { return self.burst().min(most) };
        let waited = now - self.free_at(arrival);
        if waited < TimeDelta::zero() {
            return 0;
        }
        let interval = self.interval().num_microseconds().unwrap_or(i64::MAX);
        let room = waited.num_microseconds().unwrap_or(i64::MAX) / interval + 1;
        u32::try_from(room).unwrap_or(u32::MAX).min(self.burst()).min(most)
    }

    /// The theoretical arrival time after one more message has left at `now`.
    pub fn after(self, arrival: Option<DateTime<Utc>>, now: DateTime<Utc>, jitter: Jitter) -> DateTime<Utc> {
        arrival.map_or(now, |arrival| arrival.max(now)) + jitter.drawn_out(self.interval())
    }
}

/// A cap and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What is counted together.
    pub key: PaceKey,
    /// How many of it may leave.
    pub cap: Cap,
}

/// The caps of a server, the same for everybody who sends from it; an absent one is no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// For each recipient's address.
    pub mailbox: Option<Cap>,
    /// For each receiving domain.
    pub domain: Option<Cap>,
    /// For each campaign.
    pub campaign: Option<Cap>,
    /// For each sending domain.
    pub sender: Option<Cap>,
}

impl Caps {
    /// The cap for a scope; a stop or a digest is none.
    pub const fn of(self, scope: PaceScope) -> Option<Cap> {
        match scope {
            PaceScope::Mailbox => self.mailbox,
            PaceScope::Domain => self.domain,
            PaceScope::Campaign => self.campaign,
            PaceScope::Sender => self.sender,
            PaceScope::Stop | PaceScope::Digest => None,
        }
    }

    /// The caps that hold for a message of a campaign to a recipient.
    pub fn recipient(self, to: &EmailAddress, campaign: CampaignId) -> impl Iterator<Item = Pace> {
        let mailbox = self.mailbox.map(|cap| Pace { key: PaceKey::mailbox(to), cap });
        let domain = self.domain.map(|cap| Pace { key: PaceKey::domain(to), cap });
        let campaign = self.campaign.map(|cap| Pace { key: PaceKey::campaign(campaign), cap });
        mailbox.into_iter().chain(domain).chain(campaign)
    }

    /// The cap that holds for what leaves from a sending domain.
    pub fn sender(self, domain: &str) -> Option<Pace> {
        self.sender.map(|cap| Pace { key: PaceKey::sender(domain), cap })
    }
}

/// A little more than the wait that a cap asks for, so that messages do not leave like clockwork.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter(u8);

impl Jitter {
    /// A jitter from a random byte.
    pub const fn new(random: u8) -> Self {
        Self(random)
    }

    /// The wait, up to a tenth longer. Never shorter: caps are kept.
    fn drawn_out(self, wait: TimeDelta) -> TimeDelta {
        wait + wait / JITTER_SHARE * i32::from(self.0) / i32::from(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(microseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::microseconds(microseconds)
    }

    #[test]
    fn a_few_leave_at_once_and_the_rest_is_spread_over_the_hour() {
        let cap = Cap::per_hour(60).unwrap();
        let (mut arrival, mut left) = (None, Vec::new());
        let mut now = at(0);
        while now < at(0) + PACE_WINDOW {
            now = now.max(arrival.map_or(now, |arrival| cap.free_at(arrival)));
            left.push((now - at(0)).num_seconds());
            arrival = Some(cap.after(arrival, now, Jitter::default()));
        }
        assert_eq!(left.get(..8).unwrap(), [0, 0, 0, 0, 0, 64, 128, 192]);
        assert_eq!(left.iter().filter(|seconds| **seconds < 3600).count(), 60);
    }

    #[test]
    fn a_cap_of_one_lets_one_leave_an_hour() {
        let cap = Cap::per_hour(1).unwrap();
        assert_eq!(cap.interval(), PACE_WINDOW);
        assert_eq!(cap.free_at(cap.after(None, at(0), Jitter::default())), at(0) + PACE_WINDOW);
        assert_eq!(Cap::per_hour(0), None);
    }

    #[test]
    fn keys_read_back_and_fold_case() {
        let address = EmailAddress::parse("Una.Jessamy@Parliament.Example").unwrap();
        let (mailbox, domain) = (PaceKey::mailbox(&address), PaceKey::domain(&address));
        assert_eq!(mailbox.as_str(), "mailbox:una.jessamy@parliament.example");
        assert_eq!(mailbox.receiving_domain(), domain.receiving_domain());
        assert_eq!(PaceKey::parse(domain.as_str()), Some(domain.clone()));
        assert_eq!((domain.scope(), PaceKey::parse("planet:mars")), (PaceScope::Domain, None));
    }

    proptest! {
        /// Whatever the cap and whenever messages come, no hour holds more than the cap.
        #[test]
        fn no_hour_wherever_it_begins_holds_more_than_the_cap(
            number in 1_u32..200,
            gaps in proptest::collection::vec((0_i64..400_000_000, any::<u8>()), 1..400),
        ) {
            let cap = Cap::per_hour(number).unwrap();
            let (mut arrival, mut now, mut left) = (None, at(0), Vec::new());
            for (gap, random) in gaps {
                now += TimeDelta::microseconds(gap);
                let is_free = arrival.is_none_or(|arrival| cap.free_at(arrival) <= now);
                prop_assert_eq!(is_free, cap.room(arrival, now, u32::MAX) > 0);
                if is_free {
                    left.push(now);
                    arrival = Some(cap.after(arrival, now, Jitter::new(random)));
                }
            }
            for (first, start) in left.iter().enumerate() {
                let within = left.iter().skip(first).take_while(|at| **at - *start < PACE_WINDOW).count();
                prop_assert!(within <= usize::try_from(number).unwrap(), "{within} of {number}");
            }
        }

        /// What there is said to be room for can leave at once.
        #[test]
        fn room_is_what_can_leave_at_once(number in 1_u32..500, before in 0_u32..100, later in 0_i64..4_000_000_000) {
            let cap = Cap::per_hour(number).unwrap();
            let mut arrival = None;
            for _ in 0..before {
                arrival = Some(cap.after(arrival, at(0), Jitter::default()));
            }
            let now = at(later);
            let room = cap.room(arrival, now, 1000);
            for _ in 0..room {
                prop_assert!(arrival.is_none_or(|arrival| cap.free_at(arrival) <= now));
                arrival = Some(cap.after(arrival, now, Jitter::default()));
            }
        }
    }
}
