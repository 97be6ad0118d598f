//! Cursors: positions in lists, opaque to clients (A6).

use crate::http::problem::{Problem, ProblemType};
use crate::secrets::Seal;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes and reads cursors: a position in a list that only this server can have written.
#[derive(Clone, Debug)]
pub struct Cursors(Seal);

impl Cursors {
    /// Cursors under the server's secrets, the newest first.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        Self(Seal::new(secrets, "cursor"))
    }

    /// A cursor at `position` of `list`. The list's name should hold its filters, so that a cursor fits no other list.
    pub fn write(&self, list: &str, position: &impl Serialize) -> String {
        self.0.close(list, &serde_json::to_vec(position).unwrap_or_default())
    }

    /// The position in `list`, or the problem `cursor-invalid` for anything this server did not write for it.
    pub fn read<P: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<P, Problem> {
        let payload = self.0.open(list, cursor);
        let position = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        position.ok_or_else(|| ProblemType::CursorInvalid.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_written_and_only_for_its_list() {
        let cursors = Cursors::new([b"0123456789abcdef0123456789abcdef".as_slice()]);
        let cursor = cursors.write("campaigns", &(17, "x"));
        assert_eq!(cursors.read::<(i64, String)>("campaigns", &cursor).unwrap(), (17, "x".to_owned()));
        let refused = cursors.read::<(i64, String)>("actions", &cursor).unwrap_err();
        assert_eq!(refused.kind(), ProblemType::CursorInvalid);
    }
}
