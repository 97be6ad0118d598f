//! Every service that is asked, over real HTTP: what it answers, and everything a network can do instead.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use postbag::config::PostcodeServiceKind;
use postbag::outbound::{Fault, Manners, MembersApi, PostcodeService, Retries};
use postbag_domain::{AreaKind, Postcode, PostcodeAnswer, YearMonth};
use postbag_tests::fake_service::{Act, FakeService, Member};
use postbag_tests::server::skipped;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

fn manners(most: u32) -> Manners {
    let retries = Retries { most, first: Duration::from_millis(1), longest: Duration::from_millis(5) };
    Manners { timeout: Duration::from_millis(500), pause: Duration::ZERO, retries }
}

fn postcodes(fake: &FakeService, kind: PostcodeServiceKind, retries: u32) -> PostcodeService {
    PostcodeService::open(kind, fake.url().parse().unwrap(), manners(retries)).unwrap()
}

fn members(fake: &FakeService) -> MembersApi {
    MembersApi::open(fake.url().parse().unwrap(), manners(2), PATIENCE).unwrap()
}

fn postcode(text: &str) -> Postcode {
    Postcode::parse(text).unwrap()
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn words(answer: &PostcodeAnswer) -> Vec<String> {
    answer.areas().iter().map(|area| format!("{} {}", area.kind, area.code)).collect()
}

/// A recorded answer, where the recordings are.
fn recorded(name: &str) -> Option<Value> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let data = PathBuf::from(std::env::var("POSTBAG_TEST_DATA").unwrap_or_else(|_| usual.to_owned()));
    let path = data.join("api-samples").join(name);
    let Ok(text) = std::fs::read(&path) else {
        skipped(format_args!("the recorded answer {} is not there", path.display()));
        return None;
    };
    Some(serde_json::from_slice(&text).unwrap())
}

/// A service that answers this, whatever it is asked.
async fn answering(status: u16, body: Value) -> FakeService {
    FakeService::start(move |_asked| (status, body.clone())).await.unwrap()
}

#[tokio::test]
async fn a_postcode_is_live_terminated_or_unknown() {
    let known = [("ZA1 1AA", Some("E14997001")), ("ZA1 1AB", None)];
    let fake = FakeService::postcodes_io(&known).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 0);
    let live = service.look_up(postcode("ZA1 1AA"), deadline()).await.unwrap();
    let expected = ["nation E92000001", "local_authority E09000033", "westminster_constituency E14997001"];
    assert_eq!(words(&live), expected);
    let ended = PostcodeAnswer::Terminated(YearMonth::new(2019, 5).unwrap());
    assert_eq!(service.look_up(postcode("ZA1 1AB"), deadline()).await, Ok(ended.clone()));
    assert_eq!(service.look_up(postcode("ZA1 1AD"), deadline()).await, Ok(PostcodeAnswer::Unknown));
    let all = [postcode("ZA1 1AD"), postcode("ZA1 1AA"), postcode("ZA1 1AB")];
    let answers = service.look_up_all(&all, PATIENCE, |_done| ()).await.unwrap();
    assert_eq!(answers, [(all[0], PostcodeAnswer::Unknown), (all[1], live), (all[2], ended)]);
}

#[tokio::test]
async fn a_hundred_postcodes_are_one_question() {
    let fake = FakeService::postcodes_io(&[]).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 0);
    let all: Vec<_> =
        (0..25_u8).flat_map(|n| "ABDEFGHJ".chars().map(move |c| postcode(&format!("ZA{n} 1A{c}")))).collect();
    service.look_up_all(&all, PATIENCE, |_done| ()).await.unwrap();
    let bulk: Vec<_> = fake.asked().into_iter().filter(|asked| asked.method == "POST").collect();
    assert_eq!(
        bulk.iter().map(|asked| asked.body["postcodes"].as_array().unwrap().len()).collect::<Vec<_>>(),
        [100, 100]
    );
}

#[tokio::test]
async fn mapit_gives_the_same_thing() {
    let fake = FakeService::mapit(&[("ZA1 1AA", "E14997001")]).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::Mapit, 0);
    let all = [postcode("ZA1 1AA"), postcode("ZA1 1AB")];
    let answers = service.look_up_all(&all, PATIENCE, |_done| ()).await.unwrap();
    assert_eq!(words(&answers[0].1), ["westminster_constituency E14997001", "nation E92000001"]);
    assert_eq!(answers[1].1, PostcodeAnswer::Unknown);
    assert_eq!(fake.asked()[0].path, "/postcode/ZA1 1AA");
}

#[tokio::test]
async fn recorded_answers_of_postcodes_io_are_read() {
    let kind = PostcodeServiceKind::PostcodesIo;
    for (file, asked, westminster, assembly) in [
        ("postcodes_io__postcodes_BS1_1NG__200.json", "BS1 1NG", Some("E14001131"), None),
        ("postcodes_io__postcodes_SW1A_1AA__200_pre2025.json", "SW1A 1AA", Some("E14001172"), None),
        ("postcodes_io__postcodes_BT53_7HX__result_only_2024.json", "BT53 7HX", Some("N05000012"), Some("N06000012")),
        // Before 2024 the column of the Commons held the areas that the Assembly has kept.
        ("postcodes_io__bulk_item_BT30_9QG__NI__2024-01.json", "BT30 9QG", None, Some("N06000016")),
        ("postcodes_io__bulk_item_KW1_4AA__Scotland__2024-01.json", "KW1 4AA", Some("S14000009"), None),
        ("postcodes_io__bulk_item_GL16_8PB__Wales__2024-01.json", "GL16 8PB", Some("W07000054"), None),
    ] {
        let Some(body) = recorded(file) else { return };
        let result = body.get("result").cloned().unwrap_or(body);
        let fake = answering(200, json!({ "status": 200, "result": result })).await;
        let answer = postcodes(&fake, kind, 0).look_up(postcode(asked), deadline()).await.unwrap();
        let area = |kind| answer.areas().iter().find(|area| area.kind == kind).map(|area| area.code.to_string());
        assert_eq!(area(AreaKind::WestminsterConstituency).as_deref(), westminster, "{file}");
        assert_eq!(area(AreaKind::AssemblyConstituency).as_deref(), assembly, "{file}");
        assert!(area(AreaKind::Nation).is_some() && area(AreaKind::LocalAuthority).is_some(), "{file}");
    }
    let Some(body) = recorded("postcodes_io__postcodes_terminated_AB1_0AA__404.json") else { return };
    let fake = answering(404, body).await;
    let answer = postcodes(&fake, kind, 0).look_up(postcode("AB1 0AA"), deadline()).await;
    assert_eq!(answer, Ok(PostcodeAnswer::Terminated(YearMonth::new(1996, 6).unwrap())));
    let Some(body) = recorded("postcodes_io__postcodes_not_found__404.json") else { return };
    let fake = answering(404, body).await;
    let answer = postcodes(&fake, kind, 0).look_up(postcode("ZA1 1AA"), deadline()).await;
    assert_eq!(answer, Ok(PostcodeAnswer::Unknown));
    assert_eq!(fake.asked()[1].path, "/terminated_postcodes/ZA1 1AA");
    let Some(body) = recorded("postcodes_io__terminated_postcodes_E1W_1UU__200.json") else { return };
    let fake = FakeService::start(move |asked| match asked.path.as_str() {
        "/terminated_postcodes/E1W 1UU" => (200, body.clone()),
        _ => (404, json!({ "status": 404, "error": "Postcode not found" })),
    });
    let answer = postcodes(&fake.await.unwrap(), kind, 0).look_up(postcode("E1W 1UU"), deadline()).await;
    assert_eq!(answer, Ok(PostcodeAnswer::Terminated(YearMonth::new(2007, 12).unwrap())));
}

#[tokio::test]
async fn the_recorded_answer_of_mapit_is_read() {
    let Some(body) = recorded("mapit__postcode_NE7_7NB__2019.json") else { return };
    let fake = answering(200, body).await;
    let service = postcodes(&fake, PostcodeServiceKind::Mapit, 0);
    let answer = service.look_up(postcode("NE7 7NB"), deadline()).await.unwrap();
    let mut words = words(&answer);
    words.sort();
    assert_eq!(words, ["local_authority E08000021", "nation E92000001", "westminster_constituency E14000832"]);
}

#[tokio::test]
async fn the_recorded_member_is_read_as_a_page_of_one() {
    let Some(item) = recorded("members_api__Members_172.json") else { return };
    let page = json!({ "items": [item], "totalResults": 1, "skip": 0, "take": 20, "links": [] });
    let member = members(&answering(200, page).await).members(|_done, _all| ()).await.unwrap().remove(0);
    assert_eq!((member.id, member.name.as_str()), (172, "Ms Diane Abbott"));
    assert_eq!(member.constituency, "Hackney North and Stoke Newington");
    assert_eq!(member.addressed_as.as_deref(), Some("Ms Abbott"));
    assert_eq!(member.since, "2024-07-04".parse().ok(), "elected again since 1987");
}

#[tokio::test]
async fn every_page_of_members_is_read_and_told() {
    let everybody = (0..45).map(|id| Member::new(id, &format!("Invented {id}"), "Alder Vale")).collect();
    let fake = FakeService::members_api(everybody).await.unwrap();
    let (api, mut told) = (members(&fake), Vec::new());
    let read = api.members(|done, all| told.push((done, all))).await.unwrap();
    assert_eq!(read.len(), 45);
    assert_eq!(told, [(20, 45), (40, 45), (45, 45)]);
    assert_eq!(fake.asked()[0].parameter("House"), Some("1"));
    assert_eq!(fake.asked()[0].parameter("IsCurrentMember"), Some("true"));
    let email = api.office_email(7).await.unwrap().unwrap();
    assert!(email.starts_with("member-7@"), "{email}");
}

#[tokio::test]
async fn half_a_list_of_members_is_none() {
    let everybody: Vec<_> = (0..45).map(|id| Member::new(id, &format!("Invented {id}"), "Alder Vale")).collect();
    let fake = FakeService::members_api(everybody).await.unwrap();
    let (api, behaves) = (members(&fake), Act::Stall(Duration::ZERO));
    for (acts, fault) in [
        (vec![behaves.clone(), Act::Send(404, &[], "{}")], Fault::Refused { status: 404, retry_after: None }),
        (
            vec![behaves.clone(), behaves, Act::Send(200, &[], r#"{"items":[],"totalResults":45}"#)],
            Fault::Malformed("a page of members is not whole"),
        ),
    ] {
        fake.next(&acts);
        assert_eq!(api.members(|_done, _all| ()).await, Err(fault));
    }
}

/// Everything that can be in the place of an answer, and what it is called.
fn faults() -> Vec<(Act, Fault)> {
    let refused = |status| Fault::Refused { status, retry_after: None };
    let not_json = Fault::Malformed("it is not JSON");
    let wrong = Fault::Malformed("it is not what postcodes.io answers");
    vec![
        (Act::Stall(Duration::from_secs(5)), Fault::TimedOut),
        (Act::HangUp, Fault::Cut),
        (Act::Cut, Fault::Cut),
        (Act::Huge, Fault::TooLarge),
        (Act::Send(429, &[], ""), Fault::RateLimited { retry_after: None }),
        (Act::Send(429, &[("retry-after", "7")], ""), Fault::RateLimited { retry_after: Some(Duration::from_secs(7)) }),
        (Act::Send(500, &[], "oh"), refused(500)),
        (Act::Send(503, &[("retry-after", "soon")], ""), refused(503)),
        (Act::Send(403, &[], "{}"), refused(403)),
        (Act::Send(204, &[], ""), refused(204)),
        (Act::Send(302, &[("location", "/postcodes/ZA1%201AA")], ""), refused(302)),
        (Act::Send(200, &[], ""), not_json),
        (Act::Send(404, &[], "<html>Not Found</html>"), not_json),
        (Act::Send(200, &[], "{\"status\":200,\"result\":"), not_json),
        (Act::Send(200, &[], "[]"), wrong),
        (Act::Send(200, &[], r#"{"status":200,"result":{"postcode":"ZA1 1AA","codes":"none"}}"#), wrong),
    ]
}

#[tokio::test]
async fn every_fault_has_its_name_and_repeats_nothing_that_was_asked() {
    let fake = FakeService::postcodes_io(&[("ZA1 1AA", Some("E14997001"))]).await.unwrap();
    for (act, expected) in faults() {
        let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 0);
        fake.always(act.clone());
        let fault = service.look_up(postcode("ZA1 1AA"), deadline()).await.unwrap_err();
        assert_eq!(fault, expected, "{act:?}");
        assert!(!format!("{fault} {fault:?}").contains("ZA1"));
        fake.behave();
        assert!(service.look_up(postcode("ZA1 1AA"), deadline()).await.is_ok(), "{act:?}");
    }
    let nobody =
        PostcodeService::open(PostcodeServiceKind::PostcodesIo, "http://127.0.0.1:1".parse().unwrap(), manners(0));
    assert_eq!(nobody.unwrap().look_up(postcode("ZA1 1AA"), deadline()).await, Err(Fault::Unreachable));
}

#[tokio::test]
async fn what_may_pass_is_asked_again_and_nothing_else() {
    let fake = FakeService::postcodes_io(&[("ZA1 1AA", Some("E14997001"))]).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 3);
    fake.next(&[Act::Send(503, &[], ""), Act::HangUp, Act::Send(429, &[("retry-after", "0")], "")]);
    assert!(service.look_up(postcode("ZA1 1AA"), deadline()).await.is_ok());
    assert_eq!(fake.count(), 4);
    fake.always(Act::Send(403, &[], ""));
    assert!(service.look_up(postcode("ZA1 1AA"), deadline()).await.is_err());
    assert_eq!(fake.count(), 5);
}

#[tokio::test]
async fn a_service_that_asks_for_longer_than_there_is_time_is_not_waited_for() {
    let fake = FakeService::postcodes_io(&[]).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 3);
    fake.always(Act::Send(429, &[("retry-after", "3600")], ""));
    let fault = service.look_up(postcode("ZA1 1AA"), deadline()).await.unwrap_err();
    assert_eq!(fault, Fault::RateLimited { retry_after: Some(Duration::from_hours(1)) });
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone() {
    let fake = FakeService::postcodes_io(&[]).await.unwrap();
    let service = postcodes(&fake, PostcodeServiceKind::PostcodesIo, 0);
    fake.always(Act::Send(500, &[], ""));
    for _ in 0..5 {
        let fault = service.look_up(postcode("ZA1 1AA"), deadline()).await.unwrap_err();
        assert_eq!(fault, Fault::Refused { status: 500, retry_after: None });
    }
    fake.behave();
    assert_eq!(service.look_up(postcode("ZA1 1AA"), deadline()).await, Err(Fault::CircuitOpen));
    assert_eq!(fake.count(), 5, "nothing was asked any more");
}

#[tokio::test]
async fn nothing_is_asked_whose_turn_comes_too_late() {
    let fake = FakeService::mapit(&[]).await.unwrap();
    let slow = Manners { pause: Duration::from_hours(1), ..manners(0) };
    let service = PostcodeService::open(PostcodeServiceKind::Mapit, fake.url().parse().unwrap(), slow).unwrap();
    assert_eq!(service.look_up(postcode("ZA1 1AA"), deadline()).await, Ok(PostcodeAnswer::Unknown));
    assert_eq!(service.look_up(postcode("ZA1 1AA"), deadline()).await, Err(Fault::Crowded));
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn a_service_may_live_under_a_path() {
    let fake = FakeService::start(|asked| match asked.path.as_str() {
        "/mapit/v1/postcode/ZA1 1AA" => (200, json!({ "postcode": "ZA1 1AA", "areas": {} })),
        _ => (404, json!({})),
    })
    .await
    .unwrap();
    for base in ["/mapit/v1", "/mapit/v1/"] {
        let url = format!("{}{base}", fake.url()).parse().unwrap();
        let service = PostcodeService::open(PostcodeServiceKind::Mapit, url, manners(0)).unwrap();
        assert_eq!(service.look_up(postcode("ZA1 1AA"), deadline()).await, Ok(PostcodeAnswer::Live(Vec::new())));
    }
}
