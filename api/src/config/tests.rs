use super::*;

const GOOD: &str = "9f86d081884c7d659a2feaa0c55ad015";
const OTHER: &str = "a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_parts(None, variables)
}

fn refusal(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

#[test]
fn without_any_setting_everything_stays_on_this_machine() {
    let config = load(&[("PATH", "/bin")]).unwrap();
    assert!(config.listen.ip().is_loopback() && config.is_sqlite());
    assert_eq!(config.mail.transport, Transport::Folder);
    assert!(config.admin_listen.ip().is_loopback());
    assert_eq!(config.public_url(), "http://127.0.0.1:8080");
    assert_eq!(config.admin_url(), "http://127.0.0.1:8081");
}

#[test]
fn variables_reach_nested_settings_with_their_types() {
    let config = load(&[
        ("POSTBAG_LISTEN", "0.0.0.0:9000"),
        ("POSTBAG_AUTH__MAX_LIFETIME_SECONDS", "3600"),
        ("POSTBAG_SECRET", "12345678901234567890123456789098"),
        ("POSTBAG_MAIL__SMTP__HOST", "relay.example.org"),
        ("POSTBAG_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("POSTBAG_CONFIG", "/etc/postbag.toml"),
    ])
    .unwrap();
    assert_eq!((config.listen.port(), config.auth.max_lifetime_seconds), (9000, 3600));
    assert_eq!(config.secrets().next().unwrap(), b"12345678901234567890123456789098");
    assert_eq!(config.trusted_proxies.len(), 1);
}

#[test]
fn variables_win_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("postbag.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndrain_seconds = 5\n[mail]\nlanes = 3\n").unwrap();
    let variables = [("POSTBAG_LISTEN".to_owned(), "127.0.0.1:2".to_owned())];
    let config = Config::from_parts(Some(&file), variables).unwrap();
    assert_eq!((config.listen.port(), config.drain_seconds, config.mail.lanes), (2, 5, 3));
}

#[test]
fn a_secret_may_stand_in_a_file_but_not_in_two_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{GOOD}\n")).unwrap();
    let path = file.to_str().unwrap();
    assert_eq!(load(&[("POSTBAG_SECRET_FILE", path)]).unwrap().secrets().next().unwrap(), GOOD.as_bytes());
    assert!(refusal(&[("POSTBAG_SECRET_FILE", path), ("POSTBAG_SECRET", GOOD)]).contains("both set"));
    assert!(refusal(&[("POSTBAG_SECRET_FILE", "/nowhere")]).contains("/nowhere cannot be read"));
}

#[test]
fn every_bad_setting_has_its_own_message() {
    let pem = "[{kid=\"a\", algorithm=\"RS256\", pem=\"x\"},{kid=\"a\", algorithm=\"RS256\", pem=\"x\"}]";
    let cases: [(&[(&str, &str)], &str); 30] = [
        (&[("POSTBAG_COLOUR", "red")], "unknown field"),
        (&[("POSTBAG_MAIL__SMTP__COLOUR", "red")], "unknown field"),
        (&[("POSTBAG_LISTEN", "somewhere")], "cannot be read"),
        (&[("POSTBAG_SECRET", "short")], "secret is too short"),
        (&[("POSTBAG_AUTH__HS256_SECRET", "short")], "auth.hs256_secret is too short"),
        (&[("POSTBAG_SECRET", "changeme-changeme-changeme-changeme")], "example"),
        (&[("POSTBAG_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")], "guessed"),
        (&[("POSTBAG_SECRET", GOOD), ("POSTBAG_AUTH__HS256_SECRET", GOOD)], "are the same"),
        (&[("POSTBAG_DATABASE_URL", "mysql://x")], "neither sqlite: nor postgres://"),
        (&[("POSTBAG_AUTH__PUBLIC_KEYS", "[{kid=\"a\", algorithm=\"RS256\"}]")], "either pem or file"),
        (&[("POSTBAG_AUTH__PUBLIC_KEYS", pem)], "given twice"),
        (&[("POSTBAG_MAIL__SMTP__USERNAME", "x")], "go together"),
        (
            &[
                ("POSTBAG_MAIL__TRANSPORT", "smtp"),
                ("POSTBAG_MAIL__SMTP__TLS", "none"),
                ("POSTBAG_MAIL__SMTP__HOST", "relay.example.org"),
            ],
            "not this machine",
        ),
        (
            &[
                ("POSTBAG_MAIL__TRANSPORT", "smtp"),
                ("POSTBAG_MAIL__SMTP__TLS", "none"),
                ("POSTBAG_MAIL__SMTP__USERNAME", "x"),
                ("POSTBAG_MAIL__SMTP__PASSWORD", "y"),
            ],
            "a password is never sent in the clear",
        ),
        (&[("POSTBAG_INTAKE__QUEUE", "0")], "intake.queue must be between"),
        (&[("POSTBAG_PUBLIC_URL", "ftp://example.org")], "public_url must begin"),
        (&[("POSTBAG_ADMIN_URL", "cms.example.org")], "admin_url must begin"),
        (&[("POSTBAG_LISTEN", "127.0.0.1:8081")], "admin_listen (127.0.0.1:8081) overlap"),
        (&[("POSTBAG_LISTEN", "0.0.0.0:8081")], "overlap"),
        (&[("POSTBAG_ADMIN_LISTEN", "[::]:8080")], "overlap"),
        (&[("POSTBAG_SYNC__MEMBERS_API", "members.example.org")], "sync.members_api must begin"),
        (&[("POSTBAG_SYNC__MEMBERS_API", "http://members.example.org")], "members.example.org is not on this machine"),
        (&[("POSTBAG_SYNC__POSTCODES__SERVICE", "royal_mail")], "cannot be read"),
        (&[("POSTBAG_FALLBACK__POSTCODES__URL", "https://u:p@example.org/")], "fallback.postcodes.url must begin"),
        (&[("POSTBAG_FALLBACK__DEADLINE_MS", "60000")], "fallback.deadline_ms must be between"),
        (&[("POSTBAG_CHALLENGE__PROVIDER", "recaptcha")], "cannot be read"),
        (
            &[("POSTBAG_CHALLENGE__PROVIDER", "turnstile"), ("POSTBAG_CHALLENGE__SITE_KEY", "0x4AAA")],
            "challenge.secret go with it",
        ),
        (&[("POSTBAG_CHALLENGE__SITE_KEY", "10000000")], "set challenge.provider to"),
        (
            &[
                ("POSTBAG_CHALLENGE__PROVIDER", "hcaptcha"),
                ("POSTBAG_CHALLENGE__SITE_KEY", "10000000"),
                ("POSTBAG_CHALLENGE__SECRET", "0x0"),
                ("POSTBAG_CHALLENGE__URL", "http://hcaptcha.example.org"),
            ],
            "hcaptcha.example.org is not on this machine",
        ),
        (&[("POSTBAG_FALLBACK__CACHE_DAYS", "0")], "fallback.cache_days must be between"),
    ];
    for (variables, message) in cases {
        let refusal = refusal(variables);
        assert!(refusal.contains(message), "{variables:?}: {refusal}");
    }
}

#[test]
fn listeners_may_have_one_port_on_two_addresses_or_any_port_each() {
    for (listen, admin_listen) in [("192.0.2.1:80", "127.0.0.1:80"), ("127.0.0.1:0", "127.0.0.1:0")] {
        load(&[("POSTBAG_LISTEN", listen), ("POSTBAG_ADMIN_LISTEN", admin_listen)]).unwrap();
    }
}

#[test]
fn a_service_of_our_own_network_may_be_asked_in_the_clear() {
    for url in
        ["http://127.0.0.1:8000", "http://[::1]/", "http://10.1.2.3/base", "http://postcodes:8000", "https://a.org/x"]
    {
        let config = load(&[("POSTBAG_FALLBACK__POSTCODES__URL", url)]).unwrap();
        assert_eq!(config.fallback.postcodes.url(), url);
        assert!(!config.fallback.enabled);
    }
    let mapit = load(&[("POSTBAG_SYNC__POSTCODES__SERVICE", "mapit")]).unwrap();
    assert_eq!(mapit.sync.postcodes.url(), "https://mapit.mysociety.org");
}

#[test]
fn one_machine_makes_up_its_secrets_once_and_keeps_them_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let load = || load(&[("POSTBAG_DATA_DIR", folder.path().to_str().unwrap())]).unwrap().load_secrets();
    let first = load().unwrap();
    assert_eq!(first.secrets().next(), load().unwrap().secrets().next());
    assert!(first.secrets().next().unwrap().len() == 64 && first.auth.hs256_secret.is_some());
    let file = folder.path().join("secrets.toml");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(load().unwrap_err().to_string().contains("chmod 600"));
}

#[test]
fn with_postgresql_the_secrets_must_be_configured() {
    let url = ("POSTBAG_DATABASE_URL", "postgres://localhost/postbag");
    assert!(load(&[url]).unwrap().load_secrets().unwrap_err().to_string().starts_with("secret is not set"));
    let secret = ("POSTBAG_SECRET", GOOD);
    let error = load(&[url, secret]).unwrap().load_secrets().unwrap_err().to_string();
    assert!(error.starts_with("auth.hs256_secret is not set"), "{error}");
    assert!(load(&[url, secret, ("POSTBAG_AUTH__HS256_SECRET", OTHER)]).unwrap().load_secrets().is_ok());
}

#[test]
fn the_description_is_redacted() {
    let config = load(&[
        ("POSTBAG_DATABASE_URL", "postgres://u:hunter2@localhost/postbag"),
        ("POSTBAG_SECRET", GOOD),
        ("POSTBAG_MAIL__SMTP__USERNAME", "x"),
        ("POSTBAG_MAIL__SMTP__PASSWORD", "hunter2"),
    ])
    .unwrap();
    let shown = format!("{}{config:?}", config.describe());
    assert!(!shown.contains("hunter2") && !shown.contains(GOOD), "{shown}");
    assert!(shown.contains("mail.smtp.password = \"[redacted]\""), "{shown}");
}
