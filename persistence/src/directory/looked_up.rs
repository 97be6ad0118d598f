//! What a postcode service answered, kept for every node until its time is over.

use crate::connection::AnyConnection;
use crate::schema::looked_up_postcodes;
use crate::statement::Statement;
use crate::types::Json;
use crate::{Store, StoreError, on_backend};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};
use diesel::upsert::excluded;
use postbag_domain::{LookedUpPostcode, Postcode, PostcodeAnswer, YearMonth};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = looked_up_postcodes, treat_none_as_default_value = false)]
struct Row {
    postcode: String,
    layer: String,
    source: String,
    areas: Json,
    ended: Option<String>,
    looked_up_on: NaiveDate,
    expires_on: NaiveDate,
}

impl Row {
    /// The row of an answer; nothing for one that knows nothing.
    fn of(found: &LookedUpPostcode, expires_on: NaiveDate) -> Result<Option<Self>, StoreError> {
        let ended = match &found.answer {
            PostcodeAnswer::Unknown => return Ok(None),
            PostcodeAnswer::Live(_) => None,
            PostcodeAnswer::Terminated(month) => Some(format!("{:04}{:02}", month.year(), month.month())),
        };
        Ok(Some(Self {
            postcode: found.postcode.to_string(),
            layer: found.layer.clone(),
            source: found.source.clone(),
            areas: Json::of(found.answer.areas())?,
            ended,
            looked_up_on: found.on,
            expires_on,
        }))
    }

    /// An error names the layer, since the postcode may be somebody's and errors are logged.
    fn read(self, postcode: Postcode) -> Result<LookedUpPostcode, StoreError> {
        let answer = match self.ended {
            None => PostcodeAnswer::Live(self.areas.read("looked_up_postcodes", "areas", &self.layer)?),
            Some(month) => PostcodeAnswer::Terminated(
                YearMonth::parse(&month)
                    .map_err(|_flaw| StoreError::corrupt("looked_up_postcodes", "ended", &self.layer))?,
            ),
        };
        Ok(LookedUpPostcode { postcode, layer: self.layer, source: self.source, on: self.looked_up_on, answer })
    }
}

impl Store {
    /// What a service answered about a postcode, if that is known and counts on `today`, and the day on which it ends to count.
    pub async fn looked_up_postcode(
        &self,
        postcode: Postcode,
        today: NaiveDate,
    ) -> Result<Option<(LookedUpPostcode, NaiveDate)>, StoreError> {
        self.read(move |connection| find(connection, postcode, today)).await
    }

    /// Keeps a service's answer until `expires_on`, in the place of an earlier one. That a postcode is not known is not kept.
    pub async fn keep_looked_up_postcode(
        &self,
        found: LookedUpPostcode,
        expires_on: NaiveDate,
    ) -> Result<(), StoreError> {
        self.write(move |connection| keep(connection, &found, expires_on)).await
    }

    /// Deletes up to `limit` answers that no longer count and says how many.
    pub async fn purge_looked_up_postcodes(&self, today: NaiveDate, limit: u32) -> Result<usize, StoreError> {
        self.write(move |connection| purge(connection, today, limit)).await
    }
}

fn find(
    connection: &mut AnyConnection,
    postcode: Postcode,
    today: NaiveDate,
) -> Result<Option<(LookedUpPostcode, NaiveDate)>, StoreError> {
    let row: Option<Row> = looked_up_postcodes::table
        .find(postcode.to_string())
        .filter(looked_up_postcodes::expires_on.gt(today))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| {
        let expires_on = row.expires_on;
        Ok((row.read(postcode)?, expires_on))
    })
    .transpose()
}

fn keep(connection: &mut AnyConnection, found: &LookedUpPostcode, expires_on: NaiveDate) -> Result<(), StoreError> {
    use crate::schema::looked_up_postcodes::dsl;
    let Some(row) = Row::of(found, expires_on)? else { return Ok(()) };
    on_backend!(connection, c => diesel::insert_into(looked_up_postcodes::table)
        .values(&row)
        .on_conflict(dsl::postcode)
        .do_update()
        .set((
            dsl::layer.eq(excluded(dsl::layer)),
            dsl::source.eq(excluded(dsl::source)),
            dsl::areas.eq(excluded(dsl::areas)),
            dsl::ended.eq(excluded(dsl::ended)),
            dsl::looked_up_on.eq(excluded(dsl::looked_up_on)),
            dsl::expires_on.eq(excluded(dsl::expires_on)),
        ))
        .execute(c))?;
    Ok(())
}

fn purge(connection: &mut AnyConnection, today: NaiveDate, limit: u32) -> Result<usize, StoreError> {
    const SQL: &str = "\
        DELETE FROM looked_up_postcodes WHERE postcode IN (
            SELECT postcode FROM looked_up_postcodes WHERE expires_on <= ? ORDER BY expires_on LIMIT ?
        )";
    let statement = on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Date, _>(today).bind::<BigInt, _>(i64::from(limit)).execute(c)
    });
    Ok(statement?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::each_backend;
    use postbag_domain::{AreaKey, AreaKind};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn found(postcode: &str, answer: PostcodeAnswer) -> LookedUpPostcode {
        LookedUpPostcode {
            postcode: Postcode::parse(postcode).unwrap(),
            layer: "postcodes-io".to_owned(),
            source: "postcodes.io at postcodes.example.org".to_owned(),
            on: day("2026-11-22"),
            answer,
        }
    }

    fn live(code: &str) -> PostcodeAnswer {
        PostcodeAnswer::Live(vec![AreaKey { kind: AreaKind::WestminsterConstituency, code: code.parse().unwrap() }])
    }

    #[test]
    fn an_answer_is_found_again_until_its_time_is_over() {
        each_backend(|store| {
            let ended = PostcodeAnswer::Terminated(YearMonth::new(1996, 6).unwrap());
            for found in [found("ZA1 1AA", live("E14000001")), found("ZA1 1AB", ended)] {
                store.write_blocking(|c| keep(c, &found, day("2026-12-22"))).unwrap();
                let read = |on| store.read_blocking(|c| find(c, found.postcode, day(on))).unwrap();
                assert_eq!(read("2026-12-21"), Some((found.clone(), day("2026-12-22"))));
                assert_eq!(read("2026-12-22"), None);
            }
        });
    }

    #[test]
    fn a_later_answer_takes_the_place_of_an_earlier_one() {
        each_backend(|store| {
            let later = LookedUpPostcode { on: day("2026-11-23"), ..found("ZA1 1AA", live("E14000002")) };
            store.write_blocking(|c| keep(c, &found("ZA1 1AA", live("E14000001")), day("2026-12-22"))).unwrap();
            store.write_blocking(|c| keep(c, &later, day("2026-12-23"))).unwrap();
            let read = store.read_blocking(|c| find(c, later.postcode, day("2026-12-01"))).unwrap();
            assert_eq!(read, Some((later.clone(), day("2026-12-23"))));
        });
    }

    #[test]
    fn what_is_not_known_is_not_kept() {
        each_backend(|store| {
            let unknown = found("ZA1 1AA", PostcodeAnswer::Unknown);
            store.write_blocking(|c| keep(c, &unknown, day("2026-12-22"))).unwrap();
            assert_eq!(store.read_blocking(|c| find(c, unknown.postcode, day("2026-11-22"))).unwrap(), None);
        });
    }

    #[test]
    fn what_no_longer_counts_goes_a_few_at_a_time() {
        each_backend(|store| {
            for (postcode, end) in [("ZA1 1AA", "2026-11-01"), ("ZA1 1AB", "2026-11-02"), ("ZA1 1AD", "2026-12-01")] {
                store.write_blocking(|c| keep(c, &found(postcode, live("E14000001")), day(end))).unwrap();
            }
            let purge = || store.write_blocking(|c| purge(c, day("2026-11-22"), 1)).unwrap();
            assert_eq!((purge(), purge(), purge()), (1, 1, 0));
        });
    }
}
