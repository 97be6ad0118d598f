//! Every setting in one table: its range, and what the README says of it.

use super::{Config, ConfigError};
use serde_json::Value;
use std::ops::RangeInclusive;

/// One setting.
struct Setting {
    /// Its path, as in the file.
    name: &'static str,
    /// What is shown in the place of a default that is not a value.
    default: Option<&'static str>,
    /// What it is for, in one line.
    about: &'static str,
    /// What a number may be.
    range: Option<RangeInclusive<u64>>,
}

const fn setting(name: &'static str, about: &'static str) -> Setting {
    Setting { name, default: None, about, range: None }
}

const fn number(name: &'static str, range: RangeInclusive<u64>, about: &'static str) -> Setting {
    Setting { name, default: None, about, range: Some(range) }
}

const fn unset(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default: Some(default), about, range: None }
}

/// All settings, in the order of the file.
const SETTINGS: &[Setting] = &[
    setting("listen", "The address and port to listen on."),
    unset("public_url", "where it listens", "How others reach this server; links in mails begin with it."),
    setting(
        "admin_listen",
        "The address and port to listen on for administration and metrics, which `listen` does not serve.",
    ),
    unset(
        "admin_url",
        "where it listens",
        "How others reach administration, where that is not `admin_listen`: pages of its own origin may call it.",
    ),
    unset(
        "security_contact",
        "none",
        "Where to report a weakness: `mailto:…` or `https://…`. Served as `/.well-known/security.txt` (RFC 9116).",
    ),
    setting("database_url", "`sqlite:<path>` or `postgres://user@host/name`."),
    setting("data_dir", "Where generated secrets are kept."),
    unset(
        "secret",
        "generated with SQLite",
        "Signs receipts, links and cursors; at least 32 bytes. A database is served only with its own.",
    ),
    setting("previous_secrets", "Earlier values of `secret`, the newest first: what they signed is still accepted."),
    unset(
        "suppression_keys",
        "generated with SQLite",
        "`[{ id, key }]`, the newest first: suppressed addresses are hashed under the first and looked up under all. \
         Without any, one is derived from `secret`.",
    ),
    unset(
        "message_keys",
        "generated with SQLite",
        "`[{ id, key }]`, the newest first: personal messages are sealed with the first and opened with the key they name. Without \
         any, one is derived from `secret`. A database is served only with every message key that was in use.",
    ),
    setting("role", "`all`, or only `api` (answers requests) or `worker` (sends messages)."),
    number("threads", 0..=1024, "Threads that answer requests; `0` is one per core."),
    number("drain_seconds", 0..=3600, "How long requests and messages in hand may take after a stop signal."),
    number("body_deadline_seconds", 1..=300, "How long a whole request body may take to arrive."),
    setting("trusted_proxies", "Networks whose `X-Forwarded-For` is believed."),
    unset(
        "disposable_domains_file",
        "the packed list",
        "A newer list of domains that hand out addresses for minutes, one a line; read at start.",
    ),
    setting(
        "mail_domains.look_up",
        "Whether the DNS is asked if the domain of an address takes mail, once in an hour for each domain. A demo asks nobody.",
    ),
    unset("mail_domains.server", "the system's", "The name server to ask: `192.0.2.1:53`."),
    number(
        "mail_domains.deadline_ms",
        0..=10_000,
        "How long a submission waits for an answer. Without one nothing is held against it.",
    ),
    setting("auth.issuer", "The `iss` that a token must carry."),
    setting("auth.audience", "The `aud` that a token must carry."),
    unset("auth.hs256_secret", "generated with SQLite", "Signs and checks tokens; not needed with public keys."),
    setting("auth.public_keys", "`[{ kid, algorithm, pem or file }]`; the algorithm is `RS256` or `EdDSA`."),
    number("auth.max_lifetime_seconds", 60..=34_560_000, "The longest a token may last."),
    number("intake.queue", 1..=1_000_000, "Submissions that may wait; the next one is answered 503."),
    number("intake.group", 1..=1024, "Submissions stored in one transaction at most."),
    number("intake.writers", 1..=16, "Transactions at once on PostgreSQL; SQLite has one."),
    setting("mail.transport", "`folder` writes `.eml` files, `smtp` sends."),
    setting("mail.folder", "Where the `.eml` files are written."),
    setting("mail.smtp.host", "The relay."),
    setting("mail.smtp.port", "Its port: TLS from the start on 465, STARTTLS elsewhere."),
    setting("mail.smtp.tls", "`required`; `none` only to this machine itself, and without a password."),
    unset("mail.smtp.username", "none", "The login at the relay."),
    unset("mail.smtp.password", "none", "Its password."),
    setting("mail.dkim_folder", "The keys that sign letters; `postbag dkim generate` makes them."),
    unset(
        "mail.bounces_folder",
        "none",
        "A Maildir folder into which your mail system puts what comes back to the sending domains.",
    ),
    number(
        "mail.lanes",
        1..=256,
        "Messages sent at once. After a crash as many at most are in doubt and may be sent again, under the same Message-ID.",
    ),
    number("mail.lease_seconds", 30..=86_400, "How long a worker may hold a message before another takes it over."),
    setting(
        "sync.members_api",
        "The Members API. `http://` only on this machine or a private network, as for every service.",
    ),
    setting("sync.postcodes.service", "How the postcode service answers: `postcodes_io` or `mapit`."),
    unset("sync.postcodes.url", "the public service", "Where the postcode service is."),
    number("sync.timeout_seconds", 1..=300, "For one attempt."),
    number("sync.deadline_seconds", 1..=3600, "For one question with all its retries."),
    number("sync.pause_ms", 0..=60_000, "Between two questions."),
    number("sync.retries", 0..=20, "How often a failed question is asked again."),
    setting(
        "fallback.enabled",
        "Look up postcodes that no file has, while a person waits: postcodes go to the service then.",
    ),
    setting("fallback.postcodes.service", "As for `sync`."),
    unset("fallback.postcodes.url", "the public service", "As for `sync`."),
    number("fallback.deadline_ms", 50..=10_000, "How long a person waits for it at most."),
    number("fallback.pause_ms", 0..=1000, "Between two questions."),
    number("fallback.at_once", 1..=256, "Look-ups under way at once."),
    number("fallback.cache_size", 1..=10_000_000, "Answers kept in memory."),
    number("fallback.cache_days", 1..=366, "How long an answer counts, in memory and in the database."),
    number(
        "pacing.mailbox",
        0..=1_000_000,
        "Letters to one address in any hour, over all campaigns and organisations; `0` is no cap. A twelfth of a cap may leave at \
         once, the rest is spread over the hour.",
    ),
    number("pacing.domain", 0..=1_000_000, "Letters to all addresses at one domain in any hour."),
    number("pacing.campaign", 0..=1_000_000, "Letters of one campaign in any hour."),
    number("pacing.sender", 0..=1_000_000, "Letters, and mails to supporters, from one sending domain in any hour."),
    setting("pacing.hours", "The hours of the day in which letters leave, by British clocks, such as `08:00-20:00`."),
    setting(
        "challenge.provider",
        "Who sets challenges for machines: `proof_of_work` is this server itself; `hcaptcha` and `turnstile` need `site_key` and `secret`.",
    ),
    unset("challenge.site_key", "none", "The key for the service's widget, which everybody may see."),
    unset("challenge.secret", "none", "What this server proves itself to the service with."),
    unset("challenge.url", "the public service", "Where the service is: `siteverify` is asked below it."),
    number(
        "challenge.deadline_ms",
        100..=10_000,
        "How long a person waits for the service at most. One that does not answer lets nobody in.",
    ),
    number(
        "limits.reports",
        0..=1_000_000,
        "Reports about the directory an hour for each client (an IPv4 address or an IPv6 /64); `0` is no limit.",
    ),
    number("limits.reports_together", 0..=1_000_000, "Reports an hour from all clients."),
    number("limits.reports_a_minute", 0..=1_000_000, "Reports a minute for each client."),
    number(
        "limits.submissions",
        0..=1_000_000,
        "Submissions an hour for each client. Callers on a private network, and servers with a token that vouch for the person \
         (`confirmation: none`), are not counted, so a proxy on a private network must be in `trusted_proxies`. Organisations and \
         campaigns may set their own, and name networks where many people share an address, such as a hospital's.",
    ),
    number("limits.submissions_a_minute", 0..=1_000_000, "Submissions a minute for each client."),
    number(
        "limits.submissions_of_credential",
        0..=100_000_000,
        "Submissions an hour by one server that vouches for people, or says in `Client-Address` for whom it calls.",
    ),
    number("limits.submissions_of_credential_a_minute", 0..=100_000_000, "The same a minute."),
    number(
        "limits.submissions_of_campaign",
        0..=100_000_000,
        "Submissions an hour to one campaign, from everybody; a campaign may set its own.",
    ),
    number("limits.submissions_of_campaign_a_minute", 0..=100_000_000, "The same a minute."),
    number("limits.submissions_together", 0..=100_000_000, "Submissions an hour to all campaigns, from everybody."),
    number("limits.submissions_together_a_minute", 0..=100_000_000, "The same a minute."),
    number(
        "limits.targets",
        0..=1_000_000,
        "Look-ups an hour for each client; previews, tests and refused submissions count too. Callers on a private network are \
         not counted, so a proxy there must be in `trusted_proxies`. A server that looks up for many people says in `Client-Address` \
         for whom.",
    ),
    number("limits.targets_a_minute", 0..=1_000_000, "Look-ups a minute for each client."),
    number(
        "limits.confirmations",
        0..=1_000_000,
        "Codes and links of confirmations that do not fit an hour for each client.",
    ),
    number("limits.confirmations_a_minute", 0..=1_000_000, "The same a minute."),
    number("limits.preference_links", 0..=1_000_000, "Requests for the link to preferences an hour for each client."),
    number("limits.preference_links_a_minute", 0..=1_000_000, "The same a minute."),
    number("limits.complaints", 0..=1_000_000, "Complaints an hour for each client, and as many appeals."),
    number("limits.complaints_a_minute", 0..=1_000_000, "Complaints a minute for each client."),
    number(
        "limits.connections",
        0..=1_000_000,
        "Connections that one address may hold at once, except trusted proxies.",
    ),
    setting("log.format", "`human`, or `json` with one object a line."),
    setting("log.filter", "Which events, as `tracing` directives."),
];

impl Config {
    /// Refuses numbers out of the range that the table gives.
    pub(super) fn check_ranges(&self) -> Result<(), ConfigError> {
        let settings = serde_json::to_value(self).unwrap_or_default();
        for Setting { name, range, .. } in SETTINGS {
            let Some(range) = range else { continue };
            let value = settings.pointer(&format!("/{}", name.replace('.', "/"))).and_then(Value::as_u64);
            if !value.is_some_and(|value| range.contains(&value)) {
                return Err(ConfigError::Range { setting: name, least: *range.start(), most: *range.end() });
            }
        }
        Ok(())
    }

    /// The effective settings, one a line, as TOML, with every secret redacted.
    pub fn describe(&self) -> String {
        let lines = self.leaves().into_iter().map(|(path, value)| match value {
            Value::Null => format!("# {path} is not set"),
            value => format!("{path} = {value}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Every setting with its value, in the order of the file.
    fn leaves(&self) -> Vec<(String, Value)> {
        let mut leaves = Vec::new();
        flatten("", &serde_json::to_value(self).unwrap_or_default(), &mut leaves);
        leaves
    }
}

fn flatten(path: &str, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            flatten(&path, member, leaves);
        }),
        value => leaves.push((path.to_owned(), value.clone())),
    }
}

/// The table of the README: every setting with its default.
pub fn table() -> String {
    let defaults = Config::default().leaves();
    let row = |Setting { name, default, about, .. }: &Setting| {
        let value = defaults.iter().find(|(path, _)| path == name).map(|(_, value)| value);
        let default = match (default, value) {
            (Some(words), _) => (*words).to_owned(),
            (None, Some(Value::String(text))) => format!("`{text}`"),
            (None, value) => format!("`{}`", value.unwrap_or(&Value::Null)),
        };
        format!("| `{name}` | {default} | {about} |\n")
    };
    let rows: String = SETTINGS.iter().map(row).collect();
    format!("| setting | default | |\n|---|---|---|\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_setting_once_and_no_other() {
        let mut settings: Vec<_> = Config::default().leaves().into_iter().map(|(path, _)| path).collect();
        let mut table: Vec<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
        settings.sort();
        table.sort();
        assert_eq!(table, settings);
    }

    #[test]
    fn the_readme_shows_the_table() {
        let readme = include_str!("../../README.md");
        let start = readme.find("| setting | default | |").unwrap();
        let shown = readme.get(start..).unwrap().split("\n\n").next().unwrap();
        assert_eq!(
            shown.trim_end(),
            table().trim_end(),
            "write what `postbag check --settings` prints into api/README.md"
        );
    }

    #[test]
    fn every_number_has_a_range() {
        let numbers = Config::default()
            .leaves()
            .into_iter()
            .filter(|(path, value)| value.is_number() && path != "mail.smtp.port");
        for (path, _) in numbers {
            assert!(SETTINGS.iter().any(|setting| setting.name == path && setting.range.is_some()), "{path}");
        }
    }
}
