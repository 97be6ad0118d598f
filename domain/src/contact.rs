//! How a person is named and reached. Every value is personal: none shows in `Debug` (C31).

pub mod address;
pub mod domain_name;
pub mod email;
pub mod name;
pub mod phone;
pub mod postcode;

pub use address::PostalAddress;
pub use domain_name::DomainName;
pub use email::EmailAddress;
pub use name::PersonName;
pub use phone::Phone;
pub use postcode::{CrownDependency, Postcode, PostcodeKey, SpecialPostcode};
