//! What letters are composed from, kept ready: editions never change, so they are read once.

use postbag_domain::{Edition, EditionId, Slug};
use postbag_persistence::{ClaimedDelivery, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many editions are kept. One more, and all are read anew.
const KEPT: usize = 256;

/// An edition, and whose it is.
#[derive(Debug)]
pub(super) struct Stationery {
    /// The compiled edition.
    pub(super) edition: Edition,
    /// The word of its organisation in addresses, which never changes.
    pub(super) organisation: Slug,
}

/// The stationery in use.
#[derive(Debug, Default)]
pub(in crate::workers) struct Cupboard {
    kept: Mutex<HashMap<EditionId, Arc<Stationery>>>,
}

impl Cupboard {
    /// The stationery of a message; nothing if the database has none, which is damage.
    pub(super) async fn fetch(
        &self,
        store: &Store,
        delivery: &ClaimedDelivery,
    ) -> Result<Option<Arc<Stationery>>, StoreError> {
        let id = delivery.edition_id;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if kept.is_some() {
            return Ok(kept);
        }
        let loaded = match load(store, delivery).await {
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "an edition cannot be read");
                None
            }
            loaded => loaded?.map(Arc::new),
        };
        if let Some(stationery) = &loaded {
            self.keep(id, stationery);
        }
        Ok(loaded)
    }

    fn keep(&self, id: EditionId, stationery: &Arc<Stationery>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id, Arc::clone(stationery));
    }
}

async fn load(store: &Store, delivery: &ClaimedDelivery) -> Result<Option<Stationery>, StoreError> {
    let edition = store.load_edition(delivery.edition_id).await?;
    let organisation = store.organisation_by_id(delivery.organisation_id).await?;
    let whole = edition.zip(organisation);
    Ok(whole.map(|(edition, stored)| Stationery { edition, organisation: stored.organisation.content.slug.clone() }))
}
