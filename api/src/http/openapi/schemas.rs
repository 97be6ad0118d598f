//! What serde and the document see differently: flattened documents, and examples of lists.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::schema::{AllOf, Object, Schema};
use utoipa::openapi::{Components, OpenApi, RefOr};

/// Completes the schemas of the document.
pub(super) fn complete(components: &mut Components) {
    let known = components.schemas.clone();
    for schema in components.schemas.values_mut() {
        flatten(schema, &known);
        give_list_example(schema, &known);
        forget_null_defaults(schema);
    }
}

/// Takes away the schemas that nothing refers to any more, once they have been merged into others.
pub(super) fn prune(document: &mut OpenApi) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut text = serde_json::to_string(&document.paths).unwrap_or_default();
    let Some(components) = &mut document.components else { return };
    text += &serde_json::to_string(&components.responses).unwrap_or_default();
    let mut texts = vec![text];
    while let Some(text) = texts.pop() {
        for name in referred(&text) {
            if used.insert(name.clone()) {
                texts.extend(components.schemas.get(&name).and_then(|schema| serde_json::to_string(schema).ok()));
            }
        }
    }
    components.schemas.retain(|name, _| used.contains(name));
}

/// The names of the schemas that a part of the document refers to.
fn referred(text: &str) -> Vec<String> {
    const START: &str = "#/components/schemas/";
    let ends = text.match_indices(START).filter_map(|(at, _)| text.get(at + START.len()..));
    ends.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Makes one object of a document and the fields beside it. As parts of an `allOf` each would forbid the other's fields, because
/// what is written to the API may hold no unknown ones.
fn flatten(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::T(Schema::AllOf(parts)) => *schema = Schema::Object(merged(parts, known)).into(),
        RefOr::T(Schema::Object(object)) => object.properties.values_mut().for_each(|inner| flatten(inner, known)),
        RefOr::T(Schema::Array(array)) => {
            if let utoipa::openapi::schema::ArrayItems::RefOrSchema(items) = &mut array.items {
                flatten(items, known);
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

/// Takes away defaults of `null`, which serde has for every optional field: generators make such fields required.
fn forget_null_defaults(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    if object.default.as_ref().is_some_and(Value::is_null) {
        object.default = None;
    }
    object.properties.values_mut().for_each(forget_null_defaults);
}

fn merged(all: &AllOf, known: &BTreeMap<String, RefOr<Schema>>) -> Object {
    let mut whole = Object::new();
    whole.description.clone_from(&all.description);
    whole.examples.clone_from(&all.examples);
    for part in all.items.iter().filter_map(|part| resolve(part, known)) {
        whole.properties.extend(part.properties);
        whole.required.extend(part.required);
    }
    whole
}

/// The object of a schema, with the parts it is composed from.
fn resolve(schema: &RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) -> Option<Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(object.clone()),
        RefOr::T(Schema::AllOf(parts)) => Some(merged(parts, known)),
        RefOr::T(_) => None,
        RefOr::Ref(reference) => resolve(known.get(reference.ref_location.rsplit('/').next()?)?, known),
    }
}

/// A list's example holds its item's.
fn give_list_example(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    if !object.properties.contains_key("next_cursor") {
        return;
    }
    let Some(RefOr::T(Schema::Array(items))) = object.properties.get("items") else { return };
    let utoipa::openapi::schema::ArrayItems::RefOrSchema(item) = &items.items else { return };
    if let Some(example) = resolve(item, known).and_then(|item| item.examples.first().cloned()) {
        object.examples = vec![list_of(&example)];
    }
}

fn list_of(example: &Value) -> Value {
    json!({ "items": [example], "next_cursor": null })
}
