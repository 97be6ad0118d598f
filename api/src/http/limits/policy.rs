//! What a limit is: a name, an amount and a window, as answers announce it (A4).

use postbag_domain::Rate;
use std::num::NonZeroU32;
use std::time::Duration;

/// Declares the limits by name.
macro_rules! limits {
    ($($variant:ident = $name:literal, $doc:literal;)+) => {
        /// What is limited.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Limit {
            $(#[doc = $doc] $variant,)+
        }

        impl Limit {
            /// Every limit.
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name of its policy for an hour.
            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

limits! {
    Submissions = "submissions", "Submissions of a client.";
    SubmissionsOfNetwork = "submissions-of-network", "Submissions from a network behind which many people share an address.";
    SubmissionsOfCredential = "submissions-of-credential", "Submissions of a server that vouches for many people.";
    SubmissionsOfCampaign = "submissions-of-campaign", "Submissions to a campaign.";
    SubmissionsOfOrganisation = "submissions-of-organisation", "Submissions to all campaigns of an organisation.";
    SubmissionsTogether = "submissions-together", "Submissions to all campaigns.";
    Targets = "targets", "Look-ups, previews and tests of a client.";
    Confirmations = "confirmations", "Codes and links of a client that do not fit.";
    PreferenceLinks = "preference-links", "Requests of a client for the link to preferences.";
    Complaints = "complaints", "Complaints of a client.";
    Appeals = "appeals", "Appeals of a client.";
    Reports = "reports", "Reports of a client about the directory.";
    ReportsTogether = "reports-together", "Reports of all clients about the directory.";
}

/// The time in which an amount may be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Window {
    Minute,
    Hour,
}

impl Window {
    const fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }
}

/// So many in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Policy {
    limit: Limit,
    window: Window,
    amount: NonZeroU32,
}

impl Policy {
    /// The policies of a rate: for an hour and for a minute, where it says so.
    pub(crate) fn each(limit: Limit, rate: Rate) -> impl Iterator<Item = Self> {
        let hour = rate.an_hour.map(|amount| Self { limit, window: Window::Hour, amount });
        let minute = rate.a_minute.map(|amount| Self { limit, window: Window::Minute, amount });
        hour.into_iter().chain(minute)
    }

    /// Its name in answers.
    pub(crate) fn name(self) -> String {
        match self.window {
            Window::Hour => self.limit.name().to_owned(),
            Window::Minute => format!("{}-a-minute", self.limit.name()),
        }
    }

    /// True if servers that share a database count it together.
    pub(super) fn is_shared(self) -> bool {
        self.window == Window::Hour
    }

    /// True if a client that submits has used more than a third before this one. Servers and networks of many people do so every day.
    pub(super) fn is_of_busy_client(self, remaining: u32) -> bool {
        let before = u64::from(self.amount().saturating_sub(remaining).saturating_sub(1));
        self.limit == Limit::Submissions && before * 3 > self.amount().into()
    }

    /// How many in the window.
    pub(super) const fn amount(self) -> u32 {
        self.amount.get()
    }

    /// The quota for governor: one unit comes back after each part of the window.
    pub(super) fn quota(self) -> governor::Quota {
        let one = Duration::from_secs(self.window.seconds().into()) / self.amount.get();
        governor::Quota::with_period(one)
            .unwrap_or_else(|| governor::Quota::per_hour(self.amount))
            .allow_burst(self.amount)
    }

    /// As `RateLimit-Policy` announces it.
    pub(super) fn describe(self) -> String {
        format!("\"{}\";q={};w={}", self.name(), self.amount, self.window.seconds())
    }

    /// The policy that another server describes.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_prefix('"')?.split_once("\";q=")?;
        let (amount, window) = rest.split_once(";w=")?;
        let limit = Limit::ALL.iter().copied().find(|limit| limit.name() == name)?;
        let window = [Window::Hour, Window::Minute].into_iter().find(|known| known.seconds().to_string() == window)?;
        Some(Self { limit, window, amount: amount.parse().ok()? })
    }

    /// What is left, and in how many seconds all of it will be there again.
    pub(super) fn standing(self, remaining: u32) -> String {
        let used = u64::from(self.amount.get().saturating_sub(remaining));
        let whole_in = (used * u64::from(self.window.seconds())).div_ceil(u64::from(self.amount.get()));
        format!("\"{}\";r={remaining};t={whole_in}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_busy_after_a_third_and_a_server_never() {
        let rate = Rate { a_minute: NonZeroU32::new(8), an_hour: None };
        let is_busy = |limit, remaining| Policy::each(limit, rate).any(|policy| policy.is_of_busy_client(remaining));
        assert!(!is_busy(Limit::Submissions, 5), "the third");
        assert!(is_busy(Limit::Submissions, 4), "the fourth");
        assert!(!is_busy(Limit::SubmissionsOfCredential, 0) && !is_busy(Limit::SubmissionsOfNetwork, 0));
    }

    #[test]
    fn a_policy_is_read_as_it_is_described() {
        let rate = Rate { a_minute: NonZeroU32::new(8), an_hour: NonZeroU32::new(60) };
        let [hour, minute] = Policy::each(Limit::Submissions, rate).collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(minute.describe(), "\"submissions-a-minute\";q=8;w=60");
        assert_eq!(Policy::read(&hour.describe()), Some(hour));
        for unknown in ["", "\"acts\";q=60;w=3600", "\"submissions\";q=0;w=3600", "\"submissions\";q=60;w=7"] {
            assert_eq!(Policy::read(unknown), None, "{unknown}");
        }
    }
}
