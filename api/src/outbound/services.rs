//! Services that Postbag asks over HTTP: the Members API and postcode services, each through one client with deadlines, retries and a
//! circuit.

pub mod members_api;
pub mod postcode_service;
pub mod service;

pub use members_api::{MemberOfParliament, MembersApi};
pub use postcode_service::PostcodeService;
pub use service::{Fault, Manners, Retries, Service};
