//! Many rows in one go, named once for both databases.

/// Inserts rows, given as their columns with SQL types and values; with `=> returning`, answers what the statement returns.
///
/// On PostgreSQL that is one statement, with the columns as arrays. On SQLite it is one statement for each row, which costs no
/// round trip there and stays prepared. Both are fixed texts. After each statement a test may make the transaction fail (C4).
///
/// ```text
/// insert_all!(connection, rows, "keys", |row| { id: Uid = row.id, name: Text = row.name.as_str() }, "ON CONFLICT …")?;
/// let taken: Vec<(Id,)> = insert_all!(connection, rows, "keys", |row| { … }, "… RETURNING id" => (Uid,))?;
/// ```
macro_rules! insert_all {
    ($connection:expr, $rows:expr, $table:literal, |$row:ident| $columns:tt, $ending:literal) => {{
        let rows = $rows;
        match $connection {
            $crate::connection::AnyConnection::Postgres(_) if rows.is_empty() => Ok(()),
            $crate::connection::AnyConnection::Postgres(connection) => {
                let statement = $crate::batch::statement!(rows, $table, |$row| $columns, $ending, ());
                diesel::RunQueryDsl::execute(statement, connection).and_then(|_inserted| $crate::failpoint::passed())
            }
            $crate::connection::AnyConnection::Sqlite(connection) => rows.iter().try_for_each(|$row| {
                let statement = $crate::batch::statement!($table, |$row| $columns, $ending, ());
                diesel::RunQueryDsl::execute(statement, connection)?;
                $crate::failpoint::passed()
            }),
        }
    }};
    ($connection:expr, $rows:expr, $table:literal, |$row:ident| $columns:tt, $ending:literal => $returned:ty) => {{
        let rows = $rows;
        match $connection {
            $crate::connection::AnyConnection::Postgres(_) if rows.is_empty() => Ok(Vec::new()),
            $crate::connection::AnyConnection::Postgres(connection) => {
                let statement = $crate::batch::statement!(rows, $table, |$row| $columns, $ending, $returned);
                diesel::RunQueryDsl::load(statement, connection)
                    .and_then(|returned| $crate::failpoint::passed().map(|()| returned))
            }
            $crate::connection::AnyConnection::Sqlite(connection) => {
                rows.iter().try_fold(Vec::new(), |mut returned, $row| {
                    let statement = $crate::batch::statement!($table, |$row| $columns, $ending, $returned);
                    returned.append(&mut diesel::RunQueryDsl::load(statement, connection)?);
                    $crate::failpoint::passed()?;
                    Ok(returned)
                })
            }
        }
    }};
}

/// The statement of [`insert_all`]: for all rows, or for one.
macro_rules! statement {
    (
        $rows:ident, $table:literal,
        |$row:ident| { $first:ident: $first_sql:ty = $first_value:expr $(, $column:ident: $sql:ty = $value:expr)* $(,)? },
        $ending:literal, $returned:ty
    ) => {{
        const SQL: &str = concat!(
            "INSERT INTO ", $table, " (", stringify!($first) $(, ", ", stringify!($column))*, ") SELECT * FROM unnest(?",
            $($crate::batch::mark!($column),)* ") ", $ending
        );
        $crate::statement::Statement::<_, $returned>::new(SQL)
            .bind::<diesel::sql_types::Array<$first_sql>, _>($rows.iter().map(|$row| $first_value).collect::<Vec<_>>())
            $(.bind::<diesel::sql_types::Array<$sql>, _>($rows.iter().map(|$row| $value).collect::<Vec<_>>()))*
    }};
    (
        $table:literal,
        |$row:ident| { $first:ident: $first_sql:ty = $first_value:expr $(, $column:ident: $sql:ty = $value:expr)* $(,)? },
        $ending:literal, $returned:ty
    ) => {{
        const SQL: &str = concat!(
            "INSERT INTO ", $table, " (", stringify!($first) $(, ", ", stringify!($column))*, ") VALUES (?",
            $($crate::batch::mark!($column),)* ") ", $ending
        );
        $crate::statement::Statement::<_, $returned>::new(SQL)
            .bind::<$first_sql, _>($first_value)
            $(.bind::<$sql, _>($value))*
    }};
}

/// The mark for one more value of a row.
macro_rules! mark {
    ($column:ident) => {
        ", ?"
    };
}

pub(crate) use {insert_all, mark, statement};
