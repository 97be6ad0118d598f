#![doc = include_str!("../README.md")]

pub mod area;
pub mod body;
pub mod contact;
pub mod directory;
pub mod flaw;
pub mod ids;
pub mod locale;
pub mod office;
pub mod origin;
mod parsed;
pub mod representative;
pub mod slug;
pub mod text;
mod words;

pub use area::{Area, AreaCode, AreaKey, AreaKind, Nation};
pub use body::Body;
pub use contact::{
    CrownDependency, DomainName, EmailAddress, PersonName, Phone, PostalAddress, Postcode, PostcodeKey, SpecialPostcode,
};
pub use directory::{
    AreaChoice, AreaChoices, Country, Directory, DirectoryParts, Place, PlaceError, PostcodeLayer, PostcodeTable,
    PostcodeTableBuilder, YearMonth,
};
pub use flaw::{FieldError, FieldErrors, Findings, Flaw};
pub use ids::*;
pub use locale::Locale;
pub use office::Office;
pub use origin::{Origin, WebUrl};
pub use representative::{Representative, Route};
pub use slug::{Hashtag, Slug};
