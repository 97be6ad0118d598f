//! The directory as anybody may read it: Popolo, with where each fact comes from, and never an address (A9, B15, C30).

pub(crate) mod areas;
pub(crate) mod bodies;
pub(crate) mod representatives;

use postbag_domain::Area;
use serde::Serialize;
use utoipa::ToSchema;

/// An id of the same thing elsewhere.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentifierView<'a> {
    #[schema(example = "parliament")]
    scheme: &'a str,
    #[schema(example = "4358")]
    identifier: &'a str,
}

/// A name besides the usual one.
#[derive(Serialize, ToSchema)]
pub(crate) struct OtherNameView<'a> {
    name: &'a str,
    /// The language of the name.
    #[schema(example = "cy")]
    lang: &'static str,
}

impl<'a> OtherNameView<'a> {
    fn of(area: &'a Area) -> Vec<Self> {
        let names = [(&area.name_cy, "cy"), (&area.name_gd, "gd")];
        names.into_iter().filter_map(|(name, lang)| Some(Self { name: name.as_deref()?, lang })).collect()
    }
}
