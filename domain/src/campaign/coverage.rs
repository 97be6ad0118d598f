//! Which holders of a campaign's offices the directory has an address for.

use super::{CampaignTerms, Missing};
use crate::{Area, Directory, Nation, Office, Representative, Route};
use chrono::NaiveDate;

/// One office in one nation of a campaign, as far as the directory knows it on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeCoverage {
    /// The office.
    pub office: Office,
    /// The nation.
    pub nation: Nation,
    /// How many people are elected to it.
    pub seats: usize,
    /// How many people hold it.
    pub holders: usize,
    /// How many of them can be written to.
    pub with_address: usize,
    /// How many of them do not wish to be written to.
    pub refusing: usize,
    /// How many of them have no known address.
    pub without_address: usize,
    /// Vacant seats.
    pub vacant: usize,
    /// Seats whose holders were never imported for this nation.
    pub not_loaded: usize,
    /// How many live postcodes lead to a holder or a seat of the office.
    pub postcodes: u32,
}

/// Every office of a campaign in every nation where it is written to, in the campaign's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage(Vec<OfficeCoverage>);

impl Coverage {
    /// Looks at the directory as it is on `day`.
    pub fn of(terms: &CampaignTerms, directory: &Directory, day: NaiveDate) -> Self {
        let nations = |office: Office| terms.nations_written_to(office).into_iter().map(move |nation| (office, nation));
        let each = terms.offices.iter().copied().flat_map(nations);
        Self(each.map(|(office, nation)| OfficeCoverage::of(office, nation, directory, day)).collect())
    }

    /// The offices, each nation apart.
    pub fn offices(&self) -> &[OfficeCoverage] {
        &self.0
    }

    /// Why the campaign cannot go live, if nobody at all could be written to.
    pub fn missing(&self) -> Option<Missing> {
        let reachable: usize = self.0.iter().map(|office| office.with_address).sum();
        (reachable == 0).then(|| Missing {
            code: "nobody_reachable",
            detail: "there must be a representative with a known address: import representatives".to_owned(),
            pointer: "/offices".to_owned(),
        })
    }

    /// What an administrator should know before going live: people for whom submissions would be refused.
    pub fn warnings(&self) -> Vec<Missing> {
        self.0.iter().filter_map(OfficeCoverage::warning).collect()
    }
}

impl OfficeCoverage {
    fn of(office: Office, nation: Nation, directory: &Directory, day: NaiveDate) -> Self {
        let lies_there = |person: &&Representative| person.area_code.nation() == Some(nation);
        let holders = directory.representatives().filter(|person| person.office == office).filter(lies_there);
        let holders: Vec<_> = holders.filter(|person| directory.is_in_office(person, day)).collect();
        let count = |fits: fn(Route) -> bool| holders.iter().filter(|person| fits(person.reachable())).count();
        let seats = seats(office, nation, directory, day).max(holders.len());
        let empty = seats - holders.len();
        let is_known = directory.knows_holders(office, nation);
        Self {
            office,
            nation,
            seats,
            holders: holders.len(),
            with_address: count(Route::is_open),
            refusing: count(|route| route == Route::Refuses),
            without_address: count(|route| route == Route::NoAddress),
            vacant: if is_known { empty } else { 0 },
            not_loaded: if is_known { 0 } else { empty },
            postcodes: directory.live_postcodes(office.area_kind(), nation),
        }
    }

    fn warning(&self) -> Option<Missing> {
        let Self { office, nation, holders, without_address, .. } = *self;
        let place = nation.name();
        let (code, detail) = match *self {
            _ if holders == 0 && self.not_loaded > 0 => {
                ("office_not_loaded", format!("nobody was imported for the office {office} in {place}"))
            }
            _ if self.with_address == 0 => {
                ("office_not_reachable", format!("no holder of the office {office} in {place} can be written to"))
            }
            _ if without_address > 0 => (
                "addresses_missing",
                format!(
                    "{without_address} of {holders} holders of the office {office} in {place} have no known address"
                ),
            ),
            _ if self.postcodes == 0 && office.is_found_by_postcode() => {
                ("postcodes_missing", format!("no postcode leads to the office {office} in {place}"))
            }
            _ => return None,
        };
        Some(Missing { code, detail, pointer: format!("/offices/{office}/{nation}") })
    }
}

/// How many people the areas of an office elect; areas that do not say elect one.
fn seats(office: Office, nation: Nation, directory: &Directory, day: NaiveDate) -> usize {
    let elects = |area: &&Area| area.key.kind == office.area_kind() && area.key.code.nation() == Some(nation);
    let exists = |area: &&Area| area.alias_of.is_none() && area.has_begun(day) && !area.has_ended(day);
    directory.areas().filter(elects).filter(exists).map(|area| area.seats.map_or(1, usize::from)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::DirectoryParts;
    use crate::directory::examples::{area, code, day, layer, representative};
    use crate::{AreaKind, CampaignContent, CampaignFields, EmailAddress};

    fn coverage(directory: &Directory, offices: &[&str]) -> Coverage {
        let content = CampaignContent::new(CampaignFields {
            slug: "fair-care".to_owned(),
            title: "Fair care".to_owned(),
            nations: vec!["england".to_owned(), "wales".to_owned()],
            offices: offices.iter().map(|office| (*office).to_owned()).collect(),
            ..CampaignFields::default()
        });
        Coverage::of(&content.unwrap(), directory, day("2026-11-27"))
    }

    fn country() -> Directory {
        let pcon = AreaKind::WestminsterConstituency;
        let written = |number, seat| crate::Representative {
            email: EmailAddress::parse("mp@example.org").ok(),
            ..representative(number, Office::Mp, seat)
        };
        Directory::build(DirectoryParts {
            areas: ["E14000001", "E14000002", "E14000003", "W07000001"].map(|code| area(pcon, code, code)).to_vec(),
            representatives: vec![written(1, "E14000001"), representative(2, Office::Mp, "E14000002")],
            layers: vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(pcon, "E14000001")])])],
            ..DirectoryParts::default()
        })
    }

    #[test]
    fn each_office_is_counted_in_each_nation() {
        let coverage = coverage(&country(), &["mp"]);
        let [england, wales] = coverage.offices() else { panic!("{coverage:?}") };
        assert_eq!((england.seats, england.holders, england.vacant, england.not_loaded), (3, 2, 1, 0));
        assert_eq!((england.with_address, england.without_address, england.postcodes), (1, 1, 1));
        assert_eq!((wales.seats, wales.holders, wales.vacant, wales.not_loaded, wales.postcodes), (1, 0, 0, 1, 0));
        assert_eq!(code("W07000001").nation(), Some(Nation::Wales));
        assert_eq!(coverage.missing(), None);
        let codes: Vec<_> = coverage.warnings().iter().map(|warning| warning.code).collect();
        assert_eq!(codes, ["addresses_missing", "office_not_loaded"]);
    }

    #[test]
    fn a_campaign_that_reaches_nobody_is_not_ready() {
        let coverage = coverage(&country(), &["ms"]);
        assert_eq!(coverage.missing().unwrap().code, "nobody_reachable");
    }
}
