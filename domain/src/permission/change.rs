//! A change of what a person wishes, outside a form: through a link, or recorded by a member of staff (B3).

use super::{Stance, Standing};
use crate::parsed::{parsed, redacted};
use crate::text::{self, Limit};
use crate::{Activity, Answer, Channel, ConsentAnswer, FieldErrors, Findings, Flaw, Purpose};
use std::collections::BTreeMap;

/// Why a member of staff recorded a change. It may speak of the person, so it stays out of logs (C31).
#[derive(Clone, PartialEq, Eq)]
pub struct StaffNote(String);

impl StaffNote {
    /// Takes prose of up to 1,000 characters.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        text::prose(text, Limit::of(1_000)).map(Self)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(StaffNote);
redacted!(StaffNote);

/// What a person asks to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreferenceChange {
    /// Answers to questions that the person was asked, in their words.
    pub answers: Vec<ConsentAnswer>,
    /// Consents and soft opt-ins to end.
    pub withdrawn: Vec<(Purpose, Channel)>,
    /// Whether everything ends: every consent, and direct marketing altogether.
    pub withdraws_everything: bool,
    /// Objections to raise or to take back.
    pub objections: BTreeMap<Activity, Stance>,
}

/// The entries of the ledger that a change leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeEntries {
    /// Answers to questions.
    pub answers: Vec<ConsentAnswer>,
    /// What the person said no to without being asked.
    pub withdrawn: Vec<(Purpose, Channel)>,
    /// Objections raised and taken back.
    pub objections: BTreeMap<Activity, Stance>,
}

impl PreferenceChange {
    /// The end of everything by email that has not ended yet, for one click (RFC 8058). `None` if nothing is left to end.
    pub fn unsubscribe(standing: &Standing) -> Option<Self> {
        let receipts = (Purpose::letter_receipts(), Channel::Email);
        let by_email = standing.asked().into_iter().filter(|(_, channel)| *channel == Channel::Email);
        let open = by_email.chain([receipts]).filter(|(purpose, channel)| !standing.has_ended(purpose, *channel));
        let withdrawn: Vec<_> = open.collect();
        (!withdrawn.is_empty()).then_some(Self { withdrawn, ..Self::default() })
    }

    /// The entries to record for a person of this standing.
    ///
    /// Withdrawing everything is a no to everything that was ever asked, to receipts by mail too, and an objection to direct marketing;
    /// nothing of the same request weakens it. A request that changes nothing, and one that says yes and no to the same, are field errors.
    pub fn entries(self, standing: &Standing) -> Result<ChangeEntries, FieldErrors> {
        let mut findings = Findings::new();
        if self.is_empty() {
            findings.note("", Flaw::new("nothing_to_change", "must withdraw, answer or object to something"));
        }
        for (index, answer) in self.answers.iter().enumerate() {
            let point = (answer.purpose.clone(), answer.channel);
            let ends = self.withdraws_everything || self.withdrawn.contains(&point);
            if ends && answer.answer != Answer::No {
                let flaw = Flaw::new("consent_contradictory", "the same request withdraws this");
                findings.note(format!("/consents/{index}/answer"), flaw);
            }
        }
        findings.finish(Some(()))?;
        let Self { answers, mut withdrawn, mut objections, withdraws_everything, .. } = self;
        if withdraws_everything {
            withdrawn.extend(standing.asked());
            withdrawn.push((Purpose::letter_receipts(), Channel::Email));
            objections.insert(Activity::DirectMarketing, Stance::Objects);
        }
        withdrawn.sort_unstable();
        withdrawn.dedup();
        Ok(ChangeEntries { answers, withdrawn, objections })
    }

    /// True if nothing is asked for.
    pub fn is_empty(&self) -> bool {
        !self.withdraws_everything && self.answers.is_empty() && self.withdrawn.is_empty() && self.objections.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{LedgerAnswer, PermissionReason};
    use crate::{ConsentId, Locale, QuestionId};
    use uuid::Uuid;

    fn news() -> Purpose {
        Purpose::parse("news").unwrap()
    }

    fn standing() -> Standing {
        let asked = |channel| LedgerAnswer {
            id: ConsentId::new(Uuid::nil()),
            given_at: chrono::DateTime::UNIX_EPOCH,
            purpose: news(),
            channel,
            answer: Answer::Yes,
            soft_opt_in: None,
        };
        Standing::new(vec![asked(Channel::Email), asked(Channel::Post)], Vec::new(), false)
    }

    fn change() -> PreferenceChange {
        PreferenceChange::default()
    }

    fn yes() -> ConsentAnswer {
        ConsentAnswer {
            question_id: QuestionId::new(Uuid::nil()),
            version: 1,
            purpose: news(),
            channel: Channel::Email,
            answer: Answer::Yes,
            locale: Locale::En,
        }
    }

    #[test]
    fn withdrawing_everything_ends_all_that_was_asked_and_marketing_altogether() {
        let withdrawn = vec![(news(), Channel::Post)];
        let entries =
            PreferenceChange { withdraws_everything: true, withdrawn, ..change() }.entries(&standing()).unwrap();
        let receipts = (Purpose::letter_receipts(), Channel::Email);
        assert_eq!(entries.withdrawn, [receipts, (news(), Channel::Email), (news(), Channel::Post)]);
        assert_eq!(entries.objections, BTreeMap::from([(Activity::DirectMarketing, Stance::Objects)]));
    }

    #[test]
    fn nothing_in_the_same_request_weakens_withdrawing_everything() {
        let objections = BTreeMap::from([(Activity::DirectMarketing, Stance::Allows)]);
        let all = PreferenceChange { withdraws_everything: true, objections, ..change() };
        assert_eq!(all.clone().entries(&standing()).unwrap().objections[&Activity::DirectMarketing], Stance::Objects);
        let errors = PreferenceChange { answers: vec![yes()], ..all }.entries(&standing()).unwrap_err();
        assert_eq!(errors.iter().next().unwrap().flaw().code(), "consent_contradictory");
    }

    #[test]
    fn unsubscribing_ends_what_comes_by_email_and_nothing_twice() {
        let change = PreferenceChange::unsubscribe(&standing()).unwrap();
        let entries = change.entries(&standing()).unwrap();
        assert_eq!(entries.withdrawn, [(Purpose::letter_receipts(), Channel::Email), (news(), Channel::Email)]);
        let no = |(purpose, channel)| LedgerAnswer {
            id: ConsentId::new(Uuid::nil()),
            given_at: chrono::DateTime::UNIX_EPOCH,
            purpose,
            channel,
            answer: Answer::No,
            soft_opt_in: None,
        };
        let ended = Standing::new(entries.withdrawn.into_iter().map(no).collect(), Vec::new(), false);
        assert_eq!(PreferenceChange::unsubscribe(&ended), None);
    }

    #[test]
    fn a_request_that_changes_nothing_is_refused() {
        let errors = change().entries(&standing()).unwrap_err();
        assert_eq!(errors.iter().next().unwrap().flaw().code(), "nothing_to_change");
    }

    #[test]
    fn what_was_never_asked_can_be_withdrawn() {
        let withdrawn = vec![(news(), Channel::Sms)];
        let entries = PreferenceChange { withdrawn: withdrawn.clone(), ..change() }.entries(&standing()).unwrap();
        assert_eq!(entries.withdrawn, withdrawn);
        assert_eq!(standing().permission(&news(), Channel::Sms).reason(), PermissionReason::NotAsked);
    }
}
