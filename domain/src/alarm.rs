//! Alarms: rates of submissions that leave their usual band.

use crate::words::words;
use chrono::TimeDelta;

/// The span in which submissions are counted.
pub const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// How many windows a band is made of: two hours.
pub const WINDOWS: usize = 24;

/// How many times as much as usual is too much, and what part of it is too little.
const TIMES: u64 = 4;
const PART: u64 = 10;

/// From how many in a window on it is noticed that there are fewer.
const WORTH_MISSING: u64 = 20;

words! {
    /// What is counted.
    RateOf, "rate_unknown" {
        /// Submissions to a campaign.
        Campaign = "campaign",
        /// Submissions to an organisation with addresses at one mail domain.
        Domain = "domain",
        /// Submissions to an organisation from one client.
        Client = "client",
    }
}

words! {
    /// On which side a rate left its band.
    Departure, "departure_unknown" {
        /// There are far more than usual.
        Above = "above",
        /// There are far fewer than usual.
        Below = "below",
    }
}

impl RateOf {
    /// The count in a window up to which there is no alarm, whatever is usual.
    pub const fn harmless(self) -> u32 {
        match self {
            Self::Campaign => 100,
            Self::Domain => 30,
            Self::Client => 20,
        }
    }

    /// The count from which a window is worth remembering: smaller ones are taken for none.
    pub const fn remembered(self) -> u32 {
        self.harmless() / 4
    }

    /// True if it is noticed, too, that there are fewer. Clients and domains come and go.
    const fn is_missed(self) -> bool {
        match self {
            Self::Campaign => true,
            Self::Domain | Self::Client => false,
        }
    }
}

/// The usual band of a rate: the counts of the windows before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Band(std::collections::VecDeque<u32>);

impl Band {
    /// Adds a window, and forgets what is older than two hours.
    pub fn add(&mut self, count: u32) {
        self.0.push_back(count);
        if self.0.len() > WINDOWS {
            self.0.pop_front();
        }
    }

    /// True if there was nothing in all that time.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// What is usual in a window: the mean of two hours, rounded. Before the first window that is known there was nothing.
    pub fn usual(&self) -> u32 {
        let windows = u64::try_from(WINDOWS).unwrap_or(1);
        let sum: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        u32::try_from((sum + windows / 2) / windows).unwrap_or(u32::MAX)
    }

    /// On which side a count lies outside, if it does. Fewer than usual is noticed once two hours are known.
    pub fn departure(&self, rate: RateOf, count: u32) -> Option<Departure> {
        let (usual, count) = (u64::from(self.usual()), u64::from(count));
        if count > u64::from(rate.harmless()).max(TIMES * usual) {
            return Some(Departure::Above);
        }
        let is_missing = rate.is_missed() && self.0.len() == WINDOWS && usual >= WORTH_MISSING && PART * count < usual;
        is_missing.then_some(Departure::Below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn band(counts: impl IntoIterator<Item = u32>) -> Band {
        let mut band = Band::default();
        counts.into_iter().for_each(|count| band.add(count));
        band
    }

    #[test]
    fn a_rate_leaves_its_band_at_four_times_the_usual_and_no_harmless_one_does() {
        let busy = band([50; WINDOWS]);
        assert_eq!(busy.departure(RateOf::Campaign, 200), None);
        assert_eq!(busy.departure(RateOf::Campaign, 201), Some(Departure::Above));
        let quiet = band([]);
        assert_eq!(quiet.departure(RateOf::Campaign, 100), None);
        assert_eq!(quiet.departure(RateOf::Client, 21), Some(Departure::Above));
    }

    #[test]
    fn a_campaign_that_falls_silent_is_noticed_and_a_domain_is_not() {
        let busy = band([50; WINDOWS]);
        assert_eq!(busy.departure(RateOf::Campaign, 5), None);
        assert_eq!(busy.departure(RateOf::Campaign, 4), Some(Departure::Below));
        assert_eq!(busy.departure(RateOf::Domain, 0), None);
        assert_eq!(band([50; WINDOWS - 1]).departure(RateOf::Campaign, 0), None, "two hours are not known yet");
        assert_eq!(band([10; WINDOWS]).departure(RateOf::Campaign, 0), None, "it was never much");
    }

    #[test]
    fn what_goes_on_stays_an_alarm_until_it_is_usual() {
        let outside = |windows| band(std::iter::repeat_n(400, windows)).departure(RateOf::Domain, 400).is_some();
        assert!(outside(0) && outside(1) && outside(5) && !outside(6));
    }

    proptest! {
        #[test]
        fn what_is_usual_is_never_an_alarm(count in 0_u32..1_000_000, windows in WINDOWS..60) {
            let band = band(std::iter::repeat_n(count, windows));
            prop_assert_eq!(band.departure(RateOf::Campaign, count), None);
            prop_assert_eq!(band.usual(), count);
        }
    }
}
