//! What proves that a person reads the mail to an address: the token of a link, and the code that can be typed instead (B16, C24).

use super::seal::Seal;
use crate::config::Config;
use chrono::{DateTime, Utc};
use postbag_domain::{ActionId, CampaignId, EmailAddress, SupporterId};

/// Letters and digits that are not mistaken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many of them a code has: 40 bits, which nobody guesses within the week that it lasts.
const CODE_LENGTH: usize = 8;

/// Writes and reads tokens and codes of confirmations, and the hashes by which mails to an inbox are limited.
#[derive(Clone, Debug)]
pub(crate) struct ConfirmationKeys {
    tokens: Seal,
    codes: Seal,
    mailboxes: Seal,
}

impl ConfirmationKeys {
    /// Each purpose has a key of its own, so that no token opens anything else.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            tokens: Seal::new(config.secrets(), "confirmation"),
            codes: Seal::new(config.secrets(), "confirmation code"),
            mailboxes: Seal::new(config.secrets(), "mailbox"),
        }
    }

    /// The token of the link for an action, good until a moment.
    pub(crate) fn token(&self, action: ActionId, until: DateTime<Utc>) -> String {
        self.tokens.close_until(action.uuid(), until)
    }

    /// The action that a token is for, if this server wrote it and its time is not over.
    pub(crate) fn open(&self, token: &str, now: DateTime<Utc>) -> Option<ActionId> {
        self.tokens.open_until(token, now).map(ActionId::new)
    }

    /// The code for a person in a campaign, as people read it: `7K3M-9QXD`.
    pub(crate) fn code(&self, campaign: CampaignId, supporter: SupporterId) -> String {
        let text = spell(&self.codes.tag(&about(campaign, supporter)));
        let (first, second) = text.split_at(CODE_LENGTH / 2);
        format!("{first}-{second}")
    }

    /// True if a code is right, however it is typed: in small letters, with spaces, with O for zero.
    pub(crate) fn code_fits(&self, typed: &str, campaign: CampaignId, supporter: SupporterId) -> bool {
        let typed: String = typed.chars().filter_map(read).collect();
        self.codes.tags(&about(campaign, supporter)).any(|tag| {
            let expected = spell(&tag);
            aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), typed.as_bytes()).is_ok()
        })
    }

    /// The hash of an inbox, the same for all its spellings.
    pub(crate) fn mailbox(&self, address: &EmailAddress) -> Vec<u8> {
        self.mailboxes.tag(&address.mailbox())
    }
}

fn about(campaign: CampaignId, supporter: SupporterId) -> String {
    format!("{campaign} {supporter}")
}

/// Five bits for each character.
fn spell(tag: &[u8]) -> String {
    let number = tag.iter().take(5).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let digit = |place: usize| ALPHABET.get(usize::try_from(number >> (5 * place) & 31).unwrap_or_default());
    (0..CODE_LENGTH).rev().filter_map(digit).map(|byte| char::from(*byte)).collect()
}

/// A typed character as the alphabet has it; nothing for what only separates.
fn read(typed: char) -> Option<char> {
    match typed.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        ' ' | '-' | '\u{2013}' | '\u{a0}' => None,
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use uuid::Uuid;

    fn keys() -> ConfirmationKeys {
        ConfirmationKeys::of(&Config { secret: Some("a secret of enough letters, really".into()), ..Config::default() })
    }

    fn ids(number: u128) -> (CampaignId, SupporterId) {
        (CampaignId::new(Uuid::from_u128(1)), SupporterId::new(Uuid::from_u128(number)))
    }

    #[test]
    fn a_token_opens_its_action_until_its_time_is_over() {
        let (action, until) = (ActionId::new(Uuid::from_u128(7)), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let token = keys().token(action, until);
        assert_eq!(keys().open(&token, until - TimeDelta::seconds(1)), Some(action));
        assert_eq!(keys().open(&token, until), None);
        assert_eq!(keys().open(&token.replace('0', "1"), until - TimeDelta::days(1)), None);
        assert_eq!(keys().open("", until), None);
    }

    #[test]
    fn a_code_fits_its_person_however_it_is_typed() {
        let (campaign, ada) = ids(1);
        let code = keys().code(campaign, ada);
        assert_eq!(code.len(), CODE_LENGTH + 1);
        for typed in
            [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('0', "o"), code.replace('1', "l")]
        {
            assert!(keys().code_fits(&typed, campaign, ada), "{typed}");
        }
        assert!(!keys().code_fits(&code, campaign, ids(2).1));
        assert!(!keys().code_fits("", campaign, ada) && !keys().code_fits(&code[1..], campaign, ada));
    }

    #[test]
    fn the_spellings_of_one_inbox_have_one_hash() {
        let hash = |text: &str| keys().mailbox(&EmailAddress::parse(text).unwrap());
        assert_eq!(hash("Ada+petitions@Example.org"), hash("ada@example.org"));
        assert_ne!(hash("ada@example.org"), hash("ada@example.com"));
    }
}
