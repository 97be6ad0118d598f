//! Enhanced status codes of mail systems (RFC 3463).

use std::fmt;

/// A code such as `5.1.1`: a class, a subject and a detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnhancedStatus {
    class: Class,
    subject: u16,
    detail: u16,
}

/// Whether a refusal lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Success,
    Passing,
    Lasting,
}

impl EnhancedStatus {
    /// The code that the text is, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let class = match parts.next()? {
            "2" => Class::Success,
            "4" => Class::Passing,
            "5" => Class::Lasting,
            _ => return None,
        };
        let mut number = || {
            let part = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let code = Self { class, subject: number()?, detail: number()? };
        parts.next().is_none().then_some(code)
    }

    /// The first code of a refusal in a text. `4.3.2.1` is an address and no code.
    pub fn find(text: &str) -> Option<Self> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
        words.filter_map(|word| Self::parse(word.trim_matches('.'))).find(|code| code.class != Class::Success)
    }

    /// True for class 5, a refusal for good.
    pub const fn lasts(self) -> bool {
        matches!(self.class, Class::Lasting)
    }

    /// The subject: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy and security.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The detail within the subject.
    pub const fn detail(self) -> u16 {
        self.detail
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self.class {
            Class::Success => 2,
            Class::Passing => 4,
            Class::Lasting => 5,
        };
        write!(f, "{class}.{}.{}", self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_found_in_a_sentence_and_an_address_is_none() {
        let found = |text| EnhancedStatus::find(text).map(|code| code.to_string());
        assert_eq!(found("550-5.1.1 The account does not exist"), Some("5.1.1".to_owned()));
        assert_eq!(found("said: 452 (#4.2.2) over quota."), Some("4.2.2".to_owned()));
        assert_eq!(found("host mx[4.3.2.1] version 5.1 said 250 2.0.0 Ok"), None);
    }

    proptest! {
        #[test]
        fn a_code_reads_back(class in "[245]", subject in 0_u16..1000, detail in 0_u16..1000) {
            let text = format!("{class}.{subject}.{detail}");
            prop_assert_eq!(EnhancedStatus::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text: String) {
            let _ = (EnhancedStatus::parse(&text), EnhancedStatus::find(&text));
        }
    }
}
