//! Letters that leave spread over hours, so that a campaign's first day is not one wave (B26).

use super::CampaignTerms;
use crate::DeliveryId;
use chrono::{DateTime, TimeDelta, Utc};

/// The longest that letters may be spread over: a week.
pub(super) const LONGEST: u32 = 168;

impl CampaignTerms {
    /// The moment from which a letter may leave that was accepted or confirmed `now`: some time within the campaign's hours, drawn by
    /// the letter's id.
    pub fn leaves_at(&self, letter: DeliveryId, now: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = i64::from(self.spread_hours) * 3600;
        // The last bits of an id are random, whatever drew it.
        let [.., a, b, c, d] = *letter.uuid().as_bytes();
        let share = i64::from(u32::from_be_bytes([a, b, c, d]));
        now + TimeDelta::seconds(seconds * share / (i64::from(u32::MAX) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CampaignContent, CampaignFields};
    use uuid::Uuid;

    fn terms(spread_hours: u32) -> CampaignContent {
        let (slug, title) = ("fair-care".to_owned(), "Fair Care".to_owned());
        CampaignContent::new(CampaignFields { slug, title, spread_hours, ..CampaignFields::default() }).unwrap()
    }

    #[test]
    fn letters_leave_at_once_or_evenly_over_the_hours() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let letter = |number: u32| DeliveryId::new(Uuid::from_u128(number.into()));
        assert_eq!(terms(0).leaves_at(letter(u32::MAX), now), now);
        let day = terms(24);
        assert_eq!(day.leaves_at(letter(0), now), now);
        assert_eq!(day.leaves_at(letter(u32::MAX / 2 + 1), now), now + TimeDelta::hours(12));
        assert!(day.leaves_at(letter(u32::MAX), now) < now + TimeDelta::hours(24));
    }

    #[test]
    fn letters_are_spread_over_a_week_at_most() {
        let (slug, title) = ("fair-care".to_owned(), "Fair Care".to_owned());
        let fields = CampaignFields { slug, title, spread_hours: LONGEST + 1, ..CampaignFields::default() };
        let errors = CampaignContent::new(fields).unwrap_err();
        assert_eq!(errors.iter().map(crate::FieldError::pointer).collect::<Vec<_>>(), ["/spread_hours"]);
    }
}
