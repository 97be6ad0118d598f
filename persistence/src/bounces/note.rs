//! Notes a bounce, and counts it against the address.

use super::NewBounce;
use crate::address_reports::{self, NewReport};
use crate::connection::AnyConnection;
use crate::directory::representatives;
use crate::revisions::Snapshot;
use crate::schema::bounces;
use crate::types::{At, Id};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::bounce::BOUNCES_BEFORE_HOLD;
use postbag_domain::{BounceCause, BounceKind, Remark, ReportReason, RepresentativeId, uk_day};

/// What a bounce is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) organisation: Id,
    /// Nothing for a mail that is about the person.
    pub(crate) campaign: Option<Id>,
    /// The letter and its recipient.
    pub(crate) letter: Option<(Id, RepresentativeId)>,
    pub(crate) mail: Option<Id>,
}

/// Notes a bounce; false if its report was taken before. A letter that shows that the address takes no mail counts against the
/// address, once however often it bounces.
pub(crate) fn note(
    connection: &mut AnyConnection,
    about: About,
    bounce: &NewBounce,
    fingerprint: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let counts = match about.letter {
        Some((letter, _)) => bounce.report.marks_address() && !has_counted(connection, letter)?,
        None => false,
    };
    if !insert(connection, about, bounce, fingerprint, now)? {
        return Ok(false);
    }
    if let Some((_, representative)) = about.letter.filter(|_| counts) {
        count(connection, representative, bounce, now)?;
    }
    Ok(true)
}

fn insert(
    connection: &mut AnyConnection,
    about: About,
    bounce: &NewBounce,
    fingerprint: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let verdict = bounce.report.verdict;
    let row = (
        bounces::id.eq(Id::from(bounce.id)),
        bounces::organisation_id.eq(about.organisation),
        bounces::campaign_id.eq(about.campaign),
        bounces::delivery_id.eq(about.letter.map(|(letter, _)| letter)),
        bounces::mail_id.eq(about.mail),
        bounces::representative_id.eq(about.letter.map(|(_, representative)| Id::from(representative))),
        bounces::kind.eq(bounce.report.kind.as_str()),
        bounces::cause.eq(verdict.cause.as_str()),
        bounces::lasts.eq(verdict.lasts),
        bounces::reply.eq(&bounce.reply),
        bounces::fingerprint.eq(fingerprint),
        bounces::created_at.eq(At::new(now)),
    );
    let added = on_backend!(connection, c => {
        diesel::insert_into(bounces::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(added > 0)
}

fn has_counted(connection: &mut AnyConnection, letter: Id) -> Result<bool, StoreError> {
    let earlier = bounces::table
        .filter(bounces::delivery_id.eq(letter).and(bounces::kind.eq(BounceKind::Failed.as_str())))
        .filter(bounces::cause.eq(BounceCause::Address.as_str()).and(bounces::lasts.eq(true)));
    Ok(diesel::select(diesel::dsl::exists(earlier)).get_result(connection)?)
}

/// Counts a returned letter; after several in a row, letters to the address are held and the operator finds it in the queue.
fn count(
    connection: &mut AnyConnection,
    representative: RepresentativeId,
    bounce: &NewBounce,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some((before, after)) = representatives::count_returned(connection, representative, uk_day(now))? else {
        return Ok(());
    };
    if (before.bounced_on, before.held_on) != (after.bounced_on, after.held_on) {
        Snapshot::Directory.bump(connection)?;
    }
    if before.held_on.is_none() && after.held_on.is_some() {
        let (id, remark_id) = bounce.queue_ids;
        tracing::warn!(%representative, "letters to a representative are held: {BOUNCES_BEFORE_HOLD} came back in a row");
        let detail = format!("The letters of {} actions came back; letters are held.", after.letters);
        let remark = Remark { id: remark_id, detail: Some(detail), reported_at: now };
        let report = NewReport { id, representative_id: representative, reason: ReportReason::Bounced, remark };
        address_reports::report(connection, &report, None)?;
    }
    Ok(())
}
