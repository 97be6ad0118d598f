//! What can go wrong between the shell and a database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the store could not do what it was asked. Absence is never an error: it is an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full or is busy: the same request may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Another transaction was in the way: the whole transaction may be run again at once.
    #[error("another transaction was in the way")]
    Contended,
    /// The rows clash with ones that are there; what that means is for the caller to say.
    #[error("the row clashes with one that is there")]
    Conflict,
    /// A stored value that the domain refuses.
    #[error("{table}.{column} of {id} is corrupt")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
    },
    /// The database must not be used as it is or as it was named; the sentence says what to do.
    #[error("{0}")]
    Refused(String),
    /// A failure that has no meaning to the shell: a bug, or a broken database.
    #[error("the database failed: {0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure without a meaning of its own.
    pub fn backend(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend(source.into())
    }

    /// A stored value that the domain refuses, and its place. The value itself is not repeated (C31).
    #[expect(clippy::needless_pass_by_value, reason = "ids are passed as they are found")]
    pub fn corrupt(table: &'static str, column: &'static str, id: impl ToString) -> Self {
        Self::Corrupt { table, column, id: id.to_string() }
    }

    /// True if the connection it came from is of no more use.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => Self::Conflict,
                DatabaseErrorKind::SerializationFailure => Self::Contended,
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction => {
                    Self::Unavailable(info.message().to_owned())
                }
                _ => by_message(info.message()).unwrap_or_else(|| Self::backend(error)),
            },
            DieselError::BrokenTransactionManager => Self::Unavailable("the connection broke".to_owned()),
            _ => Self::backend(error),
        }
    }
}

/// Conditions that diesel gives no kind of their own. A server that speaks another language than English falls through to
/// `Backend`, which is worse to read and no less safe.
fn by_message(message: &str) -> Option<StoreError> {
    const CONTENDED: [&str; 3] = ["deadlock detected", "lock timeout", "could not obtain lock"];
    const UNAVAILABLE: [&str; 11] = [
        "database is locked",
        "database is full",
        "disk is full",
        "disk I/O error",
        "attempt to write a readonly database",
        "unable to open database file",
        "No space left on device",
        "could not extend file",
        "terminating connection",
        "the database system is",
        "server closed the connection",
    ];
    if CONTENDED.iter().any(|part| message.contains(part)) {
        Some(StoreError::Contended)
    } else if UNAVAILABLE.iter().any(|part| message.contains(part)) {
        Some(StoreError::Unavailable(message.to_owned()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(message: &str) -> DieselError {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
    }

    #[test]
    fn a_deadlock_may_be_run_again() {
        assert!(matches!(unknown("deadlock detected").into(), StoreError::Contended));
    }

    #[test]
    fn a_full_disk_is_unavailable_and_not_a_bug() {
        let errors = ["database or disk is full", "could not extend file \"base/1\": No space left on device"];
        for message in errors {
            assert!(matches!(unknown(message).into(), StoreError::Unavailable(_)), "{message}");
        }
    }

    #[test]
    fn anything_else_has_no_meaning() {
        assert!(matches!(unknown("division by zero").into(), StoreError::Backend(_)));
    }
}
