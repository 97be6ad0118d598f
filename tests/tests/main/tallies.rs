//! Exact counts.

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::{ALDER, DOGWOOD, FEARN, HELYG};
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};
use std::time::Duration;

use crate::setup;

#[tokio::test]
async fn a_tally_equals_what_was_done() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let empty = server.get(&campaign.path("/tally")).await.expect(200).json();
    assert_eq!((&empty["campaign"], &empty["actions"], &empty["goal"]), (&json!("clean-air"), &json!(0), &Value::Null));
    assert_eq!(empty["representatives"]["contacted"], 0);

    let mut letters = 0;
    for n in 0..9 {
        let seat = [ALDER, FEARN, HELYG][n % 3];
        letters += [1, 4, 7][n % 3];
        let mut body = submission(&seat.postcode(n), &person(n));
        body["source"] = if n % 2 == 0 { json!({ "source": "newsletter" }) } else { Value::Null };
        if body["source"].is_null() {
            body.as_object_mut().unwrap().remove("source");
        }
        let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
        assert_eq!(receipt["tally"]["actions"], n + 1, "the answer counts itself");
        let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
        assert_eq!(tally["actions"], n + 1, "what was answered can be read");
    }
    server.letters(letters).await;
    let tally = campaign.settled_tally(&server).await;
    assert_eq!((&tally["supporters"], &tally["awaiting_confirmation"]), (&json!(9), &json!(0)));
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": letters, "failed": 0 }));
    // Six MPs and everybody else; one seat is vacant.
    assert_eq!(tally["representatives"], json!({ "contacted": 1 + 4 + 7, "of": 20 }));
    let office = |word: &str| {
        let rows = tally["by_office"].as_array().unwrap();
        rows.iter().find(|row| row["office"] == word).unwrap_or_else(|| panic!("{word} in {tally}")).clone()
    };
    assert_eq!(office("mp"), json!({ "office": "mp", "contacted": 3, "of": 6, "actions": 9 }));
    assert_eq!(office("ms"), json!({ "office": "ms", "contacted": 6, "of": 6, "actions": 3 }));
    assert_eq!(office("msp_region"), json!({ "office": "msp_region", "contacted": 2, "of": 2, "actions": 3 }));
    assert_eq!(office("mla"), json!({ "office": "mla", "contacted": 0, "of": 5, "actions": 0 }));

    let areas = server.get(&campaign.path("/tally/areas?kind=westminster_constituency")).await.expect(200).json();
    let mut counted: Vec<_> =
        items(&areas).iter().map(|area| (area["code"].as_str().unwrap(), area["actions"].as_i64().unwrap())).collect();
    counted.sort_unstable();
    assert_eq!(counted, [("E14997001", 3), ("S14997001", 3), ("W07997001", 3)]);
    let regions = server.get(&campaign.path("/tally/areas?kind=holyrood_region")).await.expect(200).json();
    let region = json!({ "kind": "holyrood_region", "code": "S17997001", "name": "Fearn and the Isles", "actions": 3 });
    assert_eq!(regions["items"], json!([region]));
    let people = server.get(&campaign.path("/tally/representatives?limit=100")).await.expect(200).json();
    assert_eq!(items(&people).len(), 12);
    assert!(items(&people).iter().all(|one| one["actions"] == 3), "{people}");
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_tally_says_which_kinds_of_area_there_are() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let wrong = server.get(&campaign.path("/tally/areas?kind=moon")).await;
    wrong.problem(400, "query-invalid");
    assert_eq!(wrong.json()["errors"][0]["parameter"], "kind");
    let none = server.get(&campaign.path("/tally/areas?kind=icb")).await.expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn counts_survive_a_restart() {
    let mut server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..5 {
        let body = submission(&[ALDER, DOGWOOD][n % 2].postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    server.letters(5).await;
    let read = async |server: &Server| {
        let mut tally = campaign.settled_tally(server).await;
        (tally["as_of"], tally["daily_as_of"]) = (Value::Null, Value::Null);
        let people = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
        (tally, people)
    };
    let before = read(&server).await;
    server.stop().await;
    server.restart().await;
    assert_eq!(read(&server).await, before);
}

#[tokio::test]
async fn a_recount_finds_no_difference_while_the_server_works() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..20 {
        let body = submission(&ALDER.postcode(n), &person(n % 7));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        if n % 5 == 0 {
            server.cli(&["recount", "--check"]).await.succeeds();
        }
    }
    server.cli(&["recount", "--check"]).await.succeeds();
}

/// What everybody can read of a campaign.
async fn public(server: &Server, campaign: &Published) -> [Value; 2] {
    let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
    let people = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
    [tally, people]
}

#[tokio::test]
async fn public_totals_do_not_show_whether_a_person_has_taken_part() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-03-17");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let submit = async |n: usize, email: &str| {
        let body = submission(&ALDER.postcode(n), email);
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        tokio::time::sleep(Duration::from_secs(3)).await;
        public(&server, &campaign).await
    };
    let steps = [
        submit(0, "ada@kanarien.example").await,
        submit(1, "ada@kanarien.example").await,
        submit(2, "eve@kanarien.example").await,
    ];
    for (n, [tally, people]) in steps.iter().enumerate() {
        assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(n + 1), &json!(0)), "{tally}");
        assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": 0, "failed": 0 }));
        assert_eq!(
            (&tally["representatives"]["contacted"], &tally["by_office"][0]["contacted"]),
            (&json!(0), &json!(0))
        );
        let person = &people["items"][0];
        assert_eq!((&person["actions"], &person["messages"]), (&json!(n + 1), &json!(0)), "{person}");
    }
    let exact = campaign.exact_tally(&server).await;
    assert_eq!((&exact["supporters"], &exact["messages"]["accepted"]), (&json!(2), &json!(2)), "{exact}");

    home.move_clock_to("2027-03-18");
    let published = || async { public(&server, &campaign).await[0]["supporters"] == 2 };
    eventually("midnight", Duration::from_secs(5), published).await;
    let [tally, people] = public(&server, &campaign).await;
    assert_eq!((&tally["messages"]["accepted"], &tally["representatives"]["contacted"]), (&json!(2), &json!(1)));
    assert_eq!((&people["items"][0]["messages"], &tally["daily_as_of"]), (&json!(2), &json!("2027-03-18T00:00:00Z")));
}

#[tokio::test]
async fn a_public_tally_does_not_move_when_a_letter_is_taken() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let before = server.get(&campaign.path("/tally")).await.expect(200);
    server.letters(1).await;
    campaign.settled_tally(&server).await;
    let after = server.get(&campaign.path("/tally")).await.expect(200);
    assert_eq!((before.header("etag"), before.json()), (after.header("etag"), after.json()));
}

#[tokio::test]
async fn contacted_counts_only_whom_a_relay_took_a_letter_for() {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let server = setup().mailing_to(nowhere).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let refused = || async { campaign.exact_tally(&server).await["messages"]["queued"] == 1 };
    eventually("the letter to wait", Duration::from_secs(5), refused).await;
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["representatives"]["contacted"]), (&json!(1), &json!(0)), "{tally}");
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_timeline_counts_by_the_clocks_of_the_united_kingdom() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let submit = async |n: usize| {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    };
    server.move_clock_to("2040-07-01");
    for n in 0..3 {
        submit(n).await;
    }
    server.move_clock_to("2040-07-02");
    submit(3).await;
    let by_day = server.get(&campaign.path("/tally/timeline")).await.expect(200);
    let point = |at: &str, actions: i64| json!({ "begins_at": at, "actions": actions });
    let days = [point("2040-07-01T00:00:00+01:00", 3), point("2040-07-02T00:00:00+01:00", 1)];
    let (from, to) = ("2040-07-01", "2040-07-02");
    assert_eq!(
        by_day.json(),
        json!({
            "campaign": "clean-air", "interval": "day", "time_zone": "Europe/London", "from": from, "to": to, "points": days
        })
    );
    let tag = by_day.header("etag").to_owned();
    server.get(&campaign.path("/tally/timeline")).header("if-none-match", &tag).await.expect(304);
    let by_hour = campaign.path("/tally/timeline?interval=hour&from=2040-07-01&to=2040-07-01");
    let hours = server.get(&by_hour).await.expect(200).json();
    assert_eq!(hours["points"].as_array().unwrap().len(), 24);
    assert_eq!(hours["points"][13], point("2040-07-01T13:00:00+01:00", 3), "noon in UTC");
    let csv = server.get(&campaign.path("/tally/timeline?from=2040-07-02&format=csv")).await.expect(200);
    assert_eq!(csv.text(), "begins_at,actions\n2040-07-02T00:00:00+01:00,1\n");
    for (query, parameter, code) in [
        ("from=2040-07-03", "from", "range_reversed"),
        ("to=2040-06-01&from=2040-06-02", "from", "range_reversed"),
        ("to=1899-01-01", "to", "day_invalid"),
        ("interval=hour&from=2040-05-01", "from", "range_too_long"),
        ("from=yesterday", "from", "day_invalid"),
        ("interval=week", "interval", "field_invalid"),
    ] {
        let problem =
            server.get(&campaign.path(&format!("/tally/timeline?{query}"))).await.problem(400, "query-invalid");
        assert_eq!(
            (&problem["errors"][0]["parameter"], &problem["errors"][0]["code"]),
            (&json!(parameter), &json!(code))
        );
    }
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn an_organisation_sees_by_which_sources_people_came() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    for (n, source) in ["newsletter", "=leaflet", "newsletter"].into_iter().enumerate() {
        let mut body = submission(&ALDER.postcode(n), &person(n));
        body["source"] = json!({ "source": source });
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let path = format!("/v1/admin/campaigns/{}/tally/sources", campaign.slug);
    let operator = server.operator().await;
    let sources = server.get(&path).token(&operator).await.expect(200).json();
    let all = json!([{ "source": "newsletter", "actions": 2 }, { "source": "=leaflet", "actions": 1 }]);
    assert_eq!(sources["items"], all);
    let csv = server.get(&format!("{path}?format=csv")).token(&operator).await.expect(200);
    assert_eq!(csv.text(), "source,actions\nnewsletter,2\n'=leaflet,1\n");
    assert_eq!(csv.header("cache-control"), "no-store");
    server.get(&path).await.problem(401, "token-missing");
}

#[tokio::test]
async fn lists_may_hold_zeros_be_sorted_and_be_taken_as_csv() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    for (n, seat) in [FEARN, ALDER, ALDER].into_iter().enumerate() {
        let body = submission(&seat.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let nations = server.get(&campaign.path("/tally/areas?kind=nation&sort=actions")).await.expect(200).json();
    let nation =
        |code: &str, name: &str, actions| json!({ "kind": "nation", "code": code, "name": name, "actions": actions });
    assert_eq!(nations["items"], json!([nation("E92000001", "England", 2), nation("S92000003", "Scotland", 1)]));
    let all = server.get(&campaign.path("/tally/areas?kind=nation&zeros=true")).await.expect(200).json();
    assert_eq!(items(&all).iter().map(|area| area["actions"].as_i64().unwrap()).collect::<Vec<_>>(), [2, 0, 1, 0]);

    let mut names = Vec::new();
    let mut path = campaign.path("/tally/representatives?zeros=true&sort=name&limit=7");
    loop {
        let page = server.get(&path).await.expect(200).json();
        names.extend(items(&page).iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{}&cursor={cursor}", campaign.path("/tally/representatives?zeros=true&sort=name&limit=7"));
    }
    assert!(names.is_sorted() && names.len() == 20, "{names:?}");

    let csv = server.get(&campaign.path("/tally/areas?kind=nation&format=csv&sort=name")).await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text(), "kind,code,name,actions\nnation,E92000001,England,2\nnation,S92000003,Scotland,1\n");
    server.get(&campaign.path("/tally/areas?kind=nation&sort=size")).await.problem(400, "query-invalid");
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}
