//! How a person is named and reached. Every value is personal: none shows in `Debug` (C31).

mod address;
mod domain_name;
mod email;
mod name;
mod phone;
mod postcode;

pub use address::{AddressLines, PostalAddress};
pub use domain_name::DomainName;
pub use email::EmailAddress;
pub use name::PersonName;
pub use phone::Phone;
pub use postcode::{CrownDependency, Postcode, PostcodeKey, SpecialPostcode};
