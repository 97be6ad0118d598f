//! Whom a place would write to.

use super::{LiveCampaign, SubmitError, WriteTo};
use crate::words::words;
use crate::{
    Addressee, AreaChoice, AreaCode, AreaKey, AreaKind, DigestRule, Directory, Disagreement, NamedArea, Office, Place,
    RepresentativeId, Route, Share,
};
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
        /// Nobody knows: the holders of the office were never imported for this nation.
        NotLoaded = "not_loaded",
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

/// One seat of the campaign's offices at a place, and who holds it. Never with an address (C30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The office.
    pub office: Office,
    /// The area it is held for.
    pub area: NamedArea,
    /// The holder; `None` for a vacant seat.
    pub addressee: Option<Addressee>,
    /// The holder's party.
    pub party: Option<String>,
    /// Whether and how it can be written to.
    pub reachable: Reachability,
    /// The rule by which letters go to the holder in one mail, if they do.
    pub digest: Option<DigestRule>,
}

impl Target {
    /// The holder's id; `None` for a vacant seat.
    pub fn representative_id(&self) -> Option<RepresentativeId> {
        self.addressee.as_ref().map(|addressee| addressee.representative_id)
    }
}

/// One office at a place: how many hold it together, and how many of them are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeTargets<'a> {
    /// The office.
    pub office: Office,
    /// The area it is held for.
    pub area: &'a NamedArea,
    /// How many of its holders are written to, and who decides which.
    pub write_to: WriteTo,
    /// At most how many; nothing where all are.
    pub up_to: Option<u32>,
    /// How many people the area elects; where that is not listed, how many hold the office.
    pub seats: usize,
    /// Vacant seats.
    pub vacant: usize,
    /// Seats whose holders were never imported for this nation.
    pub not_loaded: usize,
    /// All holders, whether they can be written to or not.
    pub representative_ids: Vec<RepresentativeId>,
}

/// One area of several that a person may live in, of a kind that the campaign needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCandidate {
    /// The area.
    pub area: NamedArea,
    /// The part of the postcode's addresses in it, where known.
    pub share: Option<Share>,
}

/// Whom a place would write to, and which bodies are responsible for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// Every seat of the campaign's offices in an area that is certain, in the campaign's order of offices.
    pub targets: Vec<Target>,
    /// The bodies of the kind the campaign names.
    pub bodies: Vec<NamedArea>,
    /// Where it is not certain which area the person lives in: the candidates of each kind that the campaign needs.
    pub choices: Vec<AreaCandidate>,
    /// What layers say instead of the areas that the campaign needs, where they disagree.
    pub disagreements: Vec<Disagreement>,
    /// The campaign's offices in the place's nation of which no file says for which area the postcode votes.
    pub unplaced: Vec<Office>,
}

impl LiveCampaign {
    /// Whom a place would write to on `day`: every holder of the campaign's offices there, and every vacant office. An
    /// office that is not written to in the place's nation is left out. Nobody is guessed: of a kind of area that is not certain
    /// there are candidates instead.
    pub fn targets(&self, place: &Place, directory: &Directory, day: NaiveDate) -> Result<Targets, SubmitError> {
        let terms = self.campaign.content();
        if !place.nations().any(|nation| terms.nations.contains(&nation)) {
            return Err(SubmitError::OutsideNations { nation: place.nation, nations: terms.nations.clone() });
        }
        let bodies = NamedArea::bodies_at(place, terms.body_kind, directory);
        let (mut targets, mut unplaced) = (Vec::with_capacity(terms.offices.len()), Vec::new());
        let offices = terms.offices.iter().copied();
        for office in offices.filter(|office| terms.office_rule(*office).holds_in(place.nation)) {
            if let Some(code) = place.area(office.area_kind()) {
                seats(&mut targets, office, code, (place, &bodies, directory, terms.digest), day);
            } else if office.is_found_by_postcode() && !place.knows(office.area_kind()) {
                unplaced.push(office);
            }
        }
        let choices = place.choices.iter().filter(|choice| self.needs(choice.kind, place));
        let choices = choices.map(|choice| AreaCandidate::of(choice, directory)).collect();
        let disagreements = place.disagreements.iter().filter(|other| self.needs(other.kind, place)).copied().collect();
        Ok(Targets { targets, bodies, choices, disagreements, unplaced })
    }

    /// True if the campaign cannot do without knowing the person's area of this kind.
    fn needs(&self, kind: AreaKind, place: &Place) -> bool {
        let terms = self.campaign.content();
        let writes_to = |office: &Office| place.nations().any(|nation| terms.office_rule(*office).holds_in(nation));
        kind == AreaKind::Nation
            || terms.body_kind == Some(kind)
            || terms.offices.iter().any(|office| office.area_kind() == kind && writes_to(office))
    }

    /// The same targets, office by office, each with its rule.
    pub fn by_office<'a>(&self, targets: &'a Targets, directory: &Directory) -> Vec<OfficeTargets<'a>> {
        let offices = targets.targets.chunk_by(|one, other| one.office == other.office);
        offices.filter_map(|seats| self.office_targets(seats, directory)).collect()
    }

    fn office_targets<'a>(&self, seats: &'a [Target], directory: &Directory) -> Option<OfficeTargets<'a>> {
        let Target { office, area, .. } = seats.first()?;
        let rule = self.campaign.content().office_rule(*office);
        let representative_ids: Vec<_> = seats.iter().filter_map(Target::representative_id).collect();
        let listed = directory.area(AreaKey { kind: area.kind, code: area.code }).and_then(|area| area.seats);
        let seats = listed.map_or(seats.len(), usize::from);
        let empty = seats.saturating_sub(representative_ids.len());
        let is_known = area.code.nation().is_some_and(|nation| directory.knows_holders(*office, nation));
        let (vacant, not_loaded) = if is_known { (empty, 0) } else { (0, empty) };
        Some(OfficeTargets {
            office: *office,
            area,
            write_to: rule.write_to(),
            up_to: rule.up_to(),
            seats,
            vacant,
            not_loaded,
            representative_ids,
        })
    }
}

impl AreaCandidate {
    fn of(choice: &AreaChoice, directory: &Directory) -> Self {
        let AreaChoice { kind, code, share } = *choice;
        let mut area = NamedArea::of(AreaKey { kind, code }, directory);
        if let Some(nation) = code.nation().filter(|_nation| kind == AreaKind::Nation) {
            nation.name().clone_into(&mut area.name);
        }
        Self { area, share }
    }
}

/// The seats of one office for one area: its holders, or one empty seat.
fn seats(
    targets: &mut Vec<Target>,
    office: Office,
    code: AreaCode,
    (place, bodies, directory, digest): (&Place, &[NamedArea], &Directory, Option<DigestRule>),
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
            digest: DigestRule::of(holder.digest, digest),
        });
    }
    if targets.len() == before {
        let area = NamedArea::of(AreaKey { kind: office.area_kind(), code }, directory);
        let is_known = code.nation().is_some_and(|nation| directory.knows_holders(office, nation));
        let reachable = if is_known { Reachability::Vacant } else { Reachability::NotLoaded };
        targets.push(Target { office, area, addressee: None, party: None, reachable, digest: None });
    }
}
