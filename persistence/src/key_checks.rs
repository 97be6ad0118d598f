//! Check values of the keys that stored data depends on.

use crate::connection::AnyConnection;
use crate::schema::key_checks::dsl;
use crate::{Store, StoreError, on_backend};
use diesel::prelude::*;

impl Store {
    /// Compares a key's check value with the one that the first start recorded, and records it if there is none yet. Answers false
    /// for another key. Nodes that start together agree, since the first one wins.
    pub async fn key_fits(&self, purpose: &'static str, check_value: Vec<u8>) -> Result<bool, StoreError> {
        self.write(move |connection| fits(connection, purpose, &check_value)).await
    }
}

fn fits(connection: &mut AnyConnection, purpose: &str, check_value: &[u8]) -> Result<bool, StoreError> {
    let row = (dsl::purpose.eq(purpose), dsl::check_value.eq(check_value));
    on_backend!(connection, c => {
        diesel::insert_into(dsl::key_checks).values(row).on_conflict_do_nothing().execute(c)
    })?;
    let recorded: Vec<u8> =
        dsl::key_checks.filter(dsl::purpose.eq(purpose)).select(dsl::check_value).get_result(connection)?;
    Ok(recorded == check_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::each_backend;

    #[test]
    fn only_the_key_of_the_first_start_fits() {
        each_backend(|store| {
            let fits = |value: &'static [u8]| store.write_blocking(|c| fits(c, "secret", value)).unwrap();
            assert!(fits(b"first") && fits(b"first"));
            assert!(!fits(b"second") && fits(b"first"));
        });
    }
}
