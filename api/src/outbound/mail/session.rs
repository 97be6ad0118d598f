//! One SMTP session: commands go out, replies come in (RFC 5321 section 4.2).
//!
//! lettre writes the commands. Its connection is not used: it takes a reply that is not UTF-8 for a network error, so a relay that said
//! `250` in Latin-1 would get the same letter again. Here the code decides, and the text is only shown.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Noop, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Category, Code, Detail, Response, Severity};
use std::fmt::Display;
use std::io;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// The longest reply that is read, in bytes: a hundred times what RFC 5321 section 4.5.3.1.5 allows for a line.
const LONGEST_REPLY: u64 = 64 * 1024;

/// How many challenges of a login are answered.
const CHALLENGES: usize = 4;

/// A byte stream to a relay, encrypted or not.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Wire for T {}

/// A relay that has greeted us and said what it offers.
pub(super) struct Session {
    stream: BufReader<Box<dyn Wire>>,
    offers: Vec<String>,
}

/// A reply: its code, and its text with bytes that are not UTF-8 replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    code: u16,
    lines: Vec<String>,
}

/// The kind of positive reply that a command expects (RFC 5321 section 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// 2xx.
    Completion,
    /// 3xx.
    Intermediate,
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The connection failed or closed.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// A 4xx or 5xx.
    #[error("the relay answered {}", .0.code)]
    Refused(Answer),
    /// A code that no relay may answer here.
    #[error("the relay answered {0}, which makes no sense here")]
    Senseless(u16),
    /// Not three digits and a text.
    #[error("the relay answered something that is not an SMTP reply")]
    Malformed,
    /// More than [`LONGEST_REPLY`].
    #[error("the relay's reply is too long")]
    TooLong,
    /// The relay cannot do what is needed.
    #[error("the relay offers no {0}")]
    NotOffered(&'static str),
}

impl Session {
    /// Reads the greeting, then says EHLO.
    pub(super) async fn open(stream: Box<dyn Wire>, hello: &ClientId) -> Result<Self, Fault> {
        let mut session = Self { stream: BufReader::new(stream), offers: Vec::new() };
        session.answer(Expected::Completion).await?;
        session.hello(hello).await?;
        Ok(session)
    }

    /// Encrypts the connection. What the relay sent before the handshake is dropped unread (RFC 3207 section 6).
    pub(super) async fn start_tls(
        mut self,
        tls: &TlsConnector,
        name: ServerName<'static>,
        hello: &ClientId,
    ) -> Result<Self, Fault> {
        if !self.offers("STARTTLS") {
            return Err(Fault::NotOffered("STARTTLS"));
        }
        self.command(Starttls, Expected::Completion).await?;
        let encrypted = tls.connect(name, self.stream.into_inner()).await?;
        let mut session = Self { stream: BufReader::new(Box::new(encrypted)), offers: Vec::new() };
        session.hello(hello).await?;
        Ok(session)
    }

    /// Logs in by PLAIN, or by LOGIN where the relay offers only that.
    pub(super) async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Fault> {
        let mechanism = self.mechanism().ok_or(Fault::NotOffered("AUTH PLAIN or AUTH LOGIN"))?;
        let first = Auth::new(mechanism, credentials.clone(), None).or(Err(Fault::Malformed))?;
        let mut answer = self.exchange(first).await?;
        for _ in 0..CHALLENGES {
            if answer.code != 334 {
                break;
            }
            let next = Auth::new_from_response(mechanism, credentials.clone(), &answer.challenge());
            answer = self.exchange(next.or(Err(Fault::Malformed))?).await?;
        }
        answer.expect(Expected::Completion).map(|_welcome| ())
    }

    fn mechanism(&self) -> Option<Mechanism> {
        let mechanisms = self.offers.iter().filter_map(|offer| offer.strip_prefix("AUTH"));
        let offered: Vec<&str> = mechanisms.flat_map(|names| names.split([' ', '='])).collect();
        let known = [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)];
        known.into_iter().find(|(name, _)| offered.contains(name)).map(|(_, mechanism)| mechanism)
    }

    /// True if the relay named this extension in its answer to EHLO.
    pub(super) fn offers(&self, extension: &str) -> bool {
        self.offers.iter().any(|offer| offer.split(' ').next() == Some(extension))
    }

    /// True if the relay still answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.command(Noop, Expected::Completion).await.is_ok()
    }

    async fn hello(&mut self, name: &ClientId) -> Result<(), Fault> {
        let answer = self.command(Ehlo::new(name.clone()), Expected::Completion).await?;
        self.offers = answer.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect();
        Ok(())
    }

    /// Sends a command (a line with its end) and reads the answer.
    pub(super) async fn command(&mut self, command: impl Display, expected: Expected) -> Result<Answer, Fault> {
        self.exchange(command).await?.expect(expected)
    }

    async fn exchange(&mut self, command: impl Display) -> Result<Answer, Fault> {
        self.write(command.to_string().as_bytes()).await?;
        self.read().await
    }

    /// Sends bytes as they are.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    async fn answer(&mut self, expected: Expected) -> Result<Answer, Fault> {
        self.read().await?.expect(expected)
    }

    async fn read(&mut self) -> Result<Answer, Fault> {
        let mut reader = (&mut self.stream).take(LONGEST_REPLY);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            reader.read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") {
                let ended = io::Error::new(io::ErrorKind::UnexpectedEof, "the relay closed the connection");
                return Err(if reader.limit() == 0 { Fault::TooLong } else { Fault::Network(ended) });
            }
            let line = Line::parse(&line).ok_or(Fault::Malformed)?;
            lines.push(line.text);
            if line.is_last {
                return Ok(Answer { code: line.code, lines });
            }
        }
    }
}

impl Answer {
    /// The three digits.
    pub(super) fn code(&self) -> u16 {
        self.code
    }

    /// The text in one line.
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }

    fn expect(self, expected: Expected) -> Result<Self, Fault> {
        match (self.code, expected) {
            (200..=299, Expected::Completion) | (300..=399, Expected::Intermediate) => Ok(self),
            (400..=599, _) => Err(Fault::Refused(self)),
            (code, _) => Err(Fault::Senseless(code)),
        }
    }

    /// A 334 in the form that lettre answers.
    fn challenge(&self) -> Response {
        let code = Code::new(Severity::PositiveIntermediate, Category::Unspecified3, Detail::Four);
        Response::new(code, self.lines.clone())
    }
}

/// One line of a reply.
struct Line {
    code: u16,
    is_last: bool,
    text: String,
}

impl Line {
    /// Three digits, then the end, a space and text, or a hyphen and text with more lines to come.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let line = bytes.trim_ascii_end();
        let (digits, rest) = line.split_at_checked(3)?;
        let code = str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?.parse().ok()?;
        let (mark, text) = rest.split_at_checked(1).unwrap_or((b" ", b""));
        let is_last = match mark {
            b" " => true,
            b"-" => false,
            _ => return None,
        };
        Some(Self { code, is_last, text: String::from_utf8_lossy(text).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(bytes: Vec<u8>) -> Result<Answer, Fault> {
        let stream: Box<dyn Wire> = Box::new(tokio::io::join(io::Cursor::new(bytes), tokio::io::sink()));
        let mut session = Session { stream: BufReader::new(stream), offers: Vec::new() };
        session.answer(Expected::Completion).await
    }

    #[tokio::test]
    async fn a_reply_is_bytes_and_its_code_decides() {
        let latin = answer(b"250 Ok, angenommen f\xfcr Zustellung\r\n".to_vec()).await.unwrap();
        assert_eq!((latin.code(), latin.text().as_str()), (250, "Ok, angenommen f\u{fffd}r Zustellung"));
        let bare = answer(b"250\n".to_vec()).await.unwrap();
        assert_eq!((bare.code(), bare.text().as_str()), (250, ""));
        let two = answer(b"250-a\r\n250 b\r\n".to_vec()).await.unwrap();
        assert_eq!(two.text(), "a b");
    }

    #[tokio::test]
    async fn what_is_no_reply_is_named() {
        for (bytes, fault) in [
            ("554 no\r\n", "the relay answered 554"),
            ("999 yes\r\n", "the relay answered 999, which makes no sense here"),
            ("099 yes\r\n", "the relay answered 99, which makes no sense here"),
            ("354 go on\r\n", "the relay answered 354, which makes no sense here"),
            ("2x0 yes\r\n", "the relay answered something that is not an SMTP reply"),
            ("hello\r\n", "the relay answered something that is not an SMTP reply"),
            ("\r\n", "the relay answered something that is not an SMTP reply"),
            ("250-and", "the relay closed the connection"),
            ("250-and\r\n", "the relay closed the connection"),
        ] {
            assert_eq!(answer(bytes.into()).await.unwrap_err().to_string(), fault, "{bytes}");
        }
    }

    #[tokio::test]
    async fn a_reply_without_end_is_not_read_to_its_end() {
        let limit = usize::try_from(LONGEST_REPLY).unwrap();
        assert!(matches!(answer(vec![b'2'; limit * 2]).await, Err(Fault::TooLong)));
        assert!(matches!(answer(b"250-more\r\n".repeat(limit)).await, Err(Fault::TooLong)));
    }
}
