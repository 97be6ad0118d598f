//! Representatives as rows.

use super::ROWS;
use crate::connection::AnyConnection;
use crate::schema::representatives;
use crate::types::Id;
use crate::{StoreError, on_backend};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;
use postbag_domain::{DigestRule, DigestRuleFields, EmailAddress, Representative, RepresentativeId, Returned};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = representatives, treat_none_as_default_value = false)]
struct RepresentativeRow {
    id: Id,
    external_id: String,
    office: String,
    area_code: String,
    name: String,
    salutation: Option<String>,
    party: Option<String>,
    email: Option<String>,
    route: String,
    language: Option<String>,
    source: Option<String>,
    verified_on: Option<NaiveDate>,
    bounced_on: Option<NaiveDate>,
    held_on: Option<NaiveDate>,
    digest_every: Option<String>,
    digest_shows: Option<String>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    end_decided_on: Option<NaiveDate>,
}

impl From<&Representative> for RepresentativeRow {
    fn from(person: &Representative) -> Self {
        Self {
            id: person.id.into(),
            external_id: person.external_id.clone(),
            office: person.office.to_string(),
            area_code: person.area_code.to_string(),
            name: person.name.clone(),
            salutation: person.salutation.clone(),
            party: person.party.clone(),
            email: person.email.as_ref().map(|email| email.as_str().to_owned()),
            route: person.route.to_string(),
            language: person.language.map(|language| language.to_string()),
            source: person.source.clone(),
            verified_on: person.verified_on,
            bounced_on: person.bounced_on,
            held_on: person.held_on,
            digest_every: person.digest.map(|digest| digest.every.to_string()),
            digest_shows: person.digest.map(|digest| digest.shows.to_string()),
            start_date: person.start_date,
            end_date: person.end_date,
            end_decided_on: person.end_decided_on,
        }
    }
}

impl RepresentativeRow {
    fn read(self) -> Result<Representative, StoreError> {
        let corrupt = |column| StoreError::corrupt("representatives", column, self.id);
        let email = self.email.map(|text| EmailAddress::parse(&text).map_err(|_flaw| corrupt("email")));
        let language = self.language.map(|text| text.parse().map_err(|_flaw| corrupt("language")));
        let digest = self.digest_every.zip(self.digest_shows).map(|(every, shows)| {
            DigestRule::new(&DigestRuleFields { every, shows }).map_err(|_flaws| corrupt("digest_every"))
        });
        Ok(Representative {
            id: self.id.into(),
            external_id: self.external_id,
            office: self.office.parse().map_err(|_flaw| corrupt("office"))?,
            area_code: self.area_code.parse().map_err(|_flaw| corrupt("area_code"))?,
            name: self.name,
            salutation: self.salutation,
            party: self.party,
            email: email.transpose()?,
            route: self.route.parse().map_err(|_flaw| corrupt("route"))?,
            language: language.transpose()?,
            source: self.source,
            verified_on: self.verified_on,
            bounced_on: self.bounced_on,
            held_on: self.held_on,
            digest: digest.transpose()?,
            start_date: self.start_date,
            end_date: self.end_date,
            end_decided_on: self.end_decided_on,
        })
    }
}

pub(super) fn load(connection: &mut AnyConnection) -> Result<Vec<Representative>, StoreError> {
    let rows: Vec<RepresentativeRow> =
        representatives::table.order(representatives::id).select(RepresentativeRow::as_select()).load(connection)?;
    rows.into_iter().map(RepresentativeRow::read).collect()
}

pub(super) fn upsert(connection: &mut AnyConnection, people: &[Representative]) -> Result<(), StoreError> {
    use crate::schema::representatives::dsl::{
        area_code, bounced_on, digest_every, digest_shows, email, end_date, end_decided_on, external_id, held_on, id,
        language, name, office, party, route, salutation, source, start_date, verified_on,
    };
    for chunk in people.chunks(ROWS) {
        let rows: Vec<RepresentativeRow> = chunk.iter().map(RepresentativeRow::from).collect();
        on_backend!(connection, c => diesel::insert_into(representatives::table)
            .values(&rows)
            .on_conflict(id)
            .do_update()
            .set((
                external_id.eq(excluded(external_id)),
                office.eq(excluded(office)),
                area_code.eq(excluded(area_code)),
                name.eq(excluded(name)),
                salutation.eq(excluded(salutation)),
                party.eq(excluded(party)),
                email.eq(excluded(email)),
                route.eq(excluded(route)),
                language.eq(excluded(language)),
                source.eq(excluded(source)),
                verified_on.eq(excluded(verified_on)),
                bounced_on.eq(excluded(bounced_on)),
                held_on.eq(excluded(held_on)),
                digest_every.eq(excluded(digest_every)),
                digest_shows.eq(excluded(digest_shows)),
                start_date.eq(excluded(start_date)),
                end_date.eq(excluded(end_date)),
                end_decided_on.eq(excluded(end_decided_on)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Counts one more letter that came back from an address; what was known before and what is known now.
pub(crate) fn count_returned(
    connection: &mut AnyConnection,
    id: RepresentativeId,
    today: NaiveDate,
) -> Result<Option<(Returned, Returned)>, StoreError> {
    use crate::schema::representatives::dsl;
    let row = || dsl::representatives.filter(dsl::id.eq(Id::from(id)));
    // The row is written before it is read, so that two that come at once take turns at it.
    let known: Option<(Option<i32>, Option<NaiveDate>, Option<NaiveDate>)> = on_backend!(connection, c => {
        diesel::update(row())
            .set(dsl::bounced_on.eq(dsl::bounced_on))
            .returning((dsl::returned_letters, dsl::bounced_on, dsl::held_on))
            .get_result(c)
            .optional()
    })?;
    let Some((letters, bounced_on, held_on)) = known else { return Ok(None) };
    let letters = letters.and_then(|letters| u32::try_from(letters).ok()).unwrap_or_default();
    let before = Returned { letters, bounced_on, held_on };
    let after = before.again(today);
    diesel::update(row())
        .set((
            dsl::returned_letters.eq(i32::try_from(after.letters).unwrap_or(i32::MAX)),
            dsl::bounced_on.eq(after.bounced_on),
            dsl::held_on.eq(after.held_on),
        ))
        .execute(connection)?;
    Ok(Some((before, after)))
}
