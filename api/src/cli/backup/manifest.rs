//! What a backup holds, written last: a folder without it is not whole.

use crate::secrets::hex;
use anyhow::{Context as _, ensure};
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

/// The name of the file.
const NAME: &str = "backup.json";

/// When a backup was made, by which version, and the SHA-256 of each of its files.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    postbag: String,
    created_at: DateTime<Utc>,
    files: BTreeMap<String, String>,
}

impl Manifest {
    pub(super) fn of(folder: &Path, names: &[&str], created_at: DateTime<Utc>) -> anyhow::Result<Self> {
        let digest = |name: &&str| Ok(((*name).to_owned(), sha256(&folder.join(name))?));
        let files = names.iter().map(digest).collect::<anyhow::Result<_>>()?;
        Ok(Self { postbag: env!("CARGO_PKG_VERSION").to_owned(), created_at, files })
    }

    pub(super) fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::write(folder.join(NAME), serde_json::to_string_pretty(self)?)?;
        Ok(fs::File::open(folder)?.sync_all()?)
    }

    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(folder.join(NAME));
        let text = text.with_context(|| format!("{} is not a whole backup", folder.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{NAME} cannot be read"))
    }

    /// Refuses a backup of which a file is missing or changed.
    pub(super) fn check(&self, folder: &Path) -> anyhow::Result<()> {
        for (name, digest) in &self.files {
            ensure!(sha256(&folder.join(name))? == *digest, "{name} is not as it was when the backup was made");
        }
        Ok(())
    }
}

fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut file = fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (mut digest, mut part) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok(hex(digest.finish().as_ref()));
        }
        digest.update(part.get(..read).unwrap_or_default());
    }
}
