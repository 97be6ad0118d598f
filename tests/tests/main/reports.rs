//! What anybody reports about the directory, and who reads it.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use serde_json::{Value, json};

use crate::setup;

/// The address of Alder Vale's MP.
async fn alder(server: &Server) -> String {
    let list = server.get("/v1/representatives?area=E14997001").await.expect(200).json();
    format!("/v1/representatives/{}/reports", list["items"][0]["id"].as_str().unwrap())
}

async fn queue(server: &Server, query: &str) -> Vec<Value> {
    let list = server.get(&format!("/v1/admin/reports?{query}")).token(&server.operator().await).await.expect(200);
    list.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_report_is_answered_with_an_id_and_waits_for_the_operator() {
    let server = setup().start().await;
    let path = alder(&server).await;
    let body = json!({ "reason": "bounced", "detail": "My own mail came back.\nTwice." });
    let first = server.post(&path).json(&body).await.expect(202).json();
    let second = server.post(&path).json(&body).await.expect(202).json();
    assert_ne!(first["id"], second["id"], "a reporter learns nothing of others");
    assert_eq!(first.as_object().unwrap().len(), 1);
    server.post(&path).json(&json!({ "reason": "left_office" })).await.expect(202);

    let all = queue(&server, "").await;
    let counts: Vec<_> = all.iter().map(|report| (&report["reason"], &report["count"])).collect();
    assert_eq!(counts, [(&json!("left_office"), &json!(1)), (&json!("bounced"), &json!(2))]);
    let report = &all[1];
    assert_eq!((&report["representative_name"], &report["status"]), (&json!(ALDER.mp), &json!("open")));
    let remarks = report["remarks"].as_array().unwrap();
    assert_eq!((remarks.len(), &remarks[0]["id"], &remarks[0]["detail"]), (1, &second["id"], &body["detail"]));
    let log = server.log().await.join("\n");
    assert!(!log.contains("came back"), "nobody's words are in the log");
}

#[tokio::test]
async fn what_cannot_be_a_report_is_refused() {
    let server = setup().start().await;
    let path = alder(&server).await;
    for (body, pointer) in [
        (json!({ "reason": "boring" }), "/reason"),
        (json!({ "reason": "other", "detail": "é".repeat(1001) }), "/detail"),
        (json!({ "reason": "other", "detail": "a\u{202e}b" }), "/detail"),
    ] {
        let answer = server.post(&path).json(&body).await;
        answer.problem(422, "validation-failed");
        assert_eq!(answer.pointers(), [pointer]);
    }
    let nobody = "/v1/representatives/00000000-0000-7000-8000-000000000000/reports";
    server.post(nobody).json(&json!({ "reason": "other" })).await.problem(404, "not-found");
    assert_eq!(queue(&server, "").await.len(), 0);
}

#[tokio::test]
async fn a_retry_with_the_same_key_is_the_same_report() {
    let server = setup().start().await;
    let path = alder(&server).await;
    let body = json!({ "reason": "wishes_no_mail" });
    let first = server.post(&path).key("a-key").json(&body).await.expect(202);
    let again = server.post(&path).key("a-key").json(&body).await.expect(202);
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    let other = json!({ "reason": "other" });
    server.post(&path).key("a-key").json(&other).await.problem(422, "idempotency-key-reused");
    assert_eq!(queue(&server, "").await[0]["count"], 1);
}

#[tokio::test]
async fn one_client_reports_only_so_often_under_any_claimed_address() {
    let server = setup().with("POSTBAG_LIMITS__REPORTS", 3).start().await;
    let path = alder(&server).await;
    let body = json!({ "reason": "bounced" });
    for left in [2, 1] {
        let answer = server.post(&path).header("x-forwarded-for", &format!("198.51.100.{left}")).json(&body).await;
        let answer = answer.expect(202);
        let policies = "\"reports\";q=3;w=3600, \"reports-a-minute\";q=5;w=60, \"reports-together\";q=600;w=3600";
        assert_eq!(answer.header("ratelimit-policy"), policies);
        assert!(answer.header("ratelimit").starts_with(&format!("\"reports\";r={left};t=")), "{:?}", answer.headers);
    }
    let refused = server.post(&path).header("x-forwarded-for", "198.51.100.7").json(&json!({})).await;
    assert_eq!(refused.status, 422, "a wrong body counts too");
    assert!(refused.header("ratelimit").starts_with("\"reports\";r=0;"), "{:?}", refused.headers);
    let forged = server.post(&path).header("x-forwarded-for", "198.51.100.8").json(&body).await;
    let problem = forged.problem(429, "quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["reports"]));
    assert!(forged.header("ratelimit").starts_with("\"reports\";r=0;"), "{:?}", forged.headers);
    assert!((1..=1200).contains(&forged.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(queue(&server, "").await[0]["count"], 2);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_and_all_together() {
    let server = setup()
        .with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]")
        .with("POSTBAG_LIMITS__REPORTS", 2)
        .with("POSTBAG_LIMITS__REPORTS_TOGETHER", 4)
        .with("POSTBAG_LIMITS__TARGETS", 2)
        .start()
        .await;
    let path = alder(&server).await;
    let post = |client: &'static str| {
        server.post(&path).header("x-forwarded-for", client).json(&json!({ "reason": "bounced" }))
    };
    for (client, status) in [("2001:db8::1", 202), ("2001:db8::2", 202), ("2001:db8::3", 429), ("192.0.2.1", 202)] {
        assert_eq!(post(client).await.status, status, "{client}");
    }
    post("192.0.2.2").await.expect(202);
    assert_eq!(
        post("192.0.2.3").await.problem(429, "quota-exceeded")["violated-policies"],
        json!(["reports-together"])
    );

    CampaignPlan::fair_care().publish(&server).await;
    let look_up = |client: &'static str| {
        let call = server.post("/v1/campaigns/fair-care/targets").header("x-forwarded-for", client);
        call.json(&json!({ "postcode": ALDER.postcode(0) }))
    };
    for status in [200, 200, 429] {
        assert_eq!(look_up("192.0.2.9").await.status, status);
    }
    let spared = server.post("/v1/campaigns/fair-care/targets").json(&json!({ "postcode": ALDER.postcode(0) }));
    assert_eq!(spared.await.expect(200).find("ratelimit"), None, "a caller on a private network is not counted");
}

#[tokio::test]
async fn only_the_operator_reads_and_judges_reports() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let path = alder(&server).await;
    server.post(&path).json(&json!({ "reason": "bounced" })).await.expect(202);
    let id = queue(&server, "status=open").await[0]["id"].as_str().unwrap().to_owned();
    let one = format!("/v1/admin/reports/{id}");

    let charity = server.token("directory:read directory:write", "harbour-cancer-trust").await;
    let judgement = json!({ "status": "resolved", "note": "The address is new." });
    server.get("/v1/admin/reports").token(&charity).await.problem(403, "operator-only");
    server.get(&one).token(&charity).await.problem(403, "operator-only");
    server.put(&one).token(&charity).header("if-match", "*").json(&judgement).await.problem(403, "operator-only");
    server.get("/v1/admin/reports").await.problem(401, "token-missing");

    let token = server.operator().await;
    let read = server.get(&one).token(&token).await.expect(200);
    server.put(&one).token(&token).json(&judgement).await.problem(428, "precondition-required");
    server.post(&path).json(&json!({ "reason": "bounced" })).await.expect(202);
    let tag = read.header("etag").to_owned();
    server.put(&one).token(&token).header("if-match", &tag).json(&judgement).await.problem(412, "precondition-failed");
    let tag = server.get(&one).token(&token).await.expect(200).header("etag").to_owned();
    let judged = server.put(&one).token(&token).header("if-match", &tag).json(&judgement).await.expect(200).json();
    assert_eq!(
        (&judged["status"], &judged["note"], &judged["count"]),
        (&json!("resolved"), &judgement["note"], &json!(2))
    );
    assert_eq!(queue(&server, "status=open").await.len(), 0);

    server.post(&path).json(&json!({ "reason": "bounced" })).await.expect(202);
    let open = queue(&server, "status=open").await;
    assert!(open.len() == 1 && open[0]["id"] != json!(id), "what is reported after that is new");
    let whom = open[0]["representative_id"].as_str().unwrap();
    assert_eq!(queue(&server, &format!("representative={whom}")).await.len(), 2);
    let reopen = json!({ "status": "open" });
    server.put(&one).token(&token).header("if-match", "*").json(&reopen).await.problem(409, "conflict");
    server.get("/v1/admin/reports/00000000-0000-7000-8000-000000000000").token(&token).await.problem(404, "not-found");
    server.get("/v1/admin/reports?status=lost").token(&token).await.problem(400, "query-invalid");
}
