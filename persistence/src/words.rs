//! What a supporter typed, as it is stored: the personal message sealed, everything else as a document (B12).

use crate::connection::AnyConnection;
use crate::retention::DELETED;
use crate::schema::actions;
use crate::statement::Statement;
use crate::types::{Id, Json, Uid};
use crate::{Store, StoreError, on_backend};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use postbag_domain::{ActionId, PersonalMessage, SupporterWords};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// Seals what people write and opens it, with keys that the database does not have.
///
/// A sealed text is bound to the id of its row: in another one it does not open.
pub trait MessageSeal: fmt::Debug + Send + Sync {
    /// The text as bytes that show nothing without the key. `None` if it cannot be sealed.
    fn seal(&self, about: Uuid, text: &str) -> Option<Vec<u8>>;

    /// The text of a row. `None` if no key fits or the bytes were changed.
    fn open(&self, about: Uuid, sealed: &[u8]) -> Option<String>;
}

impl Store {
    /// Seals up to `limit` personal messages that were stored before there were seals. Returns how many it found.
    pub async fn seal_old_messages(&self, limit: u32) -> Result<usize, StoreError> {
        let ids = self.read(move |connection| unsealed(connection, limit)).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let messages = self.messages();
        self.write(move |connection| seal_each(connection, &messages, &ids)).await
    }
}

/// Actions whose message is not sealed. It reads the whole table, so no writer waits for it.
fn unsealed(connection: &mut AnyConnection, limit: u32) -> Result<Vec<Id>, StoreError> {
    const SQL: &str = "\
        SELECT id FROM actions
        WHERE sealed_message IS NULL AND words ->> 'personal_message' IS NOT NULL
        LIMIT ?";
    let rows: Vec<(Id,)> =
        on_backend!(connection, c => Statement::<_, (Uid,)>::new(SQL).bind::<BigInt, _>(i64::from(limit)).load(c))?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

fn seal_each(connection: &mut AnyConnection, messages: &Messages, ids: &[Id]) -> Result<usize, StoreError> {
    for id in ids {
        let words: Json = actions::table.find(*id).select(actions::words).first(connection)?;
        // They may have been deleted since.
        let words: Option<SupporterWords> = words.read("actions", "words", id)?;
        let Some(words) = words.filter(|words| words.personal_message.is_some()) else { continue };
        let (words, sealed) = messages.seal((*id).into(), &words)?;
        diesel::update(actions::table.find(*id))
            .set((actions::words.eq(words), actions::sealed_message.eq(sealed)))
            .execute(connection)?;
    }
    Ok(ids.len())
}

/// The seal of a store. A store without one keeps no personal messages, and reads none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages(pub(crate) Option<Arc<dyn MessageSeal>>);

impl Messages {
    /// The words of an action without their message, and the message sealed.
    pub(crate) fn seal(&self, action: ActionId, words: &SupporterWords) -> Result<(Json, Option<Vec<u8>>), StoreError> {
        let Some(message) = &words.personal_message else { return Ok((Json::of(words)?, None)) };
        let sealed = self.seal_text(action.into(), message.as_str())?;
        let rest = SupporterWords { personal_message: None, ..words.clone() };
        Ok((Json::of(&rest)?, Some(sealed)))
    }

    /// The words of an action with their message, if it has not been deleted; nothing once all of them were.
    pub(crate) fn open(
        &self,
        action: Id,
        words: &Json,
        sealed: Option<&[u8]>,
    ) -> Result<Option<SupporterWords>, StoreError> {
        let mut words: Option<SupporterWords> = words.read("actions", "words", action)?;
        let sealed = sealed.filter(|sealed| *sealed != DELETED);
        if let (Some(words), Some(sealed)) = (&mut words, sealed) {
            words.personal_message = Some(self.open_message(action, sealed)?);
        }
        Ok(words)
    }

    /// The message of an action.
    pub(crate) fn open_message(&self, action: Id, sealed: &[u8]) -> Result<PersonalMessage, StoreError> {
        let message = self.open_text(("actions", "sealed_message"), action, sealed)?;
        PersonalMessage::parse(&message).map_err(|_flaw| StoreError::corrupt("actions", "sealed_message", action))
    }

    /// A text sealed for the row of this id.
    pub(crate) fn seal_text(&self, about: Id, text: &str) -> Result<Vec<u8>, StoreError> {
        let sealed = self.0.as_ref().and_then(|seal| seal.seal(about.0, text));
        sealed.ok_or_else(|| StoreError::backend("what a person wrote cannot be sealed"))
    }

    /// The text that a column holds for the row of this id.
    pub(crate) fn open_text(
        &self,
        (table, column): (&'static str, &'static str),
        about: Id,
        sealed: &[u8],
    ) -> Result<String, StoreError> {
        let text = self.0.as_ref().and_then(|seal| seal.open(about.0, sealed));
        text.ok_or_else(|| StoreError::corrupt(table, column, about))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Intake, IntakeOptions, TallyListener};
    use crate::samples::{publish, record};
    use crate::testing::{block_on, each_backend};
    use crate::{ActionFilter, PageRequest, Reach};

    const WORDS: &str = "My brother waited eleven weeks.";

    /// Stores a submission with a message.
    fn submit(store: &Store) {
        publish(store, "retry");
        let mut submitted = record("ada@example.org", "1", 0);
        submitted.accepted.action.words.personal_message = PersonalMessage::parse(WORDS).ok();
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
        block_on(async {
            intake.record(submitted).await.unwrap();
            intake.stop().await;
        });
    }

    fn read_back(store: &Store) -> Option<String> {
        let page = PageRequest { limit: 10, after: None };
        let listed = block_on(store.list_actions(Reach::All, ActionFilter::default(), page)).unwrap();
        let words = listed.items.into_iter().next()?.words?;
        words.personal_message.map(|message| message.as_str().to_owned())
    }

    /// The document of the words, as the database holds it.
    fn document(store: &Store) -> String {
        let words =
            |connection: &mut AnyConnection| Ok(actions::table.select(actions::words).first::<Json>(connection)?);
        let words: serde_json::Value = store.read_blocking(words).unwrap().read("actions", "words", 0).unwrap();
        words.to_string()
    }

    #[test]
    fn a_message_is_stored_sealed_and_read_back() {
        each_backend(|store| {
            submit(store);
            assert!(!document(store).contains("eleven weeks"));
            assert_eq!(read_back(store).as_deref(), Some(WORDS));
        });
    }

    #[test]
    fn a_message_from_before_there_were_seals_is_read_and_sealed() {
        each_backend(|store| {
            submit(store);
            let clear =
                document(store).replace("\"personal_message\":null", &format!("\"personal_message\":\"{WORDS}\""));
            let clear: serde_json::Value = serde_json::from_str(&clear).unwrap();
            let put = |connection: &mut AnyConnection| {
                let nothing = None::<Vec<u8>>;
                let set = (actions::words.eq(Json::of(&clear)?), actions::sealed_message.eq(nothing));
                Ok(diesel::update(actions::table).set(set).execute(connection)?)
            };
            store.write_blocking(put).unwrap();
            assert!(document(store).contains("eleven weeks"));
            assert_eq!(read_back(store).as_deref(), Some(WORDS));
            assert_eq!(block_on(store.seal_old_messages(10)).unwrap(), 1);
            assert!(!document(store).contains("eleven weeks"));
            assert_eq!(read_back(store).as_deref(), Some(WORDS));
            assert_eq!(block_on(store.seal_old_messages(10)).unwrap(), 0);
        });
    }
}
