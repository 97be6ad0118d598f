//! One member, as the service answers.

use chrono::NaiveDate;
use serde::Serialize;

/// A Member of Parliament, as the service answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberOfParliament {
    /// The id that Parliament has given.
    pub id: u32,
    /// The name for showing.
    pub name: String,
    /// How Parliament addresses the member, where it says so.
    pub addressed_as: Option<String>,
    /// The party.
    pub party: Option<String>,
    /// The constituency's name: the service has codes of its own.
    pub constituency: String,
    /// The day since when the member has sat without being elected again.
    pub since: Option<NaiveDate>,
    /// The day the seat was left.
    pub until: Option<NaiveDate>,
}
