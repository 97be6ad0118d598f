//! Tokens that this server issued, and those that were revoked. A token itself is never stored.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::revisions::{Loaded, Snapshot};
use crate::schema::{revocations, tokens};
use crate::types::{At, Id};
use crate::{Cursor, Page, PageRequest, Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use uuid::Uuid;

/// The record of an issued token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// Its `jti`.
    pub id: Uuid,
    /// The person or system that it speaks for.
    pub subject: String,
    /// The organisation whose data it opens: its slug, or `*`.
    pub org: String,
    /// Its scopes, separated by spaces.
    pub scope: String,
    /// The moment it was issued.
    pub issued_at: DateTime<Utc>,
    /// The moment it expires.
    pub expires_at: DateTime<Utc>,
}

/// A token, or the tokens of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// One token, by its `jti`.
    Token(String),
    /// Every token of a subject that was issued until then.
    Subject(String),
}

/// A revocation and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The token or the subject.
    pub what: Revoked,
    /// When.
    pub at: DateTime<Utc>,
}

impl Revoked {
    fn row(&self) -> (&'static str, &str) {
        match self {
            Self::Token(jti) => ("token", jti),
            Self::Subject(subject) => ("subject", subject),
        }
    }
}

impl Store {
    /// Remembers that a token was issued, for the command line.
    pub fn remember_token_blocking(&self, token: &IssuedToken) -> Result<(), StoreError> {
        self.write_blocking(|connection| remember(connection, token))
    }

    /// The tokens that this server issued, newest first, revoked and expired ones too.
    pub async fn issued_tokens(&self, page: PageRequest) -> Result<Page<IssuedToken>, StoreError> {
        self.read(move |connection| list(connection, page)).await
    }

    /// Revokes; every node follows within a second. Twice is as good as once, but that a subject's later tokens end too.
    pub async fn revoke(&self, what: Revoked, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |connection| revoke(connection, &what, now)).await
    }

    /// Every revocation.
    pub async fn load_revocations(&self) -> Result<Loaded<Vec<Revocation>>, StoreError> {
        self.read_snapshot(load).await
    }
}

fn remember(connection: &mut AnyConnection, token: &IssuedToken) -> Result<(), StoreError> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(Id(token.id)),
            tokens::subject.eq(&token.subject),
            tokens::org.eq(&token.org),
            tokens::scope.eq(&token.scope),
            tokens::created_at.eq(At::new(token.issued_at)),
            tokens::expires_at.eq(At::new(token.expires_at)),
        ))
        .execute(connection)?;
    Ok(())
}

type Row = (Id, String, String, String, At, At);

fn list(connection: &mut AnyConnection, request: PageRequest) -> Result<Page<IssuedToken>, StoreError> {
    let columns = (tokens::id, tokens::subject, tokens::org, tokens::scope, tokens::created_at, tokens::expires_at);
    let rows: Vec<Row> = page!(tokens::table.select(columns).into_boxed(), tokens, request).load(connection)?;
    let page = Page::of(rows, request, |row| Cursor { created_at: row.4.time(), id: row.0.0 });
    Ok(page.map(|(id, subject, org, scope, issued, expires)| IssuedToken {
        id: id.0,
        subject,
        org,
        scope,
        issued_at: issued.time(),
        expires_at: expires.time(),
    }))
}

fn revoke(connection: &mut AnyConnection, what: &Revoked, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (kind, name) = what.row();
    let row = (revocations::kind.eq(kind), revocations::name.eq(name), revocations::revoked_at.eq(At::new(now)));
    on_backend!(connection, c => diesel::insert_into(revocations::table)
        .values(row)
        .on_conflict((revocations::kind, revocations::name))
        .do_update()
        .set(revocations::revoked_at.eq(excluded(revocations::revoked_at)))
        .execute(c))?;
    Snapshot::Revocations.bump(connection)?;
    Ok(())
}

fn load(connection: &mut AnyConnection) -> Result<Loaded<Vec<Revocation>>, StoreError> {
    let revision = Snapshot::Revocations.revision(connection)?;
    let rows: Vec<(String, String, At)> =
        revocations::table.select((revocations::kind, revocations::name, revocations::revoked_at)).load(connection)?;
    let read = |(kind, name, at): (String, String, At)| {
        let what = if kind == "token" { Revoked::Token(name) } else { Revoked::Subject(name) };
        Revocation { what, at: at.time() }
    };
    Ok(Loaded { revision, value: rows.into_iter().map(read).collect() })
}
