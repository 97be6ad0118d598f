//! From a form to the letter.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, DOGWOOD, FEARN, HELYG, LOUGH, MEMBERS, NORTHMERE, SOUTHMERE};
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

#[tokio::test]
async fn a_submission_becomes_a_letter_to_the_right_representative() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission("za11ab", "ada@kanarien.example");
    let answer = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let receipt = answer.json();
    assert_eq!(answer.header("location"), format!("/v1/actions/{}", receipt["id"].as_str().unwrap()));
    assert_eq!(receipt["status"], "confirmed");
    assert_eq!(receipt["tally"]["actions"], 1);
    assert_eq!(receipt["skipped"], json!([]));
    let deliveries = receipt["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((&deliveries[0]["name"], &deliveries[0]["office"]), (&json!(ALDER.mp), &json!("mp")));

    let letters = server.letters(1).await;
    let letter = &letters[0];
    assert_eq!(letter.from.name, "Ada Kanarienvogel");
    assert!(letter.from.address.ends_with("@letters.harbour.example.org"), "{:?}", letter.from);
    assert_eq!(letter.reply_to.address, "ada@kanarien.example");
    assert_eq!(letter.recipient(), format!("una.ashby@{MEMBERS}"));
    assert_eq!(letter.to[0].name, ALDER.mp);
    assert!(letter.message_id.ends_with("@letters.harbour.example.org"), "{}", letter.message_id);
    assert_eq!(letter.subject, "Cancer care in Alder Vale");
    let expected =
        ["Dear Una Ashby,", NORTHMERE, "Alder Vale", "eleven weeks", "1. publish how many", "17 Kanarienweg"];
    for words in expected.into_iter().chain(["ZA1 1AB", "\"Fair care\", a campaign by Harbour Trust"]) {
        assert!(letter.body.contains(words), "{words:?} in\n{}", letter.body);
    }
    assert!(letter.body.find("eleven weeks") < letter.body.find("As my Member of Parliament"), "{}", letter.body);
}

#[tokio::test]
async fn a_preview_is_the_letter_that_is_sent() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let mut body = submission(&HELYG.postcode(3), "ada@kanarien.example");
    body["personal_message"] = json!("{{ 7*7 }} {% raw %} <b>Ŵyth</b> & \"dyfyniad\"\n\n.\n.. From me\r\n\tdiwedd");
    let mut preview = body.clone();
    preview.as_object_mut().unwrap().remove("source");
    let shown = server.post(&campaign.path("/previews")).json(&preview).await.expect(200).json();
    let shown = shown["messages"].as_array().unwrap();
    assert_eq!(shown.len(), 7, "an MP and six Members of the Senedd");

    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let letters = server.letters(7).await;
    for message in shown {
        let name = message["name"].as_str().unwrap();
        let letter = letters.iter().find(|letter| letter.to[0].name == name).expect("a letter to everybody shown");
        assert_eq!(letter.subject, message["subject"].as_str().unwrap());
        assert_eq!(letter.body, message["body"].as_str().unwrap().trim_end());
        assert!(letter.body.contains("{{ 7*7 }} {% raw %} <b>Ŵyth</b>"), "as typed: {}", letter.body);
    }
}

#[tokio::test]
async fn a_preview_stores_nothing_and_sends_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut preview = submission(&ALDER.postcode(0), "ada@kanarien.example");
    preview.as_object_mut().unwrap().remove("source");
    server.post(&campaign.path("/previews")).json(&preview).await.expect(200);
    let actions = server.get("/v1/admin/actions").token(&server.operator().await).await.expect(200).json();
    assert_eq!(actions["items"], json!([]));
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(0), &json!(0)));
    server.letters(0).await;
}

#[tokio::test]
async fn every_legislature_of_the_place_is_written_to() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let expected = [
        (ALDER, vec!["mp"]),
        (FEARN, vec!["mp", "msp_constituency", "msp_region", "msp_region"]),
        (HELYG, vec!["mp", "ms", "ms", "ms", "ms", "ms", "ms"]),
        (LOUGH, vec!["mla", "mla", "mla", "mla", "mla", "mp"]),
    ];
    let mut letters = 0;
    for (number, (seat, offices)) in expected.into_iter().enumerate() {
        let body = submission(&seat.postcode(number), &person(number));
        let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
        assert_eq!(offices_of(&receipt["deliveries"]), offices, "{receipt}");
        letters += offices.len();
    }
    let letters = server.letters(letters).await;
    let mut recipients: Vec<_> = letters.iter().map(|letter| letter.recipient().to_owned()).collect();
    let mut ids: Vec<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    recipients.sort();
    recipients.dedup();
    ids.sort();
    ids.dedup();
    assert_eq!((recipients.len(), ids.len()), (letters.len(), letters.len()), "each its own message");
    let region = letters.iter().find(|letter| letter.to[0].name == "Torquil Inkster").unwrap();
    assert!(region.body.contains("Member of the Scottish Parliament for Fearn and the Isles"), "{}", region.body);
}

#[tokio::test]
async fn the_receipt_tells_what_became_of_each_message() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&DOGWOOD.postcode(0), "ada@kanarien.example");
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    let letter = server.letters(1).await.remove(0);
    assert!(letter.body.contains(SOUTHMERE), "{}", letter.body);
    let view = settled(&server, &receipt).await;
    assert_eq!((&view["id"], &view["campaign"]), (&receipt["id"], &json!("fair-care")));
    assert_eq!((&view["status"], &view["deliveries"][0]["state"]), (&json!("confirmed"), &json!("accepted")));
    assert_eq!(view["deliveries"][0]["name"], DOGWOOD.mp);
    assert!(view["created_at"].as_str().unwrap().ends_with('Z'), "{view}");

    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    let nobody = format!("/v1/actions/{}", postbag::ids::fresh());
    let token = receipt["receipt_token"].as_str().unwrap();
    server.get(&path).await.expect(401);
    let wrong = server.get(&path).token("nonsense").await.problem(401, "token-invalid");
    let unknown = server.get(&nobody).token(token).await.problem(401, "token-invalid");
    assert_eq!(wrong["detail"], unknown["detail"], "an unknown id looks the same");
    server.get(&path).token(&server.operator().await).await.expect(401);
}

#[tokio::test]
async fn the_same_person_sends_one_message_however_the_address_is_written() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let spellings = ["ada@kanarien.example", " Ada@Kanarien.Example", "ADA@KANARIEN.EXAMPLE ", "aDa@kanarien.EXAMPLE"];
    let calls = (0..20).map(|n| {
        let body = submission(&ALDER.postcode(n), spellings[n % spellings.len()]);
        server.post(&campaign.actions()).key(&key()).json(&body)
    });
    let answers = together(calls.collect()).await;
    let shapes: Vec<_> = answers.iter().map(shape).collect();
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "no answer tells that the person is known: {shapes:?}");
    for receipt in &answers {
        settled(&server, receipt).await;
    }
    server.letters(1).await;
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(20), &json!(1)), "{tally}");
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": 1, "failed": 0 }));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn the_same_person_may_take_part_in_two_campaigns() {
    let server = setup().start().await;
    let fair = CampaignPlan::fair_care().publish(&server).await;
    let fairer = CampaignPlan::fair_care().called("fairer-care").publish(&server).await;
    for campaign in [fair, fairer] {
        let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    server.letters(2).await;
}

#[tokio::test]
async fn consent_is_recorded_as_given_and_silence_gives_none() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["consents"] = campaign.consents();
    body["objections"] = json!([{ "activity": "wealth_research", "version": 1 }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let silent = submission(&ALDER.postcode(1), "bea@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&silent).await.expect(201);

    let token = server.operator().await;
    let actions = server.get("/v1/admin/actions").token(&token).await.expect(200).json();
    let by = |email: &str| {
        let items = actions["items"].as_array().unwrap();
        items
            .iter()
            .find(|item| item.to_string().contains(email))
            .unwrap_or_else(|| panic!("{email} in {actions}"))
            .clone()
    };
    let given = by("ada@kanarien.example");
    let consents = given["consents"].as_array().expect("the consents of an action");
    assert_eq!(consents.len(), 4, "{given}");
    for sent in body["consents"].as_array().unwrap() {
        let same =
            |stored: &&Value| stored["question_id"] == sent["question_id"] && stored["channel"] == sent["channel"];
        let stored = consents.iter().find(same).unwrap_or_else(|| panic!("{sent} in {given}"));
        assert_eq!((&stored["answer"], &stored["version"]), (&sent["answer"], &sent["version"]));
    }
    assert_eq!(given["objections"][0]["activity"], "wealth_research");
    assert_eq!(by("bea@kanarien.example")["consents"], json!([]));
}

#[tokio::test]
async fn an_answer_to_a_question_that_was_never_asked_is_refused() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let question = &campaign.questions["questions"][0];
    let given = |id: &Value, version: i64, channel: &str| json!({ "question_id": id, "version": version, "channel": channel, "answer": "yes" });
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["consents"] = json!([
        given(&json!(postbag::ids::fresh().to_string()), 1, "email"),
        given(&question["id"], 99, "email"),
        given(&question["id"], 1, "post"),
    ]);
    body["objections"] =
        json!([{ "activity": "targeted_advertising", "version": 1 }, { "activity": "wealth_research", "version": 7 }]);
    let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
    answer.problem(422, "validation-failed");
    let pointers = answer.pointers();
    for place in ["/consents/0", "/consents/1", "/consents/2", "/objections/0", "/objections/1"] {
        assert!(pointers.iter().any(|pointer| pointer.starts_with(place)), "{place} in {pointers:?}");
    }
    server.letters(0).await;
}

#[tokio::test]
async fn targets_can_be_narrowed_and_never_widened() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let here = json!({ "postcode": HELYG.postcode(0) });
    let targets = server.post(&campaign.path("/targets")).json(&here).await.expect(200).json();
    let ids: Vec<Value> =
        targets["targets"].as_array().unwrap().iter().map(|target| target["representative_id"].clone()).collect();
    assert_eq!(ids.len(), 7);
    let there = json!({ "postcode": ALDER.postcode(0) });
    let stranger = server.post(&campaign.path("/targets")).json(&there).await.expect(200).json();
    let stranger = stranger["targets"][0]["representative_id"].clone();

    let mut body = submission(&HELYG.postcode(0), "ada@kanarien.example");
    for wrong in [json!([stranger]), json!([ids[0], stranger]), json!([postbag::ids::fresh().to_string()])] {
        body["target_ids"] = wrong;
        let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
        answer.problem(422, "validation-failed");
        assert!(answer.pointers().iter().all(|pointer| pointer.starts_with("/target_ids")), "{:?}", answer.pointers());
    }
    body["target_ids"] = json!([]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(422);
    body["target_ids"] = json!([ids[2], ids[2], ids[0]]);
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    let mut written: Vec<_> =
        receipt["deliveries"].as_array().unwrap().iter().map(|d| d["representative_id"].clone()).collect();
    let mut wanted = vec![ids[0].clone(), ids[2].clone()];
    written.sort_by_key(ToString::to_string);
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(written, wanted);
    server.letters(2).await;
}

#[tokio::test]
async fn a_test_submission_sends_and_counts_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["test"] = json!(true);
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    assert_eq!(receipt["tally"]["actions"], 0, "{receipt}");
    assert_eq!(receipt["deliveries"][0]["state"], "cancelled");
    body["test"] = json!(false);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    server.letters(1).await;
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(1), &json!(1)));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_testers_letters_come_to_the_tester_and_count_nowhere() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().confirmed_by_mail().publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["test"] = json!(true);
    body["confirmation"] = json!("none");
    let call = || server.post(&campaign.actions()).key(&key()).json(&body);
    call().await.problem(401, "token-missing");
    let other = server.token("actions:write", "harbour-trust").await;
    call().token(&other).await.problem(404, "not-found");
    let token = server.token("actions:write", "clearwater").await;
    let receipt = call().token(&token).await.expect(201).json();
    let count = receipt["deliveries"].as_array().unwrap().len();
    assert_eq!(receipt["deliveries"][0]["state"], "queued");
    for letter in server.letters(count).await {
        assert_eq!(letter.recipient(), "ada@kanarien.example");
        assert!(
            letter.subject.starts_with("[Test] Clean air for") && letter.to[0].name.ends_with(" (test)"),
            "{letter:?}"
        );
    }
    let listed = || async {
        let list = server.get("/v1/admin/deliveries?state=accepted").token(&server.operator().await).await;
        list.expect(200).json()["items"].as_array().unwrap().len() == count
    };
    eventually("the tests to be accepted", std::time::Duration::from_secs(20), listed).await;
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(0), &json!(0)));
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": 0, "failed": 0 }));
    assert_eq!(server.mails_now().len(), 0, "nobody is asked to confirm a test");
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn all_wrong_fields_are_reported_at_once() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = json!({
        "supporter": {
            "first_name": "", "last_name": "a\u{200d}b\u{202e}", "email": "not an address", "phone": "call me",
            "address": { "line1": " ", "town": "x".repeat(500), "postcode": "nowhere" }
        },
        "personal_message": "\u{0007}",
        "locale": "tlh",
        "consents": [{ "question_id": uuid::Uuid::nil(), "version": 1, "channel": "pigeon", "answer": "perhaps" }],
        "objections": [{ "activity": "breathing", "version": 1 }],
        "area_choices": { "moon": "E14001172" },
        "source": { "source": "x\ny" }
    });
    let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
    answer.problem(422, "validation-failed");
    let expected = [
        "/area_choices/moon",
        "/consents/0/answer",
        "/consents/0/channel",
        "/locale",
        "/objections/0/activity",
        "/personal_message",
        "/source/source",
        "/supporter/address/line1",
        "/supporter/address/postcode",
        "/supporter/address/town",
        "/supporter/email",
        "/supporter/first_name",
        "/supporter/last_name",
        "/supporter/phone",
    ];
    assert_eq!(answer.pointers(), expected);
    assert!(!answer.text().contains("not an address"), "no value is repeated: {}", answer.text());
}

#[tokio::test]
async fn a_personal_message_keeps_to_the_campaigns_rule() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let optional = plan.publish(&server).await;
    let required = plan.clone().called("own-words").with("personal_message", "required").publish(&server).await;
    let none = plan.called("no-words").with("personal_message", "none").publish(&server).await;
    let spoken = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let mut silent = spoken.clone();
    silent["personal_message"] = Value::Null;
    let mut long = spoken.clone();
    long["personal_message"] = json!("é".repeat(501));
    for (campaign, body, status) in [
        (&optional, &spoken, 201),
        (&optional, &silent, 201),
        (&optional, &long, 422),
        (&required, &spoken, 201),
        (&required, &silent, 422),
        (&none, &silent, 201),
        (&none, &spoken, 422),
    ] {
        let answer = server.post(&campaign.actions()).key(&key()).json(body).await.expect(status);
        if status == 422 {
            assert_eq!(answer.pointers(), ["/personal_message"]);
        }
    }
}

#[tokio::test]
async fn names_and_addresses_of_every_script_arrive_as_written() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let names = [
        ("Siân", "O’Neill-Żółć"),
        ("Αθηνά", "Παπαδοπούλου"),
        ("小明", "王"),
        ("Zoe\u{301}", "D'Arcy"),
        ("عائشة", "حسن"),
    ];
    for (number, (first, last)) in names.into_iter().enumerate() {
        let mut body = submission(&ALDER.postcode(number), &person(number));
        body["supporter"]["first_name"] = json!(first);
        body["supporter"]["last_name"] = json!(last);
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let letters = server.letters(names.len()).await;
    let composed = |text: &str| text.replace("e\u{301}", "é");
    for (first, last) in names {
        let name = composed(&format!("{first} {last}"));
        let letter = letters.iter().find(|letter| letter.from.name == name).unwrap_or_else(|| panic!("{name}"));
        assert!(letter.body.contains(&name), "{}", letter.body);
    }
}

/// The offices of some deliveries, sorted.
fn offices_of(deliveries: &Value) -> Vec<String> {
    let mut offices: Vec<_> =
        deliveries.as_array().unwrap().iter().map(|delivery| delivery["office"].as_str().unwrap().to_owned()).collect();
    offices.sort();
    offices
}

/// An answer without what is different every time.
fn shape(receipt: &Value) -> Value {
    let mut shape = receipt.clone();
    assert_eq!(shape["receipt_token"].as_str().map(str::len), receipt["receipt_token"].as_str().map(str::len));
    for different in ["id", "receipt_token", "tally"] {
        shape[different] = Value::Null;
    }
    shape
}

/// All at once, every one of them accepted.
async fn together(calls: Vec<postbag_tests::client::Call>) -> Vec<Value> {
    let sent: Vec<_> =
        calls.into_iter().map(|call| tokio::spawn(async move { call.await.expect(201).json() })).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

/// The receipt, once nothing is on its way any more.
async fn settled(server: &Server, receipt: &Value) -> Value {
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    let token = receipt["receipt_token"].as_str().unwrap();
    let read = || async { server.get(&path).token(token).await.expect(200).json() };
    let done = || async {
        let view = read().await;
        view["deliveries"].as_array().unwrap().iter().all(|delivery| delivery["state"] == "accepted")
    };
    postbag_tests::server::eventually("every message to be accepted", std::time::Duration::from_secs(20), done).await;
    read().await
}
