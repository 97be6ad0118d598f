//! Lists by keyset: newest first, by `(created_at, id)`, never by offset.

use chrono::{DateTime, Utc};
use postbag_domain::OrganisationId;
use uuid::Uuid;

/// Whose rows a query may see. Every administrative query takes one (C25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One organisation's.
    Organisation(OrganisationId),
    /// Everybody's: the operator.
    All,
}

impl Reach {
    /// True if rows of this organisation are within reach.
    pub fn covers(self, organisation: OrganisationId) -> bool {
        match self {
            Self::Organisation(id) => id == organisation,
            Self::All => true,
        }
    }
}

/// A place in a list: the last row that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The moment that row was made.
    pub created_at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows at most.
    pub limit: u16,
    /// The last row of the page before; absent for the first page.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// One more than the limit: the extra row shows whether there is another page.
    pub(crate) fn rows(self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// The beginning of the next part; nothing at the end of the list.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of the rows that [`PageRequest::rows`] asked for.
    pub(crate) fn of(mut items: Vec<T>, request: PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = items.len() > usize::from(request.limit);
        items.truncate(usize::from(request.limit));
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }

    /// The same page of something else, or the first failure.
    pub fn try_map<U, E>(self, f: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page { items: self.items.into_iter().map(f).collect::<Result<_, E>>()?, next: self.next })
    }
}

/// Adds a page to a boxed query over a table with `created_at` and `id`: newest first, after the cursor, one row over.
macro_rules! page {
    ($query:expr, $table:ident, $request:expr) => {{
        use diesel::prelude::*;
        let request: $crate::page::PageRequest = $request;
        let mut query = $query;
        if let Some(cursor) = request.after {
            let (at, id) = ($crate::types::At::new(cursor.created_at), $crate::types::Id(cursor.id));
            query = query.filter($table::created_at.lt(at).or($table::created_at.eq(at).and($table::id.lt(id))));
        }
        query.order(($table::created_at.desc(), $table::id.desc())).limit(request.rows())
    }};
}

pub(crate) use page;
