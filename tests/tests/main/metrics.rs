//! What Prometheus reads (A24).

use std::collections::BTreeSet;
use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Client;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually, on_postgres};
use postbag_tests::supporter::{CANARIES, key, person, submission};
use serde_json::json;

use crate::document::operations;
use crate::setup;

/// The pages that are not in the document.
const PAGES: [&str; 6] = ["/", "/docs", "/docs/{file:.*}", "/confirm/", "/offices/", "/preferences/"];

async fn scrape(server: &Server) -> String {
    let answer = server.get("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.text()
}

/// The value of a series; nothing if it is not there.
fn value(scrape: &str, series: &str) -> Option<f64> {
    let line = scrape.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

/// Every series, without its value.
fn series(scrape: &str) -> BTreeSet<String> {
    let lines = scrape.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// The values of a label.
fn label(scrape: &str, name: &str) -> BTreeSet<String> {
    let start = format!("{name}=\"");
    let values = scrape.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    values.map(str::to_owned).collect()
}

/// Requests of every kind, most of them nonsense, with words in them that are about a person.
async fn nonsense(server: &Server, campaign: &Published, round: usize) {
    let (public, administration) = (Client::at(server.addr()), Client::at(server.admin_addr()));
    for number in 0..20 {
        let word = format!("kanarienvogel-{round}-{number}");
        for client in [&public, &administration] {
            client.call("GET", &format!("/{word}")).await;
            client.call("GET", &format!("/v1/campaigns/{word}/tally")).await;
            client.call("GET", &format!("/v1/admin/{word}")).token(&word).await;
            client.call("GET", &format!("/v1/admin/campaigns/{word}")).token(&word).await;
            client.call("DELETE", &format!("/v1/campaigns/{word}/actions")).await;
            client.call("GET", &format!("/docs/{word}.js?{word}=1")).await;
            client.call("GET", &format!("/problems/{word}")).header("host", &word).await;
            client.call(&format!("KANARIEN{round}X{number}"), "/livez").await;
            client.call("HEAD", "/livez").await;
        }
        public.call("GET", "/v1/campaigns").origin(&format!("https://{word}.example")).await;
        public.call("GET", &format!("/confirm/{word}")).await;
        public.call("GET", &format!("/offices/{word}")).await;
        let mut body = submission(&ALDER.postcode(0), &person(round * 100 + number));
        server.post(&campaign.actions()).key(&word).json(&body).await.expect(201);
        body["supporter"]["email"] = json!(word);
        server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "validation-failed");
    }
}

#[tokio::test]
async fn labels_are_bounded_by_the_routes_and_hold_nothing_that_a_client_wrote() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let document = server.get("/openapi.json").await.expect(200).json();
    nonsense(&server, &campaign, 0).await;
    // The scrape counts itself only in the next one.
    scrape(&server).await;
    let first = scrape(&server).await;
    nonsense(&server, &campaign, 1).await;
    let second = scrape(&server).await;
    let state = |series: &String| series.contains("state=") || series.starts_with("postbag_relay");
    let new: Vec<_> = series(&second).difference(&series(&first)).filter(|series| !state(series)).cloned().collect();
    assert!(new.is_empty(), "more of the same makes no new series: {new:#?}");
    let known: BTreeSet<String> = operations(&document).into_iter().map(|operation| operation.path).collect();
    for route in label(&second, "route") {
        let is_page = PAGES.iter().any(|page| route == *page || (page.len() > 1 && route.starts_with(page)));
        assert!(known.contains(&route) || is_page || route == "unmatched", "{route}");
    }
    let methods = label(&second, "method");
    assert!(methods.len() <= 8 && methods.contains("other"), "{methods:?}");
    let lower = second.to_lowercase();
    let told = CANARIES.iter().chain(&["@", "127.0.0.1"]).find(|word| lower.contains(**word));
    assert_eq!(told, None, "{second}");
}

#[tokio::test]
async fn a_scrape_tells_what_became_of_submissions_and_letters() {
    let server = setup()
        .with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]")
        .with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 2)
        .start()
        .await;
    let campaign = CampaignPlan::fair_care().with("challenge", "off").publish(&server).await;
    let submit = |number: usize, postcode: String, key: String| {
        let call = server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9");
        call.key(&key).json(&submission(&postcode, &person(number)))
    };
    let first = key();
    submit(0, ALDER.postcode(0), first.clone()).await.expect(201);
    submit(1, ALDER.postcode(0), key()).await.expect(201);
    submit(3, "ZZ9 9ZZ".to_owned(), key()).await.problem(422, "postcode-unknown");
    submit(2, ALDER.postcode(0), key()).await.problem(429, "quota-exceeded");
    submit(0, ALDER.postcode(0), first).await.expect(201);
    server.letters(2).await;
    let accepted = || async { value(&scrape(&server).await, "postbag_deliveries{state=\"accepted\"}") == Some(2.0) };
    eventually("both letters to be accepted", Duration::from_secs(5), accepted).await;
    let text = scrape(&server).await;
    let is = |series: &str, expected: f64| assert_eq!(value(&text, series), Some(expected), "{series} in {text}");
    is("postbag_submissions_total{outcome=\"accepted\"}", 2.0);
    is("postbag_submissions_total{outcome=\"replayed\"}", 1.0);
    // The answer that was given again would have come too soon as well.
    is("postbag_limits_met_total{policy=\"submissions-a-minute\"}", 2.0);
    let actions = "method=\"POST\",problem=\"postcode-unknown\",route=\"/v1/campaigns/{slug}/actions\"";
    is(&format!("postbag_problems_total{{{actions}}}"), 1.0);
    is(
        "postbag_http_requests_total{listener=\"public\",method=\"POST\",route=\"/v1/campaigns/{slug}/actions\",status=\"201\"}",
        3.0,
    );
    is("postbag_intake_group_size_sum", 2.0);
    is("postbag_intake_capacity", 640.0);
    is("postbag_intake_waiting", 0.0);
    is("postbag_relay_up{transport=\"folder\"}", 1.0);
    is("postbag_queues_read", 1.0);
    is("postbag_alarms{rate=\"client\"}", 0.0);
    is("postbag_submissions_in_review", 0.0);
    is("postbag_queue_oldest_due_age_seconds{queue=\"deliveries\"}", 0.0);
    is("postbag_build_info{version=\"0.1.0\"}", 1.0);
    assert!(value(&text, "postbag_snapshot_age_seconds").unwrap() < 10.0, "{text}");
    assert!(value(&text, "process_start_time_seconds").unwrap() > 1.7e9, "{text}");
}

#[tokio::test]
async fn what_nobody_sends_is_overdue() {
    let home = setup().prepare().await;
    let server = home.serve_with(&[("POSTBAG_ROLE", "api")]).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), &person(0));
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let overdue = || async {
        let age = value(&scrape(&server).await, "postbag_queue_oldest_due_age_seconds{queue=\"deliveries\"}");
        age.is_some_and(|age| age > 2.0)
    };
    eventually("the letter to be overdue", Duration::from_secs(15), overdue).await;
    // A process that only sends is watched too.
    let worker = home.serve_with(&[("POSTBAG_ROLE", "worker")]).await;
    home.letters(1).await;
    let up = || async { value(&scrape(&worker).await, "postbag_relay_up{transport=\"folder\"}") == Some(1.0) };
    eventually("the folder to be known", Duration::from_secs(5), up).await;
}

#[tokio::test]
async fn metrics_are_told_while_the_database_is_away() {
    if !on_postgres() {
        return;
    }
    let server = setup().start().await;
    scrape(&server).await;
    server.cut_database().await;
    let away = || async { value(&scrape(&server).await, "postbag_queues_read") == Some(0.0) };
    eventually("the queues not to be read", Duration::from_secs(15), away).await;
    let text = scrape(&server).await;
    assert!(!text.contains("postbag_queue_oldest_due_age_seconds{"), "what is not known is not told: {text}");
    server.mend_database().await;
    let back = || async { value(&scrape(&server).await, "postbag_queues_read") == Some(1.0) };
    eventually("the queues to be read again", Duration::from_secs(30), back).await;
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_what_a_scrape_has() {
    let server = setup()
        .with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]")
        .with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 1)
        .start()
        .await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    for number in 0..2 {
        let body = submission(&ALDER.postcode(0), &person(number));
        server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9").key(&key()).json(&body).await;
    }
    server.mails(1).await;
    let text = scrape(&server).await;
    let described: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/monitoring");
    for file in ["dashboard.json", "alerts.yaml", "README.md"] {
        let asked = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        let words = asked.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let names: BTreeSet<_> =
            words.filter(|word| word.starts_with("postbag_") || word.starts_with("process_")).collect();
        assert!(names.len() >= 5, "{names:?}");
        for name in names {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
            assert!(described.contains(family), "{file} asks for {name}, which is not in {text}");
        }
    }
}
