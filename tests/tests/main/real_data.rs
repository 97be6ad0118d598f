//! The UK's own directory, where it is there: `../shared/data` beside the repository, or `POSTBAG_TEST_DATA`.
//!
//! Letters go into a folder. Members of whom no address is published are not written to; where the letter to a Member of the
//! Scottish Parliament, the Senedd or the Assembly is looked at, an invented person with an invented address holds the seat.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::letter::Letter;
use postbag_tests::server::{Home, Server, skipped};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// Where the UK's data is, if it is there.
pub(crate) fn data() -> Option<PathBuf> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let path = PathBuf::from(std::env::var("POSTBAG_TEST_DATA").unwrap_or_else(|_| usual.to_owned()));
    if path.join("postcodes/gb_postcodes.csv.gz").exists() {
        return Some(path);
    }
    skipped(format_args!("the UK's data is not in {}", path.display()));
    None
}

async fn import(home: &Home, data: &Path, what: &str, files: &[&str], options: &[&str]) -> String {
    let files: Vec<_> = files.iter().map(|file| data.join(file).display().to_string()).collect();
    let args: Vec<_> =
        ["import", what].into_iter().chain(files.iter().map(String::as_str)).chain(options.iter().copied()).collect();
    home.cli(&args).await.succeeds().text()
}

const AREAS: [&str; 9] = [
    "areas/countries.csv",
    "areas/regions_of_england.csv",
    "areas/westminster_constituencies_2024.csv",
    "areas/westminster_2024_code_aliases.csv",
    "areas/scottish_parliament_2026_regions.csv",
    "areas/scottish_parliament_2026_constituencies.csv",
    "areas/senedd_constituencies.csv",
    "areas/northern_ireland_constituencies.csv",
    "health/cancer_alliances_2024.csv",
];

async fn import_everything(home: &Home, data: &Path) {
    home.cli(&["migrate"]).await.succeeds();
    import(home, data, "areas", &AREAS, &[]).await;
    import(home, data, "bodies", &["health/cancer_alliances_2024.csv"], &[]).await;
    for (file, as_of) in [
        ("gb_postcodes.csv.gz", "2023-08-01"),
        ("wales_postcodes_senedd_2026.csv.gz", "2026-07-23"),
        ("ni_example_postcodes_pcon24.csv", "2024-06-03"),
        ("onspd_layout/postcodesio_seed_2025-09-12_AB1_AB10_AB11.csv.gz", "2025-09-12"),
    ] {
        import(home, data, "postcodes", &[&format!("postcodes/{file}")], &["--as-of", as_of]).await;
    }
    for file in [
        "mps_2026-06-27_dfe.csv",
        "senedd_members_elected_2026-05-07.csv",
        "msps_constituency_elected_2026-05-07.csv",
        "mlas_2022-06-10_official.csv",
    ] {
        import(home, data, "representatives", &[&format!("representatives/{file}")], &[]).await;
    }
    // An operator's own layer: this postcode's Assembly area, which no open table has.
    let own = home.folder().join("assembly.csv");
    std::fs::write(&own, "pcds,nia_cd\nBT17 9PH,N06000009\n").unwrap();
    home.cli(&["import", "postcodes", &own.display().to_string(), "--layer", "assembly", "--as-of", "2026-06-01"])
        .await
        .succeeds();
}

#[tokio::test]
async fn the_right_people_of_every_nation_are_written_to() {
    let Some(data) = data() else { return };
    let home = setup().empty().prepare().await;
    import_everything(&home, &data).await;
    let mut server = home.serve().await;
    let england = CampaignPlan::fair_care().publish(&server).await;
    let all =
        CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency", "ms", "mla"]).publish(&server).await;

    let mut letters = 0;
    for (n, (postcode, mp, alliance)) in [
        ("SW1A 1AA", "Rachel Blake", "West London"),
        ("LS1 4AP", "Hilary Benn", "West Yorkshire and Harrogate"),
        ("s810aa", "Jo White", "South Yorkshire and Bassetlaw"),
        ("TR1 1XU", "Jayne Kirkham", "Peninsula"),
    ]
    .into_iter()
    .enumerate()
    {
        let receipt = submit(&server, &england.actions(), postcode, n).await;
        assert_eq!(receipt["deliveries"][0]["name"], mp, "{receipt}");
        letters += 1;
        let letter = letter_to(&server.letters(letters).await, mp, &person(n));
        assert!(letter.body.contains(&format!("please ask {alliance}")), "{}", letter.body);
    }
    // Of this member no address is published.
    let refused = server.post(&england.actions()).key(&key()).json(&submission("PR0 2AA", "x@kanarien.example")).await;
    refused.problem(422, "no-reachable-representative");

    for (n, (postcode, mp, skipped)) in [
        ("SW1A 1AA", "Rachel Blake", 0),
        ("KW15 1HD", "Alistair Carmichael", 1),
        ("HS1 2DB", "Torcuil Crichton", 1),
        ("CF10 1AA", "Stephen Doughty", 6),
        ("BT17 9PH", "Sorcha Eastwood", 5),
    ]
    .into_iter()
    .enumerate()
    {
        let receipt = submit(&server, &all.actions(), postcode, 100 + n).await;
        let written: Vec<_> =
            receipt["deliveries"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(written.len() == 1 && written[0].ends_with(mp), "{receipt}");
        let without: Vec<_> =
            receipt["skipped"].as_array().unwrap().iter().filter(|one| one["reason"] == "no_address").collect();
        assert_eq!(without.len(), skipped, "nobody's address is made up: {receipt}");
        letters += 1;
        server.letters(letters).await;
    }
    check_targets(&server, &all.path("/targets")).await;
    check_oddities(&server, &all.path("/targets")).await;
    letters_to_invented_members(&home, &mut server, &all.actions(), letters).await;
}

/// Everybody's names are right, whether or not they can be written to.
async fn check_targets(server: &Server, path: &str) {
    for (postcode, nation, names) in [
        ("KW15 1HD", "scotland", vec!["Liam McArthur"]),
        ("ZE1 0LL", "scotland", vec!["Hannah Mary Goodlad"]),
        ("HS1 2DB", "scotland", vec!["Donald MacKinnon"]),
        (
            "CF10 1AA",
            "wales",
            vec![
                "Anna Brychan",
                "Kiera Marshall",
                "Joseph Martin",
                "Anthony Slaughter",
                "Leticia Gonzalez",
                "Huw Thomas",
            ],
        ),
        (
            "BT17 9PH",
            "northern_ireland",
            vec!["Robbie Butler", "Pat Catney", "Paul Givan", "Trevor Lunn", "Edwin Poots"],
        ),
    ] {
        let found = server.post(path).json(&json!({ "postcode": postcode })).await.expect(200).json();
        assert_eq!(found["nation"], nation);
        let targets = found["targets"].as_array().unwrap();
        assert_eq!(targets.len(), names.len() + 1, "and the MP: {found}");
        for name in names {
            let target = targets.iter().find(|target| target["name"] == name);
            assert_eq!(target.unwrap_or_else(|| panic!("{name} in {found}"))["reachable"], "no_address");
        }
    }
    // Most of Scotland has no open table of the Scottish Parliament's areas: the MP is certain, nothing is guessed.
    let found = server.post(path).json(&json!({ "postcode": "AB10 1AB" })).await.expect(200).json();
    assert_eq!(found["targets"].as_array().unwrap().len(), 1, "{found}");
}

/// What is odd about real postcodes has an answer of its own.
async fn check_oddities(server: &Server, path: &str) {
    for (postcode, slug, member, value) in [
        ("AB1 0AA", "postcode-terminated", "ended", json!("1996-06")),
        ("AB43 1AG", "postcode-without-location", "status", json!(422)),
        ("JE2 4WD", "postcode-crown-dependency", "dependency", json!("jersey")),
        ("GY1 1AA", "postcode-crown-dependency", "dependency", json!("guernsey")),
        ("IM1 1AD", "postcode-crown-dependency", "dependency", json!("isle_of_man")),
        ("BFPO 57", "postcode-bfpo", "status", json!(422)),
        ("BF1 2AB", "postcode-bfpo", "status", json!(422)),
        ("ASCN 1ZZ", "postcode-overseas", "territory", json!("Ascension Island")),
        ("STHL 1ZZ", "postcode-overseas", "territory", json!("Saint Helena")),
        ("GX11 1AA", "postcode-overseas", "territory", json!("Gibraltar")),
        ("XM4 5HQ", "postcode-unknown", "status", json!(422)),
        ("GIR 0AA", "postcode-unknown", "status", json!(422)),
    ] {
        let problem = server.post(path).json(&json!({ "postcode": postcode })).await.problem(422, slug);
        assert_eq!(problem[member], value, "{postcode}: {problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 20, "{problem}");
    }
    let wrong = json!({ "postcode": "SW1A 1AA", "area_choices": { "westminster_constituency": "E14001507" } });
    server.post(path).json(&wrong).await.problem(422, "area-choice-wrong");
    let large = server.post(path).json(&json!({ "postcode": "AB10 1AB", "sources": true })).await.expect(200).json();
    let notices: Vec<_> = large["notices"].as_array().unwrap().iter().map(|notice| &notice["code"]).collect();
    assert_eq!(notices, ["area_unknown", "large_user"], "no file has its area in Holyrood: {large}");
    let seat =
        large["areas"].as_array().unwrap().iter().find(|area| area["kind"] == "westminster_constituency").unwrap();
    assert_eq!(
        (&seat["source"]["layer"], &seat["source"]["as_of"]),
        (&json!("onspd"), &json!("2025-09-12")),
        "{large}"
    );
    let before = json!({ "postcode": "CF10 1AA", "on": "2026-05-06", "other_boundaries": true });
    let before = server.post(path).json(&before).await.expect(200).json();
    assert!(before["targets"].as_array().unwrap().iter().all(|target| target["office"] == "mp"), "{before}");
    let later = before["other_boundaries"].as_array().unwrap().iter().find(|area| area["code"] == "W09000053").unwrap();
    assert_eq!(later["start_date"], "2026-05-07", "the Senedd's constituency of 2026 beside its day: {before}");
}

/// Invented people in real seats, so that letters can be looked at.
async fn letters_to_invented_members(home: &Home, server: &mut Server, path: &str, mut letters: usize) {
    server.stop().await;
    let mut rows = String::from("external_id,area_code,office,name,party,email,start_date,end_date,source\n");
    let mut invent = |code: &str, office: &str, count: usize| {
        for n in 0..count {
            let name = format!("{office}{n}").replace("msp_constituency", "islander");
            writeln!(
                rows,
                "invented:{name},{code},{office},Invented {name},None,{name}@members.example.org,2026-05-08,,invented"
            )
            .unwrap();
        }
    };
    invent("S16000212", "msp_constituency", 1);
    invent("W09000053", "ms", 6);
    invent("N06000009", "mla", 5);
    let file = home.folder().join("invented.csv");
    std::fs::write(&file, rows).unwrap();
    home.cli(&["import", "representatives", &file.display().to_string(), "--force"]).await.succeeds();
    server.restart().await;
    for (n, (postcode, others, area)) in
        [("KW15 1HD", 1, "Orkney Islands"), ("CF10 1AA", 6, "Caerdydd Penarth"), ("BT17 9PH", 5, "Lagan Valley")]
            .into_iter()
            .enumerate()
    {
        let receipt = submit(server, path, postcode, 200 + n).await;
        assert_eq!(receipt["deliveries"].as_array().unwrap().len(), 1 + others, "{receipt}");
        letters += 1 + others;
        let sent = server.letters(letters).await;
        let own: Vec<_> = sent.iter().filter(|letter| letter.reply_to.address == person(200 + n)).collect();
        let devolved = own.iter().filter(|letter| letter.recipient().ends_with("@members.example.org"));
        assert_eq!(devolved.filter(|letter| letter.body.contains(&format!("for {area}:"))).count(), others);
    }
}

async fn submit(server: &Server, path: &str, postcode: &str, n: usize) -> Value {
    server.post(path).key(&key()).json(&submission(postcode, &person(n))).await.expect(201).json()
}

fn letter_to(letters: &[Letter], name: &str, from: &str) -> Letter {
    let found = letters.iter().find(|letter| letter.to[0].name.ends_with(name) && letter.reply_to.address == from);
    found.unwrap_or_else(|| panic!("no letter to {name}")).clone()
}
