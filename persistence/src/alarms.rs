//! Alarms as they are kept, and the rates that they are about.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::{actions, alarms, organisations};
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Cursor, Page, PageRequest, Reach, Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use postbag_domain::alarm::{Departure, RateOf, WINDOW};
use postbag_domain::{AlarmId, ClientTag, OrganisationId};
use uuid::Uuid;

/// A rate: what it is of, and how many there were in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRate {
    /// What is counted.
    pub rate: RateOf,
    /// Within which organisation.
    pub organisation_id: OrganisationId,
    /// The campaign's id, the domain, or the keyed hash of the client.
    pub subject: String,
    /// How many.
    pub count: u32,
}

/// A rate that is outside its band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// The rate in the window that ended.
    pub counted: CountedRate,
    /// On which side.
    pub departure: Departure,
    /// What is usual in a window.
    pub usual: u32,
}

/// An alarm as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlarm {
    /// Its id.
    pub id: AlarmId,
    /// Whose submissions it is about.
    pub organisation_id: OrganisationId,
    /// What is counted.
    pub rate: RateOf,
    /// The campaign's id, the domain, or the keyed hash of the client.
    pub subject: String,
    /// On which side of its band it is.
    pub departure: Departure,
    /// How many there were in the last window that was outside.
    pub count: i64,
    /// What is usual in a window.
    pub usual: i64,
    /// When the first window that was outside ended.
    pub created_at: DateTime<Utc>,
    /// When the last one did.
    pub last_seen_at: DateTime<Utc>,
    /// When the rate was back in its band.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = alarms)]
struct Row {
    id: Id,
    organisation_id: Id,
    rate: String,
    subject: String,
    departure: String,
    count: i64,
    usual: i64,
    created_at: At,
    last_seen_at: At,
    ended_at: Option<At>,
}

impl Row {
    fn read(self) -> Result<StoredAlarm, StoreError> {
        let corrupt = |column| StoreError::corrupt("alarms", column, self.id);
        Ok(StoredAlarm {
            id: self.id.into(),
            organisation_id: self.organisation_id.into(),
            rate: self.rate.parse().map_err(|_flaw| corrupt("rate"))?,
            subject: self.subject,
            departure: self.departure.parse().map_err(|_flaw| corrupt("departure"))?,
            count: self.count,
            usual: self.usual,
            created_at: self.created_at.time(),
            last_seen_at: self.last_seen_at.time(),
            ended_at: self.ended_at.map(At::time),
        })
    }
}

impl Store {
    /// How many submissions there were in the window that ended at a moment, of each campaign, domain and client with more than a few.
    pub async fn rates(&self, ended: DateTime<Utc>) -> Result<Vec<CountedRate>, StoreError> {
        self.read(move |connection| rates(connection, ended)).await
    }

    /// Keeps an alarm for each rate that is outside, and ends those of rates that are inside again. Answers those that are new: of several
    /// servers one alone hears of each.
    pub async fn keep_alarms(
        &self,
        outside: Vec<NewAlarm>,
        at: DateTime<Utc>,
        fresh: fn() -> Uuid,
    ) -> Result<Vec<NewAlarm>, StoreError> {
        self.write(move |connection| keep(connection, outside, at, fresh)).await
    }

    /// Alarms within reach, newest first; only those that last, if that is wanted.
    pub async fn list_alarms(
        &self,
        reach: Reach,
        only_open: bool,
        page: PageRequest,
    ) -> Result<Page<StoredAlarm>, StoreError> {
        self.read(move |connection| list(connection, reach, only_open, page)).await
    }
}

fn rates(connection: &mut AnyConnection, ended: DateTime<Utc>) -> Result<Vec<CountedRate>, StoreError> {
    let organisations: Vec<Id> = organisations::table.select(organisations::id).load(connection)?;
    let mut all = Vec::new();
    for organisation in organisations {
        for rate in RateOf::ALL {
            for (subject, count) in count(connection, *rate, organisation, ended)? {
                let count = u32::try_from(count).unwrap_or(u32::MAX);
                all.push(CountedRate { rate: *rate, organisation_id: organisation.into(), subject, count });
            }
        }
    }
    Ok(all)
}

/// The counts of one kind within an organisation, of subjects with more than a few.
fn count(
    connection: &mut AnyConnection,
    rate: RateOf,
    organisation: Id,
    ended: DateTime<Utc>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let (from, before) = (At::new(ended - WINDOW), At::new(ended));
    let few = i64::from(rate.remembered());
    let window = actions::organisation_id
        .eq(organisation)
        .and(actions::created_at.ge(from))
        .and(actions::created_at.lt(before))
        .and(actions::is_test.eq(false));
    Ok(match rate {
        RateOf::Campaign => {
            let rows: Vec<(Id, i64)> = actions::table
                .filter(window)
                .group_by(actions::campaign_id)
                .having(count_star().ge(few))
                .select((actions::campaign_id, count_star()))
                .load(connection)?;
            rows.into_iter().map(|(campaign, count)| (campaign.to_string(), count)).collect()
        }
        RateOf::Client => {
            let rows: Vec<(Option<Vec<u8>>, i64)> = actions::table
                .filter(window.and(actions::client.is_not_null()))
                .group_by(actions::client)
                .having(count_star().ge(few))
                .select((actions::client, count_star()))
                .load(connection)?;
            let tag = |client: Option<Vec<u8>>| client?.try_into().ok().map(|hash| ClientTag::new(hash).to_string());
            rows.into_iter().filter_map(|(client, count)| Some((tag(client)?, count))).collect()
        }
        RateOf::Domain => by_domain(connection, organisation, (from, before), few)?,
    })
}

fn by_domain(
    connection: &mut AnyConnection,
    organisation: Id,
    (from, before): (At, At),
    few: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    macro_rules! sql {
        ($domain:literal) => {
            concat!(
                "SELECT ",
                $domain,
                " AS domain, count(*) FROM actions JOIN supporters ON supporters.id = actions.supporter_id
                WHERE actions.organisation_id = ? AND actions.created_at >= ? AND actions.created_at < ? AND actions.is_test = ?
                GROUP BY domain HAVING count(*) >= ?"
            )
        };
    }
    macro_rules! run {
        ($sql:expr, $connection:expr) => {
            Statement::<_, (Text, BigInt)>::new($sql)
                .bind::<Uid, _>(organisation)
                .bind::<Instant, _>(from)
                .bind::<Instant, _>(before)
                .bind::<Bool, _>(false)
                .bind::<BigInt, _>(few)
                .load($connection)
        };
    }
    let rows = match connection {
        AnyConnection::Postgres(c) => run!(sql!("split_part(supporters.email_key, '@', 2)"), c),
        AnyConnection::Sqlite(c) => {
            run!(sql!("substr(supporters.email_key, instr(supporters.email_key, '@') + 1)"), c)
        }
    };
    Ok(rows?)
}

fn keep(
    connection: &mut AnyConnection,
    outside: Vec<NewAlarm>,
    at: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<Vec<NewAlarm>, StoreError> {
    let mut new = Vec::new();
    for alarm in outside {
        if !goes_on(connection, &alarm, at)? && raise(connection, &alarm, at, fresh())? {
            new.push(alarm);
        }
    }
    // A window that another server has seen already ends nothing.
    let inside = alarms::ended_at.is_null().and(alarms::last_seen_at.lt(At::new(at)));
    diesel::update(alarms::table.filter(inside)).set(alarms::ended_at.eq(At::new(at))).execute(connection)?;
    Ok(new)
}

/// Notes that an alarm lasts; false if there is none yet.
fn goes_on(connection: &mut AnyConnection, alarm: &NewAlarm, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let CountedRate { rate, organisation_id, subject, count } = &alarm.counted;
    let open = alarms::organisation_id
        .eq(Id::from(*organisation_id))
        .and(alarms::rate.eq(rate.as_str()))
        .and(alarms::subject.eq(subject))
        .and(alarms::ended_at.is_null());
    let lasting = diesel::update(alarms::table.filter(open))
        .set((
            alarms::departure.eq(alarm.departure.as_str()),
            alarms::count.eq(i64::from(*count)),
            alarms::last_seen_at.eq(At::new(at)),
        ))
        .execute(connection)?;
    Ok(lasting > 0)
}

fn raise(connection: &mut AnyConnection, alarm: &NewAlarm, at: DateTime<Utc>, id: Uuid) -> Result<bool, StoreError> {
    let CountedRate { rate, organisation_id, subject, count } = &alarm.counted;
    let row = (
        alarms::id.eq(Id(id)),
        alarms::organisation_id.eq(Id::from(*organisation_id)),
        alarms::rate.eq(rate.as_str()),
        alarms::subject.eq(subject),
        alarms::departure.eq(alarm.departure.as_str()),
        alarms::count.eq(i64::from(*count)),
        alarms::usual.eq(i64::from(alarm.usual)),
        alarms::created_at.eq(At::new(at)),
        alarms::last_seen_at.eq(At::new(at)),
    );
    // Another server may raise it this moment.
    let raised = on_backend!(connection, c => {
        diesel::insert_into(alarms::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(raised > 0)
}

fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    only_open: bool,
    request: PageRequest,
) -> Result<Page<StoredAlarm>, StoreError> {
    let mut query = alarms::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(alarms::organisation_id.eq(Id::from(id)));
    }
    if only_open {
        query = query.filter(alarms::ended_at.is_null());
    }
    let rows: Vec<Row> = page!(query, alarms, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(Row::read)
}

/// How many alarms last, by what is counted.
pub(crate) fn open(connection: &mut AnyConnection) -> Result<Vec<(RateOf, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = alarms::table
        .filter(alarms::ended_at.is_null())
        .group_by(alarms::rate)
        .select((alarms::rate, count_star()))
        .load(connection)?;
    let read = |(rate, count): (String, i64)| {
        let rate = rate.parse().map_err(|_flaw| StoreError::corrupt("alarms", "rate", &rate))?;
        Ok((rate, count))
    };
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Intake, IntakeOptions, TallyListener};
    use crate::samples::{ORGANISATION, at, fresh, publish, record, test_record};
    use crate::testing::{block_on, each_backend};
    use std::sync::Arc;

    /// Eight people at one domain from one client, and a test.
    fn busy(store: &Store) {
        publish(store, "retry");
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
        block_on(async {
            for number in 0..8 {
                let mut record = record(&format!("p{number}@bots.example"), &number.to_string(), number);
                record.client = Some(ClientTag::new([7; 16]));
                intake.record(record).await.unwrap();
            }
            intake.record(test_record("p@bots.example", "test", 1)).await.unwrap();
            intake.stop().await;
        });
    }

    #[test]
    fn the_rates_of_a_window_are_those_of_its_submissions_and_no_tests() {
        each_backend(|store| {
            busy(store);
            let counted = |ended| block_on(store.rates(at(ended))).unwrap();
            let rate = |rate, subject: &str| CountedRate {
                rate,
                organisation_id: ORGANISATION,
                subject: subject.to_owned(),
                count: 8,
            };
            // A campaign has to be busier to be worth remembering.
            let client = ClientTag::new([7; 16]).to_string();
            assert_eq!(counted(300), [rate(RateOf::Domain, "bots.example"), rate(RateOf::Client, &client)]);
            assert_eq!(counted(304), [], "four have left the window, and as few are not worth remembering");
            assert_eq!(counted(900), []);
        });
    }

    #[test]
    fn an_alarm_is_raised_once_lasts_and_ends() {
        each_backend(|store| {
            publish(store, "retry");
            let alarm = NewAlarm {
                counted: CountedRate {
                    rate: RateOf::Domain,
                    organisation_id: ORGANISATION,
                    subject: "bots.example".to_owned(),
                    count: 400,
                },
                departure: Departure::Above,
                usual: 12,
            };
            let keep = |outside: &[&NewAlarm], seconds| {
                let outside = outside.iter().map(|&alarm| alarm.clone()).collect();
                block_on(store.keep_alarms(outside, at(seconds), fresh)).unwrap().len()
            };
            assert_eq!(keep(&[&alarm], 300), 1);
            assert_eq!(keep(&[&alarm], 300), 0, "another server saw the same window");
            assert_eq!(keep(&[], 300), 0, "and one that saw less ends nothing");
            assert_eq!(keep(&[&alarm], 600), 0);
            let listed = |only_open| {
                let page = PageRequest { limit: 10, after: None };
                block_on(store.list_alarms(Reach::Organisation(ORGANISATION), only_open, page)).unwrap().items
            };
            let [kept] = &listed(true)[..] else { panic!("one alarm") };
            assert_eq!((kept.created_at, kept.last_seen_at, kept.ended_at), (at(300), at(600), None));
            assert_eq!((kept.count, kept.usual, kept.departure), (400, 12, Departure::Above));
            assert_eq!(store.read_blocking(open).unwrap(), [(RateOf::Domain, 1)]);
            keep(&[], 900);
            assert_eq!((listed(true).len(), listed(false)[0].ended_at), (0, Some(at(900))));
            assert_eq!(keep(&[&alarm], 1_200), 1, "it may come again");
        });
    }
}
