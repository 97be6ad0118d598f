//! To whom a letter goes.

use crate::{AreaCode, AreaKind, Office, RepresentativeId};

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
