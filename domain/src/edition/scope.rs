//! The values a template sees, and nothing else.

use super::{Addressee, EditionAsk, EditionContent, NamedArea};
use crate::SupporterWords;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use std::fmt;
use std::sync::Arc;

/// Every variable and attribute a template may use, as the documentation lists them.
pub(super) const VARIABLES: &[(&str, &[&str])] = &[
    ("supporter", &["title", "first_name", "last_name", "name", "address", "postcode"]),
    ("representative", &["name", "salutation", "office", "office_title"]),
    ("area", &["name", "code", "kind"]),
    ("body", &["name", "code", "kind"]),
    ("bodies", &[]),
    ("asks", &[]),
    ("personal_message", &[]),
    ("campaign", &["title"]),
    ("organisation", &["name"]),
];

/// A few named values: what a template reads with a dot.
struct Fields(Vec<(&'static str, Value)>);

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(*name)).collect())
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(redacted)")
    }
}

/// An ask: printed, it is its text; its number and addressee can be read with a dot.
#[derive(Debug)]
struct AskValue(EditionAsk);

impl Object for AskValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "text" => Some(Value::from(self.0.text.as_str())),
            "position" => Some(Value::from(self.0.position)),
            "addressed_to" => Some(Value::from(self.0.addressed_to.as_str())),
            _ => None,
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// Named values as one, for a template that is no letter's.
pub(crate) fn value_of_fields(fields: Vec<(&'static str, Value)>) -> Value {
    Value::from_object(Fields(fields))
}

fn fields<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::from_object(Fields(fields.into()))
}

/// The values that are the same in every letter of an edition.
pub(super) struct Shared {
    asks: Value,
    campaign: Value,
    organisation: Value,
}

impl Shared {
    /// Prepared once per edition.
    pub(super) fn new(content: &EditionContent) -> Self {
        let asks: Vec<_> = content.asks.iter().map(|ask| Value::from_object(AskValue(ask.clone()))).collect();
        Self {
            asks: Value::from(asks),
            campaign: fields([("title", Value::from(content.campaign_title.as_str()))]),
            organisation: fields([("name", Value::from(content.organisation_name.as_str()))]),
        }
    }

    /// The values of one letter. `body` is the first of the bodies and is not defined where there is none.
    pub(super) fn with(&self, words: &SupporterWords, addressee: &Addressee) -> Value {
        let bodies: Vec<_> = addressee.bodies.iter().map(area).collect();
        let body = bodies.first().cloned();
        let message = words.personal_message.as_ref().map_or("", |message| message.as_str());
        let mut scope = vec![
            ("supporter", supporter(words)),
            ("representative", representative(addressee)),
            ("area", area(&addressee.area)),
            ("bodies", Value::from(bodies)),
            ("asks", self.asks.clone()),
            ("personal_message", Value::from(message)),
            ("campaign", self.campaign.clone()),
            ("organisation", self.organisation.clone()),
        ];
        scope.extend(body.map(|body| ("body", body)));
        Value::from_object(Fields(scope))
    }
}

fn supporter(words: &SupporterWords) -> Value {
    fields([
        ("title", Value::from(words.name.title().unwrap_or_default())),
        ("first_name", Value::from(words.name.first())),
        ("last_name", Value::from(words.name.last())),
        ("name", Value::from(words.name.full())),
        ("address", Value::from(words.address.lines().join("\n"))),
        ("postcode", Value::from(words.address.postcode().to_string())),
    ])
}

fn representative(addressee: &Addressee) -> Value {
    fields([
        ("name", Value::from(addressee.name.as_str())),
        ("salutation", Value::from(addressee.salutation.as_str())),
        ("office", Value::from(addressee.office.as_str())),
        ("office_title", Value::from(addressee.office.title())),
    ])
}

fn area(area: &NamedArea) -> Value {
    fields([
        ("name", Value::from(area.name.as_str())),
        ("code", Value::from(area.code.as_str())),
        ("kind", Value::from(area.kind.as_str())),
    ])
}
