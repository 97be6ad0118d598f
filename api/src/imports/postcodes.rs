//! Postcode files: millions of rows, read cell by cell into a table of a few bytes each.
//!
//! Files of one layer are one: the Office for National Statistics publishes its directory in one piece and in a hundred. Which layer
//! a file is, its layout decides, or an option of the command.

mod layer;
mod layout;
mod moves;
mod row;

pub(super) use layer::{Layer, ReadLayer, check};
pub(super) use layout::KEYS;
pub(super) use moves::{Moves, moves};
pub(crate) use row::meant;

use super::atlas::Atlas;
use super::error::ImportError;
use super::source::Source;
use super::table::Table;
use super::{Options, Progress, Reading};
use layout::Layout;
use row::RowReader;

/// Reads one file into the layer that it belongs to.
pub(super) fn read(
    source: &Source,
    atlas: &Atlas,
    options: &Options,
    (reading, progress): (&mut Reading, Progress),
    layers: &mut Vec<Layer>,
) -> Result<(), ImportError> {
    let mut table = Table::open(source, source.open(progress)?)?;
    let layout = Layout::of(&mut table, options)?;
    let name = options.layer.clone().unwrap_or_else(|| layout.layer(source));
    let layer = Layer::named(layers, name);
    let mut rows = RowReader::new(&layout, atlas);
    while table.advance(reading)? {
        match rows.read(table.row()) {
            Ok(row) => row.push(&mut layer.builder).map_err(|error| source.refused(error.to_string()))?,
            Err(detail) => table.note(reading, detail),
        }
    }
    layer.take(source, &layout, &rows, options);
    layer.digests.push(table.digest());
    reading.finish(&table);
    Ok(())
}
