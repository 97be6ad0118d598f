//! What is wrong with a value, and where: every problem of a document at once.

use std::borrow::Cow;
use std::fmt;

/// Why a single value was refused: a stable code for programs and a sentence for people.
///
/// A flaw never repeats the value itself, so it can be logged and answered safely (C31).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Flaw {
    code: &'static str,
    detail: Cow<'static, str>,
}

impl Flaw {
    /// A flaw with a stable `snake_case` code and a sentence that says what to do.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The stable code, such as `email_invalid`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// A flaw and the place in the document where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pointer: String,
    flaw: Flaw,
}

impl FieldError {
    /// A flaw at a JSON Pointer (RFC 6901), such as `/supporter/email`.
    pub fn new(pointer: impl Into<String>, flaw: Flaw) -> Self {
        Self { pointer: pointer.into(), flaw }
    }

    /// The JSON Pointer of the field.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The flaw at that place.
    pub fn flaw(&self) -> &Flaw {
        &self.flaw
    }
}

/// Gathers the field errors of a document, so that its author sees all of them at once.
///
/// Each check answers `Option`: the value, or nothing because a flaw was noted.
#[derive(Debug, Default)]
pub struct Findings {
    errors: Vec<FieldError>,
}

impl Findings {
    /// Starts with nothing found.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value, or notes its flaw at `pointer`.
    pub fn check<T>(&mut self, pointer: impl Into<String>, result: Result<T, Flaw>) -> Option<T> {
        result.map_err(|flaw| self.note(pointer, flaw)).ok()
    }

    /// Like [`Findings::check`] for a field that may be absent: `Some(None)` means absent and fine.
    pub fn check_optional<T, U>(
        &mut self,
        pointer: impl Into<String>,
        value: Option<T>,
        parse: impl FnOnce(T) -> Result<U, Flaw>,
    ) -> Option<Option<U>> {
        match value {
            None => Some(None),
            Some(value) => self.check(pointer, parse(value)).map(Some),
        }
    }

    /// Keeps the value of a part that was checked as a whole, or notes all its flaws.
    pub fn absorb<T>(&mut self, result: Result<T, FieldErrors>) -> Option<T> {
        result.map_err(|FieldErrors(errors)| self.errors.extend(errors)).ok()
    }

    /// Notes a flaw at `pointer`.
    pub fn note(&mut self, pointer: impl Into<String>, flaw: Flaw) {
        self.errors.push(FieldError::new(pointer, flaw));
    }

    /// True while nothing was found.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The whole value if every part of it passed, or else every flaw.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, FieldErrors> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(FieldErrors(self.errors)),
        }
    }
}

/// Every field error of one document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// One error alone.
    pub fn one(pointer: impl Into<String>, flaw: Flaw) -> Self {
        Self(vec![FieldError::new(pointer, flaw)])
    }

    /// The same errors of a part that stands at `pointer` in a larger document.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        let moved = |error: FieldError| FieldError { pointer: format!("{pointer}{}", error.pointer), ..error };
        Self(self.0.into_iter().map(moved).collect())
    }

    /// The errors, in document order.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.iter().map(|error| format!("{}: {}", error.pointer, error.flaw));
        f.write_str(&lines.by_ref().collect::<Vec<_>>().join("; "))
    }
}
