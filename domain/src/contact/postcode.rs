//! UK postcodes, in every spelling that people type.

use crate::Flaw;
use crate::parsed::redacted;
use crate::words::words;
use std::fmt;

/// A postcode in the one form in which it is stored, compared and shown.
///
/// The six shapes `A9 9AA`, `A99 9AA`, `A9A 9AA`, `AA9 9AA`, `AA99 9AA` and `AA9A 9AA`, whose last two letters are never among
/// CIKMOV (BS 7666); the old district `NPT`, which knew no such rule; `GIR 0AA`; `BFPO` numbers; and the codes of the overseas
/// territories. Whether such a postcode exists is for the directory to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Postcode(PostcodeKey);

/// A postcode as a number: [`PostcodeKey::UNITS`] times the number of its outward part, plus that of its inward part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostcodeKey(u32);

words! {
    /// A Crown dependency: outside the United Kingdom, inside the postcode system.
    CrownDependency, "crown_dependency_unknown" {
        /// Postcodes `JE`.
        Jersey = "jersey",
        /// Postcodes `GY`.
        Guernsey = "guernsey",
        /// Postcodes `IM`.
        IsleOfMan = "isle_of_man",
    }
}

impl CrownDependency {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jersey => "Jersey",
            Self::Guernsey => "Guernsey",
            Self::IsleOfMan => "the Isle of Man",
        }
    }
}

/// What a postcode is when it is of no place in the United Kingdom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialPostcode {
    /// British Forces Post Office: a unit, wherever it is.
    Bfpo,
    /// A Crown dependency.
    Crown(CrownDependency),
    /// A British overseas territory, by name.
    Overseas(&'static str),
}

/// Outward parts of the six shapes: letter, letter or none, digit, letter or digit or none.
const OUTWARDS: u32 = 26 * 27 * 10 * 37;
const NPT: u32 = OUTWARDS;
const NAMED: u32 = OUTWARDS + 1;
const BFPO: u32 = OUTWARDS + 2;
const BFPO_NUMBERS: u32 = 10_000;

/// Codes that fit no shape: as typed without a space, as written, and the territory. Their order is stored: only append.
const NAMED_CODES: [(&str, &str, Option<&str>); 11] = [
    ("GIR0AA", "GIR 0AA", None),
    ("ASCN1ZZ", "ASCN 1ZZ", Some("Ascension Island")),
    ("BBND1ZZ", "BBND 1ZZ", Some("the British Indian Ocean Territory")),
    ("BIQQ1ZZ", "BIQQ 1ZZ", Some("the British Antarctic Territory")),
    ("FIQQ1ZZ", "FIQQ 1ZZ", Some("the Falkland Islands")),
    ("PCRN1ZZ", "PCRN 1ZZ", Some("the Pitcairn Islands")),
    ("SIQQ1ZZ", "SIQQ 1ZZ", Some("South Georgia and the South Sandwich Islands")),
    ("STHL1ZZ", "STHL 1ZZ", Some("Saint Helena")),
    ("TDCU1ZZ", "TDCU 1ZZ", Some("Tristan da Cunha")),
    ("TKCA1ZZ", "TKCA 1ZZ", Some("the Turks and Caicos Islands")),
    ("AI2640", "AI-2640", Some("Anguilla")),
];

impl PostcodeKey {
    /// How many inward parts one outward part may have: a digit and two letters.
    pub const UNITS: u32 = 10 * 26 * 26;

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The key with this number, if it is that of a postcode.
    pub fn from_number(number: u32) -> Option<Self> {
        let key = Self(number);
        let (outward, unit) = (key.outward(), key.unit());
        let is_valid = match outward {
            NPT => true,
            NAMED => named(unit).is_some(),
            _ if outward >= BFPO => (1..BFPO_NUMBERS).contains(&(number - BFPO * Self::UNITS)),
            _ => is_inward(unit),
        };
        is_valid.then_some(key)
    }

    /// The postcode with this key.
    pub const fn postcode(self) -> Postcode {
        Postcode(self)
    }

    /// The number of the outward part.
    pub const fn outward(self) -> u32 {
        self.0 / Self::UNITS
    }

    /// The number of the inward part: below [`PostcodeKey::UNITS`].
    pub const fn unit(self) -> u32 {
        self.0 % Self::UNITS
    }
}

redacted!(PostcodeKey);

impl Postcode {
    /// Takes a postcode in any spelling: spaces of any kind anywhere or nowhere, either case, dots, hyphens and commas, full-width
    /// letters, and the letter O for the digit that begins the inward part, where no letter can stand.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        Self::read(text)
            .map(Self)
            .ok_or_else(|| Flaw::new("postcode_invalid", "must be a UK postcode such as SW1A 1AA"))
    }

    /// The number under which the directory keeps it.
    pub const fn key(self) -> PostcodeKey {
        self.0
    }

    /// What it is, when it is of no place in the United Kingdom.
    pub fn special(self) -> Option<SpecialPostcode> {
        let outward = self.0.outward();
        match outward {
            NPT => None,
            NAMED => named(self.0.unit()).and_then(|(_typed, _written, name)| name.map(SpecialPostcode::Overseas)),
            _ if outward >= BFPO => Some(SpecialPostcode::Bfpo),
            _ => special_area(outward),
        }
    }

    fn read(text: &str) -> Option<PostcodeKey> {
        if text.len() > 64 {
            return None;
        }
        let mut letters = [0_u8; 8];
        let mut count = 0;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            *letters.get_mut(count)? = plain(c)?;
            count += 1;
        }
        let typed = letters.get(..count)?;
        read_named(typed).or_else(|| read_bfpo(typed)).or_else(|| read_shape(typed))
    }
}

redacted!(Postcode);

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (outward, unit) = (self.0.outward(), self.0.unit());
        match outward {
            NPT => f.pad(&spell("NPT".to_owned(), unit)),
            NAMED => f.pad(named(unit).map_or("", |(_typed, written, _name)| written)),
            _ if outward >= BFPO => f.pad(&format!("BFPO {}", self.0.get() - BFPO * PostcodeKey::UNITS)),
            _ => f.pad(&spell(spell_outward(outward), unit)),
        }
    }
}

impl std::str::FromStr for Postcode {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        Self::parse(text)
    }
}

impl serde::Serialize for Postcode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Postcode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// White space, punctuation and invisible characters that people and their keyboards put between letters.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '.' | ',' | '-' | '_' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{2060}')
        || matches!(c, '\u{2212}' | '\u{feff}' | '\u{ff0d}' | '\u{ff0e}')
}

/// A capital letter or a digit, from either case and from full-width forms.
fn plain(c: char) -> Option<u8> {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        _ => c,
    };
    u8::try_from(c).ok().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase())
}

fn named(index: u32) -> Option<&'static (&'static str, &'static str, Option<&'static str>)> {
    NAMED_CODES.get(usize::try_from(index).ok()?)
}

/// A code that fits no shape. `G1R 0AA` and `GIR OAA` are how some systems write Girobank's.
fn read_named(typed: &[u8]) -> Option<PostcodeKey> {
    let typed = if matches!(typed, b"G1R0AA" | b"GIROAA" | b"G1ROAA") { b"GIR0AA" } else { typed };
    let index = NAMED_CODES.iter().position(|(code, ..)| code.as_bytes() == typed)?;
    Some(PostcodeKey(NAMED * PostcodeKey::UNITS + u32::try_from(index).ok()?))
}

fn read_bfpo(typed: &[u8]) -> Option<PostcodeKey> {
    let number: u32 = std::str::from_utf8(typed.strip_prefix(b"BFPO")?).ok()?.parse().ok()?;
    (1..BFPO_NUMBERS).contains(&number).then_some(PostcodeKey(BFPO * PostcodeKey::UNITS + number))
}

fn read_shape(typed: &[u8]) -> Option<PostcodeKey> {
    let (outward, inward) = typed.split_last_chunk::<3>()?;
    let outward = if outward == b"NPT" { NPT } else { read_outward(outward)? };
    PostcodeKey::from_number(outward * PostcodeKey::UNITS + read_inward(*inward)?)
}

fn read_outward(outward: &[u8]) -> Option<u32> {
    let (area, district) = match outward {
        [a, b, district @ ..] if b.is_ascii_alphabetic() => ((letter(*a)?, letter(*b)? + 1), district),
        [a, district @ ..] => ((letter(*a)?, 0), district),
        [] => return None,
    };
    let (digit, last) = match district {
        [d] => (digit(*d)?, 0),
        [d, last] => (digit(*d)?, digit(*last).map(|d| d + 1).or_else(|| letter(*last).map(|l| l + 11))?),
        _ => return None,
    };
    Some(((area.0 * 27 + area.1) * 10 + digit) * 37 + last)
}

fn read_inward([first, a, b]: [u8; 3]) -> Option<u32> {
    let digit = if first == b'O' { 0 } else { digit(first)? };
    Some((digit * 26 + letter(a)?) * 26 + letter(b)?)
}

/// The letters CIKMOV never end a postcode: by hand they look like others.
fn is_inward(unit: u32) -> bool {
    let is_used = |letter: u32| !matches!(letter, 2 | 8 | 10 | 12 | 14 | 21);
    is_used(unit % 26) && is_used(unit / 26 % 26)
}

fn letter(byte: u8) -> Option<u32> {
    byte.is_ascii_uppercase().then(|| u32::from(byte - b'A'))
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// The area of an outward part: its first letter, and its second plus one, or zero.
const fn area(outward: u32) -> (u32, u32) {
    (outward / (37 * 10 * 27), outward / (37 * 10) % 27)
}

fn special_area(outward: u32) -> Option<SpecialPostcode> {
    let (first, second) = area(outward);
    match (spell_letter(first), spell_letter(second.checked_sub(1)?)) {
        ('B', 'F') => Some(SpecialPostcode::Bfpo),
        ('J', 'E') => Some(SpecialPostcode::Crown(CrownDependency::Jersey)),
        ('G', 'Y') => Some(SpecialPostcode::Crown(CrownDependency::Guernsey)),
        ('I', 'M') => Some(SpecialPostcode::Crown(CrownDependency::IsleOfMan)),
        ('G', 'X') => Some(SpecialPostcode::Overseas("Gibraltar")),
        _ => None,
    }
}

/// The letters of the longest postcode that has a shape: `SW1A 1AA`.
const LONGEST: usize = 8;

fn spell_letter(index: u32) -> char {
    char::from_u32(u32::from(b'A') + index).unwrap_or_default()
}

fn spell_digit(index: u32) -> char {
    char::from_digit(index, 10).unwrap_or_default()
}

fn spell_outward(outward: u32) -> String {
    let (first, second) = area(outward);
    let mut text = String::with_capacity(LONGEST);
    text.push(spell_letter(first));
    text.extend(second.checked_sub(1).map(spell_letter));
    text.push(spell_digit(outward / 37 % 10));
    match outward % 37 {
        0 => {}
        last @ 1..=10 => text.push(spell_digit(last - 1)),
        last => text.push(spell_letter(last - 11)),
    }
    text
}

fn spell(mut text: String, unit: u32) -> String {
    text.extend([' ', spell_digit(unit / 676), spell_letter(unit / 26 % 26), spell_letter(unit % 26)]);
    text
}

#[cfg(test)]
mod tests;
