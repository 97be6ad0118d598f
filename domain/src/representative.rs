//! People who hold an office for an area between two dates.

use crate::words::words;
use crate::{AreaCode, DigestRule, EmailAddress, Locale, Office, RepresentativeId};
use chrono::NaiveDate;

words! {
    /// How mail for a representative or a body is to travel.
    Route, "route_unknown" {
        /// To an address of its own.
        Email = "email",
        /// To an address of the office, which passes it on.
        ViaOffice = "via_office",
        /// Not at all: the wish not to be written to is honoured.
        Refuses = "refuses",
        /// Not at all: no address is known.
        NoAddress = "no_address",
    }
}

impl Route {
    /// The route that is really open: a route to an address leads nowhere without one.
    #[must_use]
    pub const fn given(self, has_address: bool) -> Self {
        match self {
            Self::Email | Self::ViaOffice if !has_address => Self::NoAddress,
            route => route,
        }
    }

    /// True if a message can be sent along it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Email | Self::ViaOffice)
    }
}

/// A person holding an office for an area between two dates (Popolo: person, membership and post in one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representative {
    /// Its id here, which stays while the membership lasts.
    pub id: RepresentativeId,
    /// The person's id at the source, such as `parliament:4358`.
    pub external_id: String,
    /// The office held.
    pub office: Office,
    /// The area it is held for; its kind follows from the office.
    pub area_code: AreaCode,
    /// The person's name.
    pub name: String,
    /// How a letter greets the person, after "Dear", where known.
    pub salutation: Option<String>,
    /// The party, as the source spells it.
    pub party: Option<String>,
    /// The address of their mail. Never answered to the public (C30).
    pub email: Option<EmailAddress>,
    /// How mail travels.
    pub route: Route,
    /// The language the person prefers to be written to in, where known.
    pub language: Option<Locale>,
    /// The source of these facts.
    pub source: Option<String>,
    /// The day the address was last verified.
    pub verified_on: Option<NaiveDate>,
    /// The day on which mail to the address last came back.
    pub bounced_on: Option<NaiveDate>,
    /// The day since which letters to the address are held, because several came back.
    pub held_on: Option<NaiveDate>,
    /// The wish for one mail in place of single letters.
    pub digest: Option<DigestRule>,
    /// The first day in office; open when absent.
    pub start_date: Option<NaiveDate>,
    /// The day the office was left: from that day on another person holds the seat, or nobody does (B19). Open when absent.
    pub end_date: Option<NaiveDate>,
    /// The day on which an administrator decided the end; absent for an end that a file gave.
    pub end_decided_on: Option<NaiveDate>,
}

impl Representative {
    /// The same facts as an administrator's decision of `today` over what was known.
    #[must_use]
    pub fn decided_over(self, known: Option<&Self>, today: NaiveDate) -> Self {
        let known_end = known.and_then(|known| known.end_date);
        let end_decided_on = match self.end_date {
            None => None,
            Some(_) if self.end_date == known_end => known.and_then(|known| known.end_decided_on),
            Some(_) => Some(today),
        };
        Self { end_decided_on, ..self }
    }

    /// True if the person is in office on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.start_date.is_none_or(|start| start <= day) && !self.has_left_by(day)
    }

    /// True if the person has left the office on or before `day`.
    pub fn has_left_by(&self, day: NaiveDate) -> bool {
        self.end_date.is_some_and(|end| end <= day)
    }

    /// How the person can be reached, given what is known.
    pub const fn reachable(&self) -> Route {
        self.route.given(self.email.is_some())
    }

    /// How a letter greets the person, after "Dear": the known salutation, or else the name.
    pub fn salutation_or_default(&self) -> &str {
        self.salutation.as_deref().unwrap_or(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_to_an_address_needs_one() {
        assert_eq!(Route::Email.given(false), Route::NoAddress);
        assert_eq!(Route::ViaOffice.given(true), Route::ViaOffice);
        assert_eq!(Route::Refuses.given(true), Route::Refuses);
        assert!(!Route::Refuses.is_open() && Route::ViaOffice.is_open());
    }
}
