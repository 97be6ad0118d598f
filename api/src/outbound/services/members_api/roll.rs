//! The list of members, page by page: whole, or not at all. A missing member would be taken to have left.

use super::member::MemberOfParliament;
use crate::outbound::services::service::Fault;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// More members than the House will ever have: a total above is no total.
const MOST: usize = 5_000;

/// One page of the list.
#[derive(Debug)]
pub(super) struct Page {
    members: Vec<MemberOfParliament>,
    total: usize,
    skip: Option<usize>,
}

/// The list in the making.
#[derive(Debug, Default)]
pub(super) struct Roll {
    members: Vec<MemberOfParliament>,
    ids: BTreeSet<u32>,
    total: Option<usize>,
}

impl Roll {
    /// True once everybody is on it.
    pub(super) fn is_complete(&self) -> bool {
        self.total == Some(self.members.len())
    }

    /// How many will be on it; 0 before the first page.
    pub(super) fn total(&self) -> usize {
        self.total.unwrap_or_default()
    }

    /// The members on it so far.
    pub(super) fn members(&self) -> &[MemberOfParliament] {
        &self.members
    }

    /// Everybody.
    pub(super) fn into_members(self) -> Vec<MemberOfParliament> {
        self.members
    }

    /// Adds the next page, which must be exactly that: `take` members, or the last ones, and nobody twice.
    pub(super) fn add(&mut self, page: Page, take: usize) -> Result<(), Fault> {
        if page.total == 0 || page.total > MOST {
            return Err(Fault::Malformed("the number of members cannot be right"));
        }
        if self.total.is_some_and(|total| total != page.total) {
            return Err(Fault::Malformed("the number of members changed while they were read; try again"));
        }
        if page.skip.is_some_and(|skip| skip != self.members.len()) {
            return Err(Fault::Malformed("it is not the page that was asked for"));
        }
        if page.members.len() != take.min(page.total - self.members.len()) {
            return Err(Fault::Malformed("a page of members is not whole"));
        }
        if !page.members.iter().all(|member| self.ids.insert(member.id)) {
            return Err(Fault::Malformed("a member is listed twice"));
        }
        self.total = Some(page.total);
        self.members.extend(page.members);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    items: Vec<Item>,
    total_results: usize,
    skip: Option<usize>,
}

#[derive(Deserialize)]
struct Item {
    value: Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: u32,
    name_display_as: String,
    name_address_as: Option<String>,
    latest_party: Option<Party>,
    latest_house_membership: Membership,
}

#[derive(Deserialize)]
struct Party {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(rename = "membershipFrom")]
    constituency: String,
    house: u8,
    #[serde(rename = "membershipStartDate")]
    start: Option<String>,
    #[serde(rename = "membershipEndDate")]
    end: Option<String>,
    #[serde(rename = "membershipStatus")]
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "statusStartDate")]
    start: Option<String>,
}

impl Page {
    /// The page that a search answered.
    pub(super) fn read(body: &Value) -> Result<Self, Fault> {
        let listing = Listing::deserialize(body).map_err(|_error| Fault::Malformed("it is no list of members"))?;
        let members: Result<_, Fault> = listing.items.into_iter().map(|item| item.value.read()).collect();
        Ok(Self { members: members?, total: listing.total_results, skip: listing.skip })
    }
}

impl Person {
    fn read(self) -> Result<MemberOfParliament, Fault> {
        let membership = self.latest_house_membership;
        if membership.house != 1 {
            return Err(Fault::Malformed("it lists somebody who does not sit in the House of Commons"));
        }
        let elected = membership.status.and_then(|status| status.start);
        // The membership goes on through elections; the status begins with the last one.
        let since = day(membership.start)?.max(day(elected)?);
        Ok(MemberOfParliament {
            id: self.id,
            name: self.name_display_as,
            addressed_as: self.name_address_as.filter(|name| !name.trim().is_empty()),
            party: self.latest_party.and_then(|party| party.name),
            constituency: membership.constituency,
            since,
            until: day(membership.end)?,
        })
    }
}

/// The day of a timestamp such as `1987-06-11T00:00:00`.
fn day(timestamp: Option<String>) -> Result<Option<NaiveDate>, Fault> {
    let Some(timestamp) = timestamp else { return Ok(None) };
    let day = timestamp.split('T').next().unwrap_or_default();
    day.parse().map(Some).map_err(|_error| Fault::Malformed("a date is none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// An invented member.
    fn item(id: u32) -> Value {
        json!({ "value": {
            "id": id, "nameListAs": "Invented, Ms", "nameDisplayAs": format!("Invented Member {id}"), "nameAddressAs": null,
            "latestParty": { "id": 1, "name": "Lantern Party", "abbreviation": "L" },
            "latestHouseMembership": {
                "membershipFrom": "Alder Vale", "membershipFromId": 1, "house": 1,
                "membershipStartDate": "1987-06-11T00:00:00", "membershipEndDate": null,
                "membershipStatus": { "statusIsActive": true, "statusStartDate": "2024-07-04T00:00:00" }
            }
        }, "links": [] })
    }

    fn page(ids: std::ops::Range<u32>, total: usize) -> Page {
        let skip = ids.start;
        let items: Vec<_> = ids.map(item).collect();
        Page::read(&json!({ "items": items, "totalResults": total, "skip": skip, "take": 20, "links": [] })).unwrap()
    }

    fn read(pages: Vec<Page>) -> Result<Roll, Fault> {
        let mut roll = Roll::default();
        pages.into_iter().try_for_each(|page| roll.add(page, 20)).map(|()| roll)
    }

    #[test]
    fn a_member_is_read_with_the_day_of_the_last_election() {
        let roll = read(vec![page(0..1, 1)]).unwrap();
        assert!(roll.is_complete());
        let member = &roll.members()[0];
        assert_eq!((member.name.as_str(), member.constituency.as_str()), ("Invented Member 0", "Alder Vale"));
        assert_eq!((member.party.as_deref(), member.addressed_as.as_deref()), (Some("Lantern Party"), None));
        assert_eq!((member.since, member.until), ("2024-07-04".parse().ok(), None));
    }

    #[test]
    fn a_list_is_complete_only_with_its_last_page() {
        let roll = read(vec![page(0..20, 45), page(20..40, 45)]).unwrap();
        assert!(!roll.is_complete());
        assert!(read(vec![page(0..20, 45), page(20..40, 45), page(40..45, 45)]).unwrap().is_complete());
    }

    #[test]
    fn a_page_that_is_short_repeated_or_of_another_total_is_refused() {
        for (pages, reason) in [
            (vec![page(0..19, 45)], "not whole"),
            (vec![page(0..20, 45), page(20..20, 45)], "not whole"),
            (vec![page(0..20, 45), page(0..20, 45)], "not the page"),
            (vec![page(0..20, 45), Page { skip: None, ..page(0..20, 45) }], "twice"),
            (vec![page(0..20, 45), page(20..40, 44)], "changed"),
            (vec![page(0..0, 0)], "number of members"),
            (vec![page(0..20, 1_000_000)], "number of members"),
        ] {
            let fault = read(pages).unwrap_err();
            assert!(matches!(fault, Fault::Malformed(why) if why.contains(reason)), "{reason}: {fault}");
        }
    }

    #[test]
    fn what_is_no_list_of_members_is_refused() {
        let mut lord = item(1);
        lord["value"]["latestHouseMembership"]["house"] = json!(2);
        let mut timeless = item(1);
        timeless["value"]["latestHouseMembership"]["membershipStartDate"] = json!("yesterday");
        for items in [json!([lord]), json!([timeless]), json!([{}]), json!({}), json!(null), json!([{ "value": null }])]
        {
            assert!(Page::read(&json!({ "items": items, "totalResults": 1, "skip": 0 })).is_err(), "{items}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_pages_makes_half_a_list(
            pages in prop::collection::vec((0..50_u32, 0..25_u32, 0..60_usize), 0..6),
        ) {
            let pages = pages.into_iter().map(|(start, count, total)| page(start..start + count, total)).collect();
            if let Ok(roll) = read(pages) && roll.is_complete() {
                prop_assert_eq!(roll.members().len(), roll.total());
                let ids: BTreeSet<_> = roll.members().iter().map(|member| member.id).collect();
                prop_assert_eq!(ids.len(), roll.total());
            }
        }
    }
}
