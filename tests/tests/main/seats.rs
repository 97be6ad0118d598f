//! Seats that fall empty and are filled again, with the clock moved through it: nothing is ever sent to anybody who is not in
//! office (B19).

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::{ALDER, Country, DOGWOOD, HELYG};
use postbag_tests::server::{Home, Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// How long a server may take to notice what happened.
const SOON: Duration = Duration::from_secs(30);

/// A server that takes submissions and sends nothing, so that messages wait.
async fn without_workers(home: &Home) -> Server {
    home.serve_with(&[("POSTBAG_ROLE", "api")]).await
}

/// Brings a members' file into the directory: the country's, with rows in the place of those that hold a word.
async fn import_members(home: &Home, without: &[&str], rows: &[&str]) -> String {
    let mut file: Vec<&str> = Country::representatives().lines().collect();
    file.retain(|line| !without.iter().any(|word| line.contains(word)));
    file.extend(rows);
    let path = home.folder().join("members.csv");
    std::fs::write(&path, file.join("\n")).unwrap();
    home.cli(&["import", "representatives", &path.display().to_string(), "--force"]).await.succeeds().text()
}

async fn submit(server: &Server, campaign: &Published, postcode: &str, n: usize) -> Value {
    server.post(&campaign.actions()).key(&key()).json(&submission(postcode, &person(n))).await.expect(201).json()
}

/// The messages of a receipt, once all are in a state; those that were accepted are assumed delivered two days later.
async fn settled(server: &Server, receipt: &Value, state: &str) -> Value {
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    let token = receipt["receipt_token"].as_str().unwrap();
    let view = || async { server.get(&path).token(token).await.expect(200).json()["deliveries"].clone() };
    eventually(&format!("a message that is {state}"), SOON, || async {
        let is_there =
            |line: &Value| line["state"] == state || (state == "accepted" && line["state"] == "assumed_delivered");
        view().await.as_array().unwrap().iter().all(is_there)
    })
    .await;
    view().await
}

/// Waits until a held message has been looked at for the last time.
async fn at_rest(server: &Server, receipt: &Value) {
    let path = format!("/v1/admin/deliveries?action={}", receipt["id"].as_str().unwrap());
    eventually("a held message at rest", SOON, || async {
        let token = server.operator().await;
        server.get(&path).token(&token).await.expect(200).json()["items"][0]["available_at"].is_null()
    })
    .await;
}

async fn exact(server: &Server) {
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn after_a_by_election_a_waiting_message_goes_to_the_winner() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-02-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let receipt = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    server.stop().await;

    // Una Ashby leaves, and nothing is sent to her any more.
    let left =
        "made-up:1,E14997001,mp,Una Ashby,Lantern Party,una.ashby@members.example.org,2024-07-05,2027-02-03,invented";
    home.move_clock_to("2027-02-03");
    let report = import_members(&home, &["Una Ashby"], &[left]).await;
    assert!(report.contains("1 messages that wait for people who leave are held"), "{report}");
    let server = home.serve().await;
    let held = settled(&server, &receipt, "held").await;
    assert_eq!((&held[0]["name"], &held[0]["held_for"]), (&json!("Una Ashby"), &json!("vacancy")));
    let refused = server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(1), &person(2))).await;
    refused.problem(422, "no-reachable-representative");
    assert_eq!(home.count_letters(), 0);

    at_rest(&server, &receipt).await;
    // Ivy Newcombe wins the by-election.
    let won = "made-up:90,E14997001,mp,Ivy Newcombe,Meadow Party,ivy.newcombe@members.example.org,2027-03-18,,invented";
    home.move_clock_to("2027-03-10");
    let report = import_members(&home, &["Una Ashby"], &[won]).await;
    assert!(report.contains("1 messages held for seats that are filled again go to the successors"), "{report}");
    assert_eq!(settled(&server, &receipt, "held").await[0]["name"], "Una Ashby", "the winner begins on the 18th");
    home.move_clock_to("2027-03-18");
    let sent = settled(&server, &receipt, "accepted").await;
    assert_eq!(sent[0]["name"], "Ivy Newcombe");
    let letter = home.letters(1).await.remove(0);
    assert_eq!(letter.recipient(), "ivy.newcombe@members.example.org");
    assert!(letter.body.contains("Dear Ivy Newcombe") && !letter.body.contains("Una"), "{}", letter.body);
    let counts = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
    assert_eq!((counts["items"].as_array().unwrap().len(), &counts["items"][0]["name"]), (1, &json!("Ivy Newcombe")));
    exact(&server).await;
}

#[tokio::test]
async fn a_campaign_may_cancel_what_was_written_to_somebody_who_left_and_says_so() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-02-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().with("when_seat_filled", "cancel").publish(&server).await;
    let receipt = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    server.stop().await;
    home.move_clock_to("2027-03-20");
    let won = "made-up:90,E14997001,mp,Ivy Newcombe,Meadow Party,ivy.newcombe@members.example.org,2027-03-18,,invented";
    import_members(&home, &["Una Ashby"], &[won]).await;
    let server = home.serve().await;
    let cancelled = settled(&server, &receipt, "cancelled").await;
    assert_eq!((&cancelled[0]["name"], &cancelled[0]["held_for"]), (&json!("Una Ashby"), &json!("vacancy")));
    let path = format!("/v1/admin/deliveries?action={}", receipt["id"].as_str().unwrap());
    let listed = server.get(&path).token(&server.operator().await).await.expect(200).json();
    assert!(listed["items"][0]["reply"].as_str().unwrap().contains("successors"), "{listed}");
    assert_eq!(home.count_letters(), 0);
    // A letter written now goes to the new member.
    submit(&server, &campaign, &ALDER.postcode(1), 2).await;
    assert_eq!(home.letters(1).await[0].recipient(), "ivy.newcombe@members.example.org");
    exact(&server).await;
}

async fn phase(server: &Server, campaign: &Published) -> Value {
    let page = server.get(&campaign.path("")).await.expect(200).json();
    page["notices"].as_array().unwrap().iter().map(|notice| notice["phase"].clone()).collect()
}

#[tokio::test]
async fn a_dissolution_and_a_general_election_pass_without_a_letter_to_a_former_member() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-03-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let path = "/v1/admin/dissolutions/house_of_commons/2027-03-30";
    let announced =
        server.put(path).token(&server.operator().await).json(&json!({ "election_on": "2027-05-06" })).await;
    assert_eq!(announced.expect(201).json()["phase"], "announced");
    assert_eq!(phase(&server, &campaign).await, json!(["announced"]));
    home.move_clock_to("2027-03-29");
    let returning = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    let beaten = submit(&server, &campaign, &DOGWOOD.postcode(0), 2).await;
    server.stop().await;

    home.move_clock_to("2027-03-30");
    let server = home.serve().await;
    for receipt in [&returning, &beaten] {
        assert_eq!(settled(&server, receipt, "held").await[0]["held_for"], "vacancy");
    }
    assert_eq!(phase(&server, &campaign).await, json!(["dissolved"]));
    let targets = server
        .post(&campaign.path("/targets"))
        .json(&json!({ "postcode": ALDER.postcode(0) }))
        .await
        .expect(200)
        .json();
    assert_eq!(targets["targets"][0]["reachable"], "vacant", "{targets}");
    assert_eq!(targets["notices"][0]["election_on"], "2027-05-06", "{targets}");
    let refused = server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(1), &person(3))).await;
    refused.problem(422, "no-reachable-representative");
    // The tables that parliaments publish go on listing the old members: nobody is put back into office by one.
    let report = import_members(&home, &[], &[]).await;
    assert!(report.contains("the House of Commons is dissolved"), "{report}");
    assert_eq!(settled(&server, &returning, "held").await[0]["held_for"], "vacancy");

    home.move_clock_to("2027-05-08");
    eventually("the election to be over", SOON, || async { phase(&server, &campaign).await == json!(["elected"]) })
        .await;
    let won = "made-up:91,E14997004,mp,Ola Winter,Harbour Party,ola.winter@members.example.org,,,invented";
    import_members(&home, &["Ivo Larkspur"], &[won]).await;
    assert_eq!(settled(&server, &returning, "accepted").await[0]["name"], "Una Ashby");
    assert_eq!(settled(&server, &beaten, "accepted").await[0]["name"], "Ola Winter");
    let mut recipients: Vec<_> = home.letters(2).await.iter().map(|letter| letter.recipient().to_owned()).collect();
    recipients.sort();
    assert_eq!(recipients, ["ola.winter@members.example.org", "una.ashby@members.example.org"]);
    eventually("a page without notices", SOON, || async { phase(&server, &campaign).await == json!([]) }).await;
    exact(&server).await;
}

#[tokio::test]
async fn a_dissolution_that_is_taken_back_leaves_everybody_in_office() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-03-29");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let receipt = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    let (token, path) = (server.operator().await, "/v1/admin/dissolutions/house_of_commons/2027-03-30");
    let put = server.put(path).token(&token).json(&json!({})).await.expect(201);
    server
        .put(path)
        .token(&token)
        .json(&json!({ "election_on": "2027-05-06" }))
        .await
        .problem(428, "precondition-required");
    let changed = server.put(path).token(&token).header("if-match", put.header("etag"));
    let changed = changed.json(&json!({ "election_on": "2027-05-06" })).await.expect(200);
    for (path, body) in [
        ("/v1/admin/dissolutions/house_of_lords/2027-03-30", json!({})),
        (path, json!({ "election_on": "2027-03-30" })),
        ("/v1/admin/dissolutions/senedd/2027-03-30", json!({ "election_on": "9999-01-01" })),
    ] {
        server.put(path).token(&token).json(&body).await.problem(422, "validation-failed");
    }
    for nowhere in ["/v1/admin/dissolutions/duma/2027-03-30", "/v1/admin/dissolutions/senedd/soon"] {
        server.put(nowhere).token(&token).json(&json!({})).await.problem(404, "not-found");
    }
    let own = server.token("directory:write", "harbour-trust").await;
    server.put(path).token(&own).json(&json!({})).await.problem(403, "operator-only");
    server.stop().await;

    home.move_clock_to("2027-03-31");
    let server = home.serve().await;
    settled(&server, &receipt, "held").await;
    let token = server.operator().await;
    let listed = server.get("/v1/admin/dissolutions").token(&token).await.expect(200).json();
    assert_eq!(listed["items"][0]["phase"], "dissolved");
    server
        .call("DELETE", path)
        .token(&token)
        .header("if-match", put.header("etag"))
        .await
        .problem(412, "precondition-failed");
    server.call("DELETE", path).token(&token).header("if-match", changed.header("etag")).await.expect(204);
    assert_eq!(settled(&server, &receipt, "accepted").await[0]["name"], "Una Ashby");
    home.letters(1).await;
}

#[tokio::test]
async fn the_next_on_the_list_takes_over_from_one_of_six() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-02-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let receipt = submit(&server, &campaign, &HELYG.postcode(0), 1).await;
    server.stop().await;
    home.move_clock_to("2027-02-10");
    import_members(&home, &["Eleri Vychan"], &[]).await;
    let server = home.serve().await;
    let others = home.letters(6).await;
    assert!(others.iter().all(|letter| letter.recipient() != "eleri.vychan@members.example.org"));
    let next = "made-up:92,W09997001,ms,Gwen Next,Meadow Party,gwen.next@members.example.org,2027-02-15,,invented";
    home.move_clock_to("2027-02-15");
    import_members(&home, &["Eleri Vychan"], &[next]).await;
    settled(&server, &receipt, "accepted").await;
    let letters = home.letters(7).await;
    assert!(letters.iter().any(|letter| letter.recipient() == "gwen.next@members.example.org"));
    exact(&server).await;
}

#[tokio::test]
async fn a_representative_who_turns_out_to_refuse_is_not_written_to_until_that_changes() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-02-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let receipt = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    let id = receipt["deliveries"][0]["representative_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/admin/representatives/{id}");
    set_route(&server, &path, "refuses").await;
    server.stop().await;
    let server = home.serve().await;
    assert_eq!(settled(&server, &receipt, "held").await[0]["held_for"], "refusal");
    set_route(&server, &path, "email").await;
    settled(&server, &receipt, "accepted").await;
    home.letters(1).await;
}

async fn set_route(server: &Server, path: &str, route: &str) {
    let token = server.operator().await;
    let current = server.get(path).token(&token).await.expect(200);
    let mut document = current.json();
    document.as_object_mut().unwrap().remove("id");
    document["route"] = json!(route);
    server.put(path).token(&token).header("if-match", current.header("etag")).json(&document).await.expect(200);
}

async fn import_file(home: &Home, what: &str, name: &str, content: &str, options: &[&str]) -> String {
    let path = home.folder().join(name);
    std::fs::write(&path, content).unwrap();
    let path = path.display().to_string();
    let args: Vec<_> = ["import", what, &path].into_iter().chain(options.iter().copied()).collect();
    home.cli(&args).await.succeeds().text()
}

#[tokio::test]
async fn a_postcode_that_moves_to_another_seat_takes_its_waiting_message_along() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-02-01");
    let mut server = without_workers(&home).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let receipt = submit(&server, &campaign, &ALDER.postcode(0), 1).await;
    assert_eq!(receipt["deliveries"][0]["name"], ALDER.mp);
    server.stop().await;
    let moved = format!("pcds,pcon24cd\n{},E14997004\n", ALDER.postcode(0));
    import_file(&home, "postcodes", "moved.csv", &moved, &["--layer", "moved", "--as-of", "2027-02-02"]).await;
    let server = home.serve().await;
    assert_eq!(settled(&server, &receipt, "accepted").await[0]["name"], DOGWOOD.mp);
    let letter = home.letters(1).await.remove(0);
    assert_eq!(letter.recipient(), "ivo.larkspur@members.example.org");
    assert!(letter.body.contains(DOGWOOD.name) && !letter.body.contains(ALDER.name), "{}", letter.body);
    exact(&server).await;
}

#[tokio::test]
async fn a_campaign_that_spans_a_change_of_boundaries_goes_on_with_the_new_seats() {
    let home = setup().prepare().await;
    home.move_clock_to("2027-04-01");
    let areas = "code,name,kind,generation,seats,start_date,end_date\n\
        W09997001,Dyffryn Helyg,senedd_constituency,2026,6,,2027-05-05\n\
        W09997051,Helyg a'r Cylch,senedd_constituency,2027,6,2027-05-06,\n";
    import_file(&home, "areas", "new-areas.csv", areas, &[]).await;
    let postcodes = format!("pcds,sen27cd\n{},W09997051\n{},W09997051\n", HELYG.postcode(0), HELYG.postcode(1));
    import_file(&home, "postcodes", "new-seats.csv", &postcodes, &["--layer", "senedd-2027", "--as-of", "2027-03-01"])
        .await;
    let mut server = without_workers(&home).await;
    let campaign =
        CampaignPlan::clean_air().with("offices", vec!["ms"]).with("nations", vec!["wales"]).publish(&server).await;
    let before = submit(&server, &campaign, &HELYG.postcode(0), 1).await;
    assert_eq!(before["deliveries"].as_array().unwrap().len(), 6, "by the old boundaries: {before}");
    let path = "/v1/admin/dissolutions/senedd/2027-04-08";
    server.put(path).token(&server.operator().await).json(&json!({ "election_on": "2027-05-06" })).await.expect(201);
    server.stop().await;

    home.move_clock_to("2027-05-08");
    let elected = ["Heledd", "Iolo", "Jac", "Lowri", "Mali", "Nest"].map(|name| {
        let email = name.to_lowercase();
        format!("elected:{name},W09997051,ms,{name} Newydd,Meadow Party,{email}@members.example.org,,,invented")
    });
    let rows: Vec<_> = elected.iter().map(String::as_str).collect();
    import_members(&home, &[",ms,"], &rows).await;
    let server = home.serve().await;
    let after = submit(&server, &campaign, &HELYG.postcode(1), 2).await;
    for receipt in [&before, &after] {
        let sent = settled(&server, receipt, "accepted").await;
        let mut names: Vec<_> = sent.as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        let expected = ["Heledd", "Iolo", "Jac", "Lowri", "Mali", "Nest"].map(|name| format!("{name} Newydd"));
        assert_eq!(names, expected, "each of the six of the new seat once");
    }
    let letters = home.letters(12).await;
    assert!(letters.iter().all(|letter| letter.body.contains("Helyg a'r Cylch")), "no letter names the old seat");
    exact(&server).await;
}
