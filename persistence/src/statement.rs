//! Hand-written SQL for the hot paths, prepared once per connection.
//!
//! Diesel prepares `sql_query` again each time. These statements have a fixed text (lists are bound as arrays on
//! PostgreSQL, or written row by row on SQLite), so the connection's cache keeps them.

use diesel::backend::Backend;
use diesel::connection::Connection;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// One statement: its text with a `?` for each value, and the values. `Row` is the SQL type of what it answers.
pub(crate) struct Statement<'v, DB: Backend, Row = ()> {
    text: &'static str,
    values: Vec<Box<dyn QueryFragment<DB> + 'v>>,
    row: PhantomData<Row>,
}

impl<'v, DB: Backend, Row> Statement<'v, DB, Row> {
    /// The text, with a `?` for each value and no other question mark.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new(), row: PhantomData }
    }

    /// Binds the next value as SQL type `T`.
    pub(crate) fn bind<T, V>(mut self, value: V) -> Self
    where
        DB: HasSqlType<T>,
        T: 'v,
        V: ToSql<T, DB> + 'v,
    {
        self.values.push(Box::new(Value { value, sql_type: PhantomData }));
        self
    }
}

impl<DB: Backend, Row> QueryFragment<DB> for Statement<'_, DB, Row> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (index, piece) in self.text.split('?').enumerate() {
            if let Some(value) = (index > 0).then(|| values.next()).flatten() {
                value.walk_ast(out.reborrow())?;
            }
            out.push_sql(piece);
        }
        Ok(())
    }
}

// No static id: the connection caches by text and bind types.
impl<DB: Backend, Row> QueryId for Statement<'_, DB, Row> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, Row> Query for Statement<'_, DB, Row> {
    type SqlType = Row;
}

impl<Conn: Connection, Row> RunQueryDsl<Conn> for Statement<'_, Conn::Backend, Row> {}

struct Value<T, V> {
    value: V,
    sql_type: PhantomData<T>,
}

impl<DB, T, V> QueryFragment<DB> for Value<T, V>
where
    DB: Backend + HasSqlType<T>,
    V: ToSql<T, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_bind_param::<T, V>(&self.value)
    }
}
