//! The server as a process: started, heard, stopped and killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take until it listens, with a full directory in a debug build on a busy machine.
const START: Duration = Duration::from_mins(1);

/// How long it may take to stop: its own drain and a margin.
const STOP: Duration = Duration::from_secs(45);

/// Everything a process wrote, line by line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Listens until the stream ends, on a thread of its own so that the process never waits for us.
    fn hear(&self, stream: impl Read + Send + 'static) {
        let log = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                log.push(String::from_utf8_lossy(&line).into_owned());
            }
        });
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Where everybody calls.
    pub(crate) addr: SocketAddr,
    /// Where administration is called.
    pub(crate) admin_addr: SocketAddr,
    pub(crate) log: Log,
}

/// The command, in a folder of its own and with no settings but the given ones.
pub(crate) fn command(binary: &Path, folder: &Path, env: &BTreeMap<String, String>, args: &[&str]) -> Command {
    let mut command = Command::new(binary);
    let inherited = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("POSTBAG_"));
    inherited.for_each(|name| {
        command.env_remove(name);
    });
    command.args(args).envs(env).current_dir(folder).stdin(Stdio::null());
    command
}

impl Process {
    /// Starts it and waits until it says where it listens.
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server's binary");
        let log = Log::default();
        log.hear(child.stdout.take().expect("its output"));
        log.hear(child.stderr.take().expect("its errors"));
        let begin = Instant::now();
        loop {
            let told = |what| log.lines().iter().find_map(|line| address(what, line));
            if let Some((addr, admin_addr)) = told("listening").zip(told("administration")) {
                return Self { child, addr, admin_addr, log };
            }
            let ended = child.try_wait().expect("its state");
            if ended.is_some() || begin.elapsed() > START {
                let _ = child.kill();
                panic!("the server did not start ({ended:?}):\n{}", log.lines().join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// SIGKILL: no goodbye.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, Signal::TERM).expect("the process to be there");
    }

    /// Waits for the end.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status;
            }
            if begin.elapsed() > STOP {
                self.kill();
                panic!("the server did not stop within {STOP:?}:\n{}", self.log.lines().join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }
}

/// The address of a listener, if this is the line that tells it.
fn address(what: &str, line: &str) -> Option<SocketAddr> {
    line.trim().strip_prefix(what)?.strip_prefix(" on http://")?.trim_end_matches('/').parse().ok()
}
