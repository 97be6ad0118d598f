//! The directory as files that others read.

mod popolo;

pub use popolo::PopoloDocument;
