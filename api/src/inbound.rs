//! Mail that comes back: read, recognised by the address it was sent to, and recorded (B28).

mod delivery_status;
pub mod maildir;
mod plain_words;
pub mod report;

use crate::clock::Clock;
use crate::ids;
use crate::secrets::MailKeys;
use postbag_domain::{AddressReportId, BounceId, Bounced, MailId, RemarkId};
use postbag_persistence::{
    FailureNotice, NewBounce, Reach, ReceivedReport, ReportOutcome, Store, StoreError, TallyRow,
};
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
}

impl Desk<'_> {
    /// Reads one message; the counts that changed with it.
    pub(crate) async fn receive(
        &self,
        reach: Reach,
        message: &[u8],
    ) -> Result<(Received, Option<Refused>, Vec<TallyRow>), StoreError> {
        let Incoming { content, senders } = report::read(message);
        let (bounce, reply) = match content {
            Content::Report { report, reply } => (report, reply),
            Content::AutoReply => return Ok((Received::AutoReply, None, Vec::new())),
            Content::Other => return Ok((Received::Other, None, Vec::new())),
        };
        let Some(about) = senders.iter().find_map(|local_part| self.keys.bounces.open(local_part)) else {
            return Ok((Received::Other, None, Vec::new()));
        };
        let refused = bounce.verdict.is_about_sender().then(|| Refused(reply.clone()));
        let report = ReceivedReport {
            bounce: NewBounce {
                id: BounceId::new(ids::fresh()),
                report: bounce,
                reply,
                queue_ids: (AddressReportId::new(ids::fresh()), RemarkId::new(ids::fresh())),
            },
            fingerprint: fingerprint(message),
            notice: self.notice(about).await?,
        };
        let (outcome, tallies) = self.store.record_report(reach, about, report, self.clock.now()).await?;
        Ok((Received::Report(about, outcome), refused, tallies))
    }

    /// The mail to the supporter, should the letter have failed for good.
    async fn notice(&self, about: Bounced) -> Result<Option<FailureNotice>, StoreError> {
        let Bounced::Letter(id) = about else { return Ok(None) };
        let sender = self.store.letter_sender(id).await?;
        Ok(sender.map(|address| FailureNotice {
            mail_id: MailId::new(ids::fresh()),
            mailbox: self.keys.confirmations.mailbox(&address),
        }))
    }
}

/// What was said to a message that was refused because of its sender: the operator should know.
pub(crate) struct Refused(pub(crate) String);

fn fingerprint(message: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message).as_ref().to_vec()
}
