//! Telephone numbers.

use crate::Flaw;
use crate::parsed::{parsed, redacted};

/// A telephone number as it was typed, tidied: 7 to 15 digits (ITU-T E.164), perhaps a leading `+`, single spaces.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Takes digits with the usual punctuation: spaces, hyphens, dots, brackets, a leading `+`.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("phone_invalid", "must be a telephone number of 7 to 15 digits");
        if text.len() > 128 {
            return Err(flaw());
        }
        let spaced: String = text.chars().map(spell).collect::<Option<_>>().ok_or_else(flaw)?;
        let kept = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
        let digits = kept.bytes().filter(u8::is_ascii_digit).count();
        let has_stray_plus = kept.rfind('+').is_some_and(|at| at > 0);
        if has_stray_plus || !(7..=15).contains(&digits) { Err(flaw()) } else { Ok(Self(kept)) }
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Phone);
redacted!(Phone);

/// A digit or `+` stays (from full-width forms too), punctuation becomes a space, anything else is not a telephone number.
fn spell(c: char) -> Option<char> {
    match c {
        '0'..='9' | '+' => Some(c),
        '０'..='９' | '＋' => char::from_u32(u32::from(c) - 0xfee0),
        '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' => Some(' '),
        _ if c.is_whitespace() && !c.is_control() => Some(' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_tidied() {
        for (typed, kept) in [
            ("01632 960 001", "01632 960 001"),
            ("(01632) 960001", "01632 960001"),
            ("+44 1632-960.001", "+44 1632 960 001"),
            (" ０１６３２　960001", "01632 960001"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for bad in ["", "123456", "1234567890123456", "call me", "01632+960001", "01632 960001\n", "01632 960001 <x>"] {
            assert!(Phone::parse(bad).is_err(), "{bad:?}");
        }
    }
}
