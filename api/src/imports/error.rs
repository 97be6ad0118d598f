//! Why an import did not happen. Nothing was changed then.

use super::bad_rows::BadRows;
use postbag_domain::directory::change::TooManyEnded;
use postbag_persistence::StoreError;

/// Why a file was not imported. The directory is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be imported as it is; the reason says what to do.
    #[error("{file}: {reason}")]
    Refused {
        /// The file.
        file: String,
        /// Why, and what to do about it.
        reason: String,
    },
    /// Rows that cannot be right. One is enough to refuse all: half a file is worse than none.
    #[error("{0}")]
    BadRows(BadRows),
    /// The file looks cut short.
    #[error("{0}; if it is right, say --force")]
    TooManyEnded(TooManyEnded),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

// By hand: `#[from]` would make it the source too, and the same sentence would be printed twice.
impl From<TooManyEnded> for ImportError {
    fn from(too_many: TooManyEnded) -> Self {
        Self::TooManyEnded(too_many)
    }
}
