//! One membership, as a file gives it.

use chrono::NaiveDate;
use postbag_domain::directory::change::Field;
use postbag_domain::{AreaCode, EmailAddress, Locale, Office, Route};

/// One membership in a file: the area may be given by its name, and the office by the chamber alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The file it stands in, for complaints.
    pub(super) file: String,
    /// The line, where the file has lines.
    pub(super) line: Option<u64>,
    /// The offices it may be: the area decides.
    pub(super) offices: Vec<Office>,
    /// The area.
    pub(super) area: AreaGiven,
    /// The person's id, with the scheme in front.
    pub(super) external_id: String,
    /// The person's name.
    pub(super) name: String,
    /// How a letter greets the person.
    pub(super) salutation: Option<String>,
    /// The party.
    pub(super) party: Field<String>,
    /// The address of their mail.
    pub(super) email: Field<EmailAddress>,
    /// How mail travels.
    pub(super) route: Option<Route>,
    /// The language preferred.
    pub(super) language: Option<Locale>,
    /// The source of these facts.
    pub(super) source: Option<String>,
    /// The day the address was verified.
    pub(super) verified_on: Option<NaiveDate>,
    /// The first day in office.
    pub(super) start_date: Option<NaiveDate>,
    /// The day the office was left.
    pub(super) end_date: Option<NaiveDate>,
    /// The day to which the file's facts hold, where it says so.
    pub(super) as_of: Option<NaiveDate>,
}

/// How a file names the area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AreaGiven {
    /// By its code.
    Code(AreaCode),
    /// By its name.
    Name(String),
}

impl Member {
    /// A person of whom a file says only this.
    pub(super) fn new(source: &str, offices: &[Office], area: AreaGiven, external_id: String, name: String) -> Self {
        Self {
            file: source.to_owned(),
            line: None,
            offices: offices.to_vec(),
            area,
            external_id,
            name,
            salutation: None,
            party: Field::Missing,
            email: Field::Missing,
            route: None,
            language: None,
            source: Some(source.to_owned()),
            verified_on: None,
            start_date: None,
            end_date: None,
            as_of: None,
        }
    }
}
