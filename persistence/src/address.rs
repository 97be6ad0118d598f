//! Where the database is: a URL, read strictly and shown without its password.

use crate::StoreError;
use std::fmt;
use std::net::IpAddr;

/// The address of a database. The scheme decides which one it is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, from `sqlite:path` or `sqlite://path`.
    Sqlite(String),
    /// A server, from `postgres://…` or `postgresql://…`.
    Postgres(PostgresUrl),
}

/// The URL of a PostgreSQL server, password and all.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

/// True if this build's libpq can speak TLS.
const HAS_TLS: bool = !cfg!(feature = "bundled-libpq");

impl DatabaseUrl {
    /// Reads a URL; the refusal is a sentence that does not repeat it.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        match scheme {
            "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => postgres(text, HAS_TLS, Environment::of_process()),
            _ => Err(refused("a database URL begins with sqlite: or postgres:, as in sqlite:./data/postbag.db")),
        }
    }

    /// The whole address, password and all, to open the same database again.
    #[cfg(test)]
    pub(crate) fn exposed(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{path}"),
            Self::Postgres(address) => address.0.clone(),
        }
    }

    /// Takes the password out of a text that a driver wrote.
    pub(crate) fn redact(&self, text: &str) -> String {
        match self {
            Self::Sqlite(_) => text.to_owned(),
            Self::Postgres(address) => address.redact(text),
        }
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::parse(text)
    }
}

impl PostgresUrl {
    /// The whole URL, for libpq only, with limits on how long a lost network is waited for (C12).
    pub(crate) fn exposed(&self) -> String {
        let defaults = [("connect_timeout", "5"), ("tcp_user_timeout", "10000"), ("application_name", "postbag")];
        let settings = settings(&self.0);
        defaults.into_iter().fold(self.0.clone(), |text, default| with_default(&text, &settings, default))
    }

    /// The parts around the password, if there is one between the user and the host.
    fn around_password(&self) -> Option<(&str, &str, &str)> {
        let (scheme, rest) = self.0.split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        let (user, _host) = authority.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let start = scheme.len() + "://".len() + name.len() + 1;
        let (head, tail) = self.0.split_at_checked(start)?;
        Some((head, password, tail.get(password.len()..)?))
    }

    /// The URL without its password, and the password, for the tools that come with PostgreSQL.
    pub(crate) fn for_tools(&self) -> (String, Option<String>) {
        match self.around_password() {
            Some((head, password, tail)) => {
                let decoded = percent_decoded(password);
                (format!("{}{tail}", head.trim_end_matches(':')), Some(decoded))
            }
            None => (self.0.clone(), None),
        }
    }

    fn redact(&self, text: &str) -> String {
        let text = text.replace(&self.0, &self.to_string());
        match self.around_password() {
            Some((_, password, _)) if !password.is_empty() => text.replace(password, "***"),
            _ => text,
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match self.around_password() {
            Some((head, _, tail)) => format!("{head}***{tail}"),
            None => self.0.clone(),
        };
        // `?password=` is a spelling of libpq's own.
        let (address, query) = shown.split_once('?').unwrap_or((&shown, ""));
        let settings: Vec<&str> = query.split('&').filter(|part| !part.starts_with("password=")).collect();
        f.write_str(address)?;
        if settings.concat().is_empty() { Ok(()) } else { write!(f, "?{}", settings.join("&")) }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{path}"),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Decodes a part of a URL.
fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("p={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn refused(sentence: &str) -> StoreError {
    StoreError::Refused(sentence.to_owned())
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, StoreError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() {
        return Err(refused("name a file, as in sqlite:./data/postbag.db"));
    }
    if path.contains(":memory:") {
        return Err(refused("a database in memory is lost when the server stops: name a file"));
    }
    if path.starts_with("file:") || path.contains(['?', '#', '%']) {
        return Err(refused("a SQLite address is a plain path, without parameters"));
    }
    Ok(DatabaseUrl::Sqlite(path.to_owned()))
}

/// What libpq reads from the environment when the URL names no host.
#[derive(Clone, Copy)]
struct Environment {
    names_host: bool,
}

impl Environment {
    fn of_process() -> Self {
        let names = ["PGHOST", "PGHOSTADDR", "PGSERVICE"];
        Self { names_host: names.iter().any(|name| std::env::var_os(name).is_some()) }
    }
}

/// Nothing travels in the clear by accident: a host that is not this machine needs TLS, or an explicit `sslmode=disable`.
fn postgres(text: &str, has_tls: bool, environment: Environment) -> Result<DatabaseUrl, StoreError> {
    let settings = settings(text);
    let mode = settings.iter().find(|(name, _)| name == "sslmode").map(|(_, value)| value.as_str());
    let local = is_local(text, &settings, environment);
    match (mode, has_tls) {
        (Some("disable"), _) | (Some(_), true) => Ok(text.to_owned()),
        (None, _) if local => Ok(text.to_owned()),
        (_, false) => Err(refused(
            "this build cannot encrypt its connection to PostgreSQL: use the build with the system's libpq, \
             or add sslmode=disable to the URL if the network between the two is trusted",
        )),
        (None, true) => Ok(with_default(text, &settings, ("sslmode", "require"))),
    }
    .map(|text| DatabaseUrl::Postgres(PostgresUrl(text)))
}

fn with_default(text: &str, settings: &[(String, String)], (name, value): (&str, &str)) -> String {
    if settings.iter().any(|(key, _)| key == name) {
        return text.to_owned();
    }
    format!("{text}{}{name}={value}", if text.contains('?') { '&' } else { '?' })
}

fn settings(text: &str) -> Vec<(String, String)> {
    let query = text.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn is_local(text: &str, settings: &[(String, String)], environment: Environment) -> bool {
    let named = |name: &str| settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if named("service").is_some() {
        return false;
    }
    let hosts = named("hostaddr").or_else(|| named("host")).unwrap_or_else(|| authority_hosts(text));
    if hosts.is_empty() {
        return !environment.names_host;
    }
    hosts.split(',').all(is_this_machine)
}

/// The hosts between the user and the path, several of them separated by commas, without their ports.
fn authority_hosts(text: &str) -> String {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    hosts.split(',').map(without_port).collect::<Vec<_>>().join(",")
}

fn without_port(host: &str) -> String {
    let plain = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    plain.replace("%2F", "/").replace("%2f", "/")
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.starts_with(['/', '@']) || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Environment = Environment { names_host: false };

    fn sqlite_path(text: &str) -> String {
        match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Sqlite(path) => path,
            DatabaseUrl::Postgres(_) => panic!("not a file"),
        }
    }

    fn without_tls(text: &str) -> bool {
        postgres(text, false, HERE).is_ok()
    }

    #[test]
    fn an_unknown_scheme_is_refused_with_a_sentence() {
        for text in ["mysql://here/db", "postbag.db", "/var/lib/postbag.db", "", "sqlite", "file:postbag.db"] {
            let refusal = DatabaseUrl::parse(text).unwrap_err().to_string();
            assert!(refusal.contains("sqlite:") && refusal.contains("postgres:"), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_file_may_be_named_with_or_without_slashes() {
        assert_eq!(sqlite_path("sqlite:./data/postbag.db"), "./data/postbag.db");
        assert_eq!(sqlite_path("sqlite://data/postbag.db"), "data/postbag.db");
        assert_eq!(sqlite_path("sqlite:///var/lib/postbag.db"), "/var/lib/postbag.db");
    }

    #[test]
    fn a_database_in_memory_is_refused() {
        assert!(DatabaseUrl::parse("sqlite::memory:").is_err());
        assert!(DatabaseUrl::parse("sqlite:").is_err());
        assert!(DatabaseUrl::parse("sqlite:file:x?mode=memory").is_err());
    }

    #[test]
    fn this_machine_needs_no_encryption() {
        for text in [
            "postgres://postgres@127.0.0.1:5432/postbag",
            "postgres://localhost/postbag",
            "postgresql://u:p@[::1]:5432/postbag",
            "postgres:///postbag",
            "postgres:///postbag?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun%2Fpostgresql/postbag",
        ] {
            assert!(without_tls(text), "{text}");
        }
    }

    #[test]
    fn another_machine_is_refused_without_encryption_unless_the_url_allows_it() {
        for text in [
            "postgres://db.example.org/postbag",
            "postgres://u:p@10.0.0.5:5432/postbag",
            "postgres://127.0.0.1:5432,db.example.org:5432/postbag",
            "postgres:///postbag?host=db.example.org",
            "postgres://localhost/postbag?hostaddr=10.0.0.5",
            "postgres://localhost/postbag?service=elsewhere",
            "postgres://localhost@db.example.org/postbag",
            "postgres://localhost/postbag?sslmode=require",
        ] {
            assert!(!without_tls(text), "{text}");
        }
        assert!(without_tls("postgres://db.example.org/postbag?sslmode=disable"));
    }

    #[test]
    fn a_host_from_the_environment_counts_as_another_machine() {
        assert!(postgres("postgres:///postbag", false, Environment { names_host: true }).is_err());
    }

    #[test]
    fn a_build_with_encryption_asks_for_it() {
        let remote = postgres("postgres://db.example.org/postbag", true, HERE).unwrap();
        assert_eq!(remote.to_string(), "postgres://db.example.org/postbag?sslmode=require");
        let local = postgres("postgres://localhost/postbag", true, HERE).unwrap();
        assert_eq!(local.to_string(), "postgres://localhost/postbag");
    }

    #[test]
    fn tools_get_the_password_apart_from_the_address() {
        let url = |text: &str| PostgresUrl(text.to_owned()).for_tools();
        let (address, password) = url("postgres://u:p%40s+s@127.0.0.1:5432/db?sslmode=disable");
        assert_eq!(address, "postgres://u@127.0.0.1:5432/db?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@s+s"));
        assert_eq!(url("postgres://u@127.0.0.1/db"), ("postgres://u@127.0.0.1/db".to_owned(), None));
    }

    #[test]
    fn the_password_is_never_shown() {
        for text in [
            "postgres://ada:hunter2@localhost/postbag",
            "postgres://ada:hun@ter2@localhost/postbag",
            "postgres://localhost/postbag?user=ada&password=hunter2",
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            for shown in [url.to_string(), format!("{url:?}"), url.redact(&format!("cannot open {text}"))] {
                assert!(!shown.contains("ter2"), "{shown}");
            }
        }
    }
}
