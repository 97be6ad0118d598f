//! Where serde stumbled, as a JSON Pointer, and over what, as a code.

use super::calendar::decoded;
use postbag_domain::Flaw;
use serde_path_to_error::{Path, Segment};

/// A path as a JSON Pointer (RFC 6901).
pub(super) fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&escaped(key));
}

/// A name as a JSON Pointer spells it (RFC 6901 section 3).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a JSON Pointer spells so.
pub(super) fn unescaped(spelled: &str) -> String {
    spelled.replace("~1", "/").replace("~0", "~")
}

/// A wrong shape: where, and what is wrong there.
#[derive(Debug)]
pub(super) struct DataError {
    pub(super) pointer: String,
    pub(super) flaw: Flaw,
}

impl DataError {
    /// Reads serde's message. Its wording is the only place where it says which kind of error it is.
    ///
    /// The message may repeat the caller's value, so none of it is passed on except names from our own types.
    pub(super) fn read(message: &str, mut pointer: String) -> Self {
        let message = message.rfind(" at line ").map_or(message, |end| message.get(..end).unwrap_or(message));
        let flaw = if let Some(flaw) = decoded(message) {
            flaw
        } else if let Some(rest) = message.strip_prefix("unknown field `") {
            // serde_path_to_error already points at the key.
            let expected = rest.rfind("`, expected ").and_then(|at| rest.get(at + 1..));
            Flaw::new("field_unknown", format!("is not a field here{}", expected.unwrap_or_default()))
        } else if let Some(name) = quoted(message, "missing field `") {
            push(&mut pointer, name);
            Flaw::new("field_missing", "must be given")
        } else if let Some(name) = quoted(message, "duplicate field `") {
            if !pointer.ends_with(&format!("/{name}")) {
                push(&mut pointer, name);
            }
            Flaw::new("field_duplicate", "must be given once only")
        } else if message == super::strict::DUPLICATE {
            Flaw::new("field_duplicate", "must be given once only")
        } else if message.starts_with("unknown variant `") {
            let expected = message.rfind("`, expected ").and_then(|at| message.get(at + 12..)).unwrap_or_default();
            Flaw::new("field_value", format!("must be {expected}"))
        } else if let Some(expected) = expected(message) {
            Self::shape(expected)
        } else {
            Flaw::new("field_invalid", message.to_owned())
        };
        Self { pointer, flaw }
    }

    fn shape(expected: &str) -> Flaw {
        match expected.split(' ').next().unwrap_or_default() {
            "struct" | "map" => Flaw::new("field_type", "must be an object"),
            "u8" | "u16" | "u32" | "u64" | "usize" => {
                Flaw::new("field_type", "must be a whole number that is not negative")
            }
            "i8" | "i16" | "i32" | "i64" | "isize" => Flaw::new("field_type", "must be a whole number"),
            "f32" | "f64" => Flaw::new("field_type", "must be a number"),
            _ => Flaw::new("field_type", format!("must be {expected}")),
        }
    }
}

fn quoted<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.strip_suffix('`')
}

/// What serde expected instead, from "invalid type: …, expected …": the caller's value stands before it.
fn expected(message: &str) -> Option<&str> {
    let kinds = ["invalid type: ", "invalid value: ", "invalid length "];
    if !kinds.iter().any(|kind| message.starts_with(kind)) {
        return None;
    }
    let at = message.rfind(", expected ")?;
    message.get(at + ", expected ".len()..)
}
