//! One connection to a sink.

use std::io;
use std::mem;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, empty};
use tokio::net::TcpStream;

use super::script::{Act, Stage};
use super::{Received, Shared};

/// A message longer than this ends the connection.
const LONGEST: usize = 64 * 1024 * 1024;

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Wire for T {}

pub(super) struct Session {
    stream: BufReader<Box<dyn Wire>>,
    encrypted: bool,
    connection: usize,
    shared: Arc<Shared>,
    line: Vec<u8>,
    from: String,
    to: Vec<String>,
}

/// Why a session ends: by the client, by the script or by the network, all the same to the sink.
struct Over;

impl From<io::Error> for Over {
    fn from(_error: io::Error) -> Self {
        Self
    }
}

impl Session {
    pub(super) fn new(stream: TcpStream, connection: usize, shared: Arc<Shared>) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            encrypted: false,
            connection,
            shared,
            line: Vec::new(),
            from: String::new(),
            to: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) {
        let _over = self.converse().await;
    }

    async fn converse(&mut self) -> Result<(), Over> {
        if self.shared.tls.as_ref().is_some_and(|tls| tls.from_the_first_byte) {
            self.encrypt().await?;
        }
        if self.answer(Stage::Connect, "220 sink.example ESMTP\r\n").await? >= 400 {
            return Err(Over);
        }
        loop {
            self.read_line().await?;
            let command = String::from_utf8_lossy(&self.line).trim_end().to_owned();
            self.shared.hear(&command);
            self.obey(&command).await?;
        }
    }

    async fn obey(&mut self, command: &str) -> Result<(), Over> {
        let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => self.greet().await,
            "STARTTLS" => {
                self.say("220 2.0.0 go on\r\n").await?;
                self.encrypt().await
            }
            "AUTH" => self.answer(Stage::Auth, "235 2.7.0 welcome\r\n").await.map(|_code| ()),
            "MAIL" => self.mail(command).await,
            "RCPT" => self.rcpt(command).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.forget();
                self.say("250 2.0.0 forgotten\r\n").await
            }
            "NOOP" => self.say("250 2.0.0 here\r\n").await,
            "QUIT" => {
                self.say("221 2.0.0 bye\r\n").await?;
                Err(Over)
            }
            _ => self.say("502 5.5.1 not here\r\n").await,
        }
    }

    async fn greet(&mut self) -> Result<(), Over> {
        let secured = match (&self.shared.tls, self.encrypted) {
            (Some(_), false) => "250-STARTTLS\r\n",
            (Some(_), true) => "250-AUTH LOGIN PLAIN\r\n",
            (None, _) => "",
        };
        let offers = self.shared.extensions.iter().flat_map(|extension| ["250-", extension, "\r\n"]);
        let greeting: String =
            ["250-sink.example\r\n", secured].into_iter().chain(offers).chain(["250 SIZE 67108864\r\n"]).collect();
        self.answer(Stage::Ehlo, &greeting).await?;
        Ok(())
    }

    /// What was read before the handshake is thrown away with the old buffer (RFC 3207 section 4.2).
    async fn encrypt(&mut self) -> Result<(), Over> {
        let tls = self.shared.tls.clone().ok_or(Over)?;
        let clear = mem::replace(&mut self.stream, BufReader::new(Box::new(empty()))).into_inner();
        let encrypted = tls.acceptor.accept(clear).await?;
        self.stream = BufReader::new(Box::new(encrypted));
        self.encrypted = true;
        Ok(())
    }

    async fn mail(&mut self, command: &str) -> Result<(), Over> {
        if self.answer(Stage::Mail, "250 2.1.0 ok\r\n").await? < 400 {
            self.forget();
            self.from = path(command);
        }
        Ok(())
    }

    async fn rcpt(&mut self, command: &str) -> Result<(), Over> {
        if self.answer(Stage::Rcpt, "250 2.1.5 ok\r\n").await? < 400 {
            self.to.push(path(command));
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), Over> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 nobody to send it to\r\n").await;
        }
        if self.answer(Stage::Data, "354 go on\r\n").await? >= 400 {
            return Ok(());
        }
        let bytes = self.message().await?;
        self.decide(bytes).await
    }

    /// Reads to the dot that stands alone, taking dot-stuffing off (RFC 5321 section 4.5.2).
    async fn message(&mut self) -> Result<Vec<u8>, Over> {
        let mut bytes = Vec::new();
        let mut first = true;
        loop {
            self.read_line().await?;
            if mem::take(&mut first) {
                self.interrupt().await?;
            }
            if self.line == b".\r\n" {
                return Ok(bytes);
            }
            bytes.extend_from_slice(self.line.strip_prefix(b".").unwrap_or(&self.line));
            if bytes.len() > LONGEST {
                return Err(Over);
            }
        }
    }

    async fn interrupt(&mut self) -> Result<(), Over> {
        match self.act(Stage::Transfer).await? {
            None => Ok(()),
            Some(reply) => self.say_bytes(&reply).await.and(Err(Over)),
        }
    }

    /// Takes the message, unless the script says otherwise before.
    async fn decide(&mut self, bytes: Vec<u8>) -> Result<(), Over> {
        if let Some(refusal) = self.act(Stage::Dot).await? {
            self.forget();
            return self.say_bytes(&refusal).await;
        }
        let received = Received {
            from: mem::take(&mut self.from),
            to: mem::take(&mut self.to),
            message_id: message_id(&bytes),
            bytes: if self.shared.keeps_bytes { bytes } else { Vec::new() },
            connection: self.connection,
        };
        self.shared.take(received);
        self.answer(Stage::AfterDot, "250 2.0.0 taken\r\n").await?;
        Ok(())
    }

    fn forget(&mut self) {
        self.from.clear();
        self.to.clear();
    }

    async fn read_line(&mut self) -> Result<(), Over> {
        self.line.clear();
        let read = self.stream.read_until(b'\n', &mut self.line).await?;
        if read == 0 || !self.line.ends_with(b"\n") { Err(Over) } else { Ok(()) }
    }

    /// Says what the script says at this stage, or else `usual`; answers the code that was said.
    async fn answer(&mut self, stage: Stage, usual: &str) -> Result<u16, Over> {
        let scripted = self.act(stage).await?;
        let reply = scripted.as_deref().unwrap_or(usual.as_bytes());
        self.say_bytes(reply).await?;
        let code = reply.get(..3).and_then(|code| str::from_utf8(code).ok()?.parse().ok()).unwrap_or(0);
        if code == 421 { Err(Over) } else { Ok(code) }
    }

    /// The reply of the script, if it has one for this stage.
    async fn act(&self, stage: Stage) -> Result<Option<Vec<u8>>, Over> {
        match self.shared.script.at(stage) {
            None => Ok(None),
            Some(Act::Reply(code, text)) => Ok(Some(format!("{code} {text}\r\n").into_bytes())),
            Some(Act::Bytes(bytes)) => Ok(Some(bytes.to_vec())),
            Some(Act::Drop) => Err(Over),
            Some(Act::Stall(time)) => {
                tokio::time::sleep(time).await;
                Ok(None)
            }
        }
    }

    async fn say(&mut self, reply: &str) -> Result<(), Over> {
        self.say_bytes(reply.as_bytes()).await
    }

    async fn say_bytes(&mut self, reply: &[u8]) -> Result<(), Over> {
        self.stream.get_mut().write_all(reply).await?;
        self.stream.get_mut().flush().await?;
        Ok(())
    }
}

/// The address between the angle brackets of MAIL or RCPT.
fn path(command: &str) -> String {
    let after = command.split_once('<').map_or("", |(_verb, after)| after);
    after.rsplit_once('>').map_or(after, |(path, _parameters)| path).to_owned()
}

/// The Message-ID among the headers.
fn message_id(bytes: &[u8]) -> String {
    let lines = bytes.split(|byte| *byte == b'\n').take_while(|line| !matches!(line, [] | [b'\r']));
    let mut ids = lines.filter_map(|line| {
        let (name, value) = line.split_at_checked("message-id:".len())?;
        name.eq_ignore_ascii_case(b"message-id:").then(|| String::from_utf8_lossy(value).trim().to_owned())
    });
    ids.next().unwrap_or_default()
}
