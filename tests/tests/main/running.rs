//! Starting, stopping, and being too busy.

use std::future::IntoFuture as _;
use std::time::{Duration, Instant};

use postbag_tests::campaign::{CampaignPlan, transition};
use postbag_tests::client::{Answer, raw};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually, on_postgres};
use postbag_tests::supporter::{key, person, submission};
use serde_json::json;

use crate::setup;

#[tokio::test]
async fn an_empty_database_is_brought_up_and_says_what_is_missing() {
    let server = setup().empty().start().await;
    server.get("/livez").await.expect(200);
    server.get("/readyz").await.expect(200);
    let campaign = CampaignPlan::fair_care().draft(&server).await;
    let refused = transition(&server, &campaign.slug, "live").await;
    assert_eq!(refused.problem(422, "campaign-incomplete")["errors"][0]["code"], "nobody_reachable");
}

#[tokio::test]
async fn five_servers_may_start_at_once_on_an_empty_database() {
    let home = setup().empty().prepare().await;
    let count = if on_postgres() { 5 } else { 2 };
    let starting: Vec<_> = (0..count)
        .map(|_| {
            let home = home.clone();
            tokio::spawn(async move { home.serve().await })
        })
        .collect();
    for server in starting {
        server.await.unwrap().get("/readyz").await.expect(200);
    }
}

#[tokio::test]
async fn a_healthy_server_says_so_to_its_own_command() {
    let server = setup().start().await;
    let addr = server.addr().to_string();
    server.cli_with(&[("POSTBAG_LISTEN", &addr)], &["health"]).await.succeeds();
    server.cli_with(&[("POSTBAG_LISTEN", "127.0.0.1:9")], &["health"]).await.fails();
    let checks = server.get("/readyz").await.expect(200).json();
    assert_eq!(checks["ready"], true);
    assert!(!checks.to_string().contains("sqlite") && !checks.to_string().contains("postgres"), "{checks}");
}

#[tokio::test]
async fn a_bad_configuration_does_not_start() {
    let home = setup().prepare().await;
    for (settings, word) in [
        (vec![("POSTBAG_COLOUR", "red")], "colour"),
        (vec![("POSTBAG_SECRET", "changeme")], "secret"),
        (vec![("POSTBAG_SECRET", "changeme-changeme-changeme-changeme-changeme")], "secret"),
        (vec![("POSTBAG_AUTH__HS256_SECRET", "short")], "hs256_secret"),
        (vec![("POSTBAG_DATABASE_URL", "mysql://localhost/postbag")], "database_url"),
        (vec![("POSTBAG_INTAKE__QUEUE", "0")], "intake.queue"),
        (vec![("POSTBAG_LISTEN", "everywhere")], "listen"),
        (
            vec![
                ("POSTBAG_MAIL__TRANSPORT", "smtp"),
                ("POSTBAG_MAIL__SMTP__HOST", "mail.example"),
                ("POSTBAG_MAIL__SMTP__TLS", "none"),
            ],
            "clear",
        ),
    ] {
        for command in ["check", "serve"] {
            let told = home.cli_with(&settings, &[command]).await.fails().text();
            assert!(told.to_lowercase().contains(word), "{word} in {told}");
            assert!(!told.contains("changeme"), "{told}");
        }
    }
    let told = home.cli(&["check"]).await.succeeds().text();
    assert!(!told.contains(postbag_tests::server::HS256_SECRET), "{told}");
}

#[tokio::test]
async fn a_database_without_its_secret_is_not_served() {
    let mut server = setup().start().await;
    server.stop().await;
    let other = [("POSTBAG_SECRET", "hT5vB8nM2kL7pQ4wX9zC3jF6dS1gA0rYuEoItNqW")];
    let refused = server.cli_with(&other, &["serve"]).await.fails().text();
    assert!(refused.contains("secrets.toml") && refused.contains("suppression"), "{refused}");
    server.restart().await;
    server.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn a_database_file_that_was_deleted_takes_no_more_submissions() {
    if on_postgres() {
        return;
    }
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    std::fs::remove_file(server.folder().join("postbag.db")).unwrap();
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(server.get("/readyz").await.expect(503).json()["ready"], false);
    assert!(!server.folder().join("postbag.db").exists(), "no empty file takes its place");
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_accepted() {
    let mut server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut accepted = Vec::new();
    for round in 0..3_usize {
        let (client, path) = (server.client().clone(), campaign.actions());
        let lanes: Vec<_> = (0..8_usize)
            .map(|lane| {
                let (client, path) = (client.clone(), path.clone());
                tokio::spawn(async move {
                    let mut done = Vec::new();
                    for n in 0.. {
                        let body = submission(&ALDER.postcode(lane), &person(round * 100_000 + lane * 10_000 + n));
                        let key = key();
                        match client.call("POST", &path).key(&key).json(&body).attempt().await {
                            Ok(answer) if answer.status == 201 => done.push((key, body, answer.json())),
                            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                            Err(_gone) => break,
                        }
                    }
                    done
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begin = Instant::now();
        server.ask_to_stop();
        server.end().await;
        assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
        for lane in lanes {
            accepted.extend(lane.await.unwrap());
        }
        server.restart().await;
    }
    assert!(accepted.len() > 20, "{} were accepted", accepted.len());
    for (key, body, receipt) in accepted.iter().step_by(1 + accepted.len() / 50) {
        let again = server.post(&campaign.actions()).key(key).json(body).await.expect(201).json();
        assert_eq!(again["id"], receipt["id"]);
    }
    let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
    let actions = usize::try_from(tally["actions"].as_u64().unwrap()).unwrap();
    assert!(actions >= accepted.len(), "{tally} of {}", accepted.len());
    server.letters(actions).await;
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_stopping_server_is_no_longer_ready() {
    let mut server = setup().with("POSTBAG_BODY_DEADLINE_SECONDS", 3).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    // A request that is still arriving keeps the server up for a moment.
    let (addr, path) = (server.addr(), campaign.actions());
    let slow = tokio::spawn(async move {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
        );
        raw(addr, format!("{head}Content-Length: 500\r\n\r\n{{").as_bytes()).await
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.ask_to_stop();
    assert_eq!(slow.await.unwrap().status, 408, "it was answered");
    server.end().await;
}

#[tokio::test]
async fn an_overload_is_refused_at_once_and_nothing_else_is() {
    let server = setup().with("POSTBAG_INTAKE__QUEUE", 1).with("POSTBAG_INTAKE__GROUP", 1).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut accepted = 0;
    let mut refused = 0;
    for round in 0..10_usize {
        let answers = burst(&server, &campaign.actions(), round).await;
        accepted += answers.iter().filter(|answer| answer.status == 201).count();
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem(503, "overloaded");
            refused += 1;
        }
        if refused > 0 && accepted > 0 {
            break;
        }
    }
    assert!(refused > 0 && accepted > 0, "{accepted} accepted, {refused} refused");
    let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
    assert_eq!(tally["actions"], accepted);
    server.letters(accepted).await;
    // Afterwards it is as before.
    let body = submission(&ALDER.postcode(0), "late@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

/// A hundred submissions at once.
async fn burst(server: &Server, path: &str, round: usize) -> Vec<Answer> {
    let calls = (0..100).map(|n| {
        let body = submission(&ALDER.postcode(n), &person(round * 100 + n));
        server.post(path).key(&key()).json(&body)
    });
    let sent: Vec<_> = calls.map(|call| tokio::spawn(call.into_future())).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_server_may_only_answer_and_another_only_send() {
    let home = setup().prepare().await;
    let api = home.serve_with(&[("POSTBAG_ROLE", "api")]).await;
    let campaign = CampaignPlan::fair_care().publish(&api).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    api.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(home.letters_now().len(), 0, "nobody sends");
    let worker = home.serve_with(&[("POSTBAG_ROLE", "worker")]).await;
    home.letters(1).await;
    worker.get("/livez").await.expect(200);
    worker.get("/v1/campaigns").await.problem(404, "not-found");
    let counted = || async { campaign.exact_tally(&api).await["messages"]["accepted"] == 1 };
    eventually("the other's count", Duration::from_secs(5), counted).await;
}

#[tokio::test]
async fn a_missing_outbox_shows_in_readiness() {
    let server = setup().start().await;
    server.get("/readyz").await.expect(200);
    std::fs::remove_dir_all(server.outbox()).unwrap();
    let checks = server.get("/readyz").await.expect(503).json()["checks"].clone();
    let failed: Vec<_> = checks.as_array().unwrap().iter().filter(|check| check["status"] == "failed").collect();
    assert_eq!(failed, [&json!({ "name": "outbox", "status": "failed" })]);
}

#[tokio::test]
async fn a_dead_relay_shows_to_the_operator_and_once_in_the_log() {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let server = setup().mailing_to(nowhere).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    let health = || async { server.get("/v1/admin/health").token(&token).await.expect(200).json() };
    assert_eq!(health().await["mail"]["state"], "unknown");
    for n in 0..3 {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let failing = || async { health().await["mail"]["state"] == "failing" };
    eventually("the relay to be missed", Duration::from_secs(10), failing).await;
    let seen = health().await;
    assert_eq!((&seen["ready"], &seen["messages"]["waiting"]), (&json!(true), &json!(3)), "{seen}");
    assert!(seen["messages"]["oldest_since"].is_string() && seen["mail"]["last_reply"].is_string(), "{seen}");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let lines = server.log().await;
    assert_eq!(lines.iter().filter(|line| line.contains("letters cannot leave")).count(), 1, "{lines:#?}");
    let own = server.token("deliveries:read", "harbour-trust").await;
    server.get("/v1/admin/health").token(&own).await.problem(403, "operator-only");
}

#[tokio::test]
async fn what_only_looks_counts_as_a_look_up() {
    let server =
        setup().with("POSTBAG_LIMITS__TARGETS", 3).with("POSTBAG_TRUSTED_PROXIES", "[127.0.0.1]").start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let from = |call: postbag_tests::client::Call| call.header("x-forwarded-for", "203.0.113.9:443");
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let previews = campaign.path("/previews");
    from(server.post(&previews).json(&body)).await.expect(200);
    let mut test = body.clone();
    test["test"] = json!(true);
    from(server.post(&campaign.actions()).key(&key()).json(&test)).await.expect(201);
    let nowhere = submission("ZZ9 9ZZ", "ada@kanarien.example");
    from(server.post(&campaign.actions()).key(&key()).json(&nowhere)).await.problem(422, "postcode-unknown");
    from(server.post(&previews).json(&body)).await.problem(429, "quota-exceeded");
    from(server.post(&campaign.actions()).key(&key()).json(&test)).await.problem(429, "quota-exceeded");
    from(server.post(&campaign.actions()).key(&key()).json(&nowhere)).await.problem(429, "quota-exceeded");
    from(server.post(&campaign.actions()).key(&key()).json(&body)).await.expect(201);
}

#[tokio::test]
async fn an_undeclared_proxy_is_named_once_in_the_log() {
    let server = setup().start().await;
    for _ in 0..3 {
        let body = json!({ "postcode": ALDER.postcode(0) });
        server.post("/v1/campaigns/none/targets").header("x-forwarded-for", "203.0.113.9").json(&body).await;
    }
    let lines = server.log().await;
    assert_eq!(lines.iter().filter(|line| line.contains("trusted_proxies")).count(), 1, "{lines:#?}");
}

#[tokio::test]
async fn check_refuses_what_serve_refuses() {
    let home = setup().prepare().await;
    for (name, value) in [
        ("POSTBAG_LOG__FILTER", "[[["),
        ("POSTBAG_DATABASE_URL", "postgres://postbag@db.example.org/postbag"),
        ("POSTBAG_AUTH__PUBLIC_KEYS", "[{kid=\"a\",algorithm=\"RS256\",pem=\"none\"}]"),
    ] {
        for command in ["check", "serve"] {
            home.cli_with(&[(name, value)], &[command]).await.fails();
        }
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_off_and_holds_so_many_connections_and_no_more() {
    use tokio::io::AsyncWriteExt;
    let server = setup().with("POSTBAG_LIMITS__CONNECTIONS", 4).start().await;
    let mut held = Vec::new();
    for _ in 0..6 {
        let mut stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
        held.push(stream);
    }
    let mut answered = 0;
    for stream in &mut held {
        let mut first = [0; 12];
        let read = tokio::io::AsyncReadExt::read(stream, &mut first).await.unwrap_or(0);
        answered += usize::from(first.get(..read).is_some_and(|bytes| bytes == b"HTTP/1.1 200"));
    }
    assert_eq!(answered, 4, "the fifth and sixth are closed");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.get("/livez").await.expect(200);
}

#[tokio::test]
async fn the_root_leads_to_the_documentation() {
    let server = setup().start().await;
    let answer = server.get("/").await;
    assert_eq!((answer.status, answer.header("location")), (307, "/docs/"));
}

#[tokio::test]
async fn a_weakness_can_be_reported_where_the_operator_says() {
    let server = setup().with("POSTBAG_SECURITY_CONTACT", "mailto:security@example.org").start().await;
    let answer = server.get("/.well-known/security.txt").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = answer.text();
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    assert_eq!(field("Contact: "), "mailto:security@example.org");
    let expires: chrono::DateTime<chrono::Utc> = field("Expires: ").parse().unwrap();
    let date = chrono::DateTime::parse_from_rfc2822(answer.header("date")).unwrap();
    let days = (expires - date.to_utc()).num_days();
    assert!((1..365).contains(&days), "{text}");
    let silent = setup().start().await;
    silent.get("/.well-known/security.txt").await.problem(404, "not-found");
}

#[tokio::test]
async fn what_a_client_sends_makes_no_line_of_the_log() {
    let server = setup().start().await;
    let forged = "x%0A2026-11-22T10:00:00Z%20ERROR%20forged";
    for path in [format!("/v1/campaigns/{forged}"), format!("/{forged}"), format!("/v1/representatives?name={forged}")]
    {
        server.get(&path).await;
    }
    let log = server.log().await;
    assert!(
        !log.iter().any(|line| line.starts_with("2026-11-22T10:00:00Z ERROR") || line.contains('\u{1b}')),
        "{log:#?}"
    );
}
