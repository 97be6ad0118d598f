//! Holds answers against the published document: every answer of the tests, with unknown fields forbidden (A14).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::client::Answer;

/// The document, with every object closed.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(postbag::http::openapi::document()).expect("the document as JSON");
        close(&mut document["components"]["schemas"]);
        document
    })
}

/// Forbids what an object does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Panics unless the document says that this may be answered.
pub(crate) fn check(method: &str, path: &str, answer: &Answer) {
    let media_type = answer.find("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default().to_owned();
    if !media_type.ends_with("json") || answer.body.is_empty() {
        return;
    }
    let path = path.split('?').next().unwrap_or_default();
    let Some(template) = template(method, path) else { return };
    let Some(validator) = validator(method, template, answer.status, &media_type) else {
        // A server that only sends letters serves none of the document's paths.
        if answer.status == 404 {
            return;
        }
        panic!("{method} {template} does not document {} as {media_type}: {}", answer.status, answer.text());
    };
    let body = answer.json();
    let flaws: Vec<_> = validator.iter_errors(&body).map(|flaw| format!("{}: {flaw}", flaw.instance_path)).collect();
    assert!(flaws.is_empty(), "{method} {template} -> {}: {flaws:#?}\n{body}", answer.status);
}

/// The path of the document that this one is.
fn template(method: &str, path: &str) -> Option<&'static str> {
    let segments: Vec<_> = path.split('/').collect();
    let is_it = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(part, segment)| part.starts_with('{') || part == segment)
    };
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let paths = document()["paths"].as_object().expect("paths");
    let known = paths.iter().filter(|(_, item)| item.get(&method).is_some()).map(|(template, _)| template.as_str());
    let mut found: Vec<_> = known.filter(|template| is_it(template)).collect();
    found.sort_by_key(|template| template.matches('{').count());
    found.first().copied()
}

type Key = (String, String, u16, String);

/// The schema of one answer, compiled once.
fn validator(method: &str, template: &str, status: u16, media_type: &str) -> Option<Arc<Validator>> {
    static COMPILED: Mutex<Option<HashMap<Key, Option<Arc<Validator>>>>> = Mutex::new(None);
    let key = (method.to_owned(), template.to_owned(), status, media_type.to_owned());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.get_or_insert_default().entry(key).or_insert_with(|| compile(method, template, status, media_type)).clone()
}

fn compile(method: &str, template: &str, status: u16, media_type: &str) -> Option<Arc<Validator>> {
    let operation = &document()["paths"][template][method.to_lowercase()];
    let response = resolve(&operation["responses"][status.to_string()])?;
    let mut schema = response["content"].get(media_type)?["schema"].clone();
    close(&mut schema);
    schema["components"] = document()["components"].clone();
    Some(Arc::new(jsonschema::draft202012::new(&schema).expect("a schema")))
}

fn resolve(value: &Value) -> Option<&Value> {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document().pointer(reference.trim_start_matches('#')),
        None => (!value.is_null()).then_some(value),
    }
}
