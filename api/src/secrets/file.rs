//! `secrets.toml`: the keys that a single machine makes for itself.

use super::seal::hex;
use super::{message, suppression};
use crate::config::{Config, ConfigError, NamedKey, Secret};
use crate::private_files;
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The name of the file, in the data folder.
pub(crate) const NAME: &str = "secrets.toml";

/// The content of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretsFile {
    pub(crate) secret: Secret,
    pub(crate) hs256_secret: Secret,
    #[serde(default)]
    pub(crate) previous_secrets: Vec<Secret>,
    #[serde(default)]
    pub(crate) suppression_keys: Vec<NamedKey>,
    #[serde(default)]
    pub(crate) message_keys: Vec<NamedKey>,
}

impl SecretsFile {
    /// The path of the file.
    pub(crate) fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(NAME)
    }

    /// Fresh keys.
    pub(super) fn generate() -> io::Result<Self> {
        Ok(Self {
            secret: random()?,
            hs256_secret: random()?,
            previous_secrets: Vec::new(),
            suppression_keys: vec![NamedKey { id: "1".to_owned(), key: random()? }],
            message_keys: vec![NamedKey { id: "1".to_owned(), key: random()? }],
        })
    }

    /// The keys in the data folder, made there if there are none.
    pub(crate) fn load_or_create(data_dir: &Path) -> Result<Self, ConfigError> {
        let path = Self::path(data_dir);
        if !path.exists() {
            let create = || Self::generate()?.create(data_dir);
            create().map_err(|source| ConfigError::Write { path: path.clone(), source })?;
        }
        Self::load(&path)
    }

    /// Reads a file that its owner alone can read.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::File { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(ConfigError::ExposedSecrets { path: path.to_owned() });
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        Figment::from(Toml::string(&text)).extract().map_err(|error| ConfigError::Read(Box::new(error)))
    }

    /// Writes the keys unless the file is there already: of several processes that start together, the first wins.
    fn create(&self, folder: &Path) -> io::Result<()> {
        let draft = self.write_draft(folder)?;
        let linked = fs::hard_link(&draft, Self::path(folder));
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes the keys in the place of those that are there, whole or not at all.
    pub(crate) fn replace(&self, folder: &Path) -> io::Result<()> {
        fs::rename(self.write_draft(folder)?, Self::path(folder))?;
        fs::File::open(folder)?.sync_all()
    }

    fn write_draft(&self, folder: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let draft = folder.join(format!(".secrets.{}", std::process::id()));
        let _left_over = fs::remove_file(&draft);
        let mut file = private_files::file().create_new(true).open(&draft)?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }

    /// The keys as TOML.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(
            "# The keys of this Postbag. Keep them to yourself: with this file anybody can sign tokens.\n\
             # Back it up together with the database, which is of no use without it.\n",
        );
        let previous: Vec<_> = self.previous_secrets.iter().map(|secret| format!("\"{}\"", secret.expose())).collect();
        let _ = writeln!(text, "secret = \"{}\"", self.secret.expose());
        let _ = writeln!(text, "hs256_secret = \"{}\"", self.hs256_secret.expose());
        let _ = writeln!(text, "previous_secrets = [{}]", previous.join(", "));
        for (list, keys) in [("suppression_keys", &self.suppression_keys), ("message_keys", &self.message_keys)] {
            for NamedKey { id, key } in keys {
                let _ = writeln!(text, "\n[[{list}]]\nid = \"{id}\"\nkey = \"{}\"", key.expose());
            }
        }
        text
    }

    /// Gives the configuration the keys that it does not set itself.
    pub(crate) fn fill(self, config: &mut Config) {
        if config.secret.is_none() {
            config.secret = Some(self.secret);
            config.previous_secrets = self.previous_secrets;
        }
        if config.auth.public_keys.is_empty() {
            config.auth.hs256_secret.get_or_insert(self.hs256_secret);
        }
        if config.suppression_keys.is_empty() {
            config.suppression_keys = self.suppression_keys;
        }
        if config.message_keys.is_empty() {
            config.message_keys = self.message_keys;
        }
    }

    /// The keys in use, as this file would hold them; derived keys are written out.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        Some(Self {
            secret: config.secret.clone()?,
            hs256_secret: config.auth.hs256_secret.clone().unwrap_or_else(|| Secret::from("")),
            previous_secrets: config.previous_secrets.clone(),
            suppression_keys: written_out(&config.suppression_keys, suppression::DERIVED, || {
                suppression::derived(config)
            }),
            message_keys: written_out(&config.message_keys, message::DERIVED, || message::derived(config)),
        })
    }
}

/// The configured keys, or else the derived one under its id.
fn written_out(keys: &[NamedKey], id: &str, derived: impl FnOnce() -> String) -> Vec<NamedKey> {
    match keys {
        [] => vec![NamedKey { id: id.to_owned(), key: Secret::from(derived().as_str()) }],
        keys => keys.to_vec(),
    }
}

/// 256 random bits.
pub(super) fn random() -> io::Result<Secret> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_why| io::Error::other("no randomness"))?;
    Ok(Secret::from(hex(&bytes).as_str()))
}
