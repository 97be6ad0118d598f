//! Corrections of what is held on a person (UK GDPR 16, B9): what they typed is set right wherever it is kept, in one transaction.

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::preferences::{find, find_by_email};
use crate::schema::{actions, supporters};
use crate::types::{Id, Json};
use crate::{Reach, Store, StoreError, suppressions};
use diesel::prelude::*;
use postbag_domain::{ActionStatus, AuditAction, ConfirmedBy, Correction, EmailAddress, SupporterId, SupporterWords};

/// A correction to carry out.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    /// What is to be set right.
    pub correction: Correction,
    /// The key and the hash under which the new address is suppressed, if the old one is.
    pub suppression: Option<(String, Vec<u8>)>,
    /// Who does it.
    pub actor: Actor,
    /// True if a member of staff does it. The person corrects only what the holder of the address has shown to be theirs: all else may be
    /// somebody else's.
    pub by_staff: bool,
}

/// What became of a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corrected {
    /// It is done, in so many actions.
    Done(usize),
    /// There is no such supporter within reach, or none any more.
    Unknown,
    /// The new address is another supporter's.
    AddressTaken,
    /// An action waits for a confirmation from the old address.
    WaitsForConfirmation,
}

impl Store {
    /// Corrects what is held on a supporter within reach. Letters that have not left yet are composed of what is right.
    pub async fn correct_supporter(
        &self,
        reach: Reach,
        supporter: SupporterId,
        new: NewCorrection,
    ) -> Result<Corrected, StoreError> {
        self.write(move |connection| correct(connection, reach, supporter, &new)).await
    }
}

fn correct(
    connection: &mut AnyConnection,
    reach: Reach,
    supporter: SupporterId,
    new: &NewCorrection,
) -> Result<Corrected, StoreError> {
    let person = Id::from(supporter);
    lock_actions(connection, person)?;
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(Corrected::Unknown) };
    if EmailAddress::parse(&email_key).is_err() {
        return Ok(Corrected::Unknown);
    }
    if let Some(email) = new.correction.email() {
        let holder = find_by_email(connection, organisation, &email.key())?;
        if holder.is_some_and(|holder| holder != person) {
            return Ok(Corrected::AddressTaken);
        }
        if waits(connection, person)? {
            return Ok(Corrected::WaitsForConfirmation);
        }
        let as_read = supporters::id.eq(person).and(supporters::email_key.eq(&email_key));
        let moved = diesel::update(supporters::table.filter(as_read)).set(supporters::email_key.eq(email.key()));
        if moved.execute(connection)? == 0 {
            return Ok(Corrected::Unknown);
        }
    }
    if let Some((key_id, hash)) = &new.suppression {
        suppressions::add(connection, organisation.into(), key_id, hash, new.actor.now)?;
    }
    let corrected = rewrite(connection, person, &new.correction, new.by_staff)?;
    if new.by_staff {
        let about = (Some(organisation.into()), supporter.uuid());
        audit::note(connection, &new.actor, AuditAction::CorrectSupporter, about, None)?;
    }
    Ok(Corrected::Done(corrected))
}

/// Waits for an erasure that has begun, and keeps others waiting: what is read afterwards is what there is. In the order of an erasure, actions
/// before the person.
fn lock_actions(connection: &mut AnyConnection, person: Id) -> Result<(), StoreError> {
    let theirs = actions::table.filter(actions::supporter_id.eq(person));
    diesel::update(theirs).set(actions::words.eq(actions::words)).execute(connection)?;
    Ok(())
}

/// True if a mail to the old address asks for a confirmation: it would confirm what another inbox never saw.
fn waits(connection: &mut AnyConnection, person: Id) -> Result<bool, StoreError> {
    let waiting = actions::status.eq(ActionStatus::AwaitingConfirmation.as_str());
    let theirs = actions::table.filter(actions::supporter_id.eq(person).and(waiting));
    Ok(theirs.count().get_result::<i64>(connection)? > 0)
}

/// Sets right what the person typed. The message lies sealed beside it and stays as it is.
fn rewrite(
    connection: &mut AnyConnection,
    person: Id,
    correction: &Correction,
    unproved_too: bool,
) -> Result<usize, StoreError> {
    let rows: Vec<(Id, Option<String>, Json)> = actions::table
        .filter(actions::supporter_id.eq(person))
        .select((actions::id, actions::confirmed_by, actions::words))
        .load(connection)?;
    let mut corrected = 0;
    for (id, confirmed_by, words) in rows {
        let confirmed_by = confirmed_by.as_deref().and_then(|by| by.parse::<ConfirmedBy>().ok());
        if !unproved_too && !confirmed_by.is_some_and(ConfirmedBy::proves_address) {
            continue;
        }
        let Some(typed) = words.read::<Option<SupporterWords>>("actions", "words", id)? else { continue };
        diesel::update(actions::table.find(id))
            .set(actions::words.eq(Json::of(&correction.apply(typed))?))
            .execute(connection)?;
        corrected += 1;
    }
    Ok(corrected)
}
