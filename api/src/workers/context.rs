//! What workers share with the rest of the process.

use crate::app::mail_health::MailHealth;
use crate::clock::Clock;
use crate::inbound::maildir::Maildir;
use crate::letters::EditionCache;
use crate::outbound::{DkimKeys, Folder, Mailer};
use crate::secrets::MailKeys;
use crate::workers::pacing::Pacing;
use chrono::TimeDelta;
use postbag_domain::delivery::Pauses;
use postbag_domain::{Directory, OfficePages};
use postbag_persistence::{Store, TallyListener, TallyRow};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use uuid::Uuid;

/// The directory as it is now.
pub(crate) type CurrentDirectory = Arc<dyn Fn() -> Arc<Directory> + Send + Sync>;

/// What workers share: with one another, and with the rest of the process.
pub(crate) struct WorkerContext {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) mailer: Mailer,
    pub(super) dkim_keys: DkimKeys,
    pub(super) lease: TimeDelta,
    pub(super) pacing: Pacing,
    pub(super) keys: MailKeys,
    /// Where mail that comes back arrives, if there is a folder for it.
    pub(super) bounces_folder: Option<Maildir>,
    /// The address under which people reach this server.
    pub(super) public_url: String,
    pub(super) wake: Arc<Notify>,
    pub(super) wake_mails: Arc<Notify>,
    pub(super) wake_invalidations: Arc<Notify>,
    pub(super) editions: EditionCache,
    directory: CurrentDirectory,
    listener: TallyListener,
    pauses: Mutex<Pauses>,
    pub(super) mail_health: Arc<MailHealth>,
}

impl WorkerContext {
    /// `lease` is how long one message may be in a worker's hands: longer than the mailer may take for it. `listener` receives
    /// every count that a worker changed, and the bells may be rung when there are messages or mails to send,
    /// or invalidations to work on.
    pub(crate) fn new(
        (store, clock): (Store, Clock),
        (mailer, dkim_keys, bounces_folder): (Mailer, DkimKeys, Option<Maildir>),
        (lease, pacing, mail_health): (TimeDelta, Pacing, Arc<MailHealth>),
        (keys, public_url): (MailKeys, String),
        directory: CurrentDirectory,
        listener: TallyListener,
        [wake, wake_mails, wake_invalidations]: [Arc<Notify>; 3],
    ) -> Self {
        Self {
            store,
            clock,
            mailer,
            dkim_keys,
            lease,
            pacing,
            keys,
            bounces_folder,
            editions: EditionCache::new(OfficePages::at(&public_url)),
            public_url,
            wake,
            wake_mails,
            wake_invalidations,
            directory,
            listener,
            pauses: Mutex::default(),
            mail_health,
        }
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        (self.directory)()
    }

    /// Tells of counts that changed.
    pub(super) fn publish(&self, counts: &[TallyRow]) {
        if !counts.is_empty() {
            (self.listener)(counts);
        }
    }

    /// Removes copies of letters and mails from the folder, where there is no relay.
    pub(super) fn remove_copies(&self, ids: &[Uuid]) {
        if let Mailer::Folder(folder) = &self.mailer {
            Folder::forget(folder.path(), ids);
        }
    }

    /// The pauses of the relay and of domains, for all lanes alike.
    pub(super) fn pauses(&self) -> MutexGuard<'_, Pauses> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
