//! Services that Postbag asks over HTTP: the Members API, postcode services, and services for challenges, each through one client with deadlines, retries and a
//! circuit.

pub mod challenge_service;
pub mod members_api;
pub mod postcode_service;
pub mod service;

pub use challenge_service::{ChallengeService, TokenVerdict};
pub use members_api::{MemberOfParliament, MembersApi};
pub use postcode_service::PostcodeService;
pub use service::{Fault, Manners, Retries, Service};
