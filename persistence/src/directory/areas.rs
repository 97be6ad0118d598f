//! Areas as rows.

use super::ROWS;
use crate::connection::AnyConnection;
use crate::schema::areas;
use crate::{StoreError, on_backend};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;
use postbag_domain::{Area, AreaKey};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = areas, treat_none_as_default_value = false)]
struct AreaRow {
    kind: String,
    code: String,
    name: String,
    name_cy: Option<String>,
    name_gd: Option<String>,
    generation: Option<String>,
    parent_code: Option<String>,
    seats: Option<i32>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    alias_of: Option<String>,
}

impl From<&Area> for AreaRow {
    fn from(area: &Area) -> Self {
        Self {
            kind: area.key.kind.to_string(),
            code: area.key.code.to_string(),
            name: area.name.clone(),
            name_cy: area.name_cy.clone(),
            name_gd: area.name_gd.clone(),
            generation: area.generation.clone(),
            parent_code: area.parent_code.map(|code| code.to_string()),
            seats: area.seats.map(i32::from),
            start_date: area.start_date,
            end_date: area.end_date,
            alias_of: area.alias_of.map(|code| code.to_string()),
        }
    }
}

impl AreaRow {
    fn read(self) -> Result<Area, StoreError> {
        let id = format!("{}/{}", self.kind, self.code);
        let corrupt = |column| StoreError::corrupt("areas", column, &id);
        let code = |text: Option<String>, column| text.map(|text| text.parse().map_err(|_flaw| corrupt(column)));
        Ok(Area {
            key: AreaKey {
                kind: self.kind.parse().map_err(|_flaw| corrupt("kind"))?,
                code: self.code.parse().map_err(|_flaw| corrupt("code"))?,
            },
            name: self.name,
            name_cy: self.name_cy,
            name_gd: self.name_gd,
            generation: self.generation,
            parent_code: code(self.parent_code, "parent_code").transpose()?,
            seats: self.seats.map(|seats| seats.try_into().map_err(|_error| corrupt("seats"))).transpose()?,
            start_date: self.start_date,
            end_date: self.end_date,
            alias_of: code(self.alias_of, "alias_of").transpose()?,
        })
    }
}

pub(super) fn load(connection: &mut AnyConnection) -> Result<Vec<Area>, StoreError> {
    let rows: Vec<AreaRow> = areas::table.select(AreaRow::as_select()).load(connection)?;
    rows.into_iter().map(AreaRow::read).collect()
}

pub(super) fn upsert(connection: &mut AnyConnection, areas: &[Area]) -> Result<(), StoreError> {
    use crate::schema::areas::dsl::{
        alias_of, code, end_date, generation, kind, name, name_cy, name_gd, parent_code, seats, start_date,
    };
    for chunk in areas.chunks(ROWS) {
        let rows: Vec<AreaRow> = chunk.iter().map(AreaRow::from).collect();
        on_backend!(connection, c => diesel::insert_into(areas::table)
            .values(&rows)
            .on_conflict((kind, code))
            .do_update()
            .set((
                name.eq(excluded(name)),
                name_cy.eq(excluded(name_cy)),
                name_gd.eq(excluded(name_gd)),
                generation.eq(excluded(generation)),
                parent_code.eq(excluded(parent_code)),
                seats.eq(excluded(seats)),
                start_date.eq(excluded(start_date)),
                end_date.eq(excluded(end_date)),
                alias_of.eq(excluded(alias_of)),
            ))
            .execute(c))?;
    }
    Ok(())
}
