//! Proof of work as ALTCHA's: find the number that, behind the salt, has this SHA-256. Nothing is stored until it is spent.

use super::fault::ChallengeFault;
use super::spending::spending;
use crate::config::Config;
use crate::secrets::{ChallengeKeys, hex};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, Utc};
use postbag_domain::CampaignId;
use postbag_domain::challenge::LASTS;
use postbag_persistence::SpentChallenge;
use serde::Deserialize;
use uuid::Uuid;

/// The only algorithm, as ALTCHA names it.
pub(crate) const ALGORITHM: &str = "SHA-256";

/// The most that a solution holds, in bytes.
const LONGEST: usize = 2048;

/// A challenge as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetChallenge {
    /// What stands before the number: `<id>?expires=<seconds>&`, as widgets of ALTCHA read it. With the number it is one block of SHA-256.
    pub salt: String,
    /// The SHA-256 of salt and number, in hexadecimal.
    pub challenge: String,
    /// The highest number that has to be tried.
    pub highest: u32,
    /// What this server recognises it by.
    pub signature: String,
    /// The moment from which it counts no more.
    pub expires_at: DateTime<Utc>,
}

/// Sets proofs of work and checks them.
#[derive(Clone, Debug)]
pub struct ProofOfWork {
    keys: ChallengeKeys,
}

/// A solution, as widgets of ALTCHA send it: JSON in base64. What else they say, such as how long it took, is not read.
#[derive(Deserialize)]
struct Solution {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

impl ProofOfWork {
    /// By the server's secrets: what an earlier one signed is accepted.
    pub fn of(config: &Config) -> Self {
        Self { keys: ChallengeKeys::of(config) }
    }

    /// Sets a challenge for a campaign. Solving it is trying numbers from 0 until `number`.
    pub fn set(&self, campaign: CampaignId, id: Uuid, number: u32, highest: u32, now: DateTime<Utc>) -> SetChallenge {
        let expires_at = (now + LASTS).trunc_subsecs(0);
        let salt = format!("{}?expires={}&", URL_SAFE_NO_PAD.encode(id), expires_at.timestamp());
        let challenge = hash(&salt, number.into());
        let signature = self.keys.sign(campaign, &salt, &challenge);
        SetChallenge { salt, challenge, highest, signature, expires_at }
    }

    /// What a solution spends, if it is one of a challenge that this server set for this campaign.
    pub fn check(
        &self,
        campaign: CampaignId,
        brought: &str,
        now: DateTime<Utc>,
    ) -> Result<SpentChallenge, ChallengeFault> {
        let solution = Solution::read(brought).ok_or(ChallengeFault::Wrong)?;
        let Solution { algorithm, challenge, number, salt, signature } = &solution;
        if algorithm != ALGORITHM || !self.keys.signed(campaign, salt, challenge, signature) {
            return Err(ChallengeFault::Wrong);
        }
        let (id, expires_at) = read_salt(salt).ok_or(ChallengeFault::Wrong)?;
        if expires_at <= now {
            return Err(ChallengeFault::Expired);
        }
        if hash(salt, *number) != *challenge {
            return Err(ChallengeFault::Wrong);
        }
        Ok(spending(id, expires_at))
    }
}

impl Solution {
    fn read(brought: &str) -> Option<Self> {
        let json = (brought.len() <= LONGEST).then(|| STANDARD.decode(brought).ok()).flatten()?;
        serde_json::from_slice(&json).ok()
    }
}

fn hash(salt: &str, number: u64) -> String {
    hex(digest(&SHA256, format!("{salt}{number}").as_bytes()).as_ref())
}

fn read_salt(salt: &str) -> Option<(Uuid, DateTime<Utc>)> {
    let (id, expires) = salt.strip_suffix('&')?.split_once("?expires=")?;
    let id = Uuid::from_slice(&URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    Some((id, DateTime::from_timestamp(expires.parse().ok()?, 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const OLD: &str = "an old secret of enough letters!";
    const NEW: &str = "a new secret of enough letters!!";

    fn proof_of_work(secret: &str, previous: &[&str]) -> ProofOfWork {
        let previous_secrets = previous.iter().map(|secret| (*secret).into()).collect();
        ProofOfWork::of(&Config { secret: Some(secret.into()), previous_secrets, ..Config::default() })
    }

    fn campaign(number: u128) -> CampaignId {
        CampaignId::new(Uuid::from_u128(number))
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn set(proof_of_work: &ProofOfWork) -> SetChallenge {
        proof_of_work.set(campaign(1), Uuid::from_u128(7), 123, 1000, now())
    }

    /// As a browser does it.
    fn solve(set: &SetChallenge) -> Value {
        let number = (0..=set.highest).find(|number| hash(&set.salt, u64::from(*number)) == set.challenge).unwrap();
        json!({ "algorithm": "SHA-256", "challenge": set.challenge, "number": number, "salt": set.salt,
                "signature": set.signature, "took": 17 })
    }

    fn sent(solution: &Value) -> String {
        STANDARD.encode(solution.to_string())
    }

    #[test]
    fn a_solution_counts_for_its_campaign_and_its_twenty_minutes() {
        let ours = proof_of_work(NEW, &[]);
        let set = set(&ours);
        let solution = sent(&solve(&set));
        let spent = ours.check(campaign(1), &solution, now()).unwrap();
        assert_eq!(spent.id, Uuid::from_u128(7));
        assert!(spent.expires_at > set.expires_at);
        assert_eq!(ours.check(campaign(2), &solution, now()), Err(ChallengeFault::Wrong));
        let last = now() + TimeDelta::minutes(20) - TimeDelta::seconds(1);
        assert!(ours.check(campaign(1), &solution, last).is_ok());
        let over = now() + TimeDelta::minutes(20);
        assert_eq!(ours.check(campaign(1), &solution, over), Err(ChallengeFault::Expired));
    }

    #[test]
    fn a_rotated_secret_accepts_what_the_old_one_signed() {
        let solution = sent(&solve(&set(&proof_of_work(OLD, &[]))));
        assert!(proof_of_work(NEW, &[OLD]).check(campaign(1), &solution, now()).is_ok());
        assert_eq!(proof_of_work(NEW, &[]).check(campaign(1), &solution, now()), Err(ChallengeFault::Wrong));
    }

    #[test]
    fn no_member_of_a_solution_can_be_another() {
        let ours = proof_of_work(NEW, &[]);
        let solution = solve(&set(&ours));
        let salt = solution["salt"].as_str().unwrap().to_owned();
        // A digit of the number moved into the time would make it last longer.
        let later = salt.replace('&', "1&");
        let other = salt.replacen('A', "B", 1);
        for (member, value) in [
            ("algorithm", json!("SHA-1")),
            ("number", json!(124)),
            ("number", json!("123")),
            ("number", json!(-1)),
            ("number", Value::Null),
            ("salt", json!(later)),
            ("salt", json!(other)),
            ("salt", json!(format!("{salt}1"))),
            ("challenge", json!(hash(&later, 123))),
            ("challenge", json!("")),
            ("signature", json!("")),
            ("signature", json!("00".repeat(16))),
        ] {
            let mut changed = solution.clone();
            changed[member] = value;
            assert_eq!(ours.check(campaign(1), &sent(&changed), now()), Err(ChallengeFault::Wrong), "{changed}");
        }
    }

    proptest! {
        #[test]
        fn no_text_of_a_stranger_is_a_solution(text in ".{0,300}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let ours = proof_of_work(NEW, &[]);
            for brought in [text.clone(), STANDARD.encode(&text), STANDARD.encode(&bytes)] {
                prop_assert_eq!(ours.check(campaign(1), &brought, now()), Err(ChallengeFault::Wrong));
            }
        }

        #[test]
        fn no_members_of_a_stranger_are_a_solution(
            challenge in ".{0,80}", number in any::<u64>(), salt in "[0-9A-Za-z_-]{0,40}(\\?expires=[0-9]{0,20}&?)?", signature in "[0-9a-f]{0,40}",
        ) {
            let solution = json!({ "algorithm": "SHA-256", "challenge": challenge, "number": number, "salt": salt, "signature": signature });
            let checked = proof_of_work(NEW, &[]).check(campaign(1), &sent(&solution), now());
            prop_assert_eq!(checked, Err(ChallengeFault::Wrong));
        }
    }
}
