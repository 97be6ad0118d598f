//! Postcode layers: one row each, with their tables in packed blocks.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{postcode_blocks, postcode_layers};
use crate::types::{Id, Json};
use chrono::NaiveDate;
use diesel::prelude::*;
use postbag_domain::{PostcodeLayer, PostcodeTable};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = postcode_layers, treat_none_as_default_value = false)]
struct LayerRow {
    id: Id,
    name: String,
    source: String,
    as_of: NaiveDate,
    kinds: Json,
}

pub(super) fn load(connection: &mut AnyConnection) -> Result<Vec<PostcodeLayer>, StoreError> {
    let rows: Vec<LayerRow> =
        postcode_layers::table.order(postcode_layers::id).select(LayerRow::as_select()).load(connection)?;
    rows.into_iter().map(|row| read(connection, row)).collect()
}

fn read(connection: &mut AnyConnection, row: LayerRow) -> Result<PostcodeLayer, StoreError> {
    let blocks: Vec<Vec<u8>> = postcode_blocks::table
        .filter(postcode_blocks::layer_id.eq(row.id))
        .order(postcode_blocks::position)
        .select(postcode_blocks::data)
        .load(connection)?;
    Ok(PostcodeLayer {
        id: row.id.into(),
        name: row.name,
        source: row.source,
        as_of: row.as_of,
        kinds: row.kinds.read("postcode_layers", "kinds", row.id)?,
        table: PostcodeTable::decode(&blocks)
            .map_err(|_error| StoreError::corrupt("postcode_blocks", "data", row.id))?,
    })
}

/// Puts a layer in the place of the one with the same name.
pub(super) fn replace(connection: &mut AnyConnection, layer: &PostcodeLayer) -> Result<(), StoreError> {
    let before: Option<Id> = postcode_layers::table
        .filter(postcode_layers::name.eq(&layer.name))
        .select(postcode_layers::id)
        .first(connection)
        .optional()?;
    if let Some(id) = before {
        remove(connection, id)?;
    }
    let id = Id::from(layer.id);
    let row = LayerRow {
        id,
        name: layer.name.clone(),
        source: layer.source.clone(),
        as_of: layer.as_of,
        kinds: Json::of(&layer.kinds)?,
    };
    diesel::insert_into(postcode_layers::table).values(row).execute(connection)?;
    for (position, block) in (0i32..).zip(layer.table.encode()) {
        diesel::insert_into(postcode_blocks::table)
            .values((
                postcode_blocks::layer_id.eq(id),
                postcode_blocks::position.eq(position),
                postcode_blocks::data.eq(block),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn remove(connection: &mut AnyConnection, id: Id) -> Result<(), StoreError> {
    diesel::delete(postcode_blocks::table.filter(postcode_blocks::layer_id.eq(id))).execute(connection)?;
    diesel::delete(postcode_layers::table.find(id)).execute(connection)?;
    Ok(())
}
