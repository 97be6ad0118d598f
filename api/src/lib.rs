#![doc = include_str!("../README.md")]

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
mod compress;
pub mod config;
pub mod cors;
mod docs;
pub mod edge;
pub mod etag;
pub mod extract;
mod fallback;
pub mod health;
pub mod logging;
pub mod openapi;
pub mod outbound;
pub mod page;
pub mod problem;
pub mod routes;
pub mod seal;
pub mod server;
pub mod shutdown;
pub mod state;
