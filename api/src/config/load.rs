//! Reads the file and the variables, and makes up what a single machine may make up.

use super::{Config, ConfigError};
use crate::secrets::SecretsFile;
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What every variable begins with.
const PREFIX: &str = "POSTBAG_";

/// Variables of the command line, which are no settings.
const NOT_SETTINGS: [&str; 1] = ["POSTBAG_CONFIG"];

/// The file that is read if it is there and no other is named.
const DEFAULT_FILE: &str = "postbag.toml";

/// Settings that are text even when they look like numbers.
const TEXT: [&str; 7] = ["secret", "site_key", "hs256_secret", "password", "username", "database_url", "host"];

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
            SecretsFile::load_or_create(&self.data_dir)?.fill(&mut self);
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
