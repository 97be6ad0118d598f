//! Whole imports into a database of their own.

mod exported;
mod fixtures;
mod layouts;
mod published;
mod whole;
