//! What others read as files: the directory, and what may be done with people's data.

mod permissions;
mod popolo;

pub use permissions::{PermissionFilter, write_permissions};
pub use popolo::PopoloDocument;
