//! HTTP: the edge that every request passes, what handlers extract, and how answers and problems are made.

pub(crate) mod compress;
pub mod cors;
pub mod cursor;
pub(crate) mod docs;
pub mod edge;
pub mod etag;
pub mod extract;
pub(crate) mod fallback;
pub mod limits;
pub mod listener;
pub(crate) mod method_table;
pub(crate) mod mount;
pub mod network;
pub mod openapi;
pub mod page;
pub(crate) mod prepared;
pub mod problem;
pub(crate) mod refusal;
pub mod routes;
