//! Mail that comes back: read, recognised by the address it was sent to, and recorded (B28).

mod delivery_status;
pub mod maildir;
mod plain_words;
pub mod report;

use crate::app::mail_health::MailHealth;
use crate::clock::Clock;
use crate::ids;
use crate::secrets::MailKeys;
use postbag_domain::{Bounced, DeliveryId};
use postbag_persistence::{LetterNotice, NewBounce, Reach, ReceivedReport, ReportOutcome, Store, StoreError, TallyRow};
use report::{Content, Incoming};

/// What became of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A report, with what it is about.
    Report(Bounced, ReportOutcome),
    /// The answer of a machine, such as a notice of absence.
    AutoReply,
    /// Nothing that a machine says about a delivery: a person should read it.
    Other,
}

/// Takes messages that came back and records them.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a Clock,
    pub(crate) keys: &'a MailKeys,
    pub(crate) mail_health: &'a MailHealth,
}

impl Desk<'_> {
    /// Reads one message; the counts that changed with it. Of a refusal because of this server the operator is to know.
    pub(crate) async fn receive(&self, reach: Reach, message: &[u8]) -> Result<(Received, Vec<TallyRow>), StoreError> {
        let Incoming { content, senders } = report::read(message);
        let (bounce, reply) = match content {
            Content::Report { report, reply } => (report, reply),
            Content::AutoReply => return Ok((Received::AutoReply, Vec::new())),
            Content::Other => return Ok((Received::Other, Vec::new())),
        };
        let Some(about) = senders.iter().find_map(|local_part| self.keys.bounces.open(local_part)) else {
            return Ok((Received::Other, Vec::new()));
        };
        let bounce = NewBounce::new(bounce, reply, ids::fresh);
        let refused = bounce.report.verdict.is_about_sender().then(|| bounce.reply.clone());
        let report = ReceivedReport { bounce, fingerprint: fingerprint(message), notices: self.notices(about).await? };
        let now = self.clock.now();
        let (outcome, tallies) = self.store.record_report(reach, about, report, now).await?;
        if let Some(reply) = refused {
            self.mail_health.refused(&reply, now);
        }
        Ok((Received::Report(about, outcome), tallies))
    }

    /// The mail to each supporter, should their letter have failed for good.
    async fn notices(&self, about: Bounced) -> Result<Vec<(DeliveryId, LetterNotice)>, StoreError> {
        let senders = self.store.letter_senders(about).await?.into_iter();
        Ok(senders.map(|(letter, address)| (letter, self.keys.notice(&address))).collect())
    }
}

fn fingerprint(message: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message).as_ref().to_vec()
}
