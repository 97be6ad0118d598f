//! What an invalidation looks for.

use super::ClientTag;
use super::pattern::Pattern;
use crate::text::{self, Limit};
use crate::{ActionId, DomainName, FieldErrors, Findings, Flaw, Sketch};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much of a message must resemble the one that it is held against: a short one in which a word was changed still does.
const ALIKE: f64 = 0.5;

/// How many of anything but clients may be named.
const MOST: usize = 1_000;

/// Conditions before they are checked; also their stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionFields {
    /// From one of these clients.
    pub clients: Vec<ClientTag>,
    /// With an address at one of these domains, or below.
    pub email_domains: Vec<String>,
    /// With an address that fits one of these, in which `*` stands for any text.
    pub email_patterns: Vec<String>,
    /// With one of these `utm_source` labels.
    pub sources: Vec<String>,
    /// With one of these ids.
    pub ids: Vec<ActionId>,
    /// With a message that resembles that of this action.
    pub like: Option<ActionId>,
    /// Made at this moment or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

/// What an invalidation looks for: an action is found if each kind of condition that is given holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConditionFields", into = "ConditionFields")]
pub struct Conditions {
    clients: BTreeSet<ClientTag>,
    email_domains: Vec<DomainName>,
    email_patterns: Vec<Pattern>,
    sources: Vec<String>,
    ids: Vec<ActionId>,
    like: Option<ActionId>,
    created_from: Option<DateTime<Utc>>,
    created_before: Option<DateTime<Utc>>,
}

/// What conditions need to know of an action.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its identity.
    pub id: ActionId,
    /// The supporter's address, as it is compared.
    pub email: &'a str,
    /// The client it came from, as long as that is kept.
    pub client: Option<ClientTag>,
    /// The `utm_source` label.
    pub source: Option<&'a str>,
    /// The moment it was accepted.
    pub created_at: DateTime<Utc>,
    /// True if its message resembles the one that is looked for.
    pub is_like: bool,
}

impl Conditions {
    /// How many clients may be named: a /24 for each of 90 days.
    pub const MOST_CLIENTS: usize = 25_000;

    /// Takes at least one condition that says more than when. Pointers are `/email_domains/0` and so on.
    pub fn new(fields: ConditionFields) -> Result<Self, FieldErrors> {
        let describes = !fields.clients.is_empty()
            || !fields.email_domains.is_empty()
            || !fields.email_patterns.is_empty()
            || !fields.sources.is_empty()
            || !fields.ids.is_empty()
            || fields.like.is_some()
            || (fields.created_from.is_some() && fields.created_before.is_some());
        let rule = "must have clients, networks, email_domains, email_patterns, sources, ids, like, or created_from and created_before";
        let missing = || FieldErrors::one("", Flaw::new("conditions_missing", rule));
        if describes { Self::parse(fields) } else { Err(missing()) }
    }

    /// The same conditions without those that tell clients apart, once these are not kept any more.
    #[must_use]
    pub fn without_clients(self) -> Self {
        Self { clients: BTreeSet::new(), ..self }
    }

    /// Takes none at all, too: those of an invalidation that is over may have been deleted.
    fn parse(fields: ConditionFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let mut most = |pointer: &str, count: usize, most: usize| {
            if count > most {
                findings.note(pointer, Flaw::new("too_many", format!("must be {most} at most")));
            }
        };
        most("/clients", fields.clients.len(), Self::MOST_CLIENTS);
        most("/email_domains", fields.email_domains.len(), MOST);
        most("/email_patterns", fields.email_patterns.len(), MOST);
        most("/sources", fields.sources.len(), MOST);
        most("/ids", fields.ids.len(), MOST);
        if fields.created_from.zip(fields.created_before).is_some_and(|(from, before)| from >= before) {
            findings.note("/created_before", Flaw::new("period_empty", "must be later than created_from"));
        }
        let domains = fields.email_domains.iter().enumerate().map(|(index, domain)| {
            findings.check(format!("/email_domains/{index}"), DomainName::parse(domain.trim_start_matches('@')))
        });
        let email_domains: Option<Vec<_>> = domains.collect();
        let patterns = fields.email_patterns.iter().enumerate();
        let patterns =
            patterns.map(|(index, text)| findings.check(format!("/email_patterns/{index}"), Pattern::parse(text)));
        let email_patterns: Option<Vec<_>> = patterns.collect();
        let sources = fields.sources.iter().enumerate();
        let sources =
            sources.map(|(index, text)| findings.check(format!("/sources/{index}"), text::line(text, Limit::of(100))));
        let sources: Option<Vec<_>> = sources.collect();
        let whole = email_domains.zip(email_patterns).zip(sources);
        findings.finish(whole.map(|((email_domains, email_patterns), sources)| Self {
            clients: fields.clients.into_iter().collect(),
            email_domains,
            email_patterns,
            sources,
            ids: fields.ids,
            like: fields.like,
            created_from: fields.created_from,
            created_before: fields.created_before,
        }))
    }

    /// The action whose message others are held against.
    pub const fn like(&self) -> Option<ActionId> {
        self.like
    }

    /// The ids that alone are looked at; all when empty.
    pub fn ids(&self) -> &[ActionId] {
        &self.ids
    }

    /// The period that alone is looked at: from, and before.
    pub const fn period(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        (self.created_from, self.created_before)
    }

    /// True if two messages are so alike that one was made from the other.
    pub fn are_alike(one: &Sketch, other: &Sketch) -> bool {
        one.likeness(other) >= ALIKE
    }

    /// True if every kind of condition that is given holds for the action.
    pub fn match_action(&self, action: &Candidate<'_>) -> bool {
        let domain = action.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        (self.clients.is_empty() || action.client.is_some_and(|client| self.clients.contains(&client)))
            && holds(&self.email_domains, |wanted| wanted.covers(domain))
            && holds(&self.email_patterns, |pattern| pattern.fits(action.email))
            && holds(&self.sources, |wanted| action.source == Some(wanted.as_str()))
            && holds(&self.ids, |wanted| action.id == *wanted)
            && (self.like.is_none() || action.is_like)
            && self.created_from.is_none_or(|from| action.created_at >= from)
            && self.created_before.is_none_or(|before| action.created_at < before)
    }
}

/// True if one of those wanted fits, or none is asked for.
fn holds<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

impl TryFrom<ConditionFields> for Conditions {
    type Error = FieldErrors;

    fn try_from(fields: ConditionFields) -> Result<Self, FieldErrors> {
        Self::parse(fields)
    }
}

impl From<Conditions> for ConditionFields {
    fn from(conditions: Conditions) -> Self {
        Self {
            clients: conditions.clients.into_iter().collect(),
            email_domains: conditions.email_domains.iter().map(ToString::to_string).collect(),
            email_patterns: conditions.email_patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            sources: conditions.sources,
            ids: conditions.ids,
            like: conditions.like,
            created_from: conditions.created_from,
            created_before: conditions.created_before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;
    use uuid::Uuid;

    fn candidate(email: &str) -> Candidate<'_> {
        Candidate {
            id: ActionId::new(Uuid::from_u128(1)),
            email,
            client: Some(ClientTag::new([7; 16])),
            source: Some("flood"),
            created_at: "2026-12-01T09:00:00Z".parse().unwrap(),
            is_like: false,
        }
    }

    fn found(fields: ConditionFields, email: &str) -> bool {
        Conditions::new(fields).unwrap().match_action(&candidate(email))
    }

    #[test]
    fn every_kind_of_condition_must_hold_and_one_of_each_kind() {
        let domains = |domains: &[&str]| ConditionFields {
            email_domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            ..ConditionFields::default()
        };
        assert!(found(domains(&["example.net", "@Example.org"]), "ada@example.org"));
        assert!(found(domains(&["example.org"]), "ada@mail.example.org"));
        assert!(!found(domains(&["example.org"]), "ada@notexample.org"));
        let from = |client: u8| ConditionFields {
            clients: vec![ClientTag::new([client; 16])],
            sources: vec!["flood".to_owned()],
            ..ConditionFields::default()
        };
        assert!(found(from(7), "ada@example.org") && !found(from(8), "ada@example.org"));
        let like = ConditionFields { like: Some(ActionId::new(Uuid::from_u128(2))), ..ConditionFields::default() };
        assert!(!found(like, "ada@example.org"));
    }

    #[test]
    fn a_period_has_a_beginning_and_an_end_or_comes_with_another_condition() {
        let from: DateTime<Utc> = "2026-12-01T08:00:00Z".parse().unwrap();
        let before: DateTime<Utc> = "2026-12-01T09:00:00Z".parse().unwrap();
        let period =
            |from, before| ConditionFields { created_from: from, created_before: before, ..ConditionFields::default() };
        assert!(!found(period(Some(from), Some(before)), "ada@example.org"), "the end is no part of it");
        let codes = |fields| {
            Conditions::new(fields).unwrap_err().iter().map(|error| error.flaw().code()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(codes(period(Some(from), None)), "conditions_missing");
        assert_eq!(codes(period(Some(before), Some(from))), "period_empty");
        assert_eq!(codes(ConditionFields::default()), "conditions_missing");
    }

    #[test]
    fn stored_conditions_come_back_through_the_same_door() {
        let fields = ConditionFields {
            email_domains: vec!["example.org".to_owned()],
            email_patterns: vec!["*+BOT@*".to_owned()],
            ..ConditionFields::default()
        };
        let conditions = Conditions::new(fields).unwrap();
        let json = serde_json::to_string(&conditions).unwrap();
        assert_eq!(serde_json::from_str::<Conditions>(&json).unwrap(), conditions);
        let wrong = ConditionFields { email_patterns: vec!["*".to_owned()], ..ConditionFields::default() };
        let errors = Conditions::new(wrong).unwrap_err();
        assert_eq!(errors.iter().map(FieldError::pointer).collect::<Vec<_>>(), ["/email_patterns/0"]);
    }
}
