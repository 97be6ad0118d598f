//! E-mail addresses (B34).

use super::DomainName;
use crate::Flaw;
use crate::parsed::{parsed, redacted};
use unicode_normalization::UnicodeNormalization;

/// An address that can be put on an envelope: a dot-atom at a public domain, within the limits of RFC 5321 §4.5.3.1.
///
/// The local part stays as typed (its capitals may matter to its host), the domain is in A-labels. Quoted local parts, comments
/// and address literals are refused. A local part beyond ASCII (RFC 6531) is accepted here; whether it can be sent depends on
/// the relay, which [`EmailAddress::is_ascii`] lets the caller ask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes one address without a display name; white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let text = text.trim();
        if text.len() > 2048 {
            return Err(too_long());
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
        let local: String = local.nfc().collect();
        if !is_dot_atom(&local) {
            return Err(invalid());
        }
        let domain = DomainName::parse(domain).map_err(|_flaw| invalid())?;
        let address = format!("{local}@{domain}");
        if local.len() > 64 || address.len() > 254 { Err(too_long()) } else { Ok(Self(address)) }
    }

    /// The address as it goes on the envelope.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one person's address share (B33): the whole of it in lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// What the spellings of one inbox share, for limits on what it receives (B31): [`EmailAddress::key`] without what follows a plus
    /// sign in the local part.
    pub fn mailbox(&self) -> String {
        let key = self.key();
        let Some((local, domain)) = key.rsplit_once('@') else { return key };
        match local.split_once('+') {
            Some((inbox, _tag)) if !inbox.is_empty() => format!("{inbox}@{domain}"),
            _ => key,
        }
    }

    /// The domain, in A-labels.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_local, domain)| domain)
    }

    /// True if any relay can carry it; otherwise it needs SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }
}

parsed!(EmailAddress);
redacted!(EmailAddress);

fn invalid() -> Flaw {
    Flaw::new("email_invalid", "must be an e-mail address such as name@example.org")
}

fn too_long() -> Flaw {
    Flaw::new("email_too_long", "must have at most 64 bytes before the @ and 254 in all")
}

/// `dot-atom-text` of RFC 5322 §3.2.3, with letters, digits and marks beyond ASCII as RFC 6531 allows.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
    } else {
        c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &[&str] = &[
        "a@example.org",
        "ada.lovelace@example.org",
        "Ada.Lovelace@example.org",
        "a+tag@example.org",
        "o'neill@example.org",
        "a_b@example.org",
        "a-b@example.org",
        "-@example.org",
        "1@example.org",
        "1234567890@example.org",
        "_@example.org",
        "!#$%&'*+-/=?^_`{|}~@example.org",
        "a@sub.example.org",
        "a@a-b.example",
        "a@1and1.example",
        "a@x.co.uk",
        "a@example.museum",
        "a@xn--caf-dma.example",
        "a.b.c.d@example.org",
        "a@b.co",
        "a/b@example.org",
        "a=b@example.org",
        "{a}@example.org",
        "a|b@example.org",
        "~@example.org",
        "a?@example.org",
        "a%b@example.org",
        "a*@example.org",
        "x@123.example",
        "x@a.b.c.d.e.example",
        "siân@example.org",
        "żółć@example.org",
        "用户@example.org",
        "ελένη@example.org",
        "иван@example.org",
        "a@xn--p1ai.xn--p1ai",
        "user.name+tag+sorting@example.com",
        "very.common@example.com",
        "disposable.style.email.with+symbol@example.com",
        "other.email-with-hyphen@example.com",
        "x@example.com",
        "example-indeed@strange-example.com",
        "test/test@test.com",
        "example@s.example",
        "mailhost!username@example.org",
        "user%example.com@example.org",
        "user-@example.org",
        "0@example.org",
    ];

    const BAD: &[&str] = &[
        "",
        " ",
        "@",
        "a",
        "a@",
        "@example.org",
        "a@@example.org",
        "a@b@example.org",
        "a b@example.org",
        "a@exam ple.org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        ".@example.org",
        "\"a\"@example.org",
        "\"a b\"@example.org",
        "a(comment)@example.org",
        "a@(comment)example.org",
        "a@example.org(comment)",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@127.0.0.1",
        "a@1.2.3.4",
        "a@localhost",
        "a@example",
        "a@.example.org",
        "a@example.org.",
        "a@example..org",
        "a@-example.org",
        "a@example-.org",
        "a@exa_mple.org",
        "a@example.o",
        "a@example.123",
        "Ada <a@example.org>",
        "<a@example.org>",
        "mailto:a@example.org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a,b@example.org",
        "a;b@example.org",
        "a:b@example.org",
        "a<b@example.org",
        "a>b@example.org",
        "a[b@example.org",
        "a]b@example.org",
        "a\\b@example.org",
        "a\"b@example.org",
        "a(b@example.org",
        "a)b@example.org",
        "a\nb@example.org",
        "a\r\nBcc: x@example.org",
        "a@example.org\r\nBcc: x@y.org",
        "a\0@example.org",
        "a@example.org\0",
        "a\t@example.org",
        "a\u{a0}b@example.org",
        "a\u{200b}b@example.org",
        "a\u{202e}b@example.org",
        "a\u{feff}@example.org",
        "a@ex\u{202e}ample.org",
        "a@example.org?subject=x",
        "a@example.org/path",
        "a@example.org:25",
        "a@exam!ple.org",
        "a@exa%6dple.org",
        "a@xn--.example",
        "😀@example.org",
        "a@\u{ad}.org",
        "just text",
        "a at example.org",
        "a＠example.org",
        "a@b,c.org",
        "a@b'c.org",
        "a@\"b\".org",
        "a@b\\c.org",
        "\u{301}\u{85}a@example.org",
        "a\u{2028}@example.org",
        "a@a\u{2029}.org",
    ];

    #[test]
    fn addresses_that_people_have_are_accepted() {
        for good in GOOD {
            assert_eq!(EmailAddress::parse(good).map(|e| e.to_string()).as_deref(), Ok(*good));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in BAD {
            assert_eq!(EmailAddress::parse(bad).unwrap_err().code(), "email_invalid", "{bad:?}");
        }
    }

    #[test]
    fn every_ascii_character_is_taken_or_refused_as_the_rfcs_say() {
        for c in (0..=127_u8).map(char::from) {
            let is_atom = c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
            assert_eq!(EmailAddress::parse(&format!("a{c}b@example.org")).is_ok(), is_atom, "{c:?} before the @");
            let is_host = c.is_ascii_alphanumeric() || "-.".contains(c);
            assert_eq!(EmailAddress::parse(&format!("a@ex{c}ample.org")).is_ok(), is_host, "{c:?} after the @");
        }
    }

    #[test]
    fn the_domain_is_in_a_labels_and_the_local_part_as_typed() {
        let email = EmailAddress::parse(" Ada@CAFÉ.Example\u{a0}").unwrap();
        assert_eq!(email.as_str(), "Ada@xn--caf-dma.example");
        assert_eq!(email.domain(), "xn--caf-dma.example");
        assert!(email.is_ascii() && !EmailAddress::parse("siân@example.org").unwrap().is_ascii());
    }

    #[test]
    fn limits_are_those_of_smtp() {
        let of = |local: usize, domain: usize| {
            EmailAddress::parse(&format!("{}@{}xy.example", "l".repeat(local), "a.".repeat((domain - 10) / 2)))
        };
        assert!(of(64, 186).is_ok());
        assert!(EmailAddress::parse(&format!("{}@{}example", "l".repeat(62), "a.".repeat(92))).is_ok());
        assert_eq!(of(65, 100).unwrap_err().code(), "email_too_long");
        assert_eq!(of(64, 192).unwrap_err().code(), "email_too_long");
        assert_eq!(EmailAddress::parse(&"a".repeat(3000)).unwrap_err().code(), "email_too_long");
        // Two bytes each: 33 letters are 66 bytes.
        assert_eq!(
            EmailAddress::parse(&format!("{}@example.org", "é".repeat(33))).unwrap_err().code(),
            "email_too_long"
        );
    }

    #[test]
    fn one_person_has_one_key_however_the_address_is_typed() {
        let keys =
            ["Ada@Example.org", " ada@example.ORG ", "ADA@EXAMPLE.ORG"].map(|t| EmailAddress::parse(t).unwrap().key());
        assert!(keys.iter().all(|key| key == "ada@example.org"));
        assert_eq!(
            EmailAddress::parse("sia\u{302}n@example.org").unwrap(),
            EmailAddress::parse("siân@example.org").unwrap()
        );
    }

    #[test]
    fn an_address_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", EmailAddress::parse("ada@example.org").unwrap()), "EmailAddress(redacted)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn parsing_is_total_and_settles(text in "\\PC{0,8}@?[a-zA-Zé.@-]{0,12}") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(email.as_str()).unwrap(), email);
            }
        }
    }
}
