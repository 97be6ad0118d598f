//! Patterns of addresses.

use crate::{DomainName, Flaw};

/// The longest pattern, in characters: as long as an address may be.
const LONGEST: usize = 254;

/// An address in which `*` stands for any text, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, Flaw> {
        let text = in_a_labels(text.trim().to_lowercase());
        let says_something = text.chars().any(char::is_alphanumeric);
        if says_something && text.chars().count() <= LONGEST && !text.chars().any(char::is_whitespace) {
            return Ok(Self(text));
        }
        let rule = "must be an address in which * stands for any text, such as *+bot@*.example.org";
        Err(Flaw::new("pattern_invalid", rule))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// True if the whole address fits.
    pub(super) fn fits(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let Some((start, rest)) = self.0.split_once('*') else { return address == self.0 };
        let (middle, end) = rest.rsplit_once('*').map_or((None, rest), |(middle, end)| (Some(middle), end));
        let Some(open) = address.strip_prefix(start).and_then(|open| open.strip_suffix(end)) else { return false };
        // Each text at the first place where it can stand leaves the most room for the next.
        let mut left = Some(open);
        for text in middle.into_iter().flat_map(|middle| middle.split('*')) {
            left = left.and_then(|left| left.find(text).map(|at| &left[at + text.len()..]));
        }
        left.is_some()
    }
}

/// The pattern with a domain without stars as addresses have it.
fn in_a_labels(text: String) -> String {
    let domain = text.rsplit_once('@').filter(|(_, domain)| !domain.contains('*'));
    let ascii = domain.and_then(|(local, domain)| Some((local, DomainName::parse(domain).ok()?)));
    ascii.map(|(local, domain)| format!("{local}@{domain}")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(pattern: &str, address: &str) -> bool {
        Pattern::parse(pattern).unwrap().fits(address)
    }

    #[test]
    fn a_star_stands_for_any_text_and_the_rest_for_itself() {
        for (pattern, address) in [
            ("ada@example.org", "ADA@example.org"),
            ("*@example.org", "ada@example.org"),
            ("a*a@*", "ada@example.org"),
            ("*bot*@*.example", "a.bot17@mail.example"),
            ("hans@bücher.example", "hans@xn--bcher-kva.example"),
            ("*a*a*", "aa"),
        ] {
            assert!(fits(pattern, address), "{pattern} {address}");
        }
        for (pattern, address) in [
            ("ada@example.org", "ada@example.org.uk"),
            ("*@example.org", "ada@sub.example.org"),
            ("aba*aba@x", "aba@x"),
            ("*b*b*@x", "ab@x"),
        ] {
            assert!(!fits(pattern, address), "{pattern} {address}");
        }
    }

    #[test]
    fn a_pattern_that_fits_everything_is_refused() {
        for wrong in ["", "*", "*@*", "a b@x"] {
            assert_eq!(Pattern::parse(wrong).unwrap_err().code(), "pattern_invalid", "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn an_address_fits_itself_with_any_part_of_it_left_open(address in "[a-z]{1,8}@[a-z]{1,8}", from in 0_usize..17, to in 0_usize..17) {
            let (from, to) = (from.min(to).min(address.len()), from.max(to).min(address.len()));
            let pattern = format!("{}*{}", &address[..from], &address[to..]);
            if let Ok(pattern) = Pattern::parse(&pattern) {
                prop_assert!(pattern.fits(&address));
            }
        }
    }
}
