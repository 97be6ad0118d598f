//! Domains that hand out addresses for minutes.

use crate::config::ConfigError;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Domains of the packed list that people use for good: they forward to an inbox that stays.
const FOR_GOOD: [&str; 5] = ["duck.com", "mozmail.com", "relay.firefox.com", "simplelogin.com", "passmail.net"];

/// The list in use: the one that the crate `mailchecker` packs (github.com/FGRibreau/mailchecker, of the day of its release), or a newer
/// one of the operator's.
#[derive(Debug)]
pub(crate) struct DisposableDomains(HashSet<String>);

impl DisposableDomains {
    /// The operator's file, one domain a line, or the packed list without one.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = file else {
            let packed = mailchecker::blacklist().into_iter().filter(|domain| !FOR_GOOD.contains(domain));
            return Ok(Self(packed.map(str::to_owned).collect()));
        };
        let text = fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(Self(lines.map(str::to_lowercase).collect()))
    }

    /// True if addresses of a domain, or of one that it belongs to, last for minutes.
    pub(crate) fn hold(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        let parents = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
        std::iter::once(domain.as_str()).chain(parents).any(|name| self.0.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_for_minutes_are_known_and_those_for_good_are_not_among_them() {
        let packed = DisposableDomains::open(None).unwrap();
        assert!(packed.hold("mailinator.com") && packed.hold("a.b.YOPMAIL.com"));
        for good in ["gmail.com", "btinternet.com", "nhs.net", "parliament.uk", "Duck.com", "example.org"] {
            assert!(!packed.hold(good), "{good}");
        }
    }

    #[test]
    fn a_file_takes_the_place_of_the_packed_list() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "# of today\nMinutes.example\n").unwrap();
        let own = DisposableDomains::open(Some(file.path())).unwrap();
        assert!(own.hold("x.minutes.example") && !own.hold("mailinator.com"));
        assert!(DisposableDomains::open(Some(Path::new("/nowhere"))).is_err());
    }
}
