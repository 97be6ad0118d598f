//! The task that a claimed message is to a worker: the decision of the domain, and the finished letter where it is to be sent.

use crate::letters::{self, CachedEdition, digest};
use crate::outbound::{ComposedMail, DkimKeys};
use crate::secrets::BounceKeys;
use chrono::NaiveDate;
use postbag_domain::delivery::{Decision, Recipient};
use postbag_domain::{DigestInterval, Directory, EmailAddress, HeldFor, Representative, RepresentativeId};
use postbag_persistence::{ClaimedDelivery, Redirect};

/// The task that a message is for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Sends it.
    Send {
        /// The finished message.
        letter: Box<ComposedMail>,
        /// Its recipient: neither they nor the supporter may be suppressed.
        to: EmailAddress,
        /// Whether its supporter is mailed once it has been taken.
        receipt: bool,
    },
    /// Leaves it in the queue for a while: its campaign is paused.
    Wait,
    /// Lets it wait for the digest that will carry it.
    Collect(DigestInterval),
    /// Holds it.
    Hold(HeldFor),
    /// Redirects the held message to the seat's new holder, if the campaign wants that.
    Redirect(Redirect),
    /// Gives it up: it cannot be made into a letter, which is our own fault.
    Break(String),
}

impl Task {
    /// The task of today. `written` are the recipients of the supporter's messages in the campaign.
    pub(super) fn of(
        delivery: &ClaimedDelivery,
        written: &[RepresentativeId],
        edition: Option<&CachedEdition>,
        directory: &Directory,
        today: NaiveDate,
        bounces: &BounceKeys,
    ) -> Self {
        let recipient = Recipient::of(letters::addressed(delivery), written, directory, today);
        match Decision::on(delivery.campaign_status, delivery.state, recipient) {
            Decision::Wait => Self::Wait,
            Decision::Hold(reason) => Self::Hold(reason),
            Decision::PassOn(successor) => Self::Redirect(redirect(delivery, successor, directory)),
            Decision::Send(holder, to) => Self::send(delivery, edition, directory, (holder, to), bounces),
        }
    }

    fn send(
        delivery: &ClaimedDelivery,
        edition: Option<&CachedEdition>,
        directory: &Directory,
        (holder, to): (&Representative, &EmailAddress),
        bounces: &BounceKeys,
    ) -> Self {
        let Some(edition) = edition else {
            return Self::Break("what the letter is composed from is missing".to_owned());
        };
        if let Some(rule) = digest::rule(holder, edition).filter(|_| !delivery.is_test) {
            return Self::Collect(rule.every);
        }
        match letters::write(delivery, edition, directory, (holder, to), bounces) {
            Ok(letter) => Self::Send {
                letter: Box::new(letter),
                to: letters::address(delivery, to).clone(),
                receipt: edition.edition.content().receipt_by_mail,
            },
            Err(reason) => Self::Break(reason),
        }
    }

    /// The same task; a letter to be sent is signed.
    pub(super) fn signed(self, keys: &DkimKeys) -> Self {
        match self {
            Self::Send { letter, to, receipt } => Self::Send { letter: Box::new(letter.signed(keys)), to, receipt },
            other => other,
        }
    }
}

fn redirect(delivery: &ClaimedDelivery, successor: &Representative, directory: &Directory) -> Redirect {
    let area_code = directory.canonical_code(delivery.area.kind, successor.area_code);
    Redirect { id: delivery.id, representative_id: successor.id, area_code }
}

#[cfg(test)]
mod tests;
