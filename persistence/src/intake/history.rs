//! What the persons of a group have done before: which messages are repeats, and who is counted already (B33).

use super::entry::Entry;
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::deliveries::FIRST_MESSAGES_ON_SQLITE;
use crate::statement::Statement;
use crate::types::{At, Id, Uid};
use chrono::TimeDelta;
use diesel::sql_types::Array;
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use postbag_domain::{ActionStatus, TallyDelta};
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

/// How long a repeat is shown as on its way: a receipt that showed the outcome at once would reveal that the person is known (C23).
const PAUSE: TimeDelta = TimeDelta::seconds(1);

/// A campaign and one of its supporters.
type Participant = (Id, Id);

/// The earlier acts of the persons of a group, and what the group adds as it goes.
#[derive(Default)]
pub(super) struct History {
    /// The first message of a participant to a representative.
    firsts: BTreeMap<(Participant, Id), Id>,
    /// The participants that their campaign counts.
    counted: BTreeSet<Participant>,
}

impl History {
    /// Reads the history of everybody in the group, new people included: the time of an answer does not show who is known (C23).
    pub(super) fn load(connection: &mut AnyConnection, entries: &[&mut Entry]) -> Result<Self, StoreError> {
        let participants: BTreeSet<Participant> = entries.iter().map(|entry| participant(entry)).collect();
        let participants: Vec<Participant> = participants.into_iter().collect();
        let mut history = Self::default();
        match connection {
            AnyConnection::Postgres(c) => history.read_at_once(c, &participants)?,
            AnyConnection::Sqlite(c) => participants.iter().try_for_each(|who| history.read_one(c, *who))?,
        }
        Ok(history)
    }

    fn read_at_once(&mut self, connection: &mut PgConnection, participants: &[Participant]) -> QueryResult<()> {
        const MESSAGES: &str = "\
            SELECT campaign_id, supporter_id, representative_id, id
            FROM unnest(?, ?) AS wanted (campaign_id, supporter_id)
            JOIN deliveries USING (campaign_id, supporter_id)
            WHERE repeat_of IS NULL AND NOT is_test AND held_for IS DISTINCT FROM 'confirmation'";
        const COUNTED: &str = "\
            SELECT campaign_id, supporter_id
            FROM unnest(?, ?) AS wanted (campaign_id, supporter_id)
            JOIN actions USING (campaign_id, supporter_id)
            WHERE first_of_supporter";
        let campaigns: Vec<Id> = participants.iter().map(|(campaign, _)| *campaign).collect();
        let supporters: Vec<Id> = participants.iter().map(|(_, supporter)| *supporter).collect();
        let messages = Statement::<_, (Uid, Uid, Uid, Uid)>::new(MESSAGES)
            .bind::<Array<Uid>, _>(campaigns.as_slice())
            .bind::<Array<Uid>, _>(supporters.as_slice());
        for (campaign, supporter, representative, message) in messages.load::<(Id, Id, Id, Id)>(connection)? {
            self.firsts.insert(((campaign, supporter), representative), message);
        }
        let counted = Statement::<_, (Uid, Uid)>::new(COUNTED)
            .bind::<Array<Uid>, _>(campaigns.as_slice())
            .bind::<Array<Uid>, _>(supporters.as_slice());
        self.counted.extend(counted.load::<Participant>(connection)?);
        Ok(())
    }

    fn read_one(&mut self, connection: &mut SqliteConnection, who: Participant) -> QueryResult<()> {
        // The words of the partial indexes: SQLite uses those only for the same words.
        const COUNTED: &str =
            "SELECT id FROM actions WHERE campaign_id = ? AND supporter_id = ? AND first_of_supporter = 1";
        let messages =
            Statement::<_, (Uid, Uid)>::new(FIRST_MESSAGES_ON_SQLITE).bind::<Uid, _>(who.0).bind::<Uid, _>(who.1);
        for (representative, message) in messages.load::<(Id, Id)>(connection)? {
            self.firsts.insert((who, representative), message);
        }
        let counted = Statement::<_, (Uid,)>::new(COUNTED).bind::<Uid, _>(who.0).bind::<Uid, _>(who.1);
        if !counted.load::<(Id,)>(connection)?.is_empty() {
            self.counted.insert(who);
        }
        Ok(())
    }

    /// Marks the entry's repeats, and whether its supporter counts by it. Answers what it adds to the counts.
    pub(super) fn fold(&mut self, entry: &mut Entry) -> TallyDelta {
        let who = participant(entry);
        let binds = !entry.action.is_test && entry.accepted.action.status == ActionStatus::Confirmed;
        let mut repeats = BTreeSet::new();
        // What is a test or not confirmed neither repeats anything nor is repeated.
        for row in entry.deliveries.iter_mut().filter(|_| binds) {
            row.repeat_of = match self.firsts.entry((who, row.representative_id)) {
                Slot::Occupied(first) => Some(*first.get()),
                Slot::Vacant(slot) => {
                    slot.insert(row.id);
                    None
                }
            };
            if row.repeat_of.is_some() {
                row.available_at = row.available_at.map(|at| At::new(at.time() + PAUSE));
                repeats.insert(row.id);
            }
        }
        entry.action.first_of_supporter = binds && self.counted.insert(who);
        entry.accepted.tally(entry.action.first_of_supporter, |id| repeats.contains(&id.into()))
    }
}

fn participant(entry: &Entry) -> Participant {
    (entry.action.campaign_id, entry.action.supporter_id)
}
