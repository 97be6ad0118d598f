//! The directory as anybody may read it: Popolo, with where each fact comes from, and never an address (A9, B15, C30).

pub(crate) mod areas;
pub(crate) mod bodies;
mod day;
pub(crate) mod representatives;

use crate::page::{Cursors, Limit, Page};
use crate::prepared::Prepared;
use crate::problem::Answer;
use crate::state::State;
use crate::vocabulary;
use actix_web::{HttpRequest, HttpResponse};
use postbag_domain::{Area, AreaCode, AreaKey, Directory};
use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// One page of something in memory, in the order of its keys.
fn page<'d, T, K, V>(
    request: &HttpRequest,
    list: &str,
    (limit, cursor): (Limit, Option<&str>),
    found: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
    view: impl FnMut(T) -> V,
) -> Answer<HttpResponse>
where
    K: Ord + Serialize + DeserializeOwned,
    V: Serialize + 'd,
{
    let cursors: &Cursors = &State::of(request).cursors;
    let after: Option<K> = cursors.read_optional(list, cursor)?;
    let mut rest: Vec<T> = found.filter(|item| after.as_ref().is_none_or(|after| key(item) > *after)).collect();
    rest.sort_unstable_by_key(&key);
    rest.truncate(usize::from(limit.get()) + 1);
    Ok(Prepared::page(&Page::cut(rest, limit, cursors, list, &key).map(view), request))
}
