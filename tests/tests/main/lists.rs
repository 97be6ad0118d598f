//! Lists, a page at a time (A6).

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, HELYG};
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, person, submission};
use serde_json::Value;

use crate::setup;

/// Every item, by the pages of a list.
async fn walk(server: &Server, token: &str, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), None);
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let at = cursor.map_or_else(|| path.to_owned(), |cursor: String| format!("{path}{joint}cursor={cursor}"));
        let answer = server.get(&at).token(token).await.expect(200);
        let page = answer.json();
        items.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            None => return items,
            Some(next) => {
                assert!(answer.header("link").contains(next), "{}", answer.header("link"));
                cursor = Some(next.to_owned());
            }
        }
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_walk_through_pages_meets_everything_once_though_the_list_grows() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let submit = async |n: usize| {
        let body = submission(&HELYG.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json()["id"].clone()
    };
    let mut there = Vec::new();
    for n in 0..7 {
        there.push(submit(n).await);
    }
    let token = server.operator().await;
    for (path, count) in
        [("/v1/admin/actions?limit=3", 7), ("/v1/admin/deliveries?limit=10", 49), ("/v1/admin/actions?limit=7", 7)]
    {
        let items = walk(&server, &token, path).await;
        let mut seen = ids(&items);
        assert_eq!(seen.len(), count, "{path}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "{path}");
    }
    // A submission between two pages.
    let first = server.get("/v1/admin/actions?limit=3").token(&token).await.expect(200).json();
    submit(7).await;
    let next = format!("/v1/admin/actions?limit=100&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = server.get(&next).token(&token).await.expect(200).json();
    let both = [first["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    for id in &there {
        assert_eq!(ids(&both).iter().filter(|seen| *seen == id).count(), 1, "{id}");
    }
}

#[tokio::test]
async fn lists_can_be_filtered() {
    let server = setup().start().await;
    let fair = CampaignPlan::fair_care().publish(&server).await;
    let clean = CampaignPlan::clean_air().publish(&server).await;
    for (n, campaign) in [&fair, &clean, &clean].into_iter().enumerate() {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    server.letters(3).await;
    let token = server.operator().await;
    for (path, count) in [
        ("/v1/admin/actions?campaign=clean-air", 2),
        ("/v1/admin/actions?campaign=fair-care", 1),
        ("/v1/admin/actions?status=confirmed", 3),
        ("/v1/admin/actions?status=withdrawn", 0),
        ("/v1/admin/actions?created_from=2099-01-01T00:00:00Z", 0),
        ("/v1/admin/deliveries?campaign=clean-air", 2),
        ("/v1/admin/deliveries?state=permanent_failure", 0),
        ("/v1/admin/campaigns?status=live", 2),
        ("/v1/admin/campaigns?status=draft", 0),
        ("/v1/admin/representatives?office=mla&limit=100", 5),
    ] {
        assert_eq!(walk(&server, &token, path).await.len(), count, "{path}");
    }
    for (path, count) in [
        ("/v1/campaigns", 2),
        ("/v1/campaigns?nation=wales", 1),
        ("/v1/campaigns?nation=england", 2),
        ("/v1/campaigns?hashtag=FairCare", 1),
        ("/v1/campaigns?hashtag=faircare", 1),
        ("/v1/campaigns?topic=waiting-times", 1),
        ("/v1/campaigns?topic=none-such", 0),
        ("/v1/campaigns?limit=1", 2),
    ] {
        assert_eq!(walk(&server, "none", path).await.len(), count, "{path}");
    }
    let newest = server.get("/v1/campaigns?limit=1").await.expect(200).json();
    assert_eq!(newest["items"][0]["slug"], "clean-air", "newest first");
}

#[tokio::test]
async fn a_wrong_query_is_refused_by_its_parameter() {
    let server = setup().start().await;
    let token = server.operator().await;
    for (path, parameter) in [
        ("/v1/campaigns?limit=0", "limit"),
        ("/v1/campaigns?limit=101", "limit"),
        ("/v1/campaigns?limit=x", "limit"),
        ("/v1/campaigns?nation=atlantis", "nation"),
        ("/v1/campaigns?colour=red", "colour"),
        ("/v1/campaigns?limit=1&limit=2", "limit"),
        ("/v1/admin/actions?status=happy", "status"),
        ("/v1/admin/deliveries?state=lost", "state"),
        ("/v1/admin/representatives?office=king", "office"),
    ] {
        let problem = server.get(path).token(&token).await.problem(400, "query-invalid");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{path}");
    }
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_is_refused() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..3 {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let token = server.operator().await;
    let path = "/v1/admin/actions?limit=1";
    let page = server.get(path).token(&token).await.expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    server.get(&format!("{path}&cursor={cursor}")).token(&token).await.expect(200);
    let mut refused = 0;
    for at in 0..cursor.len() {
        let mut bytes = cursor.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let answer = server.get(&format!("{path}&cursor={changed}")).token(&token).await;
        answer.problem(400, "cursor-invalid");
        refused += 1;
    }
    assert_eq!(refused, cursor.len());
    for wrong in ["", "x", &cursor[..cursor.len() - 1], &format!("{cursor}A")] {
        server.get(&format!("{path}&cursor={wrong}")).token(&token).await.problem(400, "cursor-invalid");
    }
    let elsewhere = [
        format!("/v1/admin/deliveries?limit=1&cursor={cursor}"),
        format!("/v1/admin/actions?status=confirmed&limit=1&cursor={cursor}"),
        format!("/v1/campaigns?cursor={cursor}"),
    ];
    for path in elsewhere {
        server.get(&path).token(&token).await.problem(400, "cursor-invalid");
    }
}
