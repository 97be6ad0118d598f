//! What a row of an area list says.

use postbag_domain::{Area, AreaKey};

/// A fact of a row about an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::imports) enum AreaFact {
    /// An area, with what the file says of it.
    Area(Box<Area>),
    /// The Gaelic name of an area that other files tell of.
    GaelicName(AreaKey, String),
}
