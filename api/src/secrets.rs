//! The keys of this server: what each protects, how a database recognises its own, and how they are rotated.
//!
//! | key | what it does | after rotation |
//! |---|---|---|
//! | `secret` | signs receipt tokens, cursors, links, envelope senders and challenges | old ones are accepted as long as the old key is in `previous_secrets` |
//! | `auth.hs256_secret` | signs tokens of `postbag token issue` | old tokens end |
//! | `suppression_keys` | hash suppressed addresses | old keys stay: a hash cannot be made again without the address |
//! | `message_keys` | seal personal messages, and addresses of people who ask for a link, in the database | old keys stay: they open what they sealed |

mod bounce;
mod challenge;
mod client;
mod confirmation;
mod file;
mod message;
mod preferences;
mod rotate;
mod seal;
mod suppression;

pub(crate) use bounce::{BounceKeys, PREFIXES};
pub(crate) use challenge::ChallengeKeys;
pub(crate) use client::{ClientKeys, Hash as ClientHash};
use confirmation::ConfirmationKeys;
pub(crate) use file::{NAME as FILE_NAME, SecretsFile};
pub(crate) use message::MessageKeys;
use preferences::PreferenceKeys;
pub(crate) use rotate::Rotation;
pub use seal::Seal;
pub(crate) use seal::hex;
pub(crate) use suppression::{SuppressionHash, SuppressionKeys};

use crate::config::Config;
use crate::ids;
use postbag_domain::{EmailAddress, MailId};
use postbag_persistence::{KeyFault, Keys, LetterNotice, MessageSeal, Store};
use std::sync::Arc;

/// The keys by which mail is sent, limited and recognised when it comes back.
#[derive(Clone, Debug)]
pub(crate) struct MailKeys {
    pub(crate) suppressions: SuppressionKeys,
    pub(crate) confirmations: ConfirmationKeys,
    pub(crate) bounces: BounceKeys,
    pub(crate) preferences: PreferenceKeys,
}

impl MailKeys {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            suppressions: SuppressionKeys::of(config),
            confirmations: ConfirmationKeys::of(config),
            bounces: BounceKeys::of(config),
            preferences: PreferenceKeys::of(config),
        }
    }

    /// The mail that tells a supporter what became of their letter, to be queued if it is needed.
    pub(crate) fn notice(&self, supporter: &EmailAddress) -> LetterNotice {
        LetterNotice { mail_id: MailId::new(ids::fresh()), mailbox: self.confirmations.mailbox(supporter) }
    }
}

/// The seal of personal messages for a store, under the configured keys.
pub(crate) fn message_seal(config: &Config) -> Arc<dyn MessageSeal> {
    Arc::new(MessageKeys::of(config))
}

/// Refuses keys that are not those this database was served with: without its suppression keys, people who must not be written to
/// would be, and without its message keys nobody could read what was written.
pub(crate) async fn check(store: &Store, config: &Config) -> anyhow::Result<()> {
    let keys = Keys {
        secrets: config.secrets().map(seal::check_value).collect(),
        suppression_keys: SuppressionKeys::of(config).check_values(),
        message_keys: MessageKeys::of(config).check_values(),
    };
    match store.check_keys(keys).await? {
        None => Ok(()),
        Some(KeyFault::OtherSecret) => anyhow::bail!(
            "the secret does not belong to this database: restore the secrets.toml (or POSTBAG_SECRET) that was in use with it. \
             With another secret, receipts and links would stop working and suppressions could be void"
        ),
        Some(KeyFault::OtherSuppressionKey(id)) => anyhow::bail!(
            "the suppression key {id} does not belong to this database: restore the secrets.toml (or \
             POSTBAG_SUPPRESSION_KEYS) that was in use with it. With another key, people who must not be written to would be"
        ),
        Some(KeyFault::MissingSuppressionKey(id)) => anyhow::bail!(
            "the suppression key {id} is missing, and addresses are suppressed under it: restore the secrets.toml (or \
             POSTBAG_SUPPRESSION_KEYS) that holds it. Without it, people who must not be written to would be"
        ),
        Some(KeyFault::OtherMessageKey(id)) => anyhow::bail!(
            "the message key {id} does not belong to this database: restore the secrets.toml (or POSTBAG_MESSAGE_KEYS) that was \
             in use with it. With another key, what people wrote could not be read, nor sent"
        ),
        Some(KeyFault::MissingMessageKey(id)) => anyhow::bail!(
            "the message key {id} is missing, and personal messages may be sealed with it: restore the secrets.toml (or \
             POSTBAG_MESSAGE_KEYS) that holds it. Without it, what people wrote could not be read, nor sent"
        ),
    }
}
