use super::*;
use crate::{Office, OfficeRuleFields};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn holder(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(number))
}

fn holders(count: u128) -> Vec<RepresentativeId> {
    (1..=count).map(holder).collect()
}

fn rule(write_to: WriteTo, up_to: u32) -> OfficeRule {
    let fields = OfficeRuleFields {
        office: "ms".to_owned(),
        nations: None,
        write_to: write_to.to_string(),
        up_to: (write_to != WriteTo::All).then_some(up_to),
    };
    let mut findings = Findings::new();
    let checked = OfficeRule::check_all(&mut findings, vec![fields], Some(&[Office::Ms]));
    findings.finish(checked).unwrap().remove(0)
}

fn selecting<'a>(supporter: &str, is_named: bool, written: Written<'a>) -> Selecting<'a> {
    let campaign_id = CampaignId::new(Uuid::from_u128(7));
    Selecting { campaign_id, supporter_key: supporter.to_owned(), is_named, written }
}

fn drawn(supporter: &str, most: u32, holders: Vec<RepresentativeId>) -> Vec<RepresentativeId> {
    selecting(supporter, false, &|_nobody_yet| 0).select(&rule(WriteTo::Random, most), holders).unwrap()
}

fn person(number: u32) -> String {
    format!("person{number}@example.org")
}

#[test]
fn a_choice_is_taken_as_made_and_asked_for_where_it_is_needed() {
    let choose = |is_named, count| {
        let chosen = selecting("ada", is_named, &|_nobody_yet| 0).select(&rule(WriteTo::Choice, 2), holders(count));
        chosen.map_err(|flaw| flaw.code())
    };
    assert_eq!(choose(true, 2), Ok(holders(2)));
    assert_eq!(choose(true, 3), Err("targets_too_many"));
    assert_eq!(choose(false, 2), Ok(holders(2)), "there is nothing to choose");
    assert_eq!(choose(false, 3), Err("target_choice_needed"));
}

#[test]
fn another_campaign_draws_other_lots() {
    let differs = |number| {
        let one = selecting(&person(number), false, &|_nobody_yet| 0);
        let other = Selecting {
            campaign_id: CampaignId::new(Uuid::from_u128(8)),
            ..selecting(&person(number), false, &|_nobody_yet| 0)
        };
        let rule = rule(WriteTo::Random, 1);
        one.select(&rule, holders(6)) != other.select(&rule, holders(6))
    };
    assert!((0..20).any(differs));
}

#[test]
fn lots_spread_over_all_holders() {
    let mut counts = BTreeMap::<RepresentativeId, u32>::new();
    for number in 0..6_000 {
        for id in drawn(&person(number), 1, holders(6)) {
            *counts.entry(id).or_default() += 1;
        }
    }
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| (850..1_150).contains(count)), "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_selection_is_of_the_holders_in_their_order_and_no_more_than_asked_for(
        ids in prop::collection::btree_set(1..50_u128, 0..12),
        most in 1..8_u32,
        counts in prop::collection::vec(0..5_i64, 50),
        is_named: bool,
        supporter in "[a-z]{1,8}@example\\.org",
    ) {
        let holders: Vec<_> = ids.into_iter().map(holder).collect();
        let written = |id: RepresentativeId| counts[usize::try_from(id.uuid().as_u128()).unwrap()];
        for write_to in WriteTo::ALL {
            let selecting = selecting(&supporter, is_named, &written);
            let Ok(selected) = selecting.select(&rule(*write_to, most), holders.clone()) else {
                prop_assert!(*write_to == WriteTo::Choice && holders.len() > usize::try_from(most).unwrap());
                continue;
            };
            let kept: Vec<_> = holders.iter().copied().filter(|id| selected.contains(id)).collect();
            prop_assert_eq!(&kept, &selected);
            let expected = match write_to {
                WriteTo::All => holders.len(),
                _ => holders.len().min(usize::try_from(most).unwrap()),
            };
            prop_assert_eq!(selected.len(), expected);
        }
    }

    #[test]
    fn a_lot_stays_with_its_supporter_when_another_holder_comes_or_goes(
        supporter in "[a-z]{1,8}@example\\.org",
        count in 2..9_u128,
        most in 1..4_u32,
        gone in 1..9_u128,
    ) {
        let all = holders(count);
        let before = drawn(&supporter, most, all.clone());
        prop_assert_eq!(&before, &drawn(&supporter, most, all.clone()), "the same every time");
        let left: Vec<_> = all.into_iter().filter(|id| *id != holder(gone)).collect();
        let after = drawn(&supporter, most, left);
        prop_assert!(before.iter().all(|id| *id == holder(gone) || after.contains(id)), "{:?} {:?}", before, after);
    }

    #[test]
    fn the_least_written_to_stay_within_one_letter_of_each_other(count in 1..9_u128, most in 1..4_u32, supporters in 1..60_u32) {
        let mut counts: BTreeMap<RepresentativeId, i64> = holders(count).into_iter().map(|id| (id, 0)).collect();
        for number in 0..supporters {
            let fresh = counts.clone();
            let written = |id| fresh[&id];
            let person = person(number);
            let selected = selecting(&person, false, &written).select(&rule(WriteTo::LeastWrittenTo, most), holders(count));
            let selected: BTreeSet<_> = selected.unwrap().into_iter().collect();
            for id in selected {
                *counts.get_mut(&id).unwrap() += 1;
            }
            let (least, highest) = (counts.values().min().unwrap(), counts.values().max().unwrap());
            prop_assert!(highest - least <= 1, "{:?}", counts);
        }
    }
}
