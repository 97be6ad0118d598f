//! Addresses to which mail comes back: each names one message, and only this server can have written it (B28).

use super::seal::Seal;
use crate::config::Config;
use data_encoding::BASE32_NOPAD;
use postbag_domain::{Bounced, DeliveryId, DigestId, DomainName, EmailAddress, Flaw, MailId};
use uuid::Uuid;

/// How many bytes of the checksum a token carries: 80 bits, so that prefix and token fit into the 64 octets of a local part.
const CHECKSUM: usize = 10;

/// The beginnings of the local parts, by the kind of message.
pub(crate) const PREFIXES: [&str; 3] = [LETTER, DIGEST, MAIL];

const LETTER: &str = "letter-";
const DIGEST: &str = "digest-";
const MAIL: &str = "mail-";

/// Writes and reads the local parts of envelope senders.
#[derive(Clone, Debug)]
pub(crate) struct BounceKeys(Seal);

impl BounceKeys {
    pub(crate) fn of(config: &Config) -> Self {
        Self(Seal::new(config.secrets(), "bounce"))
    }

    /// The address for a message, at the domain it is sent from: `letter-`, `digest-` or `mail-` and a token of lower-case base 32.
    pub(crate) fn address(&self, message: Bounced, domain: &DomainName) -> Result<EmailAddress, Flaw> {
        let (prefix, id) = parts(message);
        let tag = self.0.tag(&about(prefix, id));
        let token: Vec<u8> = id.as_bytes().iter().chain(tag.iter().take(CHECKSUM)).copied().collect();
        let token = BASE32_NOPAD.encode(&token).to_ascii_lowercase();
        EmailAddress::parse(&format!("{prefix}{token}@{}", domain.as_str()))
    }

    /// The message of a local part, if this server wrote it. Relays may have changed its case.
    pub(crate) fn open(&self, local_part: &str) -> Option<Bounced> {
        let local_part = local_part.to_ascii_lowercase();
        let of_kind = |kind: fn(Uuid) -> Bounced| {
            let (prefix, _) = parts(kind(Uuid::nil()));
            let bytes = BASE32_NOPAD.decode(local_part.strip_prefix(prefix)?.to_ascii_uppercase().as_bytes()).ok()?;
            let (id, checksum) = bytes.split_at_checked(16)?;
            let id = Uuid::from_slice(id).ok()?;
            let fits = |tag: Vec<u8>| {
                let tag = tag.get(..CHECKSUM).unwrap_or_default();
                aws_lc_rs::constant_time::verify_slices_are_equal(checksum, tag).is_ok()
            };
            self.0.tags(&about(prefix, id)).any(fits).then_some(kind(id))
        };
        of_kind(|id| Bounced::Letter(DeliveryId::new(id)))
            .or_else(|| of_kind(|id| Bounced::Digest(DigestId::new(id))))
            .or_else(|| of_kind(|id| Bounced::Mail(MailId::new(id))))
    }
}

fn parts(message: Bounced) -> (&'static str, Uuid) {
    match message {
        Bounced::Letter(id) => (LETTER, id.uuid()),
        Bounced::Digest(id) => (DIGEST, id.uuid()),
        Bounced::Mail(id) => (MAIL, id.uuid()),
    }
}

fn about(prefix: &str, id: Uuid) -> String {
    format!("{prefix}{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> BounceKeys {
        BounceKeys::of(&Config { secret: Some("a secret of enough letters, really".into()), ..Config::default() })
    }

    fn local_part(message: Bounced) -> String {
        let domain = DomainName::parse("letters.charity.example").unwrap();
        let address = keys().address(message, &domain).unwrap();
        address.as_str().strip_suffix("@letters.charity.example").unwrap().to_owned()
    }

    proptest! {
        #[test]
        fn an_address_names_its_message_in_any_case(id in any::<u128>(), kind in 0..3_u8) {
            let id = Uuid::from_u128(id);
            let message = match kind {
                0 => Bounced::Letter(DeliveryId::new(id)),
                1 => Bounced::Digest(DigestId::new(id)),
                _ => Bounced::Mail(MailId::new(id)),
            };
            let text = local_part(message);
            prop_assert!(text.len() <= 64 && text == text.to_lowercase());
            prop_assert_eq!(keys().open(&text), Some(message));
            prop_assert_eq!(keys().open(&text.to_uppercase()), Some(message));
        }

        #[test]
        fn a_changed_address_names_nothing(place in 0_usize..49, letter in "[a-z2-7]") {
            let text = local_part(Bounced::Letter(DeliveryId::new(Uuid::from_u128(7))));
            let mut changed = text.clone();
            changed.replace_range(place..=place, &letter);
            prop_assume!(changed != text);
            prop_assert_eq!(keys().open(&changed), None);
        }

        #[test]
        fn nothing_else_names_anything(text in any::<String>()) {
            prop_assert_eq!(keys().open(&text), None);
        }
    }

    #[test]
    fn a_letters_token_is_not_a_mails() {
        let letter = local_part(Bounced::Letter(DeliveryId::new(Uuid::from_u128(7))));
        assert_eq!(keys().open(&letter.replace("letter-", "mail-")), None);
    }
}
