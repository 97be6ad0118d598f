//! Reads the file and the variables, and makes up what a single machine may make up.

use super::{Config, ConfigError, Secret};
use crate::seal::hex;
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use serde::Deserialize;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What every variable begins with.
const PREFIX: &str = "POSTBAG_";

/// Variables of the command line, which are no settings.
const NOT_SETTINGS: [&str; 1] = ["POSTBAG_CONFIG"];

/// The file that is read if it is there and no other is named.
const DEFAULT_FILE: &str = "postbag.toml";

/// Settings that are text even when they look like numbers.
const TEXT: [&str; 6] = ["secret", "hs256_secret", "password", "username", "database_url", "host"];

impl Config {
    /// The configuration from `file` (or `postbag.toml`, if that is there) and this process's environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let file =
            file.map(Path::to_path_buf).or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists()));
        Self::from_parts(file.as_deref(), std::env::vars())
    }

    /// The configuration from a file and variables, checked.
    pub fn from_parts(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            figment = figment.merge(Toml::string(&read(file)?));
        }
        for (setting, value) in settings(variables)? {
            figment = figment.merge(Serialized::default(&setting, value));
        }
        let config: Self = figment.extract().map_err(|error| ConfigError::Read(Box::new(error)))?;
        config.check()?;
        Ok(config)
    }

    /// Fills in the secrets that are not configured: kept in the data folder with SQLite, refused with PostgreSQL.
    pub fn load_secrets(mut self) -> Result<Self, ConfigError> {
        if let Some(setting) = self.missing_secret() {
            if !self.is_sqlite() {
                return Err(ConfigError::MissingSecret { setting });
            }
            let generated = Generated::load_or_create(&self.data_dir)?;
            self.secret.get_or_insert(generated.secret);
            if self.auth.public_keys.is_empty() {
                self.auth.hs256_secret.get_or_insert(generated.hs256_secret);
            }
            self.check()?;
        }
        Ok(self)
    }

    /// The first secret that is needed and not set.
    pub fn missing_secret(&self) -> Option<&'static str> {
        match (&self.secret, &self.auth.hs256_secret) {
            (None, _) => Some("secret"),
            (_, None) if self.auth.public_keys.is_empty() => Some("auth.hs256_secret"),
            _ => None,
        }
    }
}

/// The settings in the environment, each with its dotted path.
fn settings(variables: impl IntoIterator<Item = (String, String)>) -> Result<Vec<(String, Value)>, ConfigError> {
    let ours = |name: &String| name.starts_with(PREFIX) && !NOT_SETTINGS.contains(&name.as_str());
    let variables: Vec<_> = variables.into_iter().filter(|(name, _)| ours(name)).collect();
    let is_set = |name: &str| variables.iter().any(|(other, _)| other == name);
    variables
        .iter()
        .map(|(name, value)| {
            let Some(plain) = name.strip_suffix("_FILE") else { return Ok(setting(name, value)) };
            if is_set(plain) {
                return Err(ConfigError::Twice { variable: plain.to_owned() });
            }
            let content = read(Path::new(value))?;
            Ok(setting(plain, content.trim_end_matches(['\r', '\n'])))
        })
        .collect()
}

fn setting(name: &str, value: &str) -> (String, Value) {
    let path = name.strip_prefix(PREFIX).unwrap_or(name).to_ascii_lowercase().replace("__", ".");
    let text = path.rsplit('.').next().is_some_and(|leaf| TEXT.contains(&leaf));
    let value = if text { Value::from(value) } else { value.parse().unwrap_or_else(|_never| Value::from(value)) };
    (path, value)
}

/// The text of a file, or an error that names it.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })
}

/// The secrets that a single machine makes up once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generated {
    secret: Secret,
    hs256_secret: Secret,
}

impl Generated {
    fn load_or_create(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join("secrets.toml");
        create(folder, &path).map_err(|source| ConfigError::Write { path: path.clone(), source })?;
        let mode =
            fs::metadata(&path).map_err(|source| ConfigError::File { path: path.clone(), source })?.permissions();
        if mode.mode() & 0o077 != 0 {
            return Err(ConfigError::ExposedSecrets { path });
        }
        let figment = Figment::from(Toml::string(&read(&path)?));
        figment.extract().map_err(|error| ConfigError::Read(Box::new(error)))
    }
}

/// Writes fresh secrets, unless they are there already.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    // Written whole under another name first: whoever finds the file finds all of it, and the first to link it wins.
    let draft = folder.join(format!(".secrets.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(
        file,
        "# Made by postbag at its first start. Whoever has this file can sign tokens: keep it to yourself."
    )?;
    writeln!(file, "secret = \"{}\"\nhs256_secret = \"{}\"", random()?, random()?)?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// 256 random bits.
fn random() -> io::Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_why| io::Error::other("no randomness"))?;
    Ok(hex(&bytes))
}
