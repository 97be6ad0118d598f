//! A server with a folder and a database of its own, and the command line on the same data.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::{Call, Client};
use crate::database::{Content, Database, postgres};
use crate::letter::{Letter, SupporterMail};
use crate::process::{Process, command};
use crate::supporter;

/// Every scope there is.
pub const ALL_SCOPES: &str = "organisations:write campaigns:read campaigns:write directory:read directory:write \
    actions:write actions:forward moderation:read moderation:write supporters:read consents:write deliveries:read deliveries:write tokens:read tokens:write";

/// The secret that tokens are signed with.
pub const HS256_SECRET: &str = "f9Qm2vXo7Lr4Tz8KpW1sYc6NbEd3HgJu5AaVxRiO";

/// The secret of the servers.
pub const SECRET: &str = "wq8Zt5Nn3Yk7Xc1Vb9Md4Hs6Jf2Lp0RgTuEoIaQy";

/// How often a running command's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// The longest that a command may take.
const COMMAND: Duration = Duration::from_mins(5);

/// A server to be started.
#[derive(Clone, Debug)]
pub struct Setup {
    binary: PathBuf,
    scratch: PathBuf,
    content: Content,
    settings: BTreeMap<String, String>,
    args: Vec<String>,
    has_keys: bool,
}

impl Setup {
    /// The binary under test and a folder for what tests share, both as cargo names them.
    pub fn new(binary: &str, scratch: &str) -> Self {
        let (binary, scratch) = (binary.into(), scratch.into());
        Self {
            binary,
            scratch,
            content: Content::Country,
            settings: BTreeMap::new(),
            args: vec!["serve".to_owned()],
            has_keys: true,
        }
    }

    /// Without the made-up country, and without tables.
    #[must_use]
    pub fn empty(mut self) -> Self {
        self.content = Content::Nothing;
        self
    }

    /// Adds a setting, such as `POSTBAG_INTAKE__QUEUE`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.settings.insert(name.to_owned(), format!("{value}"));
        self
    }

    /// Without keys in its environment: it makes its own, or reads them from a file.
    #[must_use]
    pub fn without_keys(mut self) -> Self {
        self.has_keys = false;
        self
    }

    /// By the machine's clock, which cannot be moved and costs nothing to read.
    #[must_use]
    pub fn by_the_machines_clock(self) -> Self {
        self.with("CLOCK_AHEAD_FILE", "")
    }

    /// Adds an argument after `serve`.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Sends to a relay of this machine instead of a folder.
    #[must_use]
    pub fn mailing_to(self, relay: std::net::SocketAddr) -> Self {
        self.with("POSTBAG_MAIL__TRANSPORT", "smtp")
            .with("POSTBAG_MAIL__SMTP__HOST", relay.ip())
            .with("POSTBAG_MAIL__SMTP__PORT", relay.port())
            .with("POSTBAG_MAIL__SMTP__TLS", "none")
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    pub(crate) fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The settings of a server whose data is in `folder`, but for its database.
    pub(crate) fn environment(&self, folder: &Path) -> BTreeMap<String, String> {
        let folder = |name: &str| folder.join(name).display().to_string();
        let fixed = [
            ("CLOCK_AHEAD_FILE", folder("ahead")),
            ("POSTBAG_LISTEN", "127.0.0.1:0".to_owned()),
            ("POSTBAG_ADMIN_LISTEN", "127.0.0.1:0".to_owned()),
            ("POSTBAG_DATA_DIR", folder("data")),
            ("POSTBAG_MAIL__FOLDER", folder("outbox")),
            // The addresses of tests are made up.
            ("POSTBAG_MAIL_DOMAINS__LOOK_UP", "false".to_owned()),
            // Load comes from everywhere at once.
            ("POSTBAG_LIMITS__SUBMISSIONS_OF_CAMPAIGN_A_MINUTE", "0".to_owned()),
            ("POSTBAG_LIMITS__SUBMISSIONS_OF_CREDENTIAL_A_MINUTE", "0".to_owned()),
            ("POSTBAG_LIMITS__SUBMISSIONS_TOGETHER_A_MINUTE", "0".to_owned()),
            // Tests write to one person as often as they like.
            ("POSTBAG_PACING__MAILBOX", "0".to_owned()),
            ("POSTBAG_PACING__DOMAIN", "0".to_owned()),
            ("POSTBAG_SECRET", SECRET.to_owned()),
            ("POSTBAG_AUTH__HS256_SECRET", HS256_SECRET.to_owned()),
        ];
        let mut env: BTreeMap<_, _> = fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if !self.has_keys {
            env.retain(|name, _| !name.ends_with("SECRET"));
        }
        env.extend(self.settings.clone());
        env
    }

    /// A folder and a database, with no server yet.
    pub async fn prepare(self) -> Home {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::create(&self, folder.path(), self.content).await;
        let mut env = self.environment(folder.path());
        env.entry("POSTBAG_DATABASE_URL".to_owned()).or_insert_with(|| database.url.clone());
        let args = self.args.clone();
        Home(Arc::new(Premises { setup: self, env, args, database, folder, tokens: Mutex::default() }))
    }

    /// A running server.
    pub async fn start(self) -> Server {
        self.prepare().await.serve().await
    }
}

/// A folder and a database, for one server or several.
#[derive(Clone, Debug)]
pub struct Home(Arc<Premises>);

#[derive(Debug)]
struct Premises {
    setup: Setup,
    env: BTreeMap<String, String>,
    args: Vec<String>,
    /// Dropped after the last server.
    database: Database,
    folder: TempDir,
    tokens: Mutex<BTreeMap<(String, String), String>>,
}

impl Home {
    /// Starts a server on it.
    pub async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    /// Starts a server on it, with other settings.
    pub async fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut env = self.0.env.clone();
        env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let process = self.spawn(&env).await;
        let client = Client::new(process.addr, process.admin_addr);
        Server { home: self.clone(), env, process: Some(process), client }
    }

    async fn spawn(&self, env: &BTreeMap<String, String>) -> Process {
        let args: Vec<_> = self.0.args.iter().map(String::as_str).collect();
        Process::start(command(&self.0.setup.binary, self.folder(), env, &args)).await
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.0.folder.path()
    }

    /// Moves the clock of its servers and commands to noon of a day, where it goes on. Tokens do not live that long, so new
    /// ones are issued.
    #[expect(clippy::disallowed_methods, reason = "how far the machine's own clock is from there")]
    pub fn move_clock_to(&self, day: &str) {
        let noon = day.parse::<chrono::NaiveDate>().expect("a day").and_hms_opt(12, 0, 0).expect("noon").and_utc();
        let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time after 1970");
        let ahead = noon.timestamp() - i64::try_from(machine.as_secs()).expect("a time in this age");
        // Written whole under another name first: so that half a number is never read.
        let (draft, file) = (self.folder().join("ahead.draft"), self.folder().join("ahead"));
        std::fs::write(&draft, ahead.to_string()).expect("the clock");
        std::fs::rename(draft, file).expect("the clock");
        self.0.tokens.lock().expect("the tokens").clear();
    }

    /// The folder of letters if there is no relay.
    pub fn outbox(&self) -> PathBuf {
        self.folder().join("outbox")
    }

    /// Takes the database away from every server, until it is mended. PostgreSQL only.
    pub async fn cut_database(&self) {
        self.0.database.cut().await;
    }

    /// Gives the database back.
    pub async fn mend_database(&self) {
        self.0.database.mend().await;
    }

    /// Runs `postbag` on the same data, to its end.
    pub async fn cli(&self, args: &[&str]) -> Ended {
        run(&self.0.setup.binary, self.folder(), &self.0.env, args).await
    }

    /// [`Home::cli`], with other settings.
    pub async fn cli_with(&self, settings: &[(&str, &str)], args: &[&str]) -> Ended {
        let mut env = self.0.env.clone();
        env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        run(&self.0.setup.binary, self.folder(), &env, args).await
    }

    /// A token of `postbag token issue`; the same again for the same scopes and organisation.
    pub async fn token(&self, scopes: &str, org: &str) -> String {
        let key = (scopes.to_owned(), org.to_owned());
        if let Some(token) = self.0.tokens.lock().expect("the tokens").get(&key) {
            return token.clone();
        }
        let scopes = scopes.split_whitespace().flat_map(|scope| ["--scope", scope]);
        let args: Vec<_> = ["token", "issue", "--org", org].into_iter().chain(scopes).collect();
        let issued = self.cli(&args).await.succeeds();
        let token = issued.stdout.trim().to_owned();
        self.0.tokens.lock().expect("the tokens").insert(key, token.clone());
        token
    }

    /// The files of the letters, in the order of their names.
    /// Every message in the outbox, the oldest first.
    fn messages(&self) -> impl Iterator<Item = Vec<u8>> {
        let files = std::fs::read_dir(self.outbox()).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<_> = files.map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths.into_iter().map(|path| std::fs::read(path).expect("a message"))
    }

    /// How many letters there are in the outbox.
    pub fn count_letters(&self) -> usize {
        self.messages().filter(|message| !SupporterMail::is_one(message)).count()
    }

    /// Every letter in the outbox.
    pub fn letters_now(&self) -> Vec<Letter> {
        let letters = self.messages().filter(|message| !SupporterMail::is_one(message));
        letters.map(|message| Letter::read(&message)).collect()
    }

    /// Every mail to a supporter in the outbox.
    pub fn mails_now(&self) -> Vec<SupporterMail> {
        let mails = self.messages().filter(|message| SupporterMail::is_one(message));
        mails.map(|message| SupporterMail::read(&message)).collect()
    }

    /// The mails to supporters in the outbox, once there are `count`; more than that is a failure.
    pub async fn mails(&self, count: usize) -> Vec<SupporterMail> {
        let arrived = || async { self.mails_now().len() >= count };
        eventually(&format!("{count} mails in the outbox"), Duration::from_secs(30), arrived).await;
        let mails = self.mails_now();
        assert_eq!(mails.len(), count, "mails in the outbox");
        mails
    }

    /// The letters in the outbox, once there are `count`; more than that is a failure.
    pub async fn letters(&self, count: usize) -> Vec<Letter> {
        self.letters_within(count, Duration::from_secs(30)).await
    }

    /// [`Home::letters`], with another patience.
    pub async fn letters_within(&self, count: usize, limit: Duration) -> Vec<Letter> {
        let outbox = || async { self.count_letters() >= count };
        eventually(&format!("{count} letters in the outbox"), limit, outbox).await;
        let letters = self.letters_now();
        assert_eq!(letters.len(), count, "letters in the outbox");
        letters
    }
}

/// A server as a caller and an operator see it.
#[derive(Debug)]
pub struct Server {
    home: Home,
    env: BTreeMap<String, String>,
    process: Option<Process>,
    client: Client,
}

impl std::ops::Deref for Server {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Server {
    /// The address it listens on.
    pub fn addr(&self) -> std::net::SocketAddr {
        self.process.as_ref().expect("a running server").addr
    }

    /// The address it listens on for administration.
    pub fn admin_addr(&self) -> std::net::SocketAddr {
        self.process.as_ref().expect("a running server").admin_addr
    }

    /// Its client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Call {
        self.client.call("GET", path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Call {
        self.client.call("POST", path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> Call {
        self.client.call("PUT", path)
    }

    /// Any method.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.client.call(method, path)
    }

    /// A token for the operator with every scope.
    pub async fn operator(&self) -> String {
        self.token(ALL_SCOPES, "*").await
    }

    /// Its process's id, for asking the system what it uses.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("a running server").id()
    }

    /// The lines it has written so far, read once no more come: a line may be on its way when the answer that it is about has arrived.
    pub async fn log(&self) -> Vec<String> {
        let read = || self.process.as_ref().map(|process| process.log.lines()).unwrap_or_default();
        let mut lines = read();
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let before = std::mem::replace(&mut lines, read()).len();
            if before == lines.len() {
                return lines;
            }
        }
    }

    /// SIGKILL, in the middle of its work.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
            self.refuse_personal_data(&process.log.lines());
        }
    }

    /// SIGTERM, without waiting.
    pub fn ask_to_stop(&self) {
        self.process.as_ref().expect("a running server").ask_to_stop();
    }

    /// SIGTERM, and waits for a clean end.
    pub async fn stop(&mut self) {
        self.ask_to_stop();
        self.end().await;
    }

    /// Waits for a clean end.
    pub async fn end(&mut self) {
        let mut process = self.process.take().expect("a running server");
        let status = process.end().await;
        let log = process.log.lines();
        assert!(status.success(), "the server ended with {status}:\n{}", log.join("\n"));
        self.refuse_personal_data(&log);
    }

    /// Starts again on the same data, at another port.
    pub async fn restart(&mut self) {
        assert!(self.process.is_none(), "stop it first");
        let process = self.home.spawn(&self.env).await;
        self.client = Client::new(process.addr, process.admin_addr);
        self.process = Some(process);
    }

    /// No log holds a supporter's data (C31).
    #[expect(clippy::unused_self, reason = "it is the server's log")]
    fn refuse_personal_data(&self, log: &[String]) {
        if std::thread::panicking() {
            return;
        }
        for line in log {
            let lower = line.to_lowercase();
            let found = supporter::CANARIES.iter().find(|canary| lower.contains(*canary));
            assert!(found.is_none(), "the log holds personal data ({found:?}): {line}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let ended = process.has_ended();
        process.kill();
        let log = process.log.lines();
        if std::thread::panicking() {
            let tail = log.len().saturating_sub(200);
            eprintln!(
                "--- the server{}:\n{}\n---",
                if ended { ", which had ended" } else { "" },
                log[tail..].join("\n")
            );
        } else {
            assert!(!ended, "the server ended by itself:\n{}", log.join("\n"));
            self.refuse_personal_data(&log);
        }
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none if it was killed.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error output.
    pub stderr: String,
    /// The most memory it ever had, in MB; nothing if it ended before anybody looked.
    pub peak: Option<f64>,
}

impl Ended {
    /// Goes on only if it succeeded.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "the command failed:\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Goes on only if it failed by itself.
    #[track_caller]
    pub fn fails(self) -> Self {
        let failed = self.code.is_some_and(|code| code != 0 && code != 101);
        assert!(failed, "the command should have failed ({:?}):\n{}\n{}", self.code, self.stdout, self.stderr);
        self
    }

    /// Both outputs, for looking for words.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end, within bounds.
pub(crate) async fn run(binary: &Path, folder: &Path, env: &BTreeMap<String, String>, args: &[&str]) -> Ended {
    let mut command: tokio::process::Command = command(binary, folder, env, args).into();
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().expect("the binary");
    let (id, mut peak) = (child.id().expect("a running process"), None);
    let mut output = pin!(tokio::time::timeout(COMMAND, child.wait_with_output()));
    let output = loop {
        tokio::select! {
            output = &mut output => break output,
            () = tokio::time::sleep(LOOK) => peak = memory_of(id, "VmHWM").or(peak),
        }
    };
    let output = output.unwrap_or_else(|_| panic!("{args:?} took longer than {COMMAND:?}")).expect("its output");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr), peak }
}

/// What the kernel counts of a process's memory under this name, in MB: `VmRSS` now, `VmHWM` at its highest.
pub fn memory_of(process: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Waits until `condition` holds, no longer than `limit`.
pub async fn eventually<F: Future<Output = bool>>(what: &str, limit: Duration, condition: impl Fn() -> F) {
    let begin = Instant::now();
    while !condition().await {
        assert!(begin.elapsed() < limit, "waited {limit:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Says that a test did nothing, past the harness that keeps what passing tests print to itself.
pub fn skipped(why: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// True if this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    postgres().is_some()
}
