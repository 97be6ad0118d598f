//! Apps for tests.

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Secret};
use crate::secrets;
use postbag_persistence::{Store, StoreOptions};
use std::sync::Arc;
use tempfile::TempDir;

/// An app over an empty database, which goes with the folder.
pub(crate) fn app(clock: Clock) -> (Arc<App>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("postbag.db").display());
    let mut config = Config { secret: Some(Secret::from("9f86d081884c7d659a2feaa0c55ad015")), ..Config::default() };
    config.auth.hs256_secret = Some(Secret::from("a3bf4f1b2b0b822cd15d6c15b0f00a08"));
    folder.path().clone_into(&mut config.mail.folder);
    let messages = Some(secrets::message_seal(&config));
    let store = Store::open(&url, &StoreOptions { messages, ..StoreOptions::default() }).unwrap();
    store.migrate().unwrap();
    (App::start(config, clock, store).unwrap(), folder)
}
