//! What a file of bodies would change.

use super::Change;
use crate::{AreaKey, AreaKind, Body};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Compares a file of bodies with those that are there, by kind and code.
///
/// A file lists every body of the kinds it has: those it lacks go. An address that a file leaves out stays; another source
/// alone is no change.
pub fn plan_bodies<'a>(current: impl IntoIterator<Item = &'a Body>, incoming: Vec<Body>) -> Change<Body> {
    let incoming: BTreeMap<AreaKey, Body> = incoming.into_iter().map(|body| (body.key(), body)).collect();
    let kinds: BTreeSet<AreaKind> = incoming.keys().map(|key| key.kind).collect();
    let covered = current.into_iter().filter(|body| kinds.contains(&body.kind));
    let mut current: HashMap<AreaKey, &Body> = covered.map(|body| (body.key(), body)).collect();
    let mut change = Change { live: current.len(), ..Change::default() };
    for (key, body) in incoming {
        match current.remove(&key) {
            None => change.added.push(body),
            Some(before) => sort_in(&mut change, before, body),
        }
    }
    change.ended = current.into_values().cloned().collect();
    change.ended.sort_by_key(Body::key);
    change
}

fn sort_in(change: &mut Change<Body>, before: &Body, after: Body) {
    let after = Body { email: after.email.or_else(|| before.email.clone()), ..after };
    if (Body { source: before.source.clone(), ..after.clone() }) == *before {
        change.unchanged += 1;
    } else {
        change.changed.push(Body { source: after.source.or_else(|| before.source.clone()), ..after });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;
    use crate::directory::examples::body;

    #[test]
    fn bodies_come_change_and_go() {
        let known = EmailAddress::parse("alliance@example.org").ok();
        let kind = AreaKind::CancerAlliance;
        let kept = Body { email: known.clone(), ..body(kind, "E56000001", "Kept") };
        let current = [kept, body(kind, "E56000002", "Gone"), body(AreaKind::Icb, "E54000001", "Elsewhere")];
        let elsewhere = Body { source: Some("a newer file".to_owned()), ..body(kind, "E56000001", "Kept") };
        let change = plan_bodies(&current, vec![elsewhere, body(kind, "E56000003", "New")]);
        assert_eq!(change.added, [body(kind, "E56000003", "New")]);
        assert_eq!(change.ended, [body(kind, "E56000002", "Gone")]);
        assert_eq!((change.changed.len(), change.unchanged, change.live), (0, 1, 2));

        let change = plan_bodies(&current, vec![body(kind, "E56000001", "Renamed"), body(kind, "E56000002", "Gone")]);
        assert_eq!(change.changed, [Body { email: known, ..body(kind, "E56000001", "Renamed") }]);
    }
}
