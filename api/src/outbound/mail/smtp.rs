//! Sends letters to a relay over a connection that is kept, in explicit stages: what became of a letter depends on how far it got.

use super::compose::ComposedMail;
use super::outcome::Outcome;
use super::relay::{Relay, Security, Tls};
use super::reply::{Reply, Stage};
use super::session::{Expected, Fault, Session, Wire};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use postbag_domain::BounceCause;
use postbag_domain::delivery::BackOff;
use std::fmt;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// A connection that rested longer than this is asked whether it still lives before a letter goes over it.
const RESTED: Duration = Duration::from_secs(5);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The line that ends a message.
const END_OF_MESSAGE: &str = ".\r\n";

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
    session: Session,
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
    pub async fn send(&mut self, letter: &ComposedMail) -> Outcome {
        if let Some(open) = self.rested().await {
            let outcome = self.travel(open, letter).await;
            if !went_stale(&outcome) {
                return outcome;
            }
        }
        match connect(&self.relay).await {
            Ok(session) => self.travel(Open { session, letters: 0, last_used: Instant::now() }, letter).await,
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
        (fresh || timeout(limit, open.session.is_alive()).await.unwrap_or(false)).then_some(open)
    }

    async fn travel(&mut self, mut open: Open, letter: &ComposedMail) -> Outcome {
        let journey = journey(&mut open.session, &self.relay, letter).await;
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
    let _ = timeout(GOODBYE, open.session.command(Quit, Expected::Completion)).await;
}

/// Waits for one step and names what stood in its way.
async fn step<T>(stage: Stage, limit: Duration, step: impl Future<Output = Result<T, Fault>>) -> Result<T, Reply> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(fault)) => Err(Reply::of_fault(stage, &fault)),
        Err(_elapsed) => Err(Reply::happened(stage, "the relay took too long")),
    }
}

/// Connects, encrypts and logs in, before anything of a letter is said (B36).
async fn connect(relay: &Relay) -> Result<Session, Reply> {
    let stream = reach(relay).await?;
    let mut session = match relay.security() {
        Security::Implicit => open_encrypted(stream, relay).await?,
        Security::StartTls => upgrade(open(Box::new(stream), relay).await?, relay).await?,
        Security::Clear => open_clear(stream, relay).await?,
    };
    if let Some(credentials) = relay.credentials() {
        step(Stage::Auth, relay.timeouts().command, session.log_in(&credentials)).await?;
    }
    Ok(session)
}

async fn reach(relay: &Relay) -> Result<TcpStream, Reply> {
    let reaching = async { Ok(TcpStream::connect(relay.target()).await?) };
    let stream = step(Stage::Connect, relay.timeouts().connect, reaching).await?;
    // A message and its end are two writes: with Nagle's algorithm the second would wait for the relay's late ACK.
    stream.set_nodelay(true).map_err(|error| Reply::happened(Stage::Connect, &error.to_string()))?;
    Ok(stream)
}

async fn open(stream: Box<dyn Wire>, relay: &Relay) -> Result<Session, Reply> {
    step(Stage::Connect, relay.timeouts().connect, Session::open(stream, relay.hello())).await
}

async fn open_encrypted(stream: TcpStream, relay: &Relay) -> Result<Session, Reply> {
    let Tls { connector, name } = tls(relay)?;
    let opening = async { Session::open(Box::new(connector.connect(name, stream).await?), relay.hello()).await };
    step(Stage::Connect, relay.timeouts().connect, opening).await
}

/// Clear text goes to this machine alone; what counts is the address that was reached, not its name.
async fn open_clear(stream: TcpStream, relay: &Relay) -> Result<Session, Reply> {
    if stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) {
        return open(Box::new(stream), relay).await;
    }
    Err(Reply::happened(Stage::Tls, "the relay is another machine, and mail is never sent to it in the clear"))
}

async fn upgrade(session: Session, relay: &Relay) -> Result<Session, Reply> {
    let Tls { connector, name } = tls(relay)?;
    step(Stage::Tls, relay.timeouts().command, session.start_tls(&connector, name, relay.hello())).await
}

fn tls(relay: &Relay) -> Result<Tls, Reply> {
    relay.tls().map_err(|error| Reply::happened(Stage::Tls, &error.to_string()))
}

/// MAIL, RCPT, DATA, then the message; a refusal on the way leaves the connection for the next letter.
async fn journey(session: &mut Session, relay: &Relay, letter: &ComposedMail) -> Journey {
    if letter.needs_smtputf8() && !session.offers("SMTPUTF8") {
        let reply = Reply::happened(Stage::Mail, "an address is not ASCII and the relay offers no SMTPUTF8");
        return Journey { outcome: Outcome::RefusedForGood(reply), usable: true };
    }
    let outcome = match announce(session, relay, letter).await {
        Ok(()) => hand_over(session, relay, letter).await,
        Err(reply) => refusal(reply),
    };
    let usable = is_usable_after(session, relay, &outcome).await;
    Journey { outcome, usable }
}

async fn announce(session: &mut Session, relay: &Relay, letter: &ComposedMail) -> Result<(), Reply> {
    let limit = relay.timeouts().command;
    let mail = Mail::new(Some(letter.sender().clone()), parameters(letter));
    step(Stage::Mail, limit, session.command(mail, Expected::Completion)).await?;
    let rcpt = Rcpt::new(letter.recipient().clone(), Vec::new());
    step(Stage::Rcpt, limit, session.command(rcpt, Expected::Completion)).await?;
    step(Stage::Data, limit, session.command(Data, Expected::Intermediate)).await?;
    Ok(())
}

/// SMTPUTF8 comes with eight-bit headers, and a relay that offers it offers 8BITMIME (RFC 6531 section 3.1).
fn parameters(letter: &ComposedMail) -> Vec<MailParameter> {
    if letter.needs_smtputf8() {
        vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]
    } else {
        Vec::new()
    }
}

/// Until its end is sent, a relay must not take a message (RFC 5321 section 4.1.1.4); from then on it may have.
async fn hand_over(session: &mut Session, relay: &Relay, letter: &ComposedMail) -> Outcome {
    let ends = Instant::now() + relay.timeouts().message;
    let message = dot_stuffed(letter.bytes());
    if let Err(reply) = step(Stage::Message, relay.timeouts().message, session.write(&message)).await {
        return refusal(reply);
    }
    let left = ends.saturating_duration_since(Instant::now());
    match step(Stage::Message, left, session.command(END_OF_MESSAGE, Expected::Completion)).await {
        Ok(answer) => Outcome::Accepted(Reply::of_answer(Stage::Message, &answer)),
        Err(reply) if reply.code().is_none() => Outcome::LostContact(reply),
        Err(reply) => refusal(reply),
    }
}

/// Doubles the dot at the start of a line (RFC 5321 section 4.5.2). A composed letter has CRLF line ends only, its last line too.
fn dot_stuffed(message: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        stuffed.extend(line.starts_with(b".").then_some(b'.'));
        stuffed.extend_from_slice(line);
    }
    stuffed
}

/// Whose refusal it is: the relay's of everything, a domain's, or this letter's (B27).
fn refusal(reply: Reply) -> Outcome {
    let back_off = match reply.code() {
        None | Some(421 | 530..=539) => BackOff::Relay,
        Some(451) => BackOff::Domain,
        // A mailbox that is full may have room tomorrow, whatever the code (B28).
        Some(500..) if reply.verdict().cause == BounceCause::Mailbox => BackOff::Letter,
        Some(500..) => return Outcome::RefusedForGood(reply),
        Some(_) => BackOff::Letter,
    };
    Outcome::RefusedForNow { reply, back_off }
}

async fn is_usable_after(session: &mut Session, relay: &Relay, outcome: &Outcome) -> bool {
    match (outcome, outcome.reply().code()) {
        (Outcome::Accepted(_), _) => true,
        (_, None | Some(421)) => false,
        _ => step(Stage::Mail, relay.timeouts().command, session.command(Rset, Expected::Completion)).await.is_ok(),
    }
}
