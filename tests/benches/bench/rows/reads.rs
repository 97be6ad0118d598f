//! Cached reads against a bare route that answers the same bytes.

use crate::bare::Bare;
use crate::country;
use crate::pair::race;
use crate::plan::Plan;
use crate::rig::{Rig, SLUG, reader, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

pub(crate) async fn run(plan: &Plan, table: &mut Table) {
    let rig = Rig::with_country(Engine::Sqlite, None, country::SMALL).await;
    let (server, consents) = rig.answering(&[]).await;
    // Counts to show.
    submitter(&server, &consents).run(std::time::Duration::from_millis(300), None).await;
    let campaign = format!("/v1/campaigns/{SLUG}");
    for (name, path) in [("tally", format!("{campaign}/tally")), ("campaign", campaign)] {
        if !plan.wants(name) {
            continue;
        }
        let bare = Bare::start(&server.get(&path).await.expect(200).text(), "{}");
        let pair = race(plan, &reader(server.addr(), &path), &reader(bare.addr, "/bytes")).await;
        table.add(Line {
            what: format!("read {name}"),
            database: "",
            ours: per_second(pair.ours),
            yardstick: format!("bare route {}", per_second(pair.theirs)),
            figure: pair.ratio,
            unit: "",
            goal: Goal::Least(0.85),
        });
    }
}
