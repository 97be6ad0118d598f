use super::*;
use crate::{ActionStatus, AreaKind, DeliveryEvent, Nation};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One row of each table, as far as counts look at them.
#[derive(Clone, Debug)]
struct ActionRow {
    supporter: u8,
    status: ActionStatus,
    test: bool,
    area: AreaKey,
    created_at: DateTime<Utc>,
    source: Option<String>,
    messages: Vec<MessageRow>,
}

#[derive(Clone, Debug)]
struct MessageRow {
    representative: u8,
    is_repeat: bool,
    state: DeliveryState,
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Act {
        supporter: u8,
        confirmed: bool,
        test: bool,
        area: u8,
        half_hour: u8,
        source: Option<u8>,
        representatives: BTreeSet<u8>,
    },
    Move {
        action: usize,
        to: ActionStatus,
    },
    Deliver {
        action: usize,
        message: usize,
        event: DeliveryEvent,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let representatives = proptest::collection::btree_set(0u8..5, 1..4);
    let act = (
        0u8..4,
        any::<bool>(),
        proptest::bool::weighted(0.2),
        0u8..3,
        1u8..4,
        proptest::option::of(0u8..2),
        representatives,
    )
        .prop_map(|(supporter, confirmed, test, area, half_hour, source, representatives)| Step::Act {
            supporter,
            confirmed,
            test,
            area,
            half_hour,
            source,
            representatives,
        });
    let moved =
        (0usize..20, proptest::sample::select(ActionStatus::ALL)).prop_map(|(action, to)| Step::Move { action, to });
    let deliver = (0usize..20, 0usize..4, proptest::sample::select(DeliveryEvent::ALL))
        .prop_map(|(action, message, event)| Step::Deliver { action, message, event });
    proptest::collection::vec(prop_oneof![act, moved, deliver], 0..60)
}

fn office(representative: u8) -> Office {
    if representative < 3 { Office::MspRegion } else { Office::Mp }
}

fn id(representative: u8) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(u128::from(representative)))
}

/// A store that keeps rows and counts side by side.
#[derive(Debug, Default)]
struct Model {
    rows: Vec<ActionRow>,
    counts: TallyDelta,
}

impl Model {
    fn contribution(&self, at: usize) -> TallyDelta {
        let row = &self.rows[at];
        let counts = |row: &ActionRow| row.status == ActionStatus::Confirmed && !row.test;
        let others = || self.rows.iter().enumerate().filter(|(other, _)| *other != at);
        let counted = CountedAction {
            status: row.status,
            test: row.test,
            nation: Nation::Scotland,
            areas: &[row.area],
            offices: row.messages.iter().map(|message| office(message.representative)).collect(),
            representatives: row.messages.iter().map(|message| id(message.representative)).collect(),
            created_at: row.created_at,
            source: row.source.as_deref(),
            partner: None,
            first_of_supporter: !others().any(|(_, other)| counts(other) && other.supporter == row.supporter),
        };
        counted.tally()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Act { .. } => self.act(step),
            Step::Move { action, to } => {
                if self.rows.get(action).is_some_and(|row| row.status.may_become(to)) {
                    self.counts.take_back(self.contribution(action));
                    self.rows[action].status = to;
                    self.counts.merge(self.contribution(action));
                }
            }
            Step::Deliver { action, message, event } => {
                let Some(row) = self.rows.get_mut(action) else { return };
                let Some(message) = row.messages.get_mut(message) else { return };
                let Ok(next) = message.state.next(event) else { return };
                if !row.test && !message.is_repeat {
                    self.counts.merge(TallyDelta::message(Some(message.state), next, id(message.representative)));
                }
                message.state = next;
            }
        }
    }

    fn act(&mut self, step: Step) {
        let Step::Act { supporter, confirmed, test, area, half_hour, source, representatives } = step else { return };
        let wrote_before = |representative: u8| {
            let earlier = self.rows.iter().filter(|row| row.supporter == supporter && !row.test);
            earlier.flat_map(|row| &row.messages).any(|message| message.representative == representative)
        };
        let state = if confirmed { DeliveryState::Queued } else { DeliveryState::Held };
        let state = if test { DeliveryState::Cancelled } else { state };
        let message =
            |representative| MessageRow { representative, is_repeat: !test && wrote_before(representative), state };
        let messages: Vec<_> = representatives.into_iter().map(message).collect();
        if !test {
            for first in messages.iter().filter(|message| !message.is_repeat) {
                self.counts.merge(TallyDelta::message(None, state, id(first.representative)));
            }
        }
        self.rows.push(ActionRow {
            supporter,
            status: if confirmed { ActionStatus::Confirmed } else { ActionStatus::AwaitingConfirmation },
            test,
            area: AreaKey { kind: AreaKind::HolyroodRegion, code: format!("S1700000{area}").parse().unwrap() },
            created_at: DateTime::from_timestamp(1_794_000_000 + i64::from(half_hour) * 1_800, 0).unwrap(),
            source: source.map(|source| format!("source-{source}")),
            messages,
        });
        self.counts.merge(self.contribution(self.rows.len() - 1));
    }

    /// Counts the rows afresh, one kind at a time, as SQL would.
    fn recount(&self) -> BTreeMap<TallyKey, i64> {
        let mut counts = BTreeMap::<TallyKey, i64>::new();
        let mut count = |key| *counts.entry(key).or_default() += 1;
        let real = || self.rows.iter().filter(|row| !row.test);
        let confirmed = || real().filter(|row| row.status == ActionStatus::Confirmed);
        let firsts =
            |row: &ActionRow| row.messages.iter().filter(|message| !message.is_repeat).cloned().collect::<Vec<_>>();
        real()
            .filter(|row| row.status == ActionStatus::AwaitingConfirmation)
            .for_each(|_| count(TallyKey::total(TallyKind::AwaitingConfirmation)));
        confirmed().for_each(|_| count(TallyKey::total(TallyKind::Actions)));
        let supporters: BTreeSet<_> = confirmed().map(|row| row.supporter).collect();
        for _supporter in supporters {
            count(TallyKey::total(TallyKind::Supporters));
        }
        confirmed().for_each(|row| count(TallyKey::area(row.area)));
        confirmed().for_each(|_| count(TallyKey::new(TallyKind::Area, "nation/S92000003")));
        confirmed().for_each(|row| count(TallyKey::hour(row.created_at)));
        confirmed().filter_map(|row| row.source.as_deref()).for_each(|source| count(TallyKey::source(source)));
        for row in confirmed() {
            let offices: BTreeSet<_> = row.messages.iter().map(|message| office(message.representative)).collect();
            for office in offices {
                count(TallyKey::office(office));
            }
            let people: BTreeSet<_> = row.messages.iter().map(|message| message.representative).collect();
            for person in people {
                count(TallyKey::representative(id(person)));
            }
        }
        for message in real().flat_map(firsts) {
            count(TallyKey::message(message.state));
            if matches!(message.state, DeliveryState::Accepted | DeliveryState::AssumedDelivered) {
                count(TallyKey::contacted(id(message.representative)));
            }
        }
        counts
    }
}

proptest! {
    #[test]
    fn the_sum_of_all_changes_equals_a_recount(steps in steps()) {
        let mut model = Model::default();
        for step in steps {
            model.take(step);
            let counts: BTreeMap<_, _> = model.counts.clone().into_iter().collect();
            prop_assert_eq!(counts, model.recount());
        }
    }
}

#[test]
fn the_newest_count_wins_whatever_the_order() {
    let mut tally = CampaignTally::new();
    let key = || TallyKey::total(TallyKind::Actions);
    assert!(tally.apply(key(), 3, 3));
    assert!(!tally.apply(key(), 2, 2));
    assert!(!tally.apply(key(), 3, 3));
    assert!(tally.apply(key(), 1, 4));
    assert_eq!(tally.actions(), 1);
}

#[test]
fn counts_read_as_the_pages_show_them() {
    let mut tally = CampaignTally::new();
    let area = AreaKey { kind: AreaKind::Icb, code: "E54000001".parse().unwrap() };
    let states = DeliveryState::ALL.iter().map(|state| TallyKey::message(*state));
    let keys = [TallyKey::area(area), TallyKey::contacted(id(1)), TallyKey::office(Office::MspRegion)];
    states.chain(keys).for_each(|key| assert!(tally.apply(key, 2, 1)));
    assert!(tally.apply(TallyKey::contacted(id(2)), 0, 1));
    assert_eq!(tally.messages(), MessageCounts { queued: 8, accepted: 4, failed: 4 });
    assert_eq!(tally.areas(AreaKind::Icb).collect::<Vec<_>>(), [(area.code, 2)]);
    assert_eq!(tally.areas(AreaKind::SubIcb).count(), 0);
    assert_eq!(tally.contacted().collect::<Vec<_>>(), [id(1)]);
    assert_eq!((tally.taken_for(id(1)), tally.actions_to(id(1))), (2, 0));
    assert_eq!(tally.actions_by_office(Office::MspRegion), 2);
}
