//! Domains that hand out addresses for minutes.

use crate::config::ConfigError;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// The packed list, which says where it is from and of which day.
const PACKED: &str = include_str!("../assets/disposable-domains.txt");

/// The list in use: the packed one, or a newer one of the operator's.
#[derive(Debug)]
pub(crate) struct DisposableDomains(HashSet<Cow<'static, str>>);

impl DisposableDomains {
    /// The operator's file, one domain a line, or the packed list without one.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = file else { return Ok(Self(lines(PACKED).map(Cow::Borrowed).collect())) };
        let text = fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        Ok(Self(lines(&text).map(|line| Cow::Owned(line.to_lowercase())).collect()))
    }

    /// True if addresses of a domain, or of one that it belongs to, last for minutes.
    pub(crate) fn hold(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        let parents = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
        std::iter::once(domain.as_str()).chain(parents).any(|name| self.0.contains(name))
    }
}

/// The lines that are not empty and no remarks.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
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
