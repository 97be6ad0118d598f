use super::*;
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postbag_domain::DomainName;

const MESSAGE: &[u8] = b"From: Ada <letter-1@letters.example.org>\r\nTo: Una <una@example.org>\r\n\
    Subject: Please\r\n act\r\nDate: Fri, 27 Nov 2026 09:00:00 +0000\r\n\r\nDear Una,\r\n\r\nplease act.\r\n";

fn domain(name: &str) -> DomainName {
    DomainName::parse(name).unwrap()
}

fn keys(name: &str) -> DkimKeys {
    let key = |selector, pem: String| DkimKey::parse(domain(name), selector, &pem).unwrap();
    DkimKeys::new(vec![key("b", DkimKey::new_ed25519().unwrap()), key("a", DkimKey::new_rsa().unwrap())])
}

/// Signatures as a verifier reads them: the value of each tag without blanks, and the whole header without the value of `b`.
fn read(signatures: &[u8]) -> Vec<(std::collections::BTreeMap<String, String>, String)> {
    let text = String::from_utf8(signatures.to_vec()).unwrap();
    let headers = text.split("DKIM-Signature: ").skip(1);
    headers
        .map(|header| {
            let tags = header.split(';').map(|tag| tag.split_once('=').unwrap());
            let tags = tags.map(|(name, value)| (name.trim().to_owned(), value.split_whitespace().collect()));
            let unsigned = header.rsplit_once("b=").unwrap().0;
            (tags.collect(), format!("DKIM-Signature: {unsigned}b="))
        })
        .collect()
}

fn holds(key: &DkimKey, message: &[u8], tags: &std::collections::BTreeMap<String, String>, unsigned: &str) -> bool {
    let (headers, body) = split(message);
    if tags["bh"] != key::base64(&key::sha256(&relaxed_body(body))) {
        return false;
    }
    let mut signed = signed_headers(&headers);
    signed.extend(relaxed_header(unsigned.as_bytes()));
    let content = key.record_content();
    let public = STANDARD.decode(content.rsplit_once("p=").unwrap().1).unwrap();
    let signature = STANDARD.decode(&tags["b"]).unwrap();
    if key.algorithm() == "rsa-sha256" {
        // The key within the SubjectPublicKeyInfo is what the verifier of RSA takes.
        let inner = public.get(24..).unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, inner).verify(&signed, &signature).is_ok()
    } else {
        UnparsedPublicKey::new(&ED25519, public).verify(&key::sha256(&signed), &signature).is_ok()
    }
}

#[test]
fn every_key_of_the_domain_signs_rsa_first() {
    let keys = keys("letters.example.org");
    let signatures = keys.signatures("letters.example.org", MESSAGE);
    let read = read(&signatures);
    let algorithms: Vec<_> = read.iter().map(|(tags, _)| tags["a"].as_str()).collect();
    assert_eq!(algorithms, ["rsa-sha256", "ed25519-sha256"]);
    for ((tags, unsigned), key) in read.iter().zip(keys.iter()) {
        assert_eq!((tags["d"].as_str(), tags["s"].as_str()), ("letters.example.org", key.selector()));
        assert!(holds(key, MESSAGE, tags, unsigned), "{tags:?}");
    }
    assert!(signatures.split(|byte| *byte == b'\n').all(|line| line.len() < 200));
}

#[test]
fn a_change_of_a_header_or_the_body_breaks_a_signature_and_one_of_blanks_does_not() {
    let keys = keys("example.org");
    let signatures = keys.signatures("example.org", MESSAGE);
    let text = String::from_utf8(MESSAGE.to_vec()).unwrap();
    let changed = [
        (text.replace("Please", "Never"), false),
        (text.replace("please act.", "please wait."), false),
        (text.replace("From: Ada", "From: Eve"), false),
        (format!("From: Eve <eve@example.org>\r\n{text}"), false),
        (format!("Subject: Another\r\n{text}"), false),
        (text.replace("Subject: Please\r\n act", "subject:  Please act "), true),
        (text.replace("Dear Una,\r\n", "Dear Una,  \r\n"), true),
        (format!("{text}\r\n\r\n"), true),
        (format!("Received: from a.example\r\n{text}"), true),
    ];
    for (message, expected) in changed {
        for ((tags, unsigned), key) in read(&signatures).iter().zip(keys.iter()) {
            assert_eq!(holds(key, message.as_bytes(), tags, unsigned), expected, "{message}");
        }
    }
}

#[test]
fn the_same_message_has_the_same_signatures() {
    let keys = keys("example.org");
    assert_eq!(keys.signatures("example.org", MESSAGE), keys.signatures("example.org", MESSAGE));
}

#[test]
fn the_nearest_domain_signs_and_no_other() {
    let mut all: Vec<DkimKey> = Vec::new();
    for name in ["example.org", "letters.example.org", "other.example"] {
        all.extend(keys(name).0);
    }
    let keys = DkimKeys::new(all);
    let signers = |sending: &str| keys.of(sending).map(|key| key.domain().to_owned()).collect::<Vec<_>>();
    assert_eq!(signers("letters.example.org"), ["letters.example.org"; 2]);
    assert_eq!(signers("a.letters.example.org"), ["letters.example.org"; 2]);
    assert_eq!(signers("mail.example.org"), ["example.org"; 2]);
    assert_eq!(signers("badexample.org"), Vec::<String>::new());
    assert_eq!(keys.signatures("badexample.org", MESSAGE), b"");
}

#[test]
fn the_folder_keeps_its_keys_and_refuses_what_is_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(DkimKeys::load(&folder.path().join("none")).unwrap().iter().next().is_none());
    DkimKeys::generate(folder.path(), &domain("example.org"), "pb").unwrap();
    let loaded = DkimKeys::load(folder.path()).unwrap();
    let names: Vec<_> = loaded.iter().map(DkimKey::record_name).collect();
    assert_eq!(names, ["pb._domainkey.example.org", "pb-ed25519._domainkey.example.org"]);
    let again = DkimKeys::generate(folder.path(), &domain("example.org"), "pb").unwrap_err();
    assert!(again.to_string().contains("File exists"), "{again}");
    assert!(DkimKeys::generate(folder.path(), &domain("example.org"), "a.b").is_err());
    let too_long_for_the_second = "a".repeat(60);
    assert!(DkimKeys::generate(folder.path(), &domain("other.example"), &too_long_for_the_second).is_err());
    assert!(!folder.path().join("other.example").exists(), "both keys or none");
    std::fs::write(folder.path().join("example.org/bad.pem"), "no key").unwrap();
    let refused = DkimKeys::load(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("bad.pem: it holds no private key in PEM"), "{refused}");
}

#[test]
fn a_record_of_the_zone_has_strings_that_fit() {
    for key in keys("example.org").iter() {
        let line = key.zone_line();
        assert!(line.contains("IN TXT ( \"v=DKIM1; k="), "{line}");
        assert!(line.split('"').all(|part| part.len() <= 255), "{line}");
    }
}
