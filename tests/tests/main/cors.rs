//! Which web pages may call (A19).

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::ALDER;
use postbag_tests::supporter::{key, person, submission};

use crate::setup;

const OURS: &str = "https://www.harbour.example";

const STRANGERS: [&str; 12] = [
    "null",
    "http://www.harbour.example",
    "https://harbour.example",
    "https://www.harbour.example:8443",
    "https://www.harbour.example.evil.example",
    "https://evil-www.harbour.example",
    "https://wwwXharbour.example",
    "https://WWW.harbour.example",
    "HTTPS://www.harbour.example",
    "https://www.harbour.example/",
    "https://clearwater.example",
    "file://",
];

#[tokio::test]
async fn a_campaigns_own_page_may_submit_and_read_the_answer() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let preflight = server
        .call("OPTIONS", &campaign.actions())
        .origin(OURS)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,idempotency-key")
        .await;
    assert!(matches!(preflight.status, 200 | 204), "{}", preflight.status);
    assert_eq!(preflight.header("access-control-allow-origin"), OURS);
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    let allowed = preflight.header("access-control-allow-headers").to_lowercase();
    assert!(allowed.contains("idempotency-key") && allowed.contains("content-type"), "{allowed}");
    assert_eq!(preflight.find("access-control-allow-credentials"), None);

    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let answer = server.post(&campaign.actions()).origin(OURS).key(&key()).json(&body).await.expect(201);
    assert_eq!(answer.header("access-control-allow-origin"), OURS);
    assert!(answer.header("vary").to_lowercase().contains("origin"), "{}", answer.header("vary"));
    let exposed = answer.header("access-control-expose-headers").to_lowercase();
    for header in ["location", "etag", "link", "retry-after", "ratelimit"] {
        assert!(exposed.contains(header), "{header} in {exposed}");
    }
    let refused = server.post(&campaign.actions()).origin(OURS).json(&body).await.expect(400);
    assert_eq!(refused.header("access-control-allow-origin"), OURS, "a page can read what is wrong");
}

#[tokio::test]
async fn no_other_page_may_submit_and_every_page_may_read() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    CampaignPlan::clean_air().publish(&server).await;
    for (number, stranger) in STRANGERS.into_iter().enumerate() {
        let preflight = server
            .call("OPTIONS", &campaign.actions())
            .origin(stranger)
            .header("access-control-request-method", "POST")
            .await;
        assert_eq!(preflight.header("access-control-allow-origin"), stranger, "it may ask, to read why it is refused");
        let body = submission(&ALDER.postcode(number), &person(number));
        let answer = server.post(&campaign.actions()).origin(stranger).key(&key()).json(&body).await;
        answer.problem(403, "origin-not-allowed");
        assert_eq!(answer.header("access-control-allow-origin"), stranger, "a refusal can be read");
        assert_eq!(answer.find("access-control-allow-credentials"), None);
        for path in [campaign.path(""), campaign.path("/tally"), "/v1/representatives".to_owned()] {
            let read = server.get(&path).origin(stranger).await.expect(200);
            assert_eq!(read.header("access-control-allow-origin"), stranger, "what carries nothing personal is open");
        }
        let nowhere = server.get("/v1/campaigns/none/form").origin(stranger).await.expect(404);
        assert_eq!(nowhere.header("access-control-allow-origin"), stranger);
    }
    server.letters(0).await;
}

#[tokio::test]
async fn a_change_of_origins_counts_at_once() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let campaign = plan.publish(&server).await;
    let token = server.operator().await;
    let path = format!("/v1/admin/campaigns/{}", plan.slug);
    let current = server.get(&path).token(&token).await.expect(200);
    let moved = plan.with("origins", vec!["https://new.harbour.example"]);
    let change = server.put(&path).token(&token).header("if-match", current.header("etag")).json(&moved.document);
    change.await.expect(200);
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let old = server.post(&campaign.actions()).origin(OURS).key(&key()).json(&body).await;
    old.problem(403, "origin-not-allowed");
    let new = server.post(&campaign.actions()).origin("https://new.harbour.example").key(&key()).json(&body).await;
    new.expect(201);
}

#[tokio::test]
async fn administration_is_not_for_pages() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    let read = server.get("/v1/admin/actions").origin(OURS).token(&token).await;
    assert_eq!(read.find("access-control-allow-origin"), None);
}
