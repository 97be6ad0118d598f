//! Services that check tokens: as hCaptcha and Turnstile answer.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{FakeService, lock};

/// The secret that the service knows.
pub const SECRET: &str = "0x4AAAAAAAkanarien";

impl FakeService {
    /// Starts a hCaptcha for which tokens that begin with `good` are genuine, once.
    pub async fn hcaptcha() -> io::Result<Self> {
        Self::checking_tokens("already-seen-response").await
    }

    /// Starts a Turnstile for which tokens that begin with `good` are genuine, once, and again for the same question.
    pub async fn turnstile() -> io::Result<Self> {
        Self::checking_tokens("timeout-or-duplicate").await
    }

    async fn checking_tokens(seen_before: &'static str) -> io::Result<Self> {
        let seen: Mutex<BTreeMap<String, Option<String>>> = Mutex::default();
        Self::start(move |asked| {
            assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/siteverify"));
            let token = asked.body["response"].as_str().unwrap_or_default().to_owned();
            if asked.body["secret"] != SECRET {
                return refused("invalid-input-secret");
            }
            if token == "old" {
                return refused("expired-input-response");
            }
            if !token.starts_with("good") {
                return refused("invalid-input-response");
            }
            // A question without a name of its own is a new one every time.
            let question = asked.body["idempotency_key"].as_str().map(str::to_owned);
            let before = lock(&seen).insert(token, question.clone());
            match before {
                Some(other) if question.is_none() || other != question => refused(seen_before),
                _ => (200, json!({ "success": true, "hostname": "www.harbour.example" })),
            }
        })
        .await
    }
}

fn refused(code: &str) -> (u16, Value) {
    (200, json!({ "success": false, "error-codes": [code] }))
}
