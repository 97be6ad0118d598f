//! What it costs to hold machines off: every limit and signal on, a refusal, and the comparison of messages.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use postbag_domain::{Crowd, RepresentativeId, Sketch};
use postbag_tests::campaign::CampaignPlan;
use postbag_tests::load::{self, Load};
use uuid::Uuid;

use crate::country;
use crate::pair::{Side, median, race};
use crate::plan::Plan;
use crate::rig::{Rig, submitter, submitter_from};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

/// How many messages one is held against.
const MESSAGES: u32 = 100_000;

/// Limits that are counted and never met, and a proxy that names each client.
const COUNTED: [(&str, &str); 3] = [
    ("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
    ("POSTBAG_LIMITS__SUBMISSIONS_OF_CAMPAIGN_A_MINUTE", "100000000"),
    ("POSTBAG_LIMITS__SUBMISSIONS_TOGETHER_A_MINUTE", "100000000"),
];

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let campaign = CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency"]);
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering_for(campaign.clone().with("challenge", "off"), &[]).await;
    let uncounted = submitter(&server, &consents);
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering_for(campaign, &COUNTED).await;
    let counted = submitter_from(&server, &consents, client);
    let pair = race(plan, &counted, &uncounted).await;
    table.add(Line {
        what: "submit, every limit and signal of clients".to_owned(),
        database: engine.name(),
        ours: per_second(pair.ours),
        yardstick: format!("callers of the own network {}", per_second(pair.theirs)),
        figure: pair.ratio,
        unit: "",
        goal: Goal::Least(0.9),
    });
    let flood = submitter_from(&server, &consents, |_n| Ipv4Addr::new(203, 0, 113, 9));
    refused(plan, table, engine, (&counted, &flood)).await;
}

/// Another client for each person, none of them on a private network.
fn client(n: u64) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x1400_0000 | u32::try_from(n % 0x00ff_ffff).unwrap_or_default())
}

/// A client that has used its limit up, against those who have not.
async fn refused(plan: &Plan, table: &mut Table, engine: Engine, (accepted, flood): (&Side, &Side)) {
    let mut turns = Vec::new();
    for _round in 0..=plan.rounds {
        let load = Load {
            addr: flood.addr,
            connections: flood.connections,
            duration: plan.window,
            rate: None,
            rest: Duration::ZERO,
        };
        let report = load::run(load, flood.requests.clone()).await;
        assert_eq!(report.broken, 0, "connections broke: {:?}", report.classes);
        let answered = f64::from(u32::try_from(report.classes[4]).unwrap_or(u32::MAX)) / report.elapsed.as_secs_f64();
        turns.push((answered, accepted.run(plan.window, None).await.per_second()));
    }
    let rate = |side: fn(&(f64, f64)) -> f64| median(turns.iter().skip(1).map(side));
    table.add(Line {
        what: "a submission that a limit refuses".to_owned(),
        database: engine.name(),
        ours: per_second(rate(|turn| turn.0)),
        yardstick: format!("accepted {}", per_second(rate(|turn| turn.1))),
        figure: rate(|turn| turn.1 / turn.0),
        unit: " of one",
        goal: Goal::Most(0.2),
    });
}

/// How long it takes to hold a message against all others to one representative.
pub(crate) fn compare(table: &mut Table) {
    let whom = RepresentativeId::new(Uuid::from_u128(1));
    let mut crowd = Crowd::new(7);
    let message = |n: u32| {
        format!(
            "My brother waited {n} weeks for his scan, and nobody could tell him why. I am number {n} of his friends."
        )
    };
    for sketch in (0..MESSAGES).filter_map(|n| Sketch::of(&message(n))) {
        crowd.note(whom, &sketch);
    }
    let (begin, checks) = (Instant::now(), 1_000);
    for n in 0..checks {
        let sketch = Sketch::of(&message(n)).expect("a message that is long enough");
        assert!(crowd.count(whom, &sketch) > 0);
    }
    let took = begin.elapsed().as_secs_f64() * 1e3 / f64::from(checks);
    table.add(Line {
        what: format!("compare a message with {MESSAGES} others"),
        database: "",
        ours: format!("{took:.3} ms"),
        yardstick: String::new(),
        figure: took,
        unit: " ms",
        goal: Goal::Most(5.0),
    });
}
