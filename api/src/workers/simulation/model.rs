//! What the simulation knows of the truth, and what it asserts of every letter.

use super::random::Random;
use crate::outbound::{ComposedMail, Outcome, Reply, Stage};
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::delivery::BackOff;
use postbag_domain::{ActionId, CampaignId, DeliveryState, EmailAddress, Representative, uk_day};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

static LETTERS: AtomicU64 = AtomicU64::new(0);
static MAILS: AtomicU64 = AtomicU64::new(0);
static DIGESTS: AtomicU64 = AtomicU64::new(0);
static REPEATS: AtomicU64 = AtomicU64::new(0);
static CRASHES: AtomicU64 = AtomicU64::new(0);
static FAULTS: AtomicU64 = AtomicU64::new(0);
static BOUNCES: AtomicU64 = AtomicU64::new(0);

/// An action that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) person: EmailAddress,
    pub(super) campaign: CampaignId,
    pub(super) letters: Vec<Uuid>,
    pub(super) is_confirmed: bool,
}

/// The truth.
pub(super) struct Model {
    pub(super) random: Random,
    pub(super) now: DateTime<Utc>,
    pub(super) people: Vec<Representative>,
    pub(super) suppressed: BTreeSet<EmailAddress>,
    pub(super) is_stopped: bool,
    pub(super) paused: BTreeSet<CampaignId>,
    pub(super) actions: BTreeMap<ActionId, Known>,
    /// The action of every letter that may exist, acknowledged or not.
    pub(super) owners: BTreeMap<Uuid, ActionId>,
    /// The letter of an action to representative 1, or their successor, or to representative 2.
    pub(super) by_seat: BTreeMap<(ActionId, u128), Uuid>,
    /// The letters of every digest that the relay took.
    pub(super) digests: BTreeMap<Uuid, Vec<Uuid>>,
    /// Every hand-over: when, what, to whom.
    pub(super) sent: Vec<(DateTime<Utc>, Uuid, String)>,
    /// What the relay took.
    pub(super) taken: BTreeSet<Uuid>,
    /// What may be sent again although the relay took it: its answer was lost, or it came back.
    pub(super) in_window: BTreeSet<Uuid>,
    /// What the relay took in the step that is going on.
    pub(super) this_step: Vec<Uuid>,
    pub(super) mails: Vec<(DateTime<Utc>, String)>,
    pub(super) states: BTreeMap<Uuid, DeliveryState>,
    /// True when the relay plays no tricks any more.
    pub(super) is_calm: bool,
}

impl Model {
    pub(super) fn new(random: Random, now: DateTime<Utc>, people: Vec<Representative>) -> Self {
        Self {
            random,
            now,
            people,
            suppressed: BTreeSet::new(),
            is_stopped: false,
            paused: BTreeSet::new(),
            actions: BTreeMap::new(),
            owners: BTreeMap::new(),
            by_seat: BTreeMap::new(),
            digests: BTreeMap::new(),
            sent: Vec::new(),
            taken: BTreeSet::new(),
            in_window: BTreeSet::new(),
            this_step: Vec::new(),
            mails: Vec::new(),
            states: BTreeMap::new(),
            is_calm: false,
        }
    }

    /// What all seeds did together.
    pub(super) fn report() -> String {
        let [letters, digests, mails, repeats, crashes, faults, bounces] =
            [&LETTERS, &DIGESTS, &MAILS, &REPEATS, &CRASHES, &FAULTS, &BOUNCES]
                .map(|count| count.load(Ordering::SeqCst));
        format!(
            "{letters} letters handed over, alone or in {digests} digests, {repeats} of them repeats within the window, {mails} mails, {crashes} crashes, \
             {faults} faults of the database, {bounces} reports"
        )
    }

    pub(super) fn count_crash() {
        CRASHES.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn count_fault() {
        FAULTS.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn count_bounce() {
        BOUNCES.fetch_add(1, Ordering::SeqCst);
    }

    /// Watches what a worker hands over, and plays the relay.
    pub(super) fn hand_over(&mut self, message: &ComposedMail) -> Outcome {
        let to = message.recipient().to_string();
        assert!(!self.is_stopped, "sent while everything is stopped");
        assert!(!self.suppressed.iter().any(|who| who.as_str().eq_ignore_ascii_case(&to)), "sent to the suppressed");
        if message.sender().to_string().starts_with("mail-") {
            MAILS.fetch_add(1, Ordering::SeqCst);
            let (outcome, arrived) = self.answer();
            if arrived {
                self.mails.push((self.now, to));
            }
            return outcome;
        }
        let letters = self.letters_of(message, &to);
        for letter in &letters {
            LETTERS.fetch_add(1, Ordering::SeqCst);
            self.watch_letter(*letter, &to);
        }
        self.sent.push((self.now, message.id(), to));
        let (outcome, arrived) = self.answer();
        for letter in letters {
            if arrived {
                self.taken.insert(letter);
                self.in_window.remove(&letter);
                self.this_step.push(letter);
            }
            if matches!(outcome, Outcome::LostContact(_)) {
                self.in_window.insert(letter);
            }
        }
        outcome
    }

    /// The letters that a message is, or carries: a digest quotes each with the id of its action.
    fn letters_of(&mut self, message: &ComposedMail, to: &str) -> Vec<Uuid> {
        if !message.sender().to_string().starts_with("digest-") {
            return vec![message.id()];
        }
        DIGESTS.fetch_add(1, Ordering::SeqCst);
        let text = String::from_utf8_lossy(message.bytes()).replace("=\r\n", "");
        let plain = text.split("Content-Type: text/html").next().unwrap_or_default();
        let actions = plain.split("action:").skip(1).map(|rest| rest[..36].parse::<ActionId>().unwrap());
        let seat = if to.starts_with("holder.2@") { 2 } else { 1 };
        // The letter to the first may have gone to the second, who holds the same seat.
        let letter = |action| self.by_seat.get(&(action, seat)).or_else(|| self.by_seat.get(&(action, 1)));
        let letters: Vec<Uuid> =
            actions.map(|action| *letter(action).expect("a letter that nobody submitted")).collect();
        assert!(!letters.is_empty(), "a digest of nothing");
        self.digests.insert(message.id(), letters.clone());
        letters
    }

    fn watch_letter(&mut self, id: Uuid, to: &str) {
        let action = self.owners.get(&id).expect("a letter that nobody submitted");
        let known = self.actions.get(action);
        if let Some(known) = known {
            assert!(known.is_confirmed, "sent unconfirmed");
            assert!(!self.paused.contains(&known.campaign), "sent while its campaign is paused");
            assert!(!self.suppressed.contains(&known.person), "sent in the name of the suppressed");
        }
        let today = uk_day(self.now);
        let holds = |person: &Representative| {
            person.holds_on(today) && person.email.as_ref().is_some_and(|email| email.as_str() == to)
        };
        assert!(self.people.iter().any(holds), "sent to somebody who is not in office: {to}");
        if self.taken.contains(&id) {
            assert!(self.in_window.contains(&id), "sent twice outside the window");
            REPEATS.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The relay's answer, and whether it has the message.
    fn answer(&mut self) -> (Outcome, bool) {
        let said = |stage, code, text| Reply::said(stage, code, text);
        let now = |stage, code, text, back_off| Outcome::RefusedForNow { reply: said(stage, code, text), back_off };
        let chance = if self.is_calm { 99 } else { self.random.below(30) };
        let outcome = match chance {
            0 => now(Stage::Rcpt, 450, "4.2.0 later", BackOff::Letter),
            1 => now(Stage::Rcpt, 451, "4.7.1 greylisted", BackOff::Domain),
            2 => now(Stage::Connect, 421, "4.3.2 no service", BackOff::Relay),
            3 => Outcome::RefusedForGood(said(Stage::Rcpt, 550, "5.1.1 user unknown")),
            4 => Outcome::RefusedForGood(said(Stage::Message, 554, "5.7.1 blocked")),
            5 => Outcome::RefusedForNow {
                reply: Reply::happened(Stage::Connect, "connection refused"),
                back_off: BackOff::Relay,
            },
            // The connection is cut behind the last byte: the relay has it, or not.
            6 | 7 => Outcome::LostContact(Reply::happened(Stage::Message, "the connection was cut")),
            _ => Outcome::Accepted(said(Stage::Message, 250, "2.0.0 ok")),
        };
        let arrived = matches!(outcome, Outcome::Accepted(_)) || chance == 6;
        (outcome, arrived)
    }

    /// What was taken in a step that broke may be sent again.
    pub(super) fn end_step(&mut self, broke: bool) {
        let taken = std::mem::take(&mut self.this_step);
        if broke {
            self.in_window.extend(taken);
        }
    }

    /// A settled state stays, whatever comes late.
    pub(super) fn see(&mut self, id: Uuid, state: DeliveryState) {
        if let Some(before) = self.states.insert(id, state) {
            assert!(!before.is_settled() || before == state, "{before} became {state}");
        }
    }

    /// No hour holds more letters to a mailbox, or in all, than its cap; no day more than three mails to an inbox.
    pub(super) fn check_caps(&self, mailbox: usize, together: usize) {
        let fullest = |times: &[DateTime<Utc>], window: TimeDelta| {
            let within =
                |start: &DateTime<Utc>| times.iter().filter(|at| *at >= start && **at - *start < window).count();
            times.iter().map(within).max().unwrap_or_default()
        };
        let mut by_mailbox: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
        for (at, _, to) in &self.sent {
            by_mailbox.entry(to).or_default().push(*at);
        }
        let hour = TimeDelta::hours(1);
        for (to, times) in &by_mailbox {
            assert!(fullest(times, hour) <= mailbox, "the cap of {to} is exceeded");
        }
        let all: Vec<_> = self.sent.iter().map(|(at, ..)| *at).collect();
        assert!(fullest(&all, hour) <= together, "the cap of the domain is exceeded");
        let mut by_inbox: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
        for (at, to) in &self.mails {
            by_inbox.entry(to).or_default().push(*at);
        }
        for (to, times) in &by_inbox {
            assert!(fullest(times, TimeDelta::days(1)) <= 3, "{to} got more than three mails in a day");
        }
    }
}
