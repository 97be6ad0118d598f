//! How many rows go into one statement.

/// The widest table has 24 columns, and SQLite binds 32,766 values at most.
pub(crate) const ROWS: usize = 500;
