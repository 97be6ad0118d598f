//! Organisations responsible for an area, which people reach through their representative.

use crate::{AreaCode, AreaKey, AreaKind, EmailAddress, Route};

/// An organisation responsible for an area: a Cancer Alliance, an Integrated Care Board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The kind of area that leads to it.
    pub kind: AreaKind,
    /// The code of that area, which is the body's own.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// The address of its mail. Never answered to the public (C30).
    pub email: Option<EmailAddress>,
    /// How mail travels.
    pub route: Route,
    /// The source of these facts.
    pub source: Option<String>,
}

impl Body {
    /// Its identity, and that of the area that leads to it.
    pub const fn key(&self) -> AreaKey {
        AreaKey { kind: self.kind, code: self.code }
    }

    /// How it can be reached, given what is known.
    pub const fn reachable(&self) -> Route {
        self.route.given(self.email.is_some())
    }
}
