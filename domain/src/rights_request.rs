//! Requests about a person's data, and complaints, with the clock that the law sets them (UK GDPR 12(3), DPA 2018 s164A, B9, B10).

use crate::parsed::{parsed, redacted};
use crate::text::{self, Limit};
use crate::words::words;
use crate::{Flaw, uk_day, uk_midnight};
use chrono::{DateTime, Months, TimeDelta, Utc};

/// How long after a complaint it must be acknowledged (DPA 2018 s164A(4)).
pub const ACKNOWLEDGE_WITHIN: TimeDelta = TimeDelta::days(30);

words! {
    /// What a person asks of an organisation about their data.
    RequestKind, "request_kind_unknown" {
        /// To see everything that is held (UK GDPR 15).
        Access = "access",
        /// To have it erased (UK GDPR 17).
        Erasure = "erasure",
        /// To have it corrected (UK GDPR 16).
        Rectification = "rectification",
        /// A complaint about how it is used (DPA 2018 s164A).
        Complaint = "complaint",
    }
}

words! {
    /// Where a request stands.
    RequestStatus, "request_status_unknown" {
        /// Is to be answered.
        Open = "open",
        /// Its clock stands still, until the person answers.
        Paused = "paused",
        /// Is answered.
        Done = "done",
        /// Is refused, with a reason that the person was given.
        Refused = "refused",
    }
}

words! {
    /// Why the clock of a request may stand still (UK GDPR 12(6) and 12A).
    PauseReason, "pause_reason_unknown" {
        /// It is not certain that the person is who they say, and they were asked.
        Identity = "identity",
        /// What they want is not clear, and they were asked.
        Clarification = "clarification",
    }
}

/// What a person wrote with a request. It stays out of logs (C31).
#[derive(Clone, PartialEq, Eq)]
pub struct RequestWords(String);

impl RequestWords {
    /// Takes prose of up to 5,000 characters.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        text::prose(text, Limit::of(5_000)).map(Self)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(RequestWords);
redacted!(RequestWords);

/// The clock of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RightsRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Where it stands.
    pub status: RequestStatus,
    /// The moment it reached the organisation.
    pub received_at: DateTime<Utc>,
    /// The moment its receipt was acknowledged.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The moment its clock stopped, and why; while it is paused.
    pub paused: Option<(DateTime<Utc>, PauseReason)>,
    /// How long its clock has stood still in earlier pauses.
    pub paused_for: TimeDelta,
    /// The moment it was answered or refused.
    pub closed_at: Option<DateTime<Utc>>,
}

words! {
    /// What is done with a request.
    RequestCommand, "request_command_unknown" {
        /// Its receipt is acknowledged.
        Acknowledge = "acknowledge",
        /// Its clock stops: the person was asked something.
        Pause = "pause",
        /// Its clock goes on: the person has answered.
        Resume = "resume",
        /// It is answered.
        Finish = "finish",
        /// It is refused, and the person knows why.
        Refuse = "refuse",
    }
}

/// A command with what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStep {
    /// Its receipt is acknowledged.
    Acknowledge,
    /// Its clock stops.
    Pause(PauseReason),
    /// Its clock goes on.
    Resume,
    /// It is answered.
    Finish,
    /// It is refused.
    Refuse,
}

impl RequestStep {
    /// A pause needs a reason, and nothing else has one.
    pub fn new(command: RequestCommand, reason: Option<PauseReason>) -> Result<Self, Flaw> {
        match (command, reason) {
            (RequestCommand::Acknowledge, None) => Ok(Self::Acknowledge),
            (RequestCommand::Pause, Some(reason)) => Ok(Self::Pause(reason)),
            (RequestCommand::Pause, None) => Err(Flaw::new("pause_reason_missing", "a pause needs its reason")),
            (RequestCommand::Resume, None) => Ok(Self::Resume),
            (RequestCommand::Finish, None) => Ok(Self::Finish),
            (RequestCommand::Refuse, None) => Ok(Self::Refuse),
            (_, Some(_)) => Err(Flaw::new("pause_reason_unneeded", "only a pause has a reason: write a note")),
        }
    }
}

impl RightsRequest {
    /// A request that reached the organisation at this moment.
    pub const fn new(kind: RequestKind, received_at: DateTime<Utc>) -> Self {
        Self {
            kind,
            status: RequestStatus::Open,
            received_at,
            acknowledged_at: None,
            paused: None,
            paused_for: TimeDelta::zero(),
            closed_at: None,
        }
    }

    /// The moment by which the organisation must act, as it looks at `now`; `None` once nothing is due any more.
    ///
    /// A request is answered by the end of the same day of the next month, or of that month's last day; while its clock stands still the
    /// moment moves on. A complaint is acknowledged within 30 days.
    pub fn due_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_closed = matches!(self.status, RequestStatus::Done | RequestStatus::Refused);
        if is_closed || (self.kind == RequestKind::Complaint && self.acknowledged_at.is_some()) {
            return None;
        }
        let limit = match self.kind {
            RequestKind::Complaint => self.received_at + ACKNOWLEDGE_WITHIN,
            RequestKind::Access | RequestKind::Erasure | RequestKind::Rectification => in_a_month(self.received_at),
        };
        Some(limit + self.stood_still(now))
    }

    /// How long its clock has stood still, the pause of this moment included.
    fn stood_still(&self, now: DateTime<Utc>) -> TimeDelta {
        let pausing = self.paused.map_or(TimeDelta::zero(), |(since, _)| (now - since).max(TimeDelta::zero()));
        self.paused_for + pausing
    }

    /// True if the organisation is late.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.due_at(now).is_some_and(|due| due <= now)
    }

    /// The request after a step; a flaw if the step does not fit.
    pub fn after(self, step: RequestStep, now: DateTime<Utc>) -> Result<Self, Flaw> {
        use RequestStatus as Status;
        let acknowledged = Self { acknowledged_at: self.acknowledged_at.or(Some(now)), ..self };
        match (step, self.status) {
            (RequestStep::Acknowledge, Status::Open | Status::Paused) => Ok(acknowledged),
            (RequestStep::Pause(_), Status::Open) if self.kind == RequestKind::Complaint => {
                Err(Flaw::new("complaint_not_paused", "the clock of a complaint never stands still"))
            }
            (RequestStep::Pause(reason), Status::Open) => {
                Ok(Self { status: Status::Paused, paused: Some((now, reason)), ..acknowledged })
            }
            (RequestStep::Resume, Status::Paused) => Ok(self.resumed(now)),
            (RequestStep::Finish, Status::Open | Status::Paused) => Ok(acknowledged.closed(Status::Done, now)),
            (RequestStep::Refuse, Status::Open | Status::Paused) => Ok(acknowledged.closed(Status::Refused, now)),
            (_, status) => Err(Flaw::new("request_step_not_allowed", format!("the request is {status}"))),
        }
    }

    fn resumed(self, now: DateTime<Utc>) -> Self {
        Self { status: RequestStatus::Open, paused: None, paused_for: self.stood_still(now), ..self }
    }

    fn closed(self, status: RequestStatus, now: DateTime<Utc>) -> Self {
        Self { status, closed_at: Some(now), ..self.resumed(now) }
    }
}

/// The end of the same day of the next month in the United Kingdom, or of that month's last day.
fn in_a_month(received_at: DateTime<Utc>) -> DateTime<Utc> {
    let day = uk_day(received_at);
    let last = day.checked_add_months(Months::new(1)).unwrap_or(day);
    uk_midnight(last.succ_opt().unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn access(received: &str) -> RightsRequest {
        RightsRequest::new(RequestKind::Access, at(received))
    }

    #[test]
    fn a_request_is_due_at_the_end_of_the_same_day_next_month() {
        for (received, due) in [
            ("2026-11-30T09:00:00Z", "2026-12-31T00:00:00Z"),
            ("2027-01-31T09:00:00Z", "2027-03-01T00:00:00Z"),
            // Summer time: the day ends an hour earlier in UTC. It began an hour earlier too.
            ("2026-06-10T23:30:00Z", "2026-07-11T23:00:00Z"),
        ] {
            assert_eq!(access(received).due_at(at(received)), Some(at(due)), "{received}");
        }
        let request = access("2026-11-30T09:00:00Z");
        assert!(!request.is_overdue(at("2026-12-30T23:59:59Z")) && request.is_overdue(at("2026-12-31T00:00:00Z")));
    }

    #[test]
    fn a_pause_moves_the_end_by_as_long_as_it_lasts() {
        let request = access("2026-11-01T09:00:00Z");
        let due = request.due_at(request.received_at).unwrap();
        let paused = request.after(RequestStep::Pause(PauseReason::Identity), at("2026-11-03T00:00:00Z")).unwrap();
        assert_eq!(paused.due_at(at("2026-11-08T00:00:00Z")), Some(due + TimeDelta::days(5)));
        let resumed = paused.after(RequestStep::Resume, at("2026-11-10T00:00:00Z")).unwrap();
        assert_eq!(resumed.due_at(at("2026-12-20T00:00:00Z")), Some(due + TimeDelta::days(7)));
        let done = resumed.after(RequestStep::Finish, at("2026-11-12T00:00:00Z")).unwrap();
        assert_eq!((done.due_at(at("2030-01-01T00:00:00Z")), done.status), (None, RequestStatus::Done));
    }

    #[test]
    fn a_complaint_is_acknowledged_in_thirty_days_and_never_paused() {
        let received = at("2026-11-01T09:00:00Z");
        let complaint = RightsRequest::new(RequestKind::Complaint, received);
        assert!(!complaint.is_overdue(received + TimeDelta::days(30) - TimeDelta::seconds(1)));
        assert!(complaint.is_overdue(received + TimeDelta::days(30)));
        let refused = complaint.after(RequestStep::Pause(PauseReason::Clarification), received).unwrap_err();
        assert_eq!(refused.code(), "complaint_not_paused");
        let acknowledged = complaint.after(RequestStep::Acknowledge, received + TimeDelta::days(2)).unwrap();
        assert!(!acknowledged.is_overdue(received + TimeDelta::days(300)));
    }

    fn steps() -> impl Strategy<Value = RequestStep> {
        prop_oneof![
            Just(RequestStep::Acknowledge),
            Just(RequestStep::Pause(PauseReason::Identity)),
            Just(RequestStep::Resume),
            Just(RequestStep::Finish),
            Just(RequestStep::Refuse),
        ]
    }

    proptest! {
        #[test]
        fn a_request_closes_once_and_its_clock_never_runs_backwards(
            taken in proptest::collection::vec((steps(), 1i64..1_000_000), 0..20),
        ) {
            let mut request = access("2026-11-01T09:00:00Z");
            let mut now = request.received_at;
            let first = request.due_at(now).unwrap();
            for (step, seconds) in taken {
                now += TimeDelta::seconds(seconds);
                let before = request;
                match request.after(step, now) {
                    Ok(after) => request = after,
                    Err(_flaw) => prop_assert_eq!(request, before),
                }
                prop_assert_eq!(request.closed_at.is_some(), request.due_at(now).is_none());
                prop_assert_eq!(request.paused.is_some(), request.status == RequestStatus::Paused);
                prop_assert!(before.closed_at.is_none() || request == before);
                prop_assert!(request.due_at(now).is_none_or(|due| due >= first));
            }
        }
    }
}
