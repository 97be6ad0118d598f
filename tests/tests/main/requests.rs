//! Requests about people's data and complaints, with their clocks (B9, B10).

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const ADA: &str = "ada@kanarien.example";
const WORDS: &str = "You rang me in the Kanarienhaus, though I had asked you not to.";

async fn server_with_ada() -> Server {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(0), ADA)).await.expect(201);
    server.letters(1).await;
    server
}

async fn list(server: &Server, query: &str) -> Vec<Value> {
    let token = server.token("supporters:read", "harbour-trust").await;
    let page = server.get(&format!("/v1/admin/requests{query}")).token(&token).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

async fn step(server: &Server, request: &Value, body: &Value) -> Value {
    let token = server.token("supporters:write", "harbour-trust").await;
    let path = format!("/v1/admin/requests/{}/steps", request["id"].as_str().unwrap());
    server.post(&path).token(&token).json(body).await.expect(200).json()
}

async fn health(server: &Server) -> Value {
    server.get("/v1/admin/health").token(&server.operator().await).await.expect(200).json()["requests"].clone()
}

#[tokio::test]
async fn a_complaint_is_taken_from_anybody_and_one_that_is_late_is_seen() {
    let server = server_with_ada().await;
    server.move_clock_to("2040-01-02");
    let complain = |email: &str| {
        let body = json!({ "organisation": "harbour-trust", "email": email, "words": WORDS });
        server.post("/v1/complaints").json(&body)
    };
    let known = complain(ADA).await.expect(201).json();
    let unknown = complain("nobody@kanarien.example").await.expect(201).json();
    let names = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    let open = "?kind=complaint&status=open";
    let attributed = || async { list(&server, open).await.iter().any(|one| one["supporter_id"].is_string()) };
    eventually("the known person to be found", std::time::Duration::from_secs(20), attributed).await;
    let listed = list(&server, open).await;
    let [later, first] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&first["words"], &first["contact"], &first["means"]), (&json!(WORDS), &json!(ADA), &json!("form")));
    assert!(first["supporter_id"].is_string() && later["supporter_id"].is_null());
    assert_eq!(first["due_at"], known["due_at"]);

    server.move_clock_to("2040-01-31");
    assert_eq!(health(&server).await, json!({ "open": 2, "overdue": 0 }));
    server.move_clock_to("2040-02-02");
    assert_eq!(health(&server).await, json!({ "open": 2, "overdue": 2 }));
    let acknowledged = step(&server, first, &json!({ "command": "acknowledge", "note": "Wrote to her." })).await;
    assert_eq!((&acknowledged["due_at"], &acknowledged["overdue"]), (&json!(null), &json!(false)));
    assert_eq!(health(&server).await, json!({ "open": 2, "overdue": 1 }));
    step(&server, first, &json!({ "command": "finish" })).await;
    assert_eq!(list(&server, "?status=open").await.len(), 1);
}

#[tokio::test]
async fn a_request_by_letter_has_its_month_and_its_lawful_pause() {
    let server = server_with_ada().await;
    server.move_clock_to("2040-01-20");
    let token = server.token("supporters:write", "harbour-trust").await;
    let body = json!({ "kind": "access", "means": "post", "email": ADA, "received_at": "2040-01-10T09:00:00Z",
                       "note": "Ms Kanarienvogel wrote." });
    let request = server.post("/v1/admin/requests").token(&token).json(&body).await.expect(201).json();
    assert_eq!((&request["due_at"], &request["overdue"]), (&json!("2040-02-11T00:00:00Z"), &json!(false)));
    let paused = step(&server, &request, &json!({ "command": "pause", "reason": "identity" })).await;
    assert_eq!((&paused["status"], &paused["pause_reason"]), (&json!("paused"), &json!("identity")));
    server.move_clock_to("2040-01-25");
    let resumed = step(&server, &request, &json!({ "command": "resume" })).await;
    let due: chrono::DateTime<chrono::Utc> = resumed["due_at"].as_str().unwrap().parse().unwrap();
    let moved = due - "2040-02-11T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    // The clock is moved to noon by the second.
    assert!((moved.num_minutes() - 5 * 24 * 60).abs() <= 1, "{due}");
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions[..3], [json!("step_request"), json!("step_request"), json!("record_request")]);
}

#[tokio::test]
async fn what_does_not_fit_a_request_is_refused_with_its_field() {
    let server = server_with_ada().await;
    let token = server.token("supporters:write", "harbour-trust").await;
    let wrong = json!({ "kind": "wish", "means": "link", "email": "nobody", "received_at": "2150-01-01T00:00:00Z" });
    let refused = server.post("/v1/admin/requests").token(&token).json(&wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/email", "/kind", "/means", "/received_at"]);
    let body = json!({ "kind": "complaint", "means": "email", "email": ADA });
    let complaint = server.post("/v1/admin/requests").token(&token).json(&body).await.expect(201).json();
    let path = format!("/v1/admin/requests/{}/steps", complaint["id"].as_str().unwrap());
    for (body, pointer) in [
        (json!({ "command": "pause" }), "/reason"),
        (json!({ "command": "finish", "reason": "identity" }), "/reason"),
        (json!({ "command": "pause", "reason": "identity" }), "/command"),
        (json!({ "command": "resume" }), "/command"),
        (json!({ "command": "burn" }), "/command"),
    ] {
        let refused = server.post(&path).token(&token).json(&body).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    CampaignPlan::clean_air().publish(&server).await;
    let other = server.token("supporters:write supporters:read", "clearwater").await;
    server.post(&path).token(&other).json(&json!({ "command": "finish" })).await.problem(404, "not-found");
    let read = format!("/v1/admin/requests/{}", complaint["id"].as_str().unwrap());
    server.get(&read).token(&other).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_erasure_meets_the_request_for_it_and_empties_it() {
    let server = server_with_ada().await;
    let body = json!({ "organisation": "harbour-trust", "email": ADA });
    server.post("/v1/preferences/links").json(&body).await.expect(202);
    let mail = server.mails(1).await.remove(0);
    let wish = json!({ "kind": "erasure", "words": WORDS });
    server.post("/v1/preferences/requests").token(mail.token()).json(&wish).await.expect(201);
    let request = list(&server, "?kind=erasure").await.remove(0);
    assert_eq!((&request["status"], &request["means"]), (&json!("open"), &json!("link")));
    let token = server.token("supporters:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{}/erasure", request["supporter_id"].as_str().unwrap());
    server.post(&path).token(&token).json(&json!({})).await.expect(200);
    let met = list(&server, "?kind=erasure").await.remove(0);
    assert_eq!((&met["status"], &met["words"], &met["contact"]), (&json!("done"), &json!(null), &json!(null)));
}
