//! Rows that cannot be right, by file and line.

use std::fmt;

/// How many are listed one by one.
const SHOWN: usize = 50;

/// Every bad row of an import: the first few in words, the rest as a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadRows {
    shown: Vec<BadRow>,
    count: usize,
}

/// A row that cannot be right. Nothing personal is repeated here (C31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The file.
    pub file: String,
    /// Its line, counted from 1 as editors do; a JSON document's parts have none.
    pub line: Option<u64>,
    /// The flaw.
    pub detail: String,
}

impl BadRows {
    /// Notes one.
    pub(super) fn note(&mut self, file: &str, line: Option<u64>, detail: impl Into<String>) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(BadRow { file: file.to_owned(), line, detail: detail.into() });
        }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// True while there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first of them.
    pub fn iter(&self) -> impl Iterator<Item = &BadRow> {
        self.shown.iter()
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.detail),
            None => write!(f, "{}: {}", self.file, self.detail),
        }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bad {}", self.count, if self.count == 1 { "row" } else { "rows" })?;
        for row in &self.shown {
            write!(f, "\n  {row}")?;
        }
        match self.count - self.shown.len() {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_are_listed_and_the_rest_are_counted() {
        let mut rows = BadRows::default();
        for line in 2..=61 {
            rows.note("file.csv", Some(line), "doterm: must be a month");
        }
        let text = rows.to_string();
        assert!(text.starts_with("60 bad rows\n  file.csv, line 2: doterm: must be a month\n"), "{text}");
        assert!(text.ends_with("line 51: doterm: must be a month\n  and 10 more"), "{text}");
        assert_eq!((rows.count(), rows.iter().count()), (60, 50));
    }
}
