//! Names of internet domains.

use crate::Flaw;
use crate::parsed::parsed;

/// A public domain name in A-labels and lower case, such as `xn--caf-dma.example` (RFC 5890), fit for mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// Takes a domain in Unicode or in A-labels. It needs two labels at least; address literals and a trailing dot are refused.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("domain_invalid", "must be a domain name such as example.org");
        if text.len() > 1024 || text.chars().any(|c| c.is_ascii() && !is_host_byte(c)) {
            return Err(flaw());
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_error| flaw())?;
        if is_public(&ascii) { Ok(Self(ascii)) } else { Err(flaw()) }
    }

    /// True for the domain itself and everything below it. `domain` is in A-labels.
    pub fn covers(&self, domain: &str) -> bool {
        let above = domain.strip_suffix(self.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// The domain in A-labels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(DomainName);

fn is_host_byte(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.'
}

/// Two labels of letters, digits and inner hyphens, the last of them not a number (RFC 1123 §2.1, RFC 5321 §4.5.3.1.2).
fn is_public(ascii: &str) -> bool {
    let labels: Vec<&str> = ascii.split('.').collect();
    let is_number = |label: &&str| label.bytes().all(|b| b.is_ascii_digit());
    ascii.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels.last().is_some_and(|top| !is_number(top) && top.len() >= 2)
}

fn is_label(label: &str) -> bool {
    let is_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(is_byte) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_kept_in_a_labels() {
        for (typed, kept) in [
            ("example.org", "example.org"),
            ("MAIL.Example.Org", "mail.example.org"),
            ("café.example", "xn--caf-dma.example"),
            ("XN--CAF-DMA.example", "xn--caf-dma.example"),
            ("例え.jp", "xn--r8jz45g.jp"),
            ("example。org", "example.org"),
        ] {
            assert_eq!(DomainName::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_not_a_public_domain_is_refused() {
        let long_label = format!("{}.org", "a".repeat(64));
        let long = format!("{}org", "abcdefghi.".repeat(26));
        for bad in [
            "",
            ".",
            "localhost",
            "example.org.",
            ".example.org",
            "a..b",
            "-a.org",
            "a-.org",
            "a_b.org",
            "1.2.3.4",
            "[1.2.3.4]",
            "a b.org",
            "a/b.org",
            "a@b.org",
            "exa\u{202e}mple.org",
            "xn--zz--.org",
            "a.b\n",
            "x.1",
            &long_label,
            &long,
        ] {
            assert!(DomainName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
