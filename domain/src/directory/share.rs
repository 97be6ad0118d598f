//! How much of a postcode lies in one of its areas.

use crate::Flaw;

/// A part of a whole, from 0 to 1, in ten-thousandths. It is cut and never rounded up: parts of one whole never make more than it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

/// A whole, in ten-thousandths.
const WHOLE: u16 = 10_000;

impl Share {
    /// None of it.
    pub(super) const NOTHING: Self = Self(0);

    /// Takes a decimal fraction: `0.25`, `.5`, `1`.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        read(text).ok_or_else(|| Flaw::new("share_invalid", "must be a number from 0 to 1 such as 0.25"))
    }

    /// The share of `part` in `whole`; of nothing there is no share.
    pub fn of(part: u32, whole: u32) -> Option<Self> {
        let number = (u64::from(part) * u64::from(WHOLE)).checked_div(u64::from(whole))?;
        Self::from_number(u16::try_from(number).ok()?)
    }

    /// The share as a number from 0 to 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// Both shares together, unless that is more than the whole.
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::from_number(self.0.checked_add(other.0)?)
    }

    /// Ten-thousandths, for storage.
    pub(super) const fn number(self) -> u16 {
        self.0
    }

    /// The share of this many ten-thousandths.
    pub(super) fn from_number(number: u16) -> Option<Self> {
        (number <= WHOLE).then_some(Self(number))
    }
}

fn read(text: &str) -> Option<Share> {
    let (units, decimals) = text.split_once('.').unwrap_or((text, "0"));
    if text.is_empty() || decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_some = decimals.bytes().any(|b| b != b'0');
    match units {
        "" | "0" => Share::from_number(format!("{decimals:0<4}").get(..4)?.parse().ok()?),
        "1" if !is_some => Share::from_number(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_share_is_read_as_a_decimal_fraction() {
        for (text, number) in
            [("0", 0), ("1", 10_000), ("1.000", 10_000), ("0.6", 6_000), (".25", 2_500), ("0.99999", 9_999)]
        {
            assert_eq!(Share::parse(text).unwrap().number(), number, "{text}");
        }
        for bad in ["", ".", "1.1", "2", "-0.1", "0,5", "50%", "5e-1", "half", "0.", "01", "1.00001"] {
            assert_eq!(Share::parse(bad).unwrap_err().code(), "share_invalid", "{bad:?}");
        }
        assert_eq!(Share::of(1, 3).unwrap().number(), 3_333);
        assert_eq!((Share::of(0, 0), Share::of(2, 1)), (None, None));
    }

    proptest! {
        #[test]
        fn parts_never_make_more_than_the_whole(parts in prop::collection::vec(0..100_000_u32, 1..8)) {
            let whole = parts.iter().sum();
            let shares: Option<Vec<Share>> = parts.iter().map(|part| Share::of(*part, whole)).collect();
            let sum = shares.into_iter().flatten().try_fold(Share::NOTHING, Share::plus);
            prop_assert!(sum.is_some());
        }
    }
}
