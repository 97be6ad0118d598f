//! Whom a place would write to.

use super::{LiveCampaign, SubmitError};
use crate::words::words;
use crate::{Addressee, AreaChoice, AreaCode, AreaKey, Directory, NamedArea, Office, Place, Route};
use chrono::NaiveDate;

words! {
    /// Whether and how a seat can be written to.
    Reachability, "reachability_unknown" {
        /// By the holder's own address.
        Email = "email",
        /// By an address of the office, which passes it on.
        ViaOffice = "via_office",
        /// The holder does not wish to be written to (B15).
        Refuses = "refuses",
        /// No address is known.
        NoAddress = "no_address",
        /// Nobody holds it (B19).
        Vacant = "vacant",
    }
}

impl Reachability {
    /// True if a message can be sent.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Email | Self::ViaOffice)
    }
}

impl From<Route> for Reachability {
    fn from(route: Route) -> Self {
        match route {
            Route::Email => Self::Email,
            Route::ViaOffice => Self::ViaOffice,
            Route::Refuses => Self::Refuses,
            Route::NoAddress => Self::NoAddress,
        }
    }
}

/// One seat of the campaign's offices at a place, and who holds it. No address: those are never told (C30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The office.
    pub office: Office,
    /// The area it is held for.
    pub area: NamedArea,
    /// Who holds it; nobody when the seat is vacant.
    pub addressee: Option<Addressee>,
    /// The holder's party.
    pub party: Option<String>,
    /// Whether and how it can be written to.
    pub reachable: Reachability,
}

/// Whom a place would write to, and which bodies are responsible for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// Every seat of the campaign's offices, in the campaign's order of offices.
    pub targets: Vec<Target>,
    /// The bodies of the kind the campaign names.
    pub bodies: Vec<NamedArea>,
    /// Where the postcode straddles areas: the candidates.
    pub choices: Vec<AreaChoice>,
}

impl LiveCampaign {
    /// Whom a place would write to on `day`: every holder of the campaign's offices there, and every seat that is empty.
    pub fn targets(&self, place: &Place, directory: &Directory, day: NaiveDate) -> Result<Targets, SubmitError> {
        let terms = self.campaign.content();
        if !terms.nations.contains(&place.nation) {
            return Err(SubmitError::OutsideNations { nation: place.nation });
        }
        let bodies = NamedArea::bodies_at(place, terms.body_kind, directory);
        let mut targets = Vec::with_capacity(terms.offices.len());
        for office in terms.offices.iter().copied() {
            if let Some(code) = place.area(office.area_kind()) {
                seats(&mut targets, office, code, (place, &bodies, directory), day);
            }
        }
        Ok(Targets { targets, bodies, choices: Vec::new() })
    }
}

/// The seats of one office for one area: its holders, or one empty seat.
fn seats(
    targets: &mut Vec<Target>,
    office: Office,
    code: AreaCode,
    (place, bodies, directory): (&Place, &[NamedArea], &Directory),
    day: NaiveDate,
) {
    let before = targets.len();
    for holder in directory.holders(office, code, day) {
        let addressee = Addressee::of(holder, place, bodies.to_vec(), directory);
        targets.push(Target {
            office,
            area: addressee.area.clone(),
            addressee: Some(addressee),
            party: holder.party.clone(),
            reachable: holder.reachable().into(),
        });
    }
    if targets.len() == before {
        let area = NamedArea::of(AreaKey { kind: office.area_kind(), code }, directory);
        targets.push(Target { office, area, addressee: None, party: None, reachable: Reachability::Vacant });
    }
}
