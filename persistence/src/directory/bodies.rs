//! Bodies as rows.

use super::ROWS;
use crate::connection::AnyConnection;
use crate::schema::bodies;
use crate::{StoreError, on_backend};
use diesel::prelude::*;
use diesel::upsert::excluded;
use postbag_domain::{Body, EmailAddress};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bodies, treat_none_as_default_value = false)]
struct BodyRow {
    kind: String,
    code: String,
    name: String,
    email: Option<String>,
    route: String,
    source: Option<String>,
}

impl From<&Body> for BodyRow {
    fn from(body: &Body) -> Self {
        Self {
            kind: body.kind.to_string(),
            code: body.code.to_string(),
            name: body.name.clone(),
            email: body.email.as_ref().map(|email| email.as_str().to_owned()),
            route: body.route.to_string(),
            source: body.source.clone(),
        }
    }
}

impl BodyRow {
    fn read(self) -> Result<Body, StoreError> {
        let id = format!("{}/{}", self.kind, self.code);
        let corrupt = |column| StoreError::corrupt("bodies", column, &id);
        let email = self.email.map(|text| EmailAddress::parse(&text).map_err(|_flaw| corrupt("email")));
        Ok(Body {
            kind: self.kind.parse().map_err(|_flaw| corrupt("kind"))?,
            code: self.code.parse().map_err(|_flaw| corrupt("code"))?,
            name: self.name,
            email: email.transpose()?,
            route: self.route.parse().map_err(|_flaw| corrupt("route"))?,
            source: self.source,
        })
    }
}

pub(super) fn load(connection: &mut AnyConnection) -> Result<Vec<Body>, StoreError> {
    let rows: Vec<BodyRow> = bodies::table.select(BodyRow::as_select()).load(connection)?;
    rows.into_iter().map(BodyRow::read).collect()
}

pub(super) fn upsert(connection: &mut AnyConnection, bodies: &[Body]) -> Result<(), StoreError> {
    use crate::schema::bodies::dsl::{code, email, kind, name, route, source};
    for chunk in bodies.chunks(ROWS) {
        let rows: Vec<BodyRow> = chunk.iter().map(BodyRow::from).collect();
        on_backend!(connection, c => diesel::insert_into(bodies::table)
            .values(&rows)
            .on_conflict((kind, code))
            .do_update()
            .set((
                name.eq(excluded(name)),
                email.eq(excluded(email)),
                route.eq(excluded(route)),
                source.eq(excluded(source)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Bodies have no end: one that is gone is removed.
pub(super) fn remove(connection: &mut AnyConnection, bodies: &[Body]) -> Result<(), StoreError> {
    for body in bodies {
        let row = bodies::table.find((body.kind.as_str(), body.code.as_str()));
        diesel::delete(row).execute(connection)?;
    }
    Ok(())
}
