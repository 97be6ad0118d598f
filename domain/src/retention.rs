//! How long what is held on supporters is kept (UK GDPR 5(1)(e), B11).

use crate::{FieldErrors, Findings, Flaw};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The longest anything may be kept, in days: ten years.
const LONGEST: u32 = 3_650;

/// The longest that it is kept which submissions came from one client.
const LONGEST_CLIENT: u32 = 90;

/// An organisation's rules before they are checked; also their stored form. What is absent is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: RetentionRules")]
pub struct RetentionFields {
    pub message_days: Option<u32>,
    pub failed_message_days: Option<u32>,
    pub identity_days: Option<u32>,
    pub client_days: Option<u32>,
}

/// How long an organisation keeps each class of data. Read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionRules {
    message: u32,
    failed_message: u32,
    identity: u32,
    client: u32,
}

/// What is due, as the moments by which it was last touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Personal messages whose letters had all arrived somewhere by then.
    pub messages: DateTime<Utc>,
    /// Personal messages with a letter that had failed by then.
    pub failed_messages: DateTime<Utc>,
    /// People who had last taken part or changed their preferences by then.
    pub identities: DateTime<Utc>,
    /// Of which client submissions of before then came.
    pub clients: DateTime<Utc>,
}

impl Default for RetentionRules {
    /// Messages for 28 days after the last letter has settled, those of failed letters for eight weeks more, people for two years, and the
    /// keyed hash of the client for 30 days.
    fn default() -> Self {
        Self { message: 28, failed_message: 84, identity: 730, client: 30 }
    }
}

impl RetentionRules {
    /// Takes one to 3,650 days each: people as long as the messages of failed letters at least, and those as long as other messages. Clients
    /// are kept for 90 days at most, or not at all. Pointers are `/message_days` and so on.
    pub fn new(fields: RetentionFields) -> Result<Self, FieldErrors> {
        let default = Self::default();
        let mut findings = Findings::new();
        let mut days = |field: &str, days: Option<u32>, default: u32, at_least: u32| {
            let days = days.unwrap_or(default.max(at_least));
            if !(at_least..=LONGEST).contains(&days) {
                let flaw = Flaw::new("days_out_of_range", format!("must be {at_least} to {LONGEST} days"));
                findings.note(format!("/{field}"), flaw);
            }
            days.clamp(1, LONGEST)
        };
        let message = days("message_days", fields.message_days, default.message, 1);
        let failed_message = days("failed_message_days", fields.failed_message_days, default.failed_message, message);
        let identity = days("identity_days", fields.identity_days, default.identity, failed_message);
        let client = fields.client_days.unwrap_or(default.client);
        if client > LONGEST_CLIENT {
            let flaw = Flaw::new("days_out_of_range", format!("must be 0 to {LONGEST_CLIENT} days"));
            findings.note("/client_days", flaw);
        }
        findings.finish(Some(Self { message, failed_message, identity, client }))
    }

    /// True if it is kept at all which client a submission came from.
    pub const fn keeps_clients(self) -> bool {
        self.client > 0
    }

    /// What is due at a moment.
    pub fn cutoffs(self, now: DateTime<Utc>) -> Cutoffs {
        let ago = |days: u32| now - TimeDelta::days(days.into());
        Cutoffs {
            messages: ago(self.message),
            failed_messages: ago(self.failed_message),
            identities: ago(self.identity),
            clients: ago(self.client),
        }
    }
}

impl From<RetentionRules> for RetentionFields {
    fn from(rules: RetentionRules) -> Self {
        Self {
            message_days: Some(rules.message),
            failed_message_days: Some(rules.failed_message),
            identity_days: Some(rules.identity),
            client_days: Some(rules.client),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(fields: RetentionFields) -> Vec<String> {
        let errors = RetentionRules::new(fields).unwrap_err();
        errors.iter().map(|error| error.pointer().to_owned()).collect()
    }

    #[test]
    fn what_is_absent_is_the_default_or_as_long_as_it_must_be() {
        assert_eq!(RetentionRules::new(RetentionFields::default()).unwrap(), RetentionRules::default());
        let long = RetentionFields { message_days: Some(1_000), ..RetentionFields::default() };
        let rules = RetentionFields::from(RetentionRules::new(long).unwrap());
        assert_eq!((rules.failed_message_days, rules.identity_days), (Some(1_000), Some(1_000)));
    }

    #[test]
    fn nothing_is_kept_for_ever_and_people_as_long_as_their_words() {
        assert_eq!(codes(RetentionFields { message_days: Some(0), ..RetentionFields::default() }), ["/message_days"]);
        let short = RetentionFields { failed_message_days: Some(20), identity_days: Some(3_651), ..Default::default() };
        assert_eq!(codes(short), ["/failed_message_days", "/identity_days"]);
        assert_eq!(codes(RetentionFields { client_days: Some(91), ..RetentionFields::default() }), ["/client_days"]);
        let never = RetentionFields { client_days: Some(0), ..RetentionFields::default() };
        assert!(!RetentionRules::new(never).unwrap().keeps_clients());
    }

    #[test]
    fn a_cutoff_is_so_many_days_ago() {
        let now: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        assert_eq!(RetentionRules::default().cutoffs(now).messages.to_rfc3339(), "2026-11-02T12:00:00+00:00");
    }
}
