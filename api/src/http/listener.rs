//! The two listeners of a server: one for everybody, and one for those who run it (C35).

/// Where a request came in. What a listener does not serve is not found there, with a token or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// For everybody: what front ends call, and the pages that mails lead to.
    Public,
    /// For administration and metrics.
    Administration,
}

impl Listener {
    /// Its word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Administration => "administration",
        }
    }
}
