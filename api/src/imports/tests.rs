//! Whole imports into a database of their own.

mod fixtures;
mod layouts;
mod published;
mod whole;
