//! Objects whose names are data.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};
use utoipa::{PartialSchema, ToSchema};

/// A map from the wire. [`Json`](super::Json) refuses a name given twice, here as everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UniqueMap<K: Ord, V>(pub BTreeMap<K, V>);

impl<K: Ord, V> Default for UniqueMap<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V: PartialSchema> PartialSchema for UniqueMap<K, V> {
    fn schema() -> RefOr<Schema> {
        let values = AdditionalProperties::RefOr(V::schema());
        ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(values)).into()
    }
}

impl<K: Ord, V: ToSchema> ToSchema for UniqueMap<K, V> {
    fn name() -> Cow<'static, str> {
        format!("MapOf{}", V::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        V::schemas(schemas);
    }
}
