//! Corrections of what is held on a person (UK GDPR 16, B9): what they typed is set right wherever it is kept, in one transaction.

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::preferences::{find, find_by_email};
use crate::schema::{actions, supporters};
use crate::types::{Id, Json};
use crate::{Reach, Store, StoreError, suppressions};
use diesel::prelude::*;
use postbag_domain::{ActionStatus, AuditAction, Correction, EmailAddress, SupporterId, SupporterWords};

/// A correction to carry out.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    /// What is to be set right.
    pub correction: Correction,
    /// The key and the hash under which the new address is suppressed, if the old one is.
    pub suppression: Option<(String, Vec<u8>)>,
    /// Who does it.
    pub actor: Actor,
    /// True if a member of staff does it. The person corrects only what was confirmed: all else may be somebody else's.
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
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(Corrected::Unknown) };
    if EmailAddress::parse(&email_key).is_err() {
        return Ok(Corrected::Unknown);
    }
    let person = Id::from(supporter);
    if let Some(email) = new.correction.email() {
        let holder = find_by_email(connection, organisation, &email.key())?;
        if holder.is_some_and(|holder| holder != person) {
            return Ok(Corrected::AddressTaken);
        }
        let moved = supporters::email_key.eq(email.key());
        diesel::update(supporters::table.find(person)).set(moved).execute(connection)?;
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

/// Sets right what the person typed. The message lies sealed beside it and stays as it is.
fn rewrite(
    connection: &mut AnyConnection,
    person: Id,
    correction: &Correction,
    unconfirmed_too: bool,
) -> Result<usize, StoreError> {
    let rows: Vec<(Id, String, Json)> = actions::table
        .filter(actions::supporter_id.eq(person))
        .select((actions::id, actions::status, actions::words))
        .load(connection)?;
    let mut corrected = 0;
    for (id, status, words) in rows {
        if !unconfirmed_too && status != ActionStatus::Confirmed.as_str() {
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
