//! Proofs of work, done as a browser does them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::campaign::Published;
use crate::server::Server;

/// The solution of a challenge as it was set.
pub fn solve(set: &Value) -> String {
    let (salt, challenge) = (set["salt"].as_str().expect("a salt"), set["challenge"].as_str().expect("a challenge"));
    let highest = set["maxnumber"].as_u64().expect("a highest number");
    let wanted = bytes(challenge);
    let fits = |number: &u64| digest(&SHA256, format!("{salt}{number}").as_bytes()).as_ref() == wanted;
    let number = (0..=highest).find(fits).expect("a number");
    let solution = json!({ "algorithm": set["algorithm"], "challenge": challenge, "number": number, "salt": salt,
                           "signature": set["signature"], "took": 1 });
    STANDARD.encode(solution.to_string())
}

/// The solution of a fresh challenge of a campaign.
pub async fn solution(server: &Server, campaign: &Published) -> String {
    solve(&server.get(&campaign.path("/challenge")).await.expect(200).json())
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}
