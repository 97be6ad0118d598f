//! What opens a person's preferences, and what ends mail to them with one click (B3, C24).

use super::seal::Seal;
use crate::config::Config;
use chrono::{DateTime, Utc};
use postbag_domain::{EmailAddress, SupporterId};
use uuid::Uuid;

/// How many bytes of the hash of its inbox a link carries.
const TAG: usize = 8;

/// The person whose preferences a link opens, and the inbox that it went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenedLink {
    pub(crate) supporter: SupporterId,
    tag: Vec<u8>,
}

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

    /// The token of a link to a person's preferences that goes to an inbox, good until a moment.
    pub(crate) fn token(&self, supporter: SupporterId, inbox: &EmailAddress, until: DateTime<Utc>) -> String {
        let mut tag = self.links.tag(&inbox.key());
        tag.truncate(TAG);
        let (id, until) = (supporter.uuid(), until.timestamp().to_be_bytes());
        self.links.close("", &[id.as_bytes().as_slice(), &until, &tag].concat())
    }

    /// What a token opens, if this server wrote it and its time is not over.
    pub(crate) fn open(&self, token: &str, now: DateTime<Utc>) -> Option<OpenedLink> {
        let payload = self.links.open("", token)?;
        let (id, rest) = payload.split_at_checked(16)?;
        let (until, tag) = rest.split_at_checked(8)?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        let supporter = SupporterId::new(Uuid::from_slice(id).ok()?);
        (now.timestamp() < until).then(|| OpenedLink { supporter, tag: tag.to_vec() })
    }

    /// True if a link went to this inbox: one that was mailed before the address was corrected opens nothing more.
    pub(crate) fn went_to(&self, link: &OpenedLink, inbox: &EmailAddress) -> bool {
        self.links.tags(&inbox.key()).any(|tag| tag.starts_with(&link.tag) && link.tag.len() == TAG)
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
        let inbox = |text| EmailAddress::parse(text).unwrap();
        let token = keys().token(ada, &inbox("Ada@example.org"), until);
        let opened = keys().open(&token, until - TimeDelta::seconds(1)).unwrap();
        assert_eq!(opened.supporter, ada);
        assert!(keys().went_to(&opened, &inbox("ada@example.org")));
        assert!(!keys().went_to(&opened, &inbox("ada.new@example.org")));
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
