//! What a challenge costs the server: to check one, and to submit with one.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use postbag::challenges::{ProofOfWork, SetChallenge};
use postbag::config::Config;
use postbag::ids;
use postbag_domain::CampaignId;
use postbag_tests::campaign::CampaignPlan;
use postbag_tests::server::SECRET;
use serde_json::json;

use crate::country;
use crate::pair::race;
use crate::plan::Plan;
use crate::rig::{Rig, SLUG, submitter, submitter_with};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

/// How many are checked one after the other.
const CHECKED: u32 = 100_000;

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let campaign = CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency"]);
    let (server, consents) = rig.answering_for(campaign.clone().with("challenge", "off"), &[]).await;
    let without = submitter(&server, &consents);
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering_for(campaign.with("challenge", "always"), &[]).await;
    let path = format!("/v1/admin/campaigns/{SLUG}");
    let published = server.get(&path).token(&server.operator().await).await.expect(200).json();
    let id = CampaignId::new(published["id"].as_str().expect("an id").parse().expect("a UUID"));
    let proof_of_work = proof_of_work();
    let with = submitter_with(&server, &consents, move || format!(r#","challenge":"{}""#, solved(&proof_of_work, id)));
    let pair = race(plan, &with, &without).await;
    table.add(Line {
        what: "submit, each with a challenge".to_owned(),
        database: engine.name(),
        ours: per_second(pair.ours),
        yardstick: format!("without {}", per_second(pair.theirs)),
        figure: pair.ratio,
        unit: "",
        goal: Goal::Least(0.9),
    });
}

/// How long it takes to check a solution, but for spending it.
pub(crate) fn check(table: &mut Table) {
    let (proof_of_work, campaign) = (proof_of_work(), CampaignId::new(ids::random()));
    let (solution, now) = (solved(&proof_of_work, campaign), Utc::now());
    let begin = Instant::now();
    for _ in 0..CHECKED {
        assert!(proof_of_work.check(campaign, &solution, now).is_ok());
    }
    table.add(Line {
        what: "check a challenge".to_owned(),
        database: "",
        ours: per_second(f64::from(CHECKED) / begin.elapsed().as_secs_f64()),
        yardstick: String::new(),
        figure: begin.elapsed().as_secs_f64() * 1e6 / f64::from(CHECKED),
        unit: " µs",
        goal: Goal::Most(20.0),
    });
}

/// The server's own: the bench knows its secret.
fn proof_of_work() -> ProofOfWork {
    ProofOfWork::of(&Config { secret: Some(SECRET.into()), ..Config::default() })
}

/// A challenge whose number is known, so that the load costs its own side nothing.
fn solved(proof_of_work: &ProofOfWork, campaign: CampaignId) -> String {
    let SetChallenge { salt, challenge, signature, .. } =
        proof_of_work.set(campaign, ids::random(), 25_000, 50_000, Utc::now());
    let solution = json!({ "algorithm": "SHA-256", "challenge": challenge, "number": 25_000, "salt": salt, "signature": signature });
    STANDARD.encode(solution.to_string())
}
