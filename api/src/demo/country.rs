//! The made-up country, from files in the formats that any operator may import.

use crate::imports::{
    Options, Progress, Source, import_areas, import_bodies, import_postcodes, import_representatives,
};
use chrono::{DateTime, Utc};
use postbag_persistence::Store;

/// Imports the country. Its people and places are invented, its postcodes lie in an area that does not exist, and its addresses
/// end in example.org.
///
/// Blocks: it is for threads of its own.
pub(super) fn import(store: &Store, now: DateTime<Utc>) -> anyhow::Result<()> {
    let options = Options::at(now);
    let file = |name: &str, bytes: &'static [u8]| [Source::bytes(name, bytes)];
    let areas = file("areas.csv", include_bytes!("../../assets/demo/areas.csv"));
    import_areas(store, &areas, &options, Progress::quiet())?;
    let postcodes = file("postcodes.csv", include_bytes!("../../assets/demo/postcodes.csv"));
    import_postcodes(store, &postcodes, &options, Progress::quiet())?;
    let representatives = file("representatives.csv", include_bytes!("../../assets/demo/representatives.csv"));
    import_representatives(store, &representatives, &options, Progress::quiet())?;
    let bodies = file("bodies.csv", include_bytes!("../../assets/demo/bodies.csv"));
    import_bodies(store, &bodies, &options, Progress::quiet())?;
    Ok(())
}
