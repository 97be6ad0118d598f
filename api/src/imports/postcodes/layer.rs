//! A layer in the making, and what has to be true of it.

use super::layout::Layout;
use super::row::RowReader;
use crate::ids;
use crate::imports::atlas::Atlas;
use crate::imports::error::ImportError;
use crate::imports::source::Source;
use crate::imports::{Options, Reading, cells};
use chrono::NaiveDate;
use postbag_domain::directory::PostcodeTable;
use postbag_domain::{AreaKey, AreaKind, LayerId, Office, PostcodeLayer, PostcodeTableBuilder, YearMonth};
use std::collections::BTreeSet;

/// A layer that has been read, and the digests of its files.
pub(in crate::imports) struct ReadLayer {
    pub(in crate::imports) layer: PostcodeLayer,
    pub(in crate::imports) digests: Vec<String>,
}

/// A layer whose files are being read.
pub(in crate::imports) struct Layer {
    name: String,
    sources: Vec<String>,
    pub(super) digests: Vec<String>,
    kinds: BTreeSet<AreaKind>,
    as_of: Option<NaiveDate>,
    pub(super) builder: PostcodeTableBuilder,
}

impl Layer {
    /// The layer with this name, which may have files already.
    pub(super) fn named(layers: &mut Vec<Self>, name: String) -> &mut Self {
        let at = layers.iter().position(|layer| layer.name == name).unwrap_or_else(|| {
            layers.push(Self::new(name));
            layers.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made just above")]
        &mut layers[at]
    }

    fn new(name: String) -> Self {
        let (sources, digests, kinds, as_of) = (Vec::new(), Vec::new(), BTreeSet::new(), None);
        Self { name, sources, digests, kinds, as_of, builder: PostcodeTableBuilder::new() }
    }

    /// Takes note of a file once its rows are in: its columns and its date.
    pub(super) fn take(&mut self, source: &Source, layout: &Layout, rows: &RowReader<'_>, options: &Options) {
        self.sources.push(source.name().to_owned());
        self.kinds.extend(layout.kinds());
        if rows.has_assembly {
            self.kinds.insert(AreaKind::AssemblyConstituency);
        }
        let said = options.as_of.or_else(|| cells::date_in(source.name()));
        self.as_of = self.as_of.max(said.or_else(|| rows.latest.and_then(first_day)));
    }

    /// The layer, given the one that it replaces. Without any date it is of today, or of the day it was first imported.
    pub(in crate::imports) fn finish(
        self,
        known: &[PostcodeLayer],
        options: &Options,
        reading: &mut Reading,
    ) -> Result<ReadLayer, ImportError> {
        let source = self.sources.join(", ");
        let refused = |reason: String| ImportError::Refused { file: source.clone(), reason };
        let built = self.builder.finish().map_err(|error| refused(error.to_string()))?;
        if built.table.is_empty() {
            return Err(refused("has no postcodes".to_owned()));
        }
        if built.repeated > 0 {
            reading.notice(format!("{} rows repeat a postcode", built.repeated));
        }
        match built.table.parts().chunk_by(|a, b| a.key == b.key).count() {
            0 => {}
            divided => reading.notice(format!("{divided} postcodes of layer {} lie in several areas", self.name)),
        }
        let same = known.iter().find(|layer| layer.name == self.name && *layer.table == built.table);
        let as_of = self.as_of.or_else(|| same.map(|layer| layer.as_of)).unwrap_or_else(|| {
            reading.notice(format!(
                "no date in the file name: assuming today. Use `--as-of {}` for another",
                options.today()
            ));
            options.today()
        });
        let (id, kinds) = (LayerId::new(ids::fresh()), self.kinds.into_iter().collect());
        let layer = PostcodeLayer { id, name: self.name, source, as_of, kinds, table: built.table.into() };
        Ok(ReadLayer { layer, digests: self.digests })
    }
}

fn first_day(month: YearMonth) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(month.year()), u32::from(month.month()), 1)
}

/// How many postcodes of a layer have an area of one kind that is listed, that is listed and has not ended, and that is not listed.
#[derive(Default)]
struct Seats {
    known: usize,
    live: usize,
    unknown: usize,
}

/// Refuses a layer most of whose constituencies are not in the area list: it is for other boundaries.
///
/// A kind of which nothing at all is listed is only a warning: not everybody needs every parliament. One must be listed.
pub(in crate::imports) fn check(
    layer: &PostcodeLayer,
    atlas: &Atlas,
    reading: &mut Reading,
) -> Result<(), ImportError> {
    let (rows, counts) = (rows_by_profile(&layer.table), atlas.counts());
    let (mut known, mut unlisted) = (0, Vec::new());
    for kind in Office::ALL.iter().map(|office| office.area_kind()) {
        let seats = seats(&layer.table, &rows, kind, atlas);
        known += seats.known;
        match counts.get(&kind).copied().unwrap_or_default() {
            0 if seats.unknown > 0 => unlisted.push(kind.as_str()),
            listed if seats.unknown > seats.known => return Err(refused(layer, elsewhere(kind, &seats, listed))),
            _ => tell(layer, kind, &seats, reading),
        }
    }
    let unlisted = unlisted.join(", ");
    match (unlisted.is_empty(), known) {
        (true, _) => Ok(()),
        (false, 0) => {
            Err(refused(layer, format!("has codes of {unlisted}, of which no area is known: import areas first")))
        }
        (false, _) => {
            reading.notice(format!("layer {} has codes of {unlisted}, of which no area is known", layer.name));
            Ok(())
        }
    }
}

fn seats(table: &PostcodeTable, rows: &[usize], kind: AreaKind, atlas: &Atlas) -> Seats {
    let mut seats = Seats::default();
    for (profile, rows) in table.profiles().iter().zip(rows) {
        let Some(key) = profile.area(kind).map(|code| AreaKey { kind, code }) else { continue };
        match (atlas.current(key), atlas.ended(key)) {
            (None, _) => seats.unknown += rows,
            (Some(_area), Some(_end)) => seats.known += rows,
            (Some(_area), None) => {
                seats.known += rows;
                seats.live += rows;
            }
        }
    }
    seats
}

fn tell(layer: &PostcodeLayer, kind: AreaKind, seats: &Seats, reading: &mut Reading) {
    let name = &layer.name;
    if seats.unknown > 0 {
        let unknown = seats.unknown;
        reading.notice(format!("{unknown} postcodes of layer {name} have a {kind} that is not in the area list"));
    }
    if seats.known > 0 && seats.live == 0 {
        reading.notice(format!("every {kind} of layer {name} has ended: it tells nobody's representative"));
    }
}

fn elsewhere(kind: AreaKind, seats: &Seats, listed: usize) -> String {
    let (unknown, all) = (seats.unknown, seats.unknown + seats.known);
    let list = format!("that is not among the {listed} in the area list");
    format!("is for other boundaries: {unknown} of {all} postcodes have a {kind} {list}")
}

fn refused(layer: &PostcodeLayer, reason: String) -> ImportError {
    ImportError::Refused { file: layer.source.clone(), reason }
}

/// How many postcodes have each profile, be it only in a part.
fn rows_by_profile(table: &PostcodeTable) -> Vec<usize> {
    let mut rows = vec![0; table.profiles().len()];
    // A row has the profile of its first part.
    let further = table.parts().chunk_by(|a, b| a.key == b.key).flat_map(|parts| parts.iter().skip(1));
    for profile in table.iter().map(|row| row.profile).chain(further.map(|part| part.profile)) {
        if let Some(count) = rows.get_mut(usize::from(profile)) {
            *count += 1;
        }
    }
    rows
}
