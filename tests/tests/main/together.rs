//! Several servers on one PostgreSQL.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use postbag_tests::campaign::{CampaignPlan, transition};
use postbag_tests::country::{ALDER, DOGWOOD};
use postbag_tests::server::{eventually, on_postgres, skipped};
use postbag_tests::smtp_sink::SmtpSink;
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

const SECOND: Duration = Duration::from_secs(1);

/// How many people take part in a campaign on two servers.
const PEOPLE: usize = 200;

#[tokio::test]
async fn what_one_server_publishes_is_live_on_the_other_within_a_second() {
    if !on_postgres() {
        return skipped("several servers need PostgreSQL");
    }
    let home = setup().prepare().await;
    let (one, other) = (home.serve().await, home.serve().await);
    let campaign = CampaignPlan::fair_care().draft(&one).await;
    other.get(&campaign.path("")).await.expect(404);
    transition(&one, &campaign.slug, "live").await.expect(200);
    let begin = Instant::now();
    one.get(&campaign.path("")).await.expect(200);
    let live = || async { other.get(&campaign.path("")).await.status == 200 };
    eventually("the campaign on the other server", Duration::from_secs(5), live).await;
    assert!(begin.elapsed() <= SECOND + Duration::from_millis(200), "after {:?}", begin.elapsed());
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let receipt = other.post(&campaign.actions()).key("the-key").json(&body).await.expect(201).json();
    let again = one.post(&campaign.actions()).key("the-key").json(&body).await.expect(201);
    assert_eq!(again.json(), receipt, "a key is known on every server");
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    one.get(&path).token(receipt["receipt_token"].as_str().unwrap()).await.expect(200);
    transition(&other, &campaign.slug, "paused").await.expect(200);
    let paused = || async { one.get(&campaign.path("")).await.json()["status"] == "paused" };
    eventually("the pause on the first server", Duration::from_secs(5), paused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_deliver_without_sending_twice_and_count_alike() {
    if !on_postgres() {
        return skipped("several servers need PostgreSQL");
    }
    let sink = SmtpSink::start().await.unwrap();
    let home = setup().mailing_to(sink.addr()).prepare().await;
    let servers = [home.serve().await, home.serve().await];
    let campaign = CampaignPlan::fair_care().publish(&servers[0]).await;
    let path = campaign.path("");
    let live = || async { servers[1].get(&path).await.status == 200 };
    eventually("the campaign on the other server", Duration::from_secs(5), live).await;
    let mut sent = tokio::task::JoinSet::new();
    for n in 0..2 * PEOPLE {
        // Everybody comes twice, once to each server.
        let person = person(n % PEOPLE);
        let body = submission(&[ALDER, DOGWOOD][n % PEOPLE % 2].postcode(n % 100), &person);
        let call = servers[n / PEOPLE].post(&campaign.actions()).key(&key()).json(&body);
        sent.spawn(async move { call.await.expect(201) });
        if n % 32 == 31 {
            while sent.len() > 16 {
                sent.join_next().await.unwrap().unwrap();
            }
        }
    }
    while let Some(answer) = sent.join_next().await {
        answer.unwrap();
    }
    assert!(sink.wait_for(PEOPLE, Duration::from_secs(30)).await, "{} of {PEOPLE} were sent", sink.count());
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(sink.count(), PEOPLE, "one message per supporter and representative");
    let ids: BTreeSet<_> = sink.messages().iter().map(|message| message.message_id.clone()).collect();
    assert_eq!(ids.len(), PEOPLE);
    let read = async |n: usize| -> Value {
        let mut tally = campaign.exact_tally(&servers[n]).await;
        (tally["as_of"], tally["daily_as_of"]) = (Value::Null, Value::Null);
        tally
    };
    let agree = || async {
        let (one, other) = (read(0).await, read(1).await);
        one == other && one["messages"]["accepted"] == PEOPLE && one["actions"] == 2 * PEOPLE
    };
    eventually("the tallies to agree", Duration::from_secs(10), agree).await;
    assert_eq!(read(0).await["supporters"], json!(PEOPLE));
    home.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_server_outlives_its_database_and_comes_back_by_itself() {
    if !on_postgres() {
        return skipped("a file does not go away");
    }
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let submit = async |n: usize, key: &str| {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(key).json(&body).await
    };
    submit(0, "before").await.expect(201);
    server.letters(1).await;
    server.cut_database().await;
    let unready = || async { server.get("/readyz").await.status == 503 };
    eventually("readyz to tell", Duration::from_secs(5), unready).await;
    server.get("/livez").await.expect(200);
    submit(1, "meanwhile").await.problem(503, "unavailable");
    server.get(&campaign.path("/tally")).await.expect(200);
    server.post(&campaign.path("/targets")).json(&json!({ "postcode": ALDER.postcode(0) })).await.expect(200);
    server.mend_database().await;
    let ready = || async { server.get("/readyz").await.status == 200 };
    eventually("readyz to recover", Duration::from_secs(10), ready).await;
    submit(1, "meanwhile").await.expect(201);
    assert_eq!(submit(0, "before").await.expect(201).find("idempotency-replayed"), Some("true"));
    server.letters(2).await;
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_killed_servers_messages_are_sent_by_the_other() {
    if !on_postgres() {
        return skipped("several servers need PostgreSQL");
    }
    let home = setup().with("POSTBAG_MAIL__LEASE_SECONDS", 30).prepare().await;
    let mut one = home.serve_with(&[("POSTBAG_ROLE", "api")]).await;
    let campaign = CampaignPlan::fair_care().publish(&one).await;
    for n in 0..5 {
        let body = submission(&ALDER.postcode(n), &person(n));
        one.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    one.kill();
    let other = home.serve().await;
    other.letters(5).await;
    assert_eq!(other.get(&campaign.path("/tally")).await.expect(200).json()["actions"], 5);
}
