use super::*;
use proptest::prelude::*;
use std::path::PathBuf;

fn shown(text: &str) -> Option<String> {
    Postcode::parse(text).ok().map(|postcode| postcode.to_string())
}

#[test]
fn the_six_shapes_are_postcodes() {
    for shape in ["A9 9AA", "A99 9AA", "A9A 9AA", "AA9 9AA", "AA99 9AA", "AA9A 9AA", "ZA1 1AA", "M1 1AE", "EC1A 1BB"] {
        assert_eq!(shown(shape).as_deref(), Some(shape));
        assert_eq!(shown(&shape.replace(' ', "").to_lowercase()).as_deref(), Some(shape));
    }
}

#[test]
fn every_spelling_that_people_type_is_understood() {
    for typed in [
        "SW1A1AA",
        "sw1a 1aa",
        "  Sw1A\t1aA ",
        "S W 1 A 1 A A",
        "SW1A\u{a0}1AA",
        "SW1A-1AA",
        "SW1A.1AA",
        "sw1a–1aa",
        "ＳＷ１Ａ　１ＡＡ",
        "SW1A 1AA.",
        "SW1A\u{200b}1AA",
        "\u{feff}SW1A 1AA",
        "SW1A  1AA",
        "SW1A1AA ",
        "SW1A 1AA,",
        "SW1A_1AA",
    ] {
        assert_eq!(shown(typed).as_deref(), Some("SW1A 1AA"), "{typed:?}");
    }
    assert_eq!(shown("M1  1AD").as_deref(), Some("M1 1AD"));
    assert_eq!(shown("M1   1AD").as_deref(), Some("M1 1AD"));
    assert_eq!(shown("SE1P5ZZ").as_deref(), Some("SE1P 5ZZ"));
    assert_eq!(shown("BS1 OAA").as_deref(), Some("BS1 0AA"));
}

#[test]
fn what_is_not_a_postcode_is_refused() {
    for bad in [
        "",
        " ",
        "SW1A",
        "1AA",
        "SW1A 1A",
        "SW1A 1AAA",
        "SW1A 1A0",
        "SWO 1AA",
        "1A1 1AA",
        "AAA1 1AA",
        "SW111 1AA",
        "SW1A 1CA",
        "SW1A 1AV",
        "12FSSD",
        "EH1 JS",
        "Definitely wrong",
        "SW1A/1AA",
        "ＳＷ１Ａ",
        "٣W1A 1AA",
        "BFPO",
        "BFPO 0",
        "BFPO 12345",
        "é1 1AA",
        "SANTA1",
        "AA 1AA",
        "\0",
    ] {
        assert_eq!(Postcode::parse(bad).unwrap_err().code(), "postcode_invalid", "{bad:?}");
    }
    assert!(Postcode::parse(&"SW1A 1AA".repeat(1000)).is_err());
}

#[test]
fn codes_of_their_own_are_recognised_as_what_they_are() {
    let special = |text: &str| Postcode::parse(text).unwrap().special();
    assert_eq!(special("BF1 1AA"), Some(SpecialPostcode::Bfpo));
    assert_eq!(special("bfpo 57"), Some(SpecialPostcode::Bfpo));
    assert_eq!(special("JE2 3AB"), Some(SpecialPostcode::Crown(CrownDependency::Jersey)));
    assert_eq!(special("GY1 1AA"), Some(SpecialPostcode::Crown(CrownDependency::Guernsey)));
    assert_eq!(special("IM1 1AA"), Some(SpecialPostcode::Crown(CrownDependency::IsleOfMan)));
    assert_eq!(special("fiqq1zz"), Some(SpecialPostcode::Overseas("the Falkland Islands")));
    assert_eq!(special("GX11 1AA"), Some(SpecialPostcode::Overseas("Gibraltar")));
    for usual in ["GIR 0AA", "G1 1AA", "NPT 1AA", "B1 1AA", "E1 1AA", "ZA1 1AA"] {
        assert_eq!(special(usual), None, "{usual}");
    }
    assert_eq!(shown("gir oaa").as_deref(), Some("GIR 0AA"));
    assert_eq!(shown("G1R 0AA").as_deref(), Some("GIR 0AA"));
    assert_eq!(shown("bfpo0057").as_deref(), Some("BFPO 57"));
    assert_eq!(shown("npt0va").as_deref(), Some("NPT 0VA"));
}

#[test]
fn a_postcode_does_not_show_in_debug() {
    let postcode = Postcode::parse("SW1A 1AA").unwrap();
    assert_eq!(format!("{postcode:?}{:?}", postcode.key()), "Postcode(redacted)PostcodeKey(redacted)");
}

#[test]
fn every_territory_is_written_as_it_is_read() {
    for (typed, written, _) in NAMED_CODES {
        assert_eq!(shown(typed).as_deref(), Some(written));
        assert_eq!(shown(written).as_deref(), Some(written));
    }
}

fn published(name: &str) -> Option<String> {
    let root = std::env::var_os("POSTBAG_TEST_DATA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    std::fs::read_to_string(root.join("postcodes/formats").join(name)).ok()
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn published_examples_are_understood() {
    let Some(sample) = published("sample_postcodes_nospace.txt") else {
        eprintln!("skipped: no published postcodes here (POSTBAG_TEST_DATA)");
        return;
    };
    for line in sample.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert_eq!(shown(line).map(|text| text.replace(' ', "")).as_deref(), Some(line));
    }
    for (name, part) in [("outcodes", 0), ("incodes", 1)] {
        for (base, expected) in cases(name) {
            let shown = shown(&base).unwrap_or_default();
            assert_eq!(shown.split(' ').nth(part), expected.as_str(), "{base}");
        }
    }
    for (base, expected) in cases("normalisation") {
        assert_eq!(shown(&base).as_deref(), expected.as_str(), "{base}");
    }
    for (base, expected) in cases("validation") {
        assert_eq!(Some(Postcode::parse(&base).is_ok()), expected.as_bool(), "{base}");
    }
}

fn cases(name: &str) -> Vec<(String, serde_json::Value)> {
    let text = published(&format!("uk-postcode_{name}.json")).expect("a published file");
    let file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let tests = file["tests"].as_array().expect("a list").iter();
    tests.map(|test| (test["base"].as_str().expect("text").to_owned(), test["expected"].clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_rendering_comes_back(text in "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}") {
        let postcode = Postcode::parse(&text).unwrap();
        prop_assert_eq!(postcode.to_string(), text.clone());
        prop_assert_eq!(PostcodeKey::from_number(postcode.key().get()), Some(postcode.key()));
        for spelling in [text.replace(' ', ""), text.to_lowercase(), text.replace(' ', "\u{a0}-"), format!(" {text:>9} ")] {
            prop_assert_eq!(Postcode::parse(&spelling).unwrap(), postcode);
        }
    }

    #[test]
    fn parsing_never_panics(text in any::<String>(), near in "[A-Z0-9Oo .-]{0,10}") {
        let _ = Postcode::parse(&text);
        if let Ok(postcode) = Postcode::parse(&near) {
            prop_assert_eq!(Postcode::parse(&postcode.to_string()).unwrap(), postcode);
        }
    }

    #[test]
    fn every_number_is_a_postcode_or_none(number in any::<u32>(), low in 1_755_980_000_u32..1_756_020_000) {
        for number in [number, low] {
            if let Some(key) = PostcodeKey::from_number(number) {
                prop_assert_eq!(Postcode::parse(&key.postcode().to_string()).unwrap().key(), key);
            }
        }
    }
}
