//! Up to where what is in memory has followed the database.

use postbag_domain::CampaignId;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicI64};

/// Up to where the snapshots have followed the database. One refresh runs at a time.
pub(super) struct Followed {
    pub(super) campaigns: AtomicI64,
    pub(super) directory: AtomicI64,
    pub(super) midnight_tallies: AtomicI64,
    pub(super) revocations: AtomicI64,
    pub(super) stops: AtomicI64,
    /// The day in the United Kingdom, as days since the beginning of the era.
    pub(super) day: AtomicI32,
    pub(super) tallies: Mutex<HashMap<CampaignId, i64>>,
    /// The moment the last refresh ended, in microseconds.
    pub(super) refreshed_at: AtomicI64,
    pub(super) refreshing: tokio::sync::Mutex<()>,
}

impl Default for Followed {
    /// Behind everything: the first refresh reads it all.
    fn default() -> Self {
        Self {
            campaigns: AtomicI64::new(-1),
            directory: AtomicI64::new(-1),
            midnight_tallies: AtomicI64::new(-1),
            revocations: AtomicI64::new(-1),
            stops: AtomicI64::new(-1),
            day: AtomicI32::new(i32::MIN),
            tallies: Mutex::default(),
            refreshed_at: AtomicI64::new(0),
            refreshing: tokio::sync::Mutex::default(),
        }
    }
}
