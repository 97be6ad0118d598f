//! Dissolutions: the day on which all members of a legislature leave office together (B19).

use crate::words::words;
use crate::{FieldErrors, Findings, Flaw, Legislature, Office, Representative};
use chrono::NaiveDate;

words! {
    /// Where a dissolution is on a day.
    DissolutionPhase, "dissolution_phase_unknown" {
        /// It is ahead: the members are in office.
        Announced = "announced",
        /// Nobody is in office: the election is ahead, or today.
        Dissolved = "dissolved",
        /// The election is over.
        Elected = "elected",
    }
}

/// One dissolution of one legislature. From its day on nobody who was a member before is in office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dissolution {
    legislature: Legislature,
    dissolved_on: NaiveDate,
    election_on: Option<NaiveDate>,
}

impl Dissolution {
    /// A dissolution on a day, with the day of the election if it is known. Pointers are those of the administrative document.
    pub fn new(
        legislature: Legislature,
        dissolved_on: NaiveDate,
        election_on: Option<NaiveDate>,
    ) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        if !legislature.is_elected() {
            let detail = format!("{} is not dissolved", legislature.name());
            findings.note("/legislature", Flaw::new("legislature_not_dissolved", detail));
        }
        if election_on.is_some_and(|election| election <= dissolved_on) {
            findings.note("/election_on", Flaw::new("election_before_dissolution", "must be after the dissolution"));
        }
        findings.finish(Some(Self { legislature, dissolved_on, election_on }))
    }

    /// Which legislature.
    pub const fn legislature(&self) -> Legislature {
        self.legislature
    }

    /// The first day without members.
    pub const fn dissolved_on(&self) -> NaiveDate {
        self.dissolved_on
    }

    /// The day of the election, if it is known.
    pub const fn election_on(&self) -> Option<NaiveDate> {
        self.election_on
    }

    /// Where it is on `day`. Without a known election day the legislature stays dissolved.
    pub fn phase(&self, day: NaiveDate) -> DissolutionPhase {
        match self.election_on {
            _ if day < self.dissolved_on => DissolutionPhase::Announced,
            Some(election) if election < day => DissolutionPhase::Elected,
            _ => DissolutionPhase::Dissolved,
        }
    }

    /// True if it ends this membership: one of its legislature that began before its day, or at a time unknown.
    pub fn ends(&self, person: &Representative) -> bool {
        person.office.legislature() == Some(self.legislature)
            && person.start_date.is_none_or(|start| start < self.dissolved_on)
    }

    /// The last dissolution of an office's legislature that is not ahead any more on `day`.
    pub fn last(dissolutions: &[Self], office: Office, day: NaiveDate) -> Option<&Self> {
        let of_office = dissolutions.iter().filter(|dissolution| office.legislature() == Some(dissolution.legislature));
        of_office
            .filter(|dissolution| dissolution.dissolved_on <= day)
            .max_by_key(|dissolution| dissolution.dissolved_on)
    }

    /// Lets every membership that a dissolution ends, end on its day, unless it ended before.
    ///
    /// Stored memberships stay as they are, so a dissolution can be announced ahead, moved and taken back.
    pub fn end_memberships<'p>(dissolutions: &[Self], people: impl IntoIterator<Item = &'p mut Representative>) {
        for person in people {
            let end =
                dissolutions.iter().filter(|dissolution| dissolution.ends(person)).map(|ended| ended.dissolved_on);
            person.end_date = person.end_date.into_iter().chain(end.min()).min();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Office;
    use crate::directory::examples::{day, representative};
    use proptest::prelude::*;

    fn dissolution(dissolved: &str, election: Option<&str>) -> Dissolution {
        Dissolution::new(Legislature::HouseOfCommons, day(dissolved), election.map(day)).unwrap()
    }

    #[test]
    fn an_election_comes_after_the_dissolution() {
        let refused = |legislature, election| {
            let errors = Dissolution::new(legislature, day("2029-03-30"), Some(day(election))).unwrap_err();
            errors.iter().map(|error| error.flaw().code()).collect::<Vec<_>>()
        };
        assert_eq!(refused(Legislature::Senedd, "2029-03-30"), ["election_before_dissolution"]);
        assert_eq!(refused(Legislature::HouseOfLords, "2029-05-03"), ["legislature_not_dissolved"]);
    }

    #[test]
    fn the_day_tells_the_phase() {
        let dated = dissolution("2029-03-30", Some("2029-05-03"));
        let phase = |dissolution: Dissolution, on: &str| dissolution.phase(day(on)).as_str();
        assert_eq!(phase(dated, "2029-03-29"), "announced");
        assert_eq!(phase(dated, "2029-03-30"), "dissolved");
        assert_eq!(phase(dated, "2029-05-03"), "dissolved");
        assert_eq!(phase(dated, "2029-05-04"), "elected");
        assert_eq!(phase(dissolution("2029-03-30", None), "2031-01-01"), "dissolved");
    }

    #[test]
    fn members_leave_together_and_those_elected_afterwards_stay() {
        let mut people = vec![
            representative(1, Office::Mp, "E14000001"),
            Representative { end_date: Some(day("2028-01-01")), ..representative(2, Office::Mp, "E14000002") },
            Representative { start_date: Some(day("2029-05-04")), ..representative(3, Office::Mp, "E14000001") },
            representative(4, Office::Ms, "W09000001"),
        ];
        Dissolution::end_memberships(&[dissolution("2029-03-30", None)], &mut people);
        let ends: Vec<_> = people.iter().map(|person| person.end_date).collect();
        assert_eq!(ends, [Some(day("2029-03-30")), Some(day("2028-01-01")), None, None]);
    }

    proptest! {
        #[test]
        fn nobody_from_before_is_in_office_after(start in 0..400_u64, dissolved in 0..400_u64, asked in 0..400_u64) {
            let on = |days| day("2028-01-01") + chrono::Days::new(days);
            let mut person = Representative { start_date: Some(on(start)), ..representative(1, Office::Mp, "E14000001") };
            let dissolution = Dissolution::new(Legislature::HouseOfCommons, on(dissolved), None).unwrap();
            Dissolution::end_memberships(&[dissolution], [&mut person]);
            let is_over = start < dissolved && dissolved <= asked;
            prop_assert_eq!(person.holds_on(on(asked)), start <= asked && !is_over);
        }
    }
}
