//! The supporter's confirmation: how it may be given, for how long, and how often an address may be mailed for it (B16, B31).

use crate::words::words;
use chrono::{DateTime, TimeDelta, Utc};

/// How long an action waits for its confirmation; then it expires (B16).
pub const CONFIRMATION_PERIOD: TimeDelta = TimeDelta::days(7);

/// How long after the first mail the reminder follows (B16).
pub const REMINDER_DELAY: TimeDelta = TimeDelta::hours(24);

/// How many mails an address may get in [`MAIL_WINDOW`], over all campaigns and organisations (B31).
pub const MAILS_PER_ADDRESS: usize = 3;

/// The window of all limits on mails to one address: any 24 hours.
pub const MAIL_WINDOW: TimeDelta = TimeDelta::hours(24);

words! {
    /// How an action came to be confirmed: the evidence that stands beside it.
    ConfirmedBy, "confirmed_by_unknown" {
        /// By the link in the mail to the address.
        Link = "link",
        /// By the code in the mail to the address.
        Code = "code",
        /// By a caller with a token, who has verified that the address is the person's.
        Caller = "caller",
        /// By nobody: the campaign does without confirmation.
        Waiver = "waiver",
    }
}

impl ConfirmedBy {
    /// True if the holder of the address has shown that the action is theirs.
    pub const fn proves_address(self) -> bool {
        match self {
            Self::Link | Self::Code | Self::Caller => true,
            Self::Waiver => false,
        }
    }
}

/// The moment an action that was made at `created_at` expires without its confirmation.
pub fn confirm_by(created_at: DateTime<Utc>) -> DateTime<Utc> {
    created_at + CONFIRMATION_PERIOD
}

/// A mail that left for the same address, as a new one sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierMail {
    /// Another campaign's.
    Elsewhere,
    /// The same campaign's, for an action that still waits: its link and code hold for the new action too.
    Open,
    /// The same campaign's, for an action that waits no more.
    Done,
}

/// What may be done with a mail at this moment, for the sake of the inbox it goes to (B31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// It may leave.
    Now,
    /// It is not needed: the link and the code of a mail of this day hold for its action too.
    Covered,
    /// It waits until this moment: the address has had its share for the day.
    Later(DateTime<Utc>),
}

impl Allowance {
    /// Decides for a mail of a campaign. `earlier` are the mails that left for the address, with when each did.
    pub fn of(earlier: impl IntoIterator<Item = (DateTime<Utc>, EarlierMail)>, now: DateTime<Utc>) -> Self {
        let recent: Vec<_> = earlier.into_iter().filter(|(left_at, _)| now - *left_at < MAIL_WINDOW).collect();
        if recent.iter().any(|(_, mail)| *mail == EarlierMail::Open) {
            return Self::Covered;
        }
        let done = recent.iter().filter(|(_, mail)| *mail == EarlierMail::Done).map(|(left_at, _)| *left_at);
        // As many of them as fill the allowance decide: the oldest of these makes room when it passes out of the window.
        let mut times: Vec<_> = recent.iter().map(|(left_at, _)| *left_at).collect();
        times.sort_unstable();
        let oldest = times.len().checked_sub(MAILS_PER_ADDRESS).and_then(|place| times.get(place)).copied();
        done.chain(oldest).max().map_or(Self::Now, |left_at| Self::Later(left_at + MAIL_WINDOW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).unwrap()
    }

    #[test]
    fn an_address_has_three_mails_a_day_and_one_for_each_campaign() {
        let elsewhere =
            |minutes: &[i64]| minutes.iter().map(|minutes| (at(*minutes), EarlierMail::Elsewhere)).collect::<Vec<_>>();
        assert_eq!(Allowance::of(elsewhere(&[0, 10]), at(20)), Allowance::Now);
        assert_eq!(Allowance::of(elsewhere(&[10, 0, 5]), at(20)), Allowance::Later(at(24 * 60)));
        assert_eq!(Allowance::of(elsewhere(&[0, 5, 10]), at(24 * 60)), Allowance::Now);
        assert_eq!(Allowance::of([(at(0), EarlierMail::Open)], at(24 * 60 - 1)), Allowance::Covered);
        assert_eq!(Allowance::of([(at(0), EarlierMail::Open)], at(24 * 60)), Allowance::Now);
        assert_eq!(Allowance::of([(at(5), EarlierMail::Done)], at(20)), Allowance::Later(at(24 * 60 + 5)));
    }

    proptest! {
        #[test]
        fn no_window_of_a_day_ever_holds_more_than_three(requests in proptest::collection::vec(0i64..10_000, 0..200)) {
            let mut requests = requests;
            requests.sort_unstable();
            let mut left: Vec<(DateTime<Utc>, EarlierMail)> = Vec::new();
            for minutes in requests {
                let mut now = at(minutes);
                while let Allowance::Later(then) = Allowance::of(left.clone(), now) {
                    prop_assert!(then > now);
                    now = then;
                }
                left.push((now, EarlierMail::Elsewhere));
            }
            for (start, _) in &left {
                let within = left.iter().filter(|(at, _)| *at >= *start && *at - *start < MAIL_WINDOW).count();
                prop_assert!(within <= MAILS_PER_ADDRESS);
            }
        }
    }
}
