//! Who of a place's representatives is written to.
//!
//! One function chooses for previews and submissions alike, so that what was shown is what is sent. The supporter narrows and
//! never adds (B18); where several people hold a seat together, the campaign's [`OfficeRule`] says how many of them.

use super::{LiveCampaign, OfficeRule, SubmitError, Target, Targets, WriteTo};
use crate::action::unknown_target;
use crate::{
    Addressee, CampaignId, Directory, FieldErrors, Findings, Flaw, Place, RepresentativeId, Skipped, SupporterWords,
};
use chrono::NaiveDate;
use std::cmp::Reverse;
use uuid::Uuid;

/// How many first messages of a campaign went to a representative so far.
///
/// It may lag behind what others submit at this moment: the letters then spread a little less evenly.
pub type Written<'a> = &'a dyn Fn(RepresentativeId) -> i64;

/// Who of a place's representatives is written to, and who cannot be.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) addressees: Vec<Addressee>,
    pub(super) skipped: Vec<Skipped>,
}

/// The circumstances of a selection besides the rule and the people.
pub(super) struct Selecting<'a> {
    campaign_id: CampaignId,
    supporter_key: String,
    is_named: bool,
    written: Written<'a>,
}

impl LiveCampaign {
    /// Narrows the targets of a place to those asked for, and then to those that the rules write to.
    ///
    /// An id that is not among them is a field error, and so is a choice that a rule asks for and that was not made. Where it is not
    /// certain which area the person lives in, they must say first.
    pub(super) fn choose(
        &self,
        (words, target_ids): (&SupporterWords, Option<&[RepresentativeId]>),
        place: &Place,
        directory: &Directory,
        written: Written<'_>,
        day: NaiveDate,
    ) -> Result<Result<Chosen, FieldErrors>, SubmitError> {
        let Targets { mut targets, choices, .. } = self.targets(place, directory, day)?;
        if !choices.is_empty() {
            return Err(SubmitError::ChoiceNeeded { choices });
        }
        let mut findings = Findings::new();
        if let Some(ids) = target_ids {
            narrow(&mut findings, &mut targets, ids);
        }
        let selecting = Selecting {
            campaign_id: self.campaign.id(),
            supporter_key: words.email.key(),
            is_named: target_ids.is_some(),
            written,
        };
        let selected = self.select_each(&mut findings, &targets, &selecting);
        Ok(findings.finish(Some(Chosen::of(targets, &selected))))
    }

    /// Selects the holders that are written to, seat by seat.
    fn select_each(
        &self,
        findings: &mut Findings,
        targets: &[Target],
        selecting: &Selecting<'_>,
    ) -> Vec<RepresentativeId> {
        let mut selected = Vec::with_capacity(targets.len());
        for seat in targets.chunk_by(|one, other| one.office == other.office) {
            let open = seat.iter().filter(|target| target.reachable.is_open());
            let open: Vec<_> = open.filter_map(Target::representative_id).collect();
            let rule = seat.first().map(|target| self.campaign.content().office_rule(target.office));
            let chosen = rule.map(|rule| findings.check("/target_ids", selecting.select(&rule, open)));
            selected.extend(chosen.flatten().unwrap_or_default());
        }
        selected
    }
}

/// Keeps those that are named. A list that names nobody, or somebody else, is a flaw.
fn narrow(findings: &mut Findings, targets: &mut Vec<Target>, ids: &[RepresentativeId]) {
    if ids.is_empty() {
        findings.note("/target_ids", Flaw::new("targets_missing", "must name somebody, or be absent for all"));
    }
    for (index, id) in ids.iter().enumerate() {
        if !targets.iter().any(|target| target.representative_id() == Some(*id)) {
            findings.note(format!("/target_ids/{index}"), unknown_target());
        }
    }
    targets.retain(|target| target.representative_id().is_some_and(|id| ids.contains(&id)));
}

impl Selecting<'_> {
    /// Those of one seat's reachable holders that the rule writes to, in their order.
    fn select(&self, rule: &OfficeRule, holders: Vec<RepresentativeId>) -> Result<Vec<RepresentativeId>, Flaw> {
        let most = rule.up_to().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        match rule.write_to() {
            WriteTo::All => Ok(holders),
            WriteTo::Choice if holders.len() <= most => Ok(holders),
            WriteTo::Choice => Err(self.choice_refused(rule, most)),
            WriteTo::Random => Ok(first(holders, most, |id| self.lot(id))),
            WriteTo::LeastWrittenTo => Ok(first(holders, most, |id| ((self.written)(id), self.lot(id)))),
        }
    }

    fn choice_refused(&self, rule: &OfficeRule, most: usize) -> Flaw {
        let of = rule.office();
        if self.is_named {
            Flaw::new("targets_too_many", format!("must name at most {most} of the people who hold the office {of}"))
        } else {
            let detail = format!("must name those to write to: up to {most} of the people who hold the office {of}");
            Flaw::new("target_choice_needed", detail)
        }
    }

    /// The lot that a holder draws for this supporter in this campaign: the highest win.
    ///
    /// Each holder's lot depends on nobody else (rendezvous hashing), so when one comes or goes, only those supporters draw
    /// another who drew that one.
    fn lot(&self, holder: RepresentativeId) -> Reverse<Uuid> {
        let drawn_for = [self.campaign_id.uuid().as_bytes(), self.supporter_key.as_bytes()].concat();
        Reverse(Uuid::new_v5(&holder.uuid(), &drawn_for))
    }
}

/// The first `most` by a key, in the order they had.
fn first<K: Ord>(
    mut holders: Vec<RepresentativeId>,
    most: usize,
    key: impl Fn(RepresentativeId) -> K,
) -> Vec<RepresentativeId> {
    let mut ranked = holders.clone();
    ranked.sort_by_cached_key(|id| key(*id));
    ranked.truncate(most);
    holders.retain(|id| ranked.contains(id));
    holders
}

impl Chosen {
    /// Splits targets into those who are written to and those who cannot be; who could be and is not selected is neither.
    fn of(targets: Vec<Target>, selected: &[RepresentativeId]) -> Self {
        let mut chosen = Self { addressees: Vec::with_capacity(selected.len()), skipped: Vec::new() };
        for target in targets {
            let (representative_id, office, reason) = (target.representative_id(), target.office, target.reachable);
            if !reason.is_open() {
                chosen.skipped.push(Skipped { representative_id, office, reason });
            } else if representative_id.is_some_and(|id| selected.contains(&id)) {
                chosen.addressees.extend(target.addressee);
            }
        }
        chosen
    }
}

/// Refuses when nobody is left to write to: such a submission is never taken silently.
pub(super) fn reachable(chosen: Chosen) -> Result<Chosen, SubmitError> {
    if chosen.addressees.is_empty() {
        return Err(SubmitError::NoReachableRepresentative { skipped: chosen.skipped });
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests;
