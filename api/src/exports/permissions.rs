//! What an organisation may do with its people's data today, as a table for its other systems (B3, B5).

use crate::config::Config;
use crate::imports::Progress;
use crate::secrets::SuppressionKeys;
use crate::views::permissions::standing;
use anyhow::Context;
use chrono::{DateTime, Utc};
use postbag_domain::{Activity, Channel, Organisation, Purpose, Standing};
use postbag_persistence::{Ledger, Store};
use serde::Serialize;
use std::io::Write;

/// How many people are read at once.
const PORTION: u16 = 500;

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub struct PermissionFilter {
    /// Only for this purpose.
    pub purpose: Option<Purpose>,
    /// Only by this channel.
    pub channel: Option<Channel>,
    /// Only people who do not object to this activity.
    pub activity: Option<Activity>,
    /// What is not permitted too, with its reason.
    pub refused: bool,
}

/// The names of the columns. They stand in an empty table too.
const COLUMNS: [&str; 10] = [
    "supporter_id",
    "email",
    "purpose",
    "channel",
    "permitted",
    "basis",
    "reason",
    "suppressed",
    "objections",
    "as_of",
];

/// One decision: its fields in the order of [`COLUMNS`].
#[derive(Serialize)]
struct Row<'r> {
    supporter_id: uuid::Uuid,
    email: &'r str,
    purpose: &'r str,
    channel: &'static str,
    permitted: bool,
    basis: &'static str,
    reason: &'static str,
    suppressed: bool,
    objections: &'r str,
    as_of: DateTime<Utc>,
}

/// Writes the decisions as CSV: one row for each person, purpose and channel that were ever asked for. People come in portions, so memory does
/// not grow with their number; each portion is as of one moment.
pub async fn write_permissions(
    (store, config): (&Store, &Config),
    organisation: &Organisation,
    filter: &PermissionFilter,
    now: DateTime<Utc>,
    out: impl Write,
    progress: Progress,
) -> anyhow::Result<()> {
    let (keys, mut out) = (SuppressionKeys::of(config), csv::WriterBuilder::new().has_headers(false).from_writer(out));
    out.write_record(COLUMNS)?;
    let all = usize::try_from(store.count_people(organisation.id).await?).unwrap_or_default();
    let (mut show, mut done, mut last) = (progress.count("people"), 0, None);
    loop {
        let hashes = keys.clone();
        let hashes = move |email_key: &str| hashes.hashes_of_key(email_key);
        let people = store.ledgers(organisation.id, last, PORTION, hashes).await?;
        for person in &people {
            write_person(&mut out, person, organisation, filter, now)?;
        }
        (done, last) = (done + people.len(), people.last().map(|person| person.supporter_id));
        show(done, all.max(done));
        if people.len() < usize::from(PORTION) {
            return out.flush().context("the table could not be written");
        }
    }
}

fn write_person(
    out: &mut csv::Writer<impl Write>,
    person: &Ledger,
    organisation: &Organisation,
    filter: &PermissionFilter,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let Some(address) = &person.address else { return Ok(()) };
    let standing = standing(person, organisation.content.charity_number.is_some());
    if filter.activity.is_some_and(|activity| standing.objection(activity).is_some()) {
        return Ok(());
    }
    let (email, objections) = (plain(address.as_str()), objections(&standing));
    for (purpose, channel) in standing.asked() {
        let is_wanted = filter.purpose.as_ref().is_none_or(|wanted| *wanted == purpose)
            && filter.channel.is_none_or(|wanted| wanted == channel);
        let permission = standing.permission(&purpose, channel);
        if !is_wanted || !(permission.is_given() || filter.refused) {
            continue;
        }
        out.serialize(Row {
            supporter_id: person.supporter_id.uuid(),
            email: &email,
            purpose: purpose.as_str(),
            channel: channel.as_str(),
            permitted: permission.is_given(),
            basis: permission.basis().map_or("", postbag_domain::Basis::as_str),
            reason: permission.reason().as_str(),
            suppressed: standing.is_suppressed(),
            objections: &objections,
            as_of: now,
        })?;
    }
    Ok(())
}

fn objections(standing: &Standing) -> String {
    let raised = Activity::ALL.iter().filter(|activity| standing.objection(**activity).is_some());
    raised.map(|activity| activity.as_str()).collect::<Vec<_>>().join(" ")
}

/// A cell that no spreadsheet takes for a formula (C27).
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(plain("=cmd@example.org"), "'=cmd@example.org");
        assert_eq!(plain("ada@example.org"), "ada@example.org");
    }
}
