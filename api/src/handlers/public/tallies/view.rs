//! A campaign's totals.

use crate::app::tallies::Figures;
use crate::views::vocabulary;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{CampaignContent, CampaignTally, Directory, Office, uk_day, uk_midnight};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A campaign's totals.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "campaign": "fair-care", "actions": 1234, "awaiting_confirmation": 0, "supporters": 1200, "goal": 10000,
    "messages": { "queued": 10, "accepted": 2400, "failed": 3 }, "representatives": { "contacted": 611, "of": 650 },
    "by_office": [{ "office": "mp", "contacted": 611, "of": 650, "actions": 1234 }],
    "as_of": "2026-11-22T09:00:00Z", "daily_as_of": "2026-11-22T00:00:00Z"
})))]
pub(crate) struct TallyView {
    /// The campaign's slug.
    campaign: String,
    /// Confirmed actions, a supporter's repeats too.
    actions: i64,
    /// Actions whose supporter has not confirmed yet.
    awaiting_confirmation: i64,
    /// Different people.
    supporters: i64,
    goal: Option<u32>,
    messages: MessageCountsView,
    representatives: ContactedView,
    by_office: Vec<OfficeTallyView>,
    /// The moment the counts of actions last changed.
    as_of: DateTime<Utc>,
    /// The moment of `supporters`, `messages` and `contacted`.
    daily_as_of: DateTime<Utc>,
}

/// Messages by what became of them.
#[derive(Serialize, ToSchema)]
struct MessageCountsView {
    /// On their way.
    queued: i64,
    /// Taken by the mail relay.
    accepted: i64,
    /// Failed for good.
    failed: i64,
}

/// How many representatives a mail relay took a message for, of how many in office.
#[derive(Serialize, ToSchema)]
struct ContactedView {
    contacted: usize,
    of: usize,
}

/// One office's counts.
#[derive(Serialize, ToSchema)]
struct OfficeTallyView {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    /// How many of its holders a mail relay took a message for.
    contacted: usize,
    /// How many hold it.
    of: usize,
    /// Actions that wrote to at least one holder.
    actions: i64,
}

/// The tallies that a view is made of, and their moments.
struct Sources<'t> {
    now: &'t CampaignTally,
    daily: &'t CampaignTally,
    as_of: DateTime<Utc>,
    daily_as_of: DateTime<Utc>,
}

impl TallyView {
    /// What the public reads: counts that show who is known are those of the last midnight (C23).
    pub(super) fn public(
        content: &CampaignContent,
        figures: &Figures<'_>,
        directory: &Directory,
        as_of: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Self {
        let day = uk_day(now);
        let sources = Sources { now: figures.now, daily: figures.midnight, as_of, daily_as_of: uk_midnight(day) };
        Self::of(content, &sources, directory, day)
    }

    /// The tally for administrators: everything as it is now.
    pub(crate) fn exact(
        content: &CampaignContent,
        tally: &CampaignTally,
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Self {
        let sources = Sources { now: tally, daily: tally, as_of: now, daily_as_of: now };
        Self::of(content, &sources, directory, uk_day(now))
    }

    fn of(content: &CampaignContent, tallies: &Sources<'_>, directory: &Directory, day: NaiveDate) -> Self {
        let messages = tallies.daily.messages();
        let by_office = OfficeTallyView::each(content, tallies, directory, day);
        Self {
            campaign: content.slug.to_string(),
            actions: tallies.now.actions(),
            awaiting_confirmation: tallies.now.awaiting_confirmation(),
            supporters: tallies.daily.supporters(),
            goal: content.goal,
            messages: MessageCountsView {
                queued: messages.queued,
                accepted: messages.accepted,
                failed: messages.failed,
            },
            representatives: ContactedView {
                contacted: tallies.daily.contacted().count(),
                of: by_office.iter().map(|office| office.of).sum(),
            },
            by_office,
            as_of: tallies.as_of,
            daily_as_of: tallies.daily_as_of,
        }
    }
}

impl OfficeTallyView {
    fn each(content: &CampaignContent, tallies: &Sources<'_>, directory: &Directory, day: NaiveDate) -> Vec<Self> {
        let mut contacted = BTreeMap::<Office, usize>::new();
        for person in tallies.daily.contacted().filter_map(|id| directory.representative(id)) {
            *contacted.entry(person.office).or_default() += 1;
        }
        let view = |office: &Office| Self {
            office: office.as_str(),
            contacted: contacted.get(office).copied().unwrap_or_default(),
            of: directory.seats(*office, &content.nations_written_to(*office), day),
            actions: tallies.now.actions_by_office(*office),
        };
        content.offices.iter().map(view).collect()
    }
}
