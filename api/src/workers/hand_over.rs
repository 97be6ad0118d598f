//! Handing one message to the relay, and what that teaches about the relay and the domain.

use super::WorkerContext;
use super::supervise::caught_async;
use crate::ids;
use crate::outbound::{ComposedMail, Lane, Outcome, Reply, Stage};
use postbag_domain::DeliveryEvent;
use postbag_domain::delivery::Lesson;
use postbag_persistence::NewBounce;
use std::sync::Arc;

/// A way out for one worker.
pub(super) struct HandOver {
    context: Arc<WorkerContext>,
    out: Lane,
}

impl HandOver {
    pub(super) fn new(context: Arc<WorkerContext>) -> Self {
        let out = context.mailer.lane();
        Self { context, out }
    }

    /// Hands a message over. After a panic it is unknown how far it came, and the connection is closed.
    pub(super) async fn send(&mut self, message: &ComposedMail) -> Outcome {
        let sent = caught_async(Box::pin(self.out.send(message))).await;
        let outcome = sent.unwrap_or_else(|_panicked| {
            self.out = self.context.mailer.lane();
            Outcome::LostContact(Reply::happened(Stage::Message, "sending it panicked"))
        });
        let now = self.context.clock.now();
        self.context.pauses().learn(lesson(&outcome), message.recipient_domain(), now);
        self.context.mail_health.learn(&outcome, now);
        outcome
    }

    /// Says goodbye to the relay.
    pub(super) async fn close(self) {
        self.out.close().await;
    }
}

/// The lesson of an outcome about the relay and the domain.
fn lesson(outcome: &Outcome) -> Lesson {
    match outcome {
        Outcome::RefusedForNow { back_off, .. } => Lesson::Wait(*back_off),
        Outcome::Accepted(_) | Outcome::RefusedForGood(_) => Lesson::Works,
        Outcome::LostContact(_) | Outcome::Broke(_) => Lesson::Nothing,
    }
}

/// The event that an outcome is for the message.
pub(super) fn event(outcome: &Outcome) -> DeliveryEvent {
    match outcome {
        Outcome::Accepted(_) => DeliveryEvent::Accept,
        Outcome::RefusedForNow { .. } => DeliveryEvent::RefuseForNow,
        Outcome::RefusedForGood(_) => DeliveryEvent::RefuseForGood,
        Outcome::LostContact(_) => DeliveryEvent::LoseContact,
        Outcome::Broke(_) => DeliveryEvent::Break,
    }
}

/// The bounce that an outcome is: a refusal of this message for good.
pub(super) fn bounce(outcome: &Outcome) -> Option<NewBounce> {
    Some(NewBounce::new(outcome.bounce()?, outcome.reply().to_string(), ids::fresh))
}
