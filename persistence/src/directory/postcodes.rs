//! Postcode layers: one row each, with their tables in packed blocks.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{postcode_blocks, postcode_layers};
use crate::types::{Id, Json};
use chrono::NaiveDate;
use diesel::prelude::*;
use postbag_domain::{PostcodeLayer, PostcodeTable};
use std::sync::Arc;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = postcode_layers, treat_none_as_default_value = false)]
struct LayerRow {
    id: Id,
    name: String,
    source: String,
    as_of: NaiveDate,
    kinds: Json,
}

/// Every layer. The tables of those that are held are taken from there: a layer never changes, and a table is millions of rows.
pub(super) fn load(connection: &mut AnyConnection, held: &[PostcodeLayer]) -> Result<Vec<PostcodeLayer>, StoreError> {
    let rows: Vec<LayerRow> =
        postcode_layers::table.order(postcode_layers::id).select(LayerRow::as_select()).load(connection)?;
    let mut layers = Vec::with_capacity(rows.len());
    for row in rows {
        let table = match held.iter().find(|layer| Id::from(layer.id) == row.id) {
            Some(layer) => Arc::clone(&layer.table),
            None => read_table(connection, row.id)?.into(),
        };
        layers.push(row.with(table)?);
    }
    Ok(layers)
}

impl LayerRow {
    fn with(self, table: Arc<PostcodeTable>) -> Result<PostcodeLayer, StoreError> {
        Ok(PostcodeLayer {
            id: self.id.into(),
            name: self.name,
            source: self.source,
            as_of: self.as_of,
            kinds: self.kinds.read("postcode_layers", "kinds", self.id)?,
            table,
        })
    }
}

fn read_table(connection: &mut AnyConnection, layer: Id) -> Result<PostcodeTable, StoreError> {
    let blocks: Vec<Vec<u8>> = postcode_blocks::table
        .filter(postcode_blocks::layer_id.eq(layer))
        .order(postcode_blocks::position)
        .select(postcode_blocks::data)
        .load(connection)?;
    PostcodeTable::decode(&blocks).map_err(|_error| StoreError::corrupt("postcode_blocks", "data", layer))
}

/// A layer ready to be written: millions of rows are packed before the transaction begins, which keeps others waiting.
#[derive(Clone, Debug)]
pub struct PackedLayer {
    layer: PostcodeLayer,
    blocks: Vec<Vec<u8>>,
}

impl PackedLayer {
    /// Packs the rows. Takes a moment.
    pub fn of(layer: PostcodeLayer) -> Self {
        let blocks = layer.table.encode();
        Self { layer, blocks }
    }
}

/// Puts a layer in the place of the one with the same name.
pub(super) fn replace(connection: &mut AnyConnection, packed: &PackedLayer) -> Result<(), StoreError> {
    let PackedLayer { layer, blocks } = packed;
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
    for (position, block) in (0i32..).zip(blocks) {
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
