//! An area by kind, code and name.

use crate::views::vocabulary;
use postbag_domain::{AreaCode, AreaKey, Directory, NamedArea};
use serde::Serialize;
use utoipa::ToSchema;

/// A place with an official code.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    pub(crate) kind: &'static str,
    #[schema(value_type = String, example = "E14001172")]
    pub(crate) code: AreaCode,
    pub(crate) name: &'a str,
}

impl<'a> AreaView<'a> {
    /// An area by its name in the directory; empty where the directory has none.
    pub(crate) fn named(directory: &'a Directory, key: AreaKey) -> Self {
        let name = directory.area(key).map(|area| area.name.as_str()).unwrap_or_default();
        Self { kind: key.kind.as_str(), code: key.code, name }
    }
}

impl<'a> From<&'a NamedArea> for AreaView<'a> {
    fn from(area: &'a NamedArea) -> Self {
        Self { kind: area.kind.as_str(), code: area.code, name: &area.name }
    }
}
