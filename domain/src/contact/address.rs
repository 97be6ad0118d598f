//! Postal addresses.

use super::Postcode;
use crate::parsed::redacted;
use crate::text::{self, Limit};
use crate::{FieldErrors, Findings};
use serde::{Deserialize, Serialize};

/// A postal address, as its person wrote it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenAddress", into = "WrittenAddress")]
pub struct PostalAddress {
    lines: AddressLines,
    postcode: Postcode,
}

/// The lines of an address above its postcode.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AddressLines {
    line1: String,
    line2: Option<String>,
    town: String,
}

impl AddressLines {
    /// Takes the lines of an address that stands at `pointer` in a document, noting every flaw under it; a blank second line is none.
    pub fn check(findings: &mut Findings, pointer: &str, line1: &str, line2: Option<&str>, town: &str) -> Option<Self> {
        let limit = PostalAddress::LINE;
        let line2 = line2.filter(|line| !line.trim().is_empty());
        let line1 = findings.check(format!("{pointer}/line1"), text::line(line1, limit));
        let line2 = findings.check_optional(format!("{pointer}/line2"), line2, |line| text::line(line, limit));
        let town = findings.check(format!("{pointer}/town"), text::line(town, limit));
        Some(Self { line1: line1?, line2: line2?, town: town? })
    }
}

impl PostalAddress {
    /// How long a line or a town may be.
    pub const LINE: Limit = Limit::of(200);

    /// Takes an address; a blank second line is none. Flaws stand at `/line1`, `/line2`, `/town` and `/postcode`.
    pub fn new(line1: &str, line2: Option<&str>, town: &str, postcode: &str) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let address = Self::check(&mut findings, "", line1, line2, town, postcode);
        findings.finish(address)
    }

    /// Takes an address that stands at `pointer` in a document, noting every flaw under it.
    pub fn check(
        findings: &mut Findings,
        pointer: &str,
        line1: &str,
        line2: Option<&str>,
        town: &str,
        postcode: &str,
    ) -> Option<Self> {
        let above = AddressLines::check(findings, pointer, line1, line2, town);
        let postcode = findings.check(format!("{pointer}/postcode"), Postcode::parse(postcode));
        Some(Self { lines: above?, postcode: postcode? })
    }

    /// The same postcode under other lines.
    #[must_use]
    pub fn with_lines(&self, lines: AddressLines) -> Self {
        Self { lines, postcode: self.postcode }
    }

    /// The first line.
    pub fn line1(&self) -> &str {
        &self.lines.line1
    }

    /// The second line, where there is one.
    pub fn line2(&self) -> Option<&str> {
        self.lines.line2.as_deref()
    }

    /// The town.
    pub fn town(&self) -> &str {
        &self.lines.town
    }

    /// The postcode.
    pub fn postcode(&self) -> Postcode {
        self.postcode
    }

    /// The address as it stands on an envelope, line by line.
    pub fn lines(&self) -> Vec<String> {
        let written = [Some(&self.lines.line1), self.lines.line2.as_ref(), Some(&self.lines.town)];
        written.into_iter().flatten().cloned().chain([self.postcode.to_string()]).collect()
    }
}

redacted!(PostalAddress);
redacted!(AddressLines);

#[derive(Serialize, Deserialize)]
struct WrittenAddress {
    line1: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line2: Option<String>,
    town: String,
    postcode: String,
}

impl TryFrom<WrittenAddress> for PostalAddress {
    type Error = FieldErrors;

    fn try_from(address: WrittenAddress) -> Result<Self, FieldErrors> {
        Self::new(&address.line1, address.line2.as_deref(), &address.town, &address.postcode)
    }
}

impl From<PostalAddress> for WrittenAddress {
    fn from(address: PostalAddress) -> Self {
        let postcode = address.postcode.to_string();
        let AddressLines { line1, line2, town } = address.lines;
        Self { line1, line2, town, postcode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_line_by_line() {
        let address = PostalAddress::new("1 High Street", Some(" "), "Anytown", "za1 1aa").unwrap();
        assert_eq!(address.lines(), ["1 High Street", "Anytown", "ZA1 1AA"]);
        assert_eq!(format!("{address:?}"), "PostalAddress(redacted)");
    }

    #[test]
    fn every_flaw_of_an_address_is_told_at_once() {
        let errors = PostalAddress::new("", Some("a\nb"), " ", "nowhere").unwrap_err();
        let pointers: Vec<&str> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/line1", "/line2", "/town", "/postcode"]);
    }

    #[test]
    fn a_stored_address_comes_back_through_the_same_door() {
        let address = PostalAddress::new("1 High Street", Some("Flat 2"), "Anytown", "SW1A 1AA").unwrap();
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(serde_json::from_str::<PostalAddress>(&json).unwrap(), address);
        assert!(serde_json::from_str::<PostalAddress>(r#"{"line1":"x","town":"y","postcode":"z"}"#).is_err());
    }
}
