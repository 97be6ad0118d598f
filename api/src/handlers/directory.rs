//! The directory as anybody may read it: Popolo, with where each fact comes from, and never an address (A9, B15, C30).

pub(crate) mod areas;
pub(crate) mod bodies;
pub(crate) mod representatives;

use crate::vocabulary;
use postbag_domain::{Area, AreaCode, AreaKey, Directory};
use serde::Serialize;
use utoipa::ToSchema;

/// A place, by its code and its name.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaNameView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    #[schema(value_type = String, example = "E14001172")]
    code: AreaCode,
    name: &'a str,
}

impl<'a> AreaNameView<'a> {
    fn of(key: AreaKey, directory: &'a Directory) -> Self {
        let name = directory.area(key).map(|area| area.name.as_str()).unwrap_or_default();
        Self { kind: key.kind.as_str(), code: key.code, name }
    }
}

/// What something is called elsewhere.
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
    /// In which language.
    #[schema(example = "cy")]
    lang: &'static str,
}

impl<'a> OtherNameView<'a> {
    fn of(area: &'a Area) -> Vec<Self> {
        let names = [(&area.name_cy, "cy"), (&area.name_gd, "gd")];
        names.into_iter().filter_map(|(name, lang)| Some(Self { name: name.as_deref()?, lang })).collect()
    }
}
