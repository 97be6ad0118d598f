//! Rotation of the keys.

use super::file::{SecretsFile, random};
use crate::config::{Config, NamedKey};
use anyhow::Context;

/// Fresh keys beside those that are still needed.
pub(crate) struct Rotation {
    keys: SecretsFile,
}

impl Rotation {
    /// Makes fresh keys for a configuration whose secrets are loaded.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Self> {
        let mut keys = SecretsFile::of(config).context("no secret is configured")?;
        let old = std::mem::replace(&mut keys.secret, random()?);
        keys.previous_secrets.insert(0, old);
        keys.hs256_secret = random()?;
        for list in [&mut keys.suppression_keys, &mut keys.message_keys] {
            let id = next_id(list);
            list.insert(0, NamedKey { id, key: random()? });
        }
        Ok(Self { keys })
    }

    /// The keys, to write over those of the data folder.
    pub(crate) fn file(&self) -> &SecretsFile {
        &self.keys
    }

    /// The keys as settings, for a configuration that holds them itself.
    pub(crate) fn settings(&self) -> String {
        self.keys.text().replacen("hs256_secret", "auth.hs256_secret", 1)
    }
}

/// One more than the highest number among the ids.
fn next_id(keys: &[NamedKey]) -> String {
    let highest = keys.iter().filter_map(|key| key.id.parse::<u32>().ok()).max().unwrap_or_default();
    highest.saturating_add(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use crate::ids;
    use crate::secrets::{MessageKeys, SuppressionKeys};
    use postbag_domain::EmailAddress;
    use postbag_persistence::MessageSeal;

    #[test]
    fn a_rotation_keeps_what_old_hashes_and_receipts_need() {
        let before = Config { secret: Some(Secret::from("an old secret of enough letters!")), ..Config::default() };
        let rotation = Rotation::of(&before).unwrap();
        let mut after = Config::default();
        rotation.file().clone().fill(&mut after);
        assert_eq!(after.previous_secrets.len(), 1);
        assert_eq!(after.previous_secrets[0].expose(), "an old secret of enough letters!");
        let ids: Vec<_> = after.suppression_keys.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(ids, ["1", "secret"]);
        let ada = EmailAddress::parse("ada@example.org").unwrap();
        let stored = SuppressionKeys::of(&before).hash(&ada).hash;
        assert!(SuppressionKeys::of(&after).hashes(&ada).any(|hash| hash == stored));
        let (action, message) = (ids::fresh(), "Eleven weeks.");
        let sealed = MessageKeys::of(&before).seal(action, message).unwrap();
        assert_eq!(MessageKeys::of(&after).open(action, &sealed).as_deref(), Some(message));
    }
}
