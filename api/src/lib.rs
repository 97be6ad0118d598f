#![doc = include_str!("../README.md")]

pub mod app;
pub mod auth;
pub mod challenges;
pub mod cli;
pub mod clock;
pub mod config;
mod demo;
mod disposable_domains;
pub mod exports;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod handlers;
pub mod http;
pub mod ids;
pub mod imports;
pub mod inbound;
mod letters;
pub mod logging;
mod mail_domains;
mod metrics;
pub mod outbound;
mod private_files;
pub mod secrets;
mod views;
mod workers;
