//! What the fuzz targets under `tests/fuzz` reach that is private otherwise. Each function panics if what it claims is not so.

use crate::challenges::{ProofOfWork, SetChallenge};
use crate::config::Config;
use crate::handlers::public::actions::{Came, SubmitAction};
use crate::http::cursor::Cursors;
use crate::http::extract::parse;
use crate::secrets::{MailKeys, Seal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use postbag_domain::{ActionId, Bounced, CampaignId, DeliveryId, DomainName, Locale};
use serde_json::json;
use uuid::Uuid;

fn config() -> Config {
    Config { secret: Some("a secret of enough letters, really".into()), ..Config::default() }
}

/// A moment so many seconds after 1970.
pub fn moment(seconds: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds.into(), 0).unwrap_or_default()
}

/// A body of `POST …/actions` is a submission or a problem; one that is a submission parses alike when it is written out.
///
/// # Panics
/// If it does not.
pub fn submission(body: &[u8]) {
    let Ok(submitted) = parse::<SubmitAction>(body) else { return };
    let Ok(submission) = submitted.parse(Locale::En, came()) else { return };
    let written = serde_json::to_vec(&submitted).unwrap_or_default();
    let again = parse::<SubmitAction>(&written).ok().and_then(|again| again.parse(Locale::En, came()).ok());
    assert_eq!(again, Some(submission), "the same submission");
}

/// No text of a stranger is the solution of a challenge, and a solution is one as it is only.
///
/// # Panics
/// If one is, or if it is not.
pub fn challenge(text: &str) {
    let (proof_of_work, now) = (ProofOfWork::of(&config()), moment(1_800_000_000));
    let campaign = CampaignId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()));
    assert!(proof_of_work.check(campaign, text, now).is_err(), "a forged solution");
    assert!(proof_of_work.check(campaign, &STANDARD.encode(text), now).is_err(), "a forged solution");

    let SetChallenge { salt, challenge, signature, .. } = proof_of_work.set(campaign, Uuid::nil(), 7, 9, now);
    let solution = |salt: &str| {
        let members = json!({ "algorithm": "SHA-256", "challenge": challenge, "number": 7, "salt": salt, "signature": signature });
        STANDARD.encode(members.to_string())
    };
    assert!(proof_of_work.check(campaign, &solution(&salt), now).is_ok());
    let other = format!("{salt}{text}");
    assert_eq!(proof_of_work.check(campaign, &solution(&other), now).is_ok(), text.is_empty(), "another salt");
}

fn came() -> Came {
    Came { origin: None, today: DateTime::UNIX_EPOCH.date_naive() }
}

/// No local part of a stranger names a message.
///
/// # Panics
/// If one does.
pub fn senders(local_parts: &[String]) {
    let keys = MailKeys::of(&config()).bounces;
    for local_part in local_parts {
        assert_eq!(keys.open(local_part), None, "a forged sender");
    }
}

/// No text of a stranger is a token or a cursor, and what this server writes opens for nothing else.
///
/// # Panics
/// If one is, or if it does.
pub fn tokens(text: &str) {
    let (config, now) = (config(), moment(1_800_000_000));
    let MailKeys { bounces, confirmations, .. } = MailKeys::of(&config);
    let (receipts, cursors) = (Seal::new(config.secrets(), "receipt"), Cursors::new(config.secrets()));
    assert_eq!(bounces.open(text), None, "a forged sender");
    assert_eq!(confirmations.open(text, now), None, "a forged confirmation");
    assert_eq!(receipts.open("an action", text), None, "a forged receipt");
    assert!(cursors.read::<serde_json::Value>("a list", text).is_err(), "a forged cursor");

    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    let token = confirmations.token(ActionId::new(id), moment(1_800_000_001));
    assert_eq!(confirmations.open(&token, now), Some(ActionId::new(id)));
    assert_eq!(confirmations.open(&token, moment(1_800_000_001)), None, "it has expired");
    assert_eq!(receipts.open("", &token), None, "another purpose");
    assert_eq!(confirmations.open(&format!("{token}{text}"), now).is_some(), text.is_empty());
    let domain = DomainName::parse("letters.charity.example");
    let address = domain.and_then(|domain| bounces.address(Bounced::Letter(DeliveryId::new(id)), &domain));
    let local_part = address.as_ref().ok().and_then(|address| address.as_str().split('@').next());
    assert_eq!(local_part.and_then(|part| bounces.open(part)), Some(Bounced::Letter(DeliveryId::new(id))));
}
