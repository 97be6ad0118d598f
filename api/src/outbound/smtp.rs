//! One lane to a relay: a connection that is kept, and each letter's journey in explicit stages (RFC 5321).
//!
//! lettre speaks the protocol; the stages are driven here, because what became of a letter depends on how far it got.

use super::compose::ComposedLetter;
use super::mail::{BackOff, Outcome};
use super::relay::{Relay, Security};
use super::reply::{Reply, Stage};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// A connection that rested longer than this is asked whether it still lives before a letter goes over it.
const RESTED: Duration = Duration::from_secs(5);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// Sends letters one after the other over one connection, which it opens, checks and renews by itself.
pub struct SmtpLane {
    relay: Relay,
    open: Option<Open>,
}

impl fmt::Debug for SmtpLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpLane").field("relay", &self.relay).field("open", &self.open.is_some()).finish()
    }
}

/// A connection that is ready for a letter.
struct Open {
    smtp: AsyncSmtpConnection,
    letters: u32,
    last_used: Instant,
}

/// How a letter's journey ended, and whether the connection is fit for another.
struct Journey {
    outcome: Outcome,
    usable: bool,
}

impl SmtpLane {
    /// A lane that connects when its first letter comes.
    pub fn new(relay: Relay) -> Self {
        Self { relay, open: None }
    }

    /// Hands one letter to the relay. A connection that went stale while it rested is replaced, once.
    pub async fn send(&mut self, letter: &ComposedLetter) -> Outcome {
        if let Some(open) = self.rested().await {
            let outcome = self.travel(open, letter).await;
            if !went_stale(&outcome) {
                return outcome;
            }
        }
        match connect(&self.relay).await {
            Ok(smtp) => self.travel(Open { smtp, letters: 0, last_used: Instant::now() }, letter).await,
            Err(reply) => Outcome::unreachable(reply),
        }
    }

    /// Says QUIT, if there is anybody to say it to.
    pub async fn close(mut self) {
        if let Some(open) = self.open.take() {
            goodbye(open).await;
        }
    }

    /// The connection of the letter before, if it still lives and has not carried enough.
    async fn rested(&mut self) -> Option<Open> {
        let mut open = self.open.take()?;
        if open.letters >= self.relay.letters_per_connection() {
            goodbye(open).await;
            return None;
        }
        let fresh = open.last_used.elapsed() < RESTED;
        let limit = self.relay.timeouts().command;
        (fresh || timeout(limit, open.smtp.test_connected()).await.unwrap_or(false)).then_some(open)
    }

    async fn travel(&mut self, mut open: Open, letter: &ComposedLetter) -> Outcome {
        let journey = journey(&mut open.smtp, &self.relay, letter).await;
        if journey.usable {
            let letters = open.letters.saturating_add(1);
            self.open = Some(Open { letters, last_used: Instant::now(), ..open });
        }
        journey.outcome
    }
}

/// A relay may close a resting connection at any time; then MAIL fails before the letter has begun.
fn went_stale(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::RefusedForNow { reply, .. } => {
            reply.stage() == Stage::Mail && matches!(reply.code(), None | Some(421))
        }
        _ => false,
    }
}

async fn goodbye(mut open: Open) {
    let _ = timeout(GOODBYE, open.smtp.quit()).await;
}

/// Waits for one step and names what stood in its way.
async fn step<T>(
    stage: Stage,
    limit: Duration,
    step: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Reply> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Reply::of_error(stage, &error)),
        Err(_elapsed) => Err(Reply::happened(stage, "the relay took too long")),
    }
}

/// Reaches the relay, then TLS, then the login; nothing of a letter is said before all that stands (B36).
async fn connect(relay: &Relay) -> Result<AsyncSmtpConnection, Reply> {
    let mut smtp = match relay.security() {
        Security::Implicit => connect_encrypted(relay).await?,
        Security::StartTls | Security::Clear => connect_clear(relay).await?,
    };
    if let Some(credentials) = relay.credentials() {
        let login = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
        step(Stage::Auth, relay.timeouts().command, login).await?;
    }
    Ok(smtp)
}

async fn connect_encrypted(relay: &Relay) -> Result<AsyncSmtpConnection, Reply> {
    let limit = relay.timeouts().connect;
    let tls = relay.tls().map_err(|error| Reply::of_error(Stage::Tls, &error))?;
    let connecting = AsyncSmtpConnection::connect_tokio1(relay.target(), Some(limit), relay.hello(), Some(tls), None);
    step(Stage::Connect, limit, connecting).await
}

async fn connect_clear(relay: &Relay) -> Result<AsyncSmtpConnection, Reply> {
    let limit = relay.timeouts().connect;
    let stream = reach(relay).await?;
    let clear = relay.security() == Security::Clear;
    if clear && !is_this_machine(&stream) {
        return Err(Reply::happened(
            Stage::Tls,
            "the relay is another machine, and mail is never sent to it in the clear",
        ));
    }
    let meeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), relay.hello());
    let smtp = step(Stage::Connect, limit, meeting).await?;
    if clear { Ok(smtp) } else { upgrade(smtp, relay).await }
}

/// Whatever the relay is called, what counts is the address that was really reached.
fn is_this_machine(stream: &TcpStream) -> bool {
    stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback())
}

async fn reach(relay: &Relay) -> Result<TcpStream, Reply> {
    let reached = timeout(relay.timeouts().connect, TcpStream::connect(relay.target())).await;
    let stream = match reached {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(Reply::happened(Stage::Connect, &error.to_string())),
        Err(_elapsed) => return Err(Reply::happened(Stage::Connect, "the relay could not be reached in time")),
    };
    // A message and its end are two writes: with Nagle's algorithm the second would wait for the relay's late ACK.
    stream.set_nodelay(true).map_err(|error| Reply::happened(Stage::Connect, &error.to_string()))?;
    Ok(stream)
}

async fn upgrade(mut smtp: AsyncSmtpConnection, relay: &Relay) -> Result<AsyncSmtpConnection, Reply> {
    if !smtp.can_starttls() {
        let _ = timeout(GOODBYE, smtp.quit()).await;
        return Err(Reply::happened(Stage::Tls, "the relay offers no STARTTLS"));
    }
    let tls = relay.tls().map_err(|error| Reply::of_error(Stage::Tls, &error))?;
    step(Stage::Tls, relay.timeouts().command, smtp.starttls(tls, relay.hello())).await?;
    Ok(smtp)
}

/// MAIL, RCPT, DATA, then the message; a refusal on the way leaves the connection for the next letter.
async fn journey(smtp: &mut AsyncSmtpConnection, relay: &Relay, letter: &ComposedLetter) -> Journey {
    if letter.needs_smtputf8() && !smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
        let reply = Reply::happened(Stage::Mail, "an address is not ASCII and the relay offers no SMTPUTF8");
        return Journey { outcome: Outcome::RefusedForGood(reply), usable: true };
    }
    let outcome = match announce(smtp, relay, letter).await {
        Ok(()) => hand_over(smtp, relay, letter).await,
        Err(reply) => refusal(reply),
    };
    let usable = is_usable_after(smtp, relay, &outcome).await;
    Journey { outcome, usable }
}

async fn announce(smtp: &mut AsyncSmtpConnection, relay: &Relay, letter: &ComposedLetter) -> Result<(), Reply> {
    let limit = relay.timeouts().command;
    let mail = smtp.command(Mail::new(Some(letter.sender().clone()), parameters(letter)));
    expect(Stage::Mail, Severity::PositiveCompletion, &step(Stage::Mail, limit, mail).await?)?;
    let rcpt = smtp.command(Rcpt::new(letter.recipient().clone(), Vec::new()));
    expect(Stage::Rcpt, Severity::PositiveCompletion, &step(Stage::Rcpt, limit, rcpt).await?)?;
    let data = step(Stage::Data, limit, smtp.command(Data)).await?;
    expect(Stage::Data, Severity::PositiveIntermediate, &data)
}

/// SMTPUTF8 comes with eight-bit headers, and a relay that offers it offers 8BITMIME (RFC 6531 section 3.1).
fn parameters(letter: &ComposedLetter) -> Vec<MailParameter> {
    if letter.needs_smtputf8() {
        vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]
    } else {
        Vec::new()
    }
}

/// A positive reply of the wrong kind is nonsense: lettre takes 250 and 354 alike.
fn expect(stage: Stage, severity: Severity, response: &Response) -> Result<(), Reply> {
    if response.code().severity == severity {
        return Ok(());
    }
    let said = u16::from(response.code());
    Err(Reply::happened(stage, &format!("the relay answered {said}, which makes no sense here")))
}

/// Until its end is sent, a relay must not take a message (RFC 5321 section 4.1.1.4); from then on it may have.
async fn hand_over(smtp: &mut AsyncSmtpConnection, relay: &Relay, letter: &ComposedLetter) -> Outcome {
    let ending = AtomicBool::new(false);
    let mut message = letter.bytes().strip_suffix(b"\r\n");
    let parts = std::iter::from_fn(|| {
        let part = message.take();
        ending.store(part.is_none(), Ordering::Relaxed);
        part
    });
    let answer = step(Stage::Message, relay.timeouts().message, smtp.message_iter(parts)).await;
    let answer = answer.and_then(|response| {
        expect(Stage::Message, Severity::PositiveCompletion, &response)?;
        Ok(Reply::of_response(Stage::Message, &response))
    });
    match answer {
        Ok(reply) => Outcome::Accepted(reply),
        Err(reply) if reply.code().is_none() && ending.load(Ordering::Relaxed) => Outcome::LostContact(reply),
        Err(reply) => refusal(reply),
    }
}

/// Whose refusal it is: the relay's of everything, a domain's, or this letter's (B27).
fn refusal(reply: Reply) -> Outcome {
    let back_off = match reply.code() {
        None | Some(421 | 530..=539) => BackOff::Relay,
        Some(451) => BackOff::Domain,
        Some(500..) => return Outcome::RefusedForGood(reply),
        Some(_) => BackOff::Letter,
    };
    Outcome::RefusedForNow { reply, back_off }
}

async fn is_usable_after(smtp: &mut AsyncSmtpConnection, relay: &Relay, outcome: &Outcome) -> bool {
    match (outcome, outcome.reply().code()) {
        (Outcome::Accepted(_), _) => true,
        (_, None | Some(421)) => false,
        _ => step(Stage::Mail, relay.timeouts().command, smtp.command(Rset)).await.is_ok(),
    }
}
