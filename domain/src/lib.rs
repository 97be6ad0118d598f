#![doc = include_str!("../README.md")]

pub mod area;
pub mod flaw;
pub mod ids;
pub mod office;
mod words;

pub use area::{Area, AreaCode, AreaKey, AreaKind, Nation};
pub use flaw::{FieldError, FieldErrors, Findings, Flaw};
pub use ids::*;
pub use office::Office;
