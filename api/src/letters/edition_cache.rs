//! A cache of editions with their organisations' slugs. Both never change once used, so a cached one is never stale.

use postbag_domain::{Edition, EditionId, OfficePages, Slug};
use postbag_persistence::{ClaimedDelivery, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many editions are kept; one more empties the cache.
const CAPACITY: usize = 256;

/// An edition and its organisation.
#[derive(Debug)]
pub(crate) struct CachedEdition {
    /// The compiled edition.
    pub(crate) edition: Edition,
    /// The organisation's slug, which names it in the letter's addresses.
    pub(crate) organisation: Slug,
}

/// The editions in use.
#[derive(Debug)]
pub(crate) struct EditionCache {
    pages: OfficePages,
    kept: Mutex<HashMap<EditionId, Arc<CachedEdition>>>,
}

impl EditionCache {
    /// An empty cache; letters name the pages for offices.
    pub(crate) fn new(pages: OfficePages) -> Self {
        Self { pages, kept: Mutex::default() }
    }

    /// The edition of a message; nothing if the database has none, which is damage.
    pub(crate) async fn fetch(
        &self,
        store: &Store,
        delivery: &ClaimedDelivery,
    ) -> Result<Option<Arc<CachedEdition>>, StoreError> {
        let id = delivery.edition_id;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if kept.is_some() {
            return Ok(kept);
        }
        let loaded = match self.load(store, delivery).await {
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "an edition cannot be read");
                None
            }
            loaded => loaded?.map(Arc::new),
        };
        if let Some(edition) = &loaded {
            self.keep(id, edition);
        }
        Ok(loaded)
    }

    async fn load(&self, store: &Store, delivery: &ClaimedDelivery) -> Result<Option<CachedEdition>, StoreError> {
        let edition = store.load_edition(delivery.edition_id, self.pages.clone()).await?;
        let organisation = store.organisation_by_id(delivery.campaign_owner).await?;
        let slug = organisation.map(|stored| stored.organisation.content.slug.clone());
        Ok(edition.zip(slug).map(|(edition, organisation)| CachedEdition { edition, organisation }))
    }

    fn keep(&self, id: EditionId, edition: &Arc<CachedEdition>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= CAPACITY {
            kept.clear();
        }
        kept.insert(id, Arc::clone(edition));
    }
}
