//! What an organisation makes of signals.

use crate::text::{self, Limit};
use crate::words::words;
use crate::{FieldErrors, Findings, Flaw, Locale, Signal, Wordings};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many words and phrases an organisation can list.
const UNWANTED: usize = 1_000;

words! {
    /// What becomes of a submission with a signal, from the mildest to the strictest.
    Outcome, "outcome_unknown" {
        /// It is accepted as if there were no signal.
        Accept = "accept",
        /// A person looks at it before anything is sent.
        Hold = "hold",
        /// It is not taken, and the person reads why.
        Refuse = "refuse",
    }
}

/// A rule before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Rule")]
pub struct RuleFields {
    pub signal: String,
    pub outcome: String,
    pub reason: Option<BTreeMap<Locale, String>>,
}

/// An organisation's moderation before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Moderation")]
pub struct ModerationFields {
    pub rules: Vec<RuleFields>,
    pub unwanted_words: Vec<String>,
}

/// What becomes of a submission with one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The signal.
    pub signal: Signal,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The words that the person reads; those built in when absent.
    pub reason: Option<Wordings>,
}

/// An organisation's rules, with those built in where it says nothing. Read-only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moderation {
    rules: BTreeMap<Signal, Rule>,
    unwanted_words: Vec<String>,
}

/// What the rules make of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The strictest outcome.
    pub outcome: Outcome,
    /// The signals that ask for it.
    pub reasons: BTreeSet<Signal>,
}

impl Moderation {
    /// Rules for each signal at most once, and words of 2 to 100 characters. Pointers are `/rules/…` and `/unwanted_words/…`.
    pub fn new(fields: ModerationFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let rules = check_rules(&mut findings, fields.rules);
        let unwanted_words = check_words(&mut findings, &fields.unwanted_words);
        findings.finish(Some(Self { rules, unwanted_words }))
    }

    /// Words and phrases that it does not pass on, in small letters.
    pub fn unwanted_words(&self) -> &[String] {
        &self.unwanted_words
    }

    /// What becomes of a submission with these signals.
    pub fn rule_on(&self, signals: &BTreeSet<Signal>) -> Ruling {
        let outcome = signals.iter().map(|signal| self.outcome(*signal)).max().unwrap_or(Outcome::Accept);
        let reasons = signals.iter().copied().filter(|signal| self.outcome(*signal) == outcome);
        let reasons = if outcome == Outcome::Accept { BTreeSet::new() } else { reasons.collect() };
        Ruling { outcome, reasons }
    }

    /// What becomes of a submission with one signal.
    pub fn outcome(&self, signal: Signal) -> Outcome {
        self.rules.get(&signal).map_or_else(|| signal.outcome(), |rule| rule.outcome)
    }

    /// The words that a person reads about a signal, in their language or else English.
    pub fn reason(&self, signal: Signal, locale: Locale) -> &str {
        let own = self.rules.get(&signal).and_then(|rule| rule.reason.as_ref());
        own.map_or_else(|| signal.reason(locale), |wordings| wordings.shown(locale, Locale::En).1)
    }
}

fn check_rules(findings: &mut Findings, fields: Vec<RuleFields>) -> BTreeMap<Signal, Rule> {
    let mut rules = BTreeMap::new();
    for (index, rule) in fields.into_iter().enumerate() {
        let at = |field: &str| format!("/rules/{index}/{field}");
        let signal = findings.check(at("signal"), rule.signal.parse::<Signal>());
        let outcome = findings.check(at("outcome"), rule.outcome.parse());
        let reason = rule.reason.map(|texts| Wordings::new(texts).map_err(|errors| errors.under(&at("reason"))));
        let reason = reason.map(|reason| findings.absorb(reason));
        let Some((signal, outcome)) = signal.zip(outcome) else { continue };
        if rules.insert(signal, Rule { signal, outcome, reason: reason.flatten() }).is_some() {
            findings.note(at("signal"), Flaw::new("repeated", "must not stand in the list twice"));
        }
    }
    rules
}

fn check_words(findings: &mut Findings, words: &[String]) -> Vec<String> {
    if words.len() > UNWANTED {
        let flaw = Flaw::new("too_many", format!("must be at most {UNWANTED} words and phrases"));
        findings.note("/unwanted_words", flaw);
        return Vec::new();
    }
    let check = |(index, word): (usize, &String)| {
        let folded = word.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        findings.check(format!("/unwanted_words/{index}"), text::line(&folded, Limit::of(100)))
    };
    words.iter().enumerate().filter_map(check).collect()
}

impl From<Moderation> for ModerationFields {
    fn from(moderation: Moderation) -> Self {
        let rules = moderation.rules.into_values().map(|rule| RuleFields {
            signal: rule.signal.to_string(),
            outcome: rule.outcome.to_string(),
            reason: rule.reason.map(BTreeMap::from),
        });
        Self { rules: rules.collect(), unwanted_words: moderation.unwanted_words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(signal: &str, outcome: &str) -> RuleFields {
        RuleFields { signal: signal.to_owned(), outcome: outcome.to_owned(), reason: None }
    }

    fn signals(words: &[Signal]) -> BTreeSet<Signal> {
        words.iter().copied().collect()
    }

    #[test]
    fn the_strictest_rule_decides_and_says_why() {
        let fields = ModerationFields { rules: vec![rule("links", "refuse")], unwanted_words: Vec::new() };
        let moderation = Moderation::new(fields).unwrap();
        let ruling = moderation.rule_on(&signals(&[Signal::Links, Signal::SecondPostcode, Signal::BusyClient]));
        assert_eq!(ruling, Ruling { outcome: Outcome::Refuse, reasons: signals(&[Signal::Links]) });
        assert_eq!(moderation.rule_on(&signals(&[Signal::SecondPostcode])).outcome, Outcome::Hold);
        assert_eq!(moderation.rule_on(&BTreeSet::new()).outcome, Outcome::Accept);
    }

    #[test]
    fn every_signal_has_a_reason_in_english_and_welsh() {
        for signal in Signal::ALL {
            let [english, welsh] = [Locale::En, Locale::Cy].map(|locale| signal.reason(locale));
            assert!(!english.is_empty() && !welsh.is_empty() && english != welsh, "{signal}");
        }
    }

    #[test]
    fn an_organisation_words_its_own_reason() {
        let texts = BTreeMap::from([(Locale::En, "No links, please.".to_owned())]);
        let fields = RuleFields { reason: Some(texts), ..rule("links", "hold") };
        let moderation = Moderation::new(ModerationFields { rules: vec![fields], ..Default::default() }).unwrap();
        assert_eq!(moderation.reason(Signal::Links, Locale::Cy), "No links, please.");
        assert_eq!(moderation.reason(Signal::MixedScript, Locale::Cy), Signal::MixedScript.reason(Locale::Cy));
    }

    #[test]
    fn rules_come_back_through_the_same_door_and_every_flaw_has_its_place() {
        let unwanted_words = vec!["Hateful  Thing".to_owned()];
        let fields = ModerationFields { rules: vec![rule("links", "accept")], unwanted_words };
        let moderation = Moderation::new(fields).unwrap();
        assert_eq!(moderation.unwanted_words(), ["hateful thing"]);
        assert_eq!(Moderation::new(moderation.clone().into()).unwrap(), moderation);
        let rules = vec![rule("links", "shout"), rule("bots", "hold"), rule("links", "hold"), rule("links", "hold")];
        let errors = Moderation::new(ModerationFields { rules, unwanted_words: vec![String::new()] }).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/rules/0/outcome", "/rules/1/signal", "/rules/3/signal", "/unwanted_words/0"]);
    }
}
