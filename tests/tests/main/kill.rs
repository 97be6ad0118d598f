//! SIGKILL, again and again: what was answered is there, once, and what was to be sent is sent (C1, A3, C7).
//!
//! `POSTBAG_TEST_KILLS` sets how often; the usual few make the tests quick.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Client;
use postbag_tests::country::{ALDER, DOGWOOD};
use postbag_tests::server::{Server, eventually};
use postbag_tests::smtp_sink::{Act, SmtpSink, Stage, Times};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// How often the server is killed under load.
fn kills() -> usize {
    std::env::var("POSTBAG_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

/// What a client knows of one submission.
#[derive(Clone, Debug)]
struct Entry {
    key: String,
    body: Value,
    receipt: Option<Value>,
}

/// One connection of the load.
struct Lane {
    client: Client,
    path: String,
    consents: Value,
    numbers: Arc<AtomicUsize>,
    ledger: Ledger,
}

type Ledger = Arc<Mutex<Vec<Entry>>>;

impl Lane {
    /// Submits without pause until the server is gone; every person is new.
    async fn run(self) {
        loop {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            let mut body = submission(&[ALDER, DOGWOOD][number % 2].postcode(number % 100), &person(number));
            body["consents"] = self.consents.clone();
            let entry = Entry { key: key(), body, receipt: None };
            let at = {
                let mut ledger = self.ledger.lock().unwrap();
                ledger.push(entry.clone());
                ledger.len() - 1
            };
            match self.client.call("POST", &self.path).key(&entry.key).json(&entry.body).attempt().await {
                Ok(answer) if answer.status == 201 => self.ledger.lock().unwrap()[at].receipt = Some(answer.json()),
                Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                Err(_gone) => return,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_a_kill_and_nothing_is_there_twice() {
    let mut server = setup().with("POSTBAG_MAIL__LEASE_SECONDS", LEASE.as_secs()).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let numbers = Arc::new(AtomicUsize::new(0));
    let ledger: Ledger = Arc::default();
    let mut checked = 0;
    for round in 0..kills() {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let lane = Lane {
                client: server.client().clone(),
                path: campaign.actions(),
                consents: campaign.consents(),
                numbers: Arc::clone(&numbers),
                ledger: Arc::clone(&ledger),
            };
            running.spawn(lane.run());
        }
        let answered = || async {
            let ledger = ledger.lock().unwrap();
            ledger[checked..].iter().filter(|entry| entry.receipt.is_some()).count() > 5
        };
        eventually("a load", Duration::from_secs(20), answered).await;
        // Another moment of it every time, the same moments every run.
        tokio::time::sleep(Duration::from_millis(137 * u64::try_from(round).unwrap() % 400)).await;
        server.kill();
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        server.restart().await;
        let entries = ledger.lock().unwrap()[checked..].to_vec();
        for (offset, entry) in entries.iter().enumerate() {
            let receipt = reconcile(&server, &campaign, entry).await;
            ledger.lock().unwrap()[checked + offset].receipt = Some(receipt);
        }
        checked += entries.len();
        check_counts(&server, &campaign, &ledger).await;
    }
    let letters = ledger.lock().unwrap().len();
    server.letters_within(letters, LEASE * 3).await;
    server.cli(&["recount", "--check"]).await.succeeds();
}

/// Retries a submission after a crash: what was answered is answered again, what was not is done now.
async fn reconcile(server: &Server, campaign: &Published, entry: &Entry) -> Value {
    let again = server.post(&campaign.actions()).key(&entry.key).json(&entry.body).await.expect(201);
    let receipt = again.json();
    if let Some(before) = &entry.receipt {
        assert_eq!(again.find("idempotency-replayed"), Some("true"), "an answered submission was lost: {before}");
        assert_eq!((&receipt["id"], &receipt["deliveries"]), (&before["id"], &before["deliveries"]));
    }
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    let view = server.get(&path).token(receipt["receipt_token"].as_str().unwrap()).await.expect(200).json();
    assert_eq!(view["deliveries"].as_array().unwrap().len(), 1, "{view}");
    receipt
}

/// The counts are those of the ledger, and so are the rows behind them.
async fn check_counts(server: &Server, campaign: &Published, ledger: &Ledger) {
    let ids: BTreeSet<_> = {
        let ledger = ledger.lock().unwrap();
        ledger.iter().map(|entry| entry.receipt.as_ref().unwrap()["id"].as_str().unwrap().to_owned()).collect()
    };
    let stored = stored_actions(server).await;
    assert_eq!(stored.len(), ids.len(), "a submission is there twice");
    for action in &stored {
        assert!(ids.contains(action["id"].as_str().unwrap()), "{action}");
        assert_eq!(action["consents"].as_array().map(Vec::len), Some(4), "with its consents: {action}");
    }
    let tally = campaign.exact_tally(server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(ids.len()), &json!(ids.len())), "{tally}");
    server.cli(&["recount", "--check"]).await.succeeds();
}

/// Every action, by the pages of the administrators' list.
async fn stored_actions(server: &Server) -> Vec<Value> {
    let token = server.operator().await;
    let (mut stored, mut path) = (Vec::new(), "/v1/admin/actions?limit=100".to_owned());
    loop {
        let page = server.get(&path).token(&token).await.expect(200).json();
        stored.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/admin/actions?limit=100&cursor={cursor}"),
            None => return stored,
        }
    }
}

const STAGES: [Stage; 8] =
    [Stage::Connect, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Transfer, Stage::Dot, Stage::AfterDot];

/// Longer than it takes to kill a process.
const STALL: Duration = Duration::from_secs(3);

/// The shortest lease there is, and what comes on top of it.
const LEASE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_at_any_step_loses_nothing_and_repeats_once_at_most() {
    let sink = SmtpSink::start().await.unwrap();
    let lanes = ("POSTBAG_MAIL__LANES", 1);
    let setup =
        setup().mailing_to(sink.addr()).with(lanes.0, lanes.1).with("POSTBAG_MAIL__LEASE_SECONDS", LEASE.as_secs());
    let mut server = setup.start().await;
    let retry = CampaignPlan::fair_care().publish(&server).await;
    let hold = CampaignPlan::fair_care().called("hold-care").with("after_uncertain", "hold").publish(&server).await;
    let stages = STAGES.into_iter().map(|stage| (stage, &retry)).chain([(Stage::AfterDot, &hold)]);
    let mut kills = 0;
    for (n, (stage, campaign)) in stages.enumerate() {
        sink.play(stage, Act::Stall(STALL), Times::Always);
        let before = sink.connections();
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        let reached = || async { sink.connections() > before };
        eventually("the worker to come", Duration::from_secs(10), reached).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.kill();
        kills += 1;
        sink.behave();
        server.restart().await;
    }
    // Eight for the one campaign; the ninth may have been taken and is held, as its campaign wants it.
    let (path, token) = ("/v1/admin/deliveries?limit=100", server.operator().await);
    let settled = || async {
        let list = server.get(path).token(&token).await.expect(200).json();
        let count = |state: &str| {
            list["items"].as_array().unwrap().iter().filter(|delivery| delivery["state"] == state).count()
        };
        count("accepted") == 8 && count("uncertain") + count("held") == 1
    };
    eventually("every message to be accepted or held", LEASE * 3, settled).await;

    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for received in sink.messages() {
        *copies.entry(received.message_id.clone()).or_default() += 1;
    }
    assert_eq!(copies.len(), 9, "nothing is lost, and a repeat has the same Message-ID: {copies:?}");
    assert!(copies.values().all(|count| *count <= 2), "{copies:?}");
    let repeats: usize = copies.values().map(|count| count - 1).sum();
    assert!(repeats <= kills, "{repeats} repeats of {kills} kills");
    let tally = retry.exact_tally(&server).await;
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": 8, "failed": 0 }));
    server.cli(&["recount", "--check"]).await.succeeds();
}
