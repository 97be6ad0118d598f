//! What opens a person's preferences, and what ends mail to them with one click (B3, C24).

use super::seal::Seal;
use crate::config::Config;
use chrono::{DateTime, Utc};
use postbag_domain::SupporterId;
use uuid::Uuid;

/// Writes and reads the tokens of preferences.
#[derive(Clone, Debug)]
pub(crate) struct PreferenceKeys {
    links: Seal,
    unsubscribe: Seal,
}

impl PreferenceKeys {
    /// Each purpose has a key of its own, so that no token opens anything else.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            links: Seal::new(config.secrets(), "preferences"),
            unsubscribe: Seal::new(config.secrets(), "unsubscribe"),
        }
    }

    /// The token of a link to a person's preferences, good until a moment.
    pub(crate) fn token(&self, supporter: SupporterId, until: DateTime<Utc>) -> String {
        self.links.close_until(supporter.uuid(), until)
    }

    /// The person that a token is for, if this server wrote it and its time is not over.
    pub(crate) fn open(&self, token: &str, now: DateTime<Utc>) -> Option<SupporterId> {
        self.links.open_until(token, now).map(SupporterId::new)
    }

    /// The token by which a person's mail ends. It holds for as long as the mail may be kept: it can do nothing else.
    pub(crate) fn unsubscribe_token(&self, supporter: SupporterId) -> String {
        self.unsubscribe.close("", supporter.uuid().as_bytes())
    }

    /// The person whose mail a token ends.
    pub(crate) fn open_unsubscribe(&self, token: &str) -> Option<SupporterId> {
        Uuid::from_slice(&self.unsubscribe.open("", token)?).ok().map(SupporterId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn keys() -> PreferenceKeys {
        PreferenceKeys::of(&Config { secret: Some("a secret of enough letters, really".into()), ..Config::default() })
    }

    #[test]
    fn a_token_opens_its_person_until_its_time_is_over_and_nothing_else() {
        let (ada, until) = (SupporterId::new(Uuid::from_u128(7)), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let token = keys().token(ada, until);
        assert_eq!(keys().open(&token, until - TimeDelta::seconds(1)), Some(ada));
        assert_eq!(keys().open(&token, until), None);
        assert_eq!(keys().open_unsubscribe(&token), None);
        assert_eq!(keys().open(&keys().unsubscribe_token(ada), until - TimeDelta::days(1)), None);
    }

    #[test]
    fn an_unsubscribe_token_names_its_person() {
        let ada = SupporterId::new(Uuid::from_u128(7));
        assert_eq!(keys().open_unsubscribe(&keys().unsubscribe_token(ada)), Some(ada));
        assert_eq!(keys().open_unsubscribe(""), None);
    }
}
