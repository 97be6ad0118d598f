//! To whom a letter goes.

use crate::{AreaCode, AreaKey, AreaKind, Directory, Office, Place, Representative, RepresentativeId};

/// An area, or the body responsible for it, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedArea {
    /// The kind of area.
    pub kind: AreaKind,
    /// Its code within the kind.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
}

/// What a letter needs to know of the person it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// Who.
    pub representative_id: RepresentativeId,
    /// Their name.
    pub name: String,
    /// How the letter greets them, after "Dear".
    pub salutation: String,
    /// The office they hold.
    pub office: Office,
    /// The area they hold it for.
    pub area: NamedArea,
    /// The bodies responsible for the supporter's place, of the kind the campaign names.
    pub bodies: Vec<NamedArea>,
}

impl Addressee {
    /// What a letter needs to know of a representative, for a supporter who lives at `place`.
    ///
    /// The delivery worker asks this too, so a letter names what its preview named as long as the directory says the same.
    pub fn of(representative: &Representative, place: &Place, bodies: Vec<NamedArea>, directory: &Directory) -> Self {
        let kind = representative.office.area_kind();
        let code = place.area(kind).unwrap_or(representative.area_code);
        Self {
            representative_id: representative.id,
            name: representative.name.clone(),
            salutation: representative.salutation_or_default().to_owned(),
            office: representative.office,
            area: NamedArea::of(AreaKey { kind, code }, directory),
            bodies,
        }
    }
}

impl NamedArea {
    /// An area by its name in the directory, or by its code where the directory has no name for it.
    pub fn of(key: AreaKey, directory: &Directory) -> Self {
        let name = directory.area(key).map_or_else(|| key.code.to_string(), |area| area.name.clone());
        Self { kind: key.kind, code: key.code, name }
    }

    /// The bodies of one kind that are responsible for a place.
    pub fn bodies_at(place: &Place, kind: Option<AreaKind>, directory: &Directory) -> Vec<Self> {
        let bodies = kind.map(|kind| directory.bodies_at(place, kind)).unwrap_or_default();
        bodies.iter().map(|body| Self { kind: body.kind, code: body.code, name: body.name.clone() }).collect()
    }
}
