//! Tokens that were revoked before their time, in memory.

use super::token::Claims;
use arc_swap::ArcSwap;
use postbag_persistence::{Revocation, Revoked};
use std::collections::{HashMap, HashSet};

/// The revocations, replaced as a whole when they change.
#[derive(Debug, Default)]
pub struct Revocations(ArcSwap<Table>);

#[derive(Debug, Default)]
struct Table {
    tokens: HashSet<String>,
    /// Until when each subject's tokens are revoked, in seconds.
    subjects: HashMap<String, i64>,
}

impl Revocations {
    /// Takes the revocations as they are now.
    pub(crate) fn replace(&self, all: Vec<Revocation>) {
        let mut table = Table::default();
        for Revocation { what, at } in all {
            match what {
                Revoked::Token(jti) => drop(table.tokens.insert(jti)),
                Revoked::Subject(subject) => drop(table.subjects.insert(subject, at.timestamp())),
            }
        }
        self.0.store(table.into());
    }

    /// True if the token was revoked, or issued to a subject that was revoked then or later.
    pub(crate) fn hold(&self, claims: &Claims) -> bool {
        let table = self.0.load();
        let until = table.subjects.get(&claims.sub);
        table.tokens.contains(&claims.jti) || until.is_some_and(|until| claims.iat <= *until)
    }
}
