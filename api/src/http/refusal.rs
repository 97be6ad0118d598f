//! Turns every refusal of the domain and the store into a problem.

use crate::challenges::ChallengeFault;
use crate::http::problem::{Problem, ProblemError, ProblemType};
use crate::views::choice::ChoiceView;
use crate::views::skipped::SkippedView;
use postbag_domain::{AreaCandidate, AreaKind, ComposeError, Missing, PlaceError, SubmitError};
use postbag_persistence::{IntakeError, Refusal, StoreError};
use serde_json::json;
use std::time::Duration;

impl From<SubmitError> for Problem {
    fn from(refusal: SubmitError) -> Self {
        let detail = refusal.to_string();
        match refusal {
            SubmitError::NotLive { status } => {
                Self::new(ProblemType::CampaignNotLive).detail(detail).member("campaign_status", status.as_str())
            }
            SubmitError::NotYetOpen { opens_at } => {
                Self::new(ProblemType::CampaignNotYetOpen).detail(detail).member("opens_at", opens_at.to_rfc3339())
            }
            SubmitError::Closed { closed_at } => {
                Self::new(ProblemType::CampaignClosed).detail(detail).member("closed_at", closed_at.to_rfc3339())
            }
            SubmitError::OutsideNations { nation, nations } => Self::new(ProblemType::OutsideNations)
                .detail(detail)
                .member("nation", nation.as_str())
                .member("nations", nations.iter().map(|nation| nation.as_str()).collect::<Vec<_>>()),
            SubmitError::ChoiceNeeded { choices } => choice_needed(&choices).detail(detail),
            SubmitError::NoReachableRepresentative { skipped } => Self::new(ProblemType::NoReachableRepresentative)
                .detail(detail)
                .member("skipped", json!(skipped.iter().map(SkippedView::from).collect::<Vec<_>>())),
            SubmitError::Invalid(errors) => errors.into(),
            SubmitError::Compose(error) => error.into(),
        }
    }
}

impl From<ComposeError> for Problem {
    /// The cause is the template, or a place that lacks what the template names: never the person's own words.
    fn from(error: ComposeError) -> Self {
        Self::new(ProblemType::LetterNotComposed).detail(error.to_string()).member("office", error.office.as_str())
    }
}

/// A field error for each kind that is to be chosen, and the candidates of all of them.
fn choice_needed(choices: &[AreaCandidate]) -> Problem {
    let mut kinds: Vec<AreaKind> = choices.iter().map(|choice| choice.area.kind).collect();
    kinds.dedup();
    let errors = kinds.iter().map(|kind| ProblemError {
        pointer: Some(format!("/area_choices/{kind}")),
        parameter: None,
        code: "area_choice_needed".into(),
        detail: "must be one of the candidates in `choices`".to_owned(),
    });
    let choices: Vec<_> = choices.iter().map(|choice| json!(ChoiceView::from(choice))).collect();
    Problem::new(ProblemType::AreaChoiceNeeded).errors(errors).member("choices", choices)
}

impl From<PlaceError> for Problem {
    fn from(refusal: PlaceError) -> Self {
        let problem = |kind| Self::new(kind).detail(refusal.to_string());
        match &refusal {
            PlaceError::Unknown => problem(ProblemType::PostcodeUnknown),
            PlaceError::Terminated { month } => {
                problem(ProblemType::PostcodeTerminated).member("ended", month.to_string())
            }
            PlaceError::NoLocation => problem(ProblemType::PostcodeWithoutLocation),
            PlaceError::LargeUser => problem(ProblemType::PostcodeLargeUser),
            PlaceError::CrownDependency { dependency } => {
                problem(ProblemType::PostcodeCrownDependency).member("dependency", dependency.as_str())
            }
            PlaceError::Bfpo => problem(ProblemType::PostcodeBfpo),
            PlaceError::Overseas { territory } => {
                problem(ProblemType::PostcodeOverseas).member("territory", *territory)
            }
            PlaceError::WrongChoice { kinds } => {
                let errors = kinds.iter().map(|kind| ProblemError {
                    pointer: Some(format!("/area_choices/{kind}")),
                    parameter: None,
                    code: "area_choice_wrong".into(),
                    detail: "must be one of the candidates of this postcode".to_owned(),
                });
                let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
                problem(ProblemType::AreaChoiceWrong).errors(errors).member("kinds", words)
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fields(errors) => errors.into(),
            Refusal::NotAllowed { from, to } => Self::new(ProblemType::TransitionNotAllowed)
                .detail(format!("a campaign that is {from} cannot become {to}"))
                .member("from", from.as_str())
                .member("to", to.as_str()),
            Refusal::NotADraft(status) => Self::new(ProblemType::TransitionNotAllowed)
                .detail(format!(
                    "The campaign is {status}: only a draft can be deleted. Close it and archive it instead."
                ))
                .member("from", status.as_str()),
            Refusal::CampaignsRunning(running) => Self::new(ProblemType::TransitionNotAllowed)
                .detail(format!("Campaigns of the organisation that are live or paused: {running}. Close them first.")),
            Refusal::Missing(missing) => {
                Self::new(ProblemType::CampaignIncomplete).errors(missing.into_iter().map(ProblemError::from))
            }
        }
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::KeyReused => ProblemType::IdempotencyKeyReused.into(),
            IntakeError::ChallengeSpent => ProblemType::ChallengeSpent.into(),
            IntakeError::NotApproved => Self::conflict("The submission was taken back."),
            IntakeError::Full | IntakeError::Closed => {
                Self::new(ProblemType::Overloaded).retry_after(Duration::from_secs(1))
            }
            IntakeError::Store(error) => error.into(),
        }
    }
}

impl From<ChallengeFault> for Problem {
    fn from(fault: ChallengeFault) -> Self {
        match fault {
            ChallengeFault::Wrong => ProblemType::ChallengeWrong.into(),
            ChallengeFault::Expired => ProblemType::ChallengeExpired.into(),
            ChallengeFault::Spent => ProblemType::ChallengeSpent.into(),
            ChallengeFault::Unanswered(_) | ChallengeFault::KeysRefused => {
                Self::new(ProblemType::ChallengeUnavailable).retry_after(Duration::from_secs(5)).caused_by(fault)
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Contended => Self::unavailable(error),
            StoreError::Conflict => Self::new(ProblemType::Conflict).caused_by(error),
            StoreError::Corrupt { .. } | StoreError::Refused(_) | StoreError::Backend(_) => Self::internal(error),
        }
    }
}

impl From<Missing> for ProblemError {
    fn from(missing: Missing) -> Self {
        Self { pointer: Some(missing.pointer), parameter: None, code: missing.code.into(), detail: missing.detail }
    }
}
