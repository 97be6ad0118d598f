//! The library of an organisation: the consent questions and notices that its campaigns pick from.

use crate::campaigns::Refusal;
use crate::connection::AnyConnection;
use crate::consent_questions::{self, StoredQuestions};
use crate::expected::{Edited, Expected};
use crate::objection_notices::{self, StoredNotices};
use crate::organisations;
use crate::revisions::Snapshot;
use crate::schema::{campaigns, consent_questions as questions, objection_notices as notices};
use crate::schema::{objections_offered, organisations as organisation_rows, questions_asked};
use crate::types::{At, Id};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{Activity, ConsentQuestion, FieldErrors, Findings, Flaw, NoticeId};
use postbag_domain::{ObjectionNotice, OrganisationId, QuestionId, Slug};
use std::collections::{BTreeMap, HashMap};

/// A library as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// Its questions.
    pub questions: StoredQuestions,
    /// Its notices.
    pub notices: StoredNotices,
    /// The slugs of the campaigns that ask each question now.
    pub asked_by: BTreeMap<QuestionId, Vec<String>>,
    /// The slugs of the campaigns that show each notice now.
    pub shown_by: BTreeMap<NoticeId, Vec<String>>,
    last_versions: HashMap<Activity, i32>,
}

impl Library {
    /// A question that is kept, by its key.
    pub fn question(&self, key: &Slug) -> Option<&ConsentQuestion> {
        self.questions.asked.iter().find(|question| question.key() == Some(key))
    }

    /// A notice that is kept, by its activity.
    pub fn notice(&self, activity: Activity) -> Option<&ObjectionNotice> {
        self.notices.shown.iter().find(|notice| notice.activity() == activity)
    }

    /// The highest number that a version of any notice of the organisation has for an activity, its campaigns' own included.
    pub fn last_version(&self, activity: Activity) -> i32 {
        self.last_versions.get(&activity).copied().unwrap_or_default()
    }
}

/// What a library is to keep, as a whole.
#[derive(Clone, Debug)]
pub struct LibraryEdit {
    /// Whose library.
    pub organisation: OrganisationId,
    /// The revision of the organisation that is believed to be stored.
    pub expected: Expected,
    /// Its questions.
    pub questions: Vec<ConsentQuestion>,
    /// Its notices.
    pub notices: Vec<ObjectionNotice>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Store {
    /// The library of an organisation.
    pub async fn library(&self, organisation: OrganisationId) -> Result<Library, StoreError> {
        self.read_snapshot(move |connection| load(connection, organisation)).await
    }

    /// Puts what a library keeps in the place of what it kept; gives the library and the organisation's new revision.
    ///
    /// New words are shown at once by every campaign that picked them. What is left out is retired, unless a campaign still shows it. A
    /// notice whose next number was taken in the meantime is [`StoreError::Conflict`].
    pub async fn put_library(&self, edit: LibraryEdit) -> Result<Edited<(Library, i64), Refusal>, StoreError> {
        self.write(move |connection| put(connection, &edit)).await
    }
}

fn load(connection: &mut AnyConnection, organisation: OrganisationId) -> Result<Library, StoreError> {
    let id = Id::from(organisation);
    Ok(Library {
        questions: consent_questions::load_libraries(connection, &[id])?.remove(&id).unwrap_or_default(),
        notices: objection_notices::load_libraries(connection, &[id])?.remove(&id).unwrap_or_default(),
        asked_by: asked_by(connection, id)?,
        shown_by: shown_by(connection, id)?,
        last_versions: objection_notices::last_versions(connection, organisation)?,
    })
}

fn asked_by(connection: &mut AnyConnection, organisation: Id) -> Result<BTreeMap<QuestionId, Vec<String>>, StoreError> {
    let rows: Vec<(Id, String)> = questions_asked::table
        .inner_join(questions::table.on(questions::id.eq(questions_asked::question_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(questions_asked::campaign_id)))
        .filter(questions::organisation_id.eq(organisation).and(questions::key.is_not_null()))
        .filter(questions_asked::position.is_not_null())
        .select((questions::id, campaigns::slug))
        .load(connection)?;
    Ok(grouped(rows))
}

fn shown_by(connection: &mut AnyConnection, organisation: Id) -> Result<BTreeMap<NoticeId, Vec<String>>, StoreError> {
    let rows: Vec<(Id, String)> = objections_offered::table
        .inner_join(notices::table.on(notices::id.eq(objections_offered::notice_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(objections_offered::campaign_id)))
        .filter(notices::organisation_id.eq(organisation).and(notices::campaign_id.is_null()))
        .filter(objections_offered::position.is_not_null())
        .select((notices::id, campaigns::slug))
        .load(connection)?;
    Ok(grouped(rows))
}

fn grouped<K: Ord + From<Id>>(mut rows: Vec<(Id, String)>) -> BTreeMap<K, Vec<String>> {
    rows.sort_unstable();
    let mut grouped: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for (id, slug) in rows {
        grouped.entry(id.into()).or_default().push(slug);
    }
    grouped
}

fn put(connection: &mut AnyConnection, edit: &LibraryEdit) -> Result<Edited<(Library, i64), Refusal>, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = organisations::by_id(connection, edit.organisation)? else { return Ok(Edited::Unknown) };
    if !edit.expected.fits(Some(stored.revision)) {
        return Ok(Edited::Stale(Some(stored.revision)));
    }
    let before = load(connection, edit.organisation)?;
    if before.questions.asked == edit.questions && before.notices.shown == edit.notices {
        return Ok(Edited::Done((before, stored.revision)));
    }
    if let Err(errors) = require_unused(&before, edit) {
        return Ok(Edited::Refused(errors.into()));
    }
    write_questions(connection, &before, edit)?;
    write_notices(connection, &before, edit)?;
    count(connection, edit)?;
    Ok(Edited::Done((load(connection, edit.organisation)?, stored.revision + 1)))
}

/// The questions that the library keeps no longer.
fn questions_left<'b>(before: &'b Library, edit: &LibraryEdit) -> impl Iterator<Item = &'b ConsentQuestion> {
    let is_left = |known: &&ConsentQuestion| !edit.questions.iter().any(|question| question.id() == known.id());
    before.questions.asked.iter().filter(is_left)
}

/// The notices that the library keeps no longer.
fn notices_left<'b>(before: &'b Library, edit: &LibraryEdit) -> impl Iterator<Item = &'b ObjectionNotice> {
    let is_left = |known: &&ObjectionNotice| !edit.notices.iter().any(|notice| notice.id() == known.id());
    before.notices.shown.iter().filter(is_left)
}

/// What a campaign shows must be kept.
fn require_unused(before: &Library, edit: &LibraryEdit) -> Result<(), FieldErrors> {
    let mut findings = Findings::new();
    for question in questions_left(before, edit) {
        if let (Some(key), Some(campaigns)) = (question.key(), before.asked_by.get(&question.id())) {
            findings.note("/questions", in_use("question", key.as_str(), campaigns));
        }
    }
    for notice in notices_left(before, edit) {
        if let Some(campaigns) = before.shown_by.get(&notice.id()) {
            findings.note("/objections", in_use("notice", notice.activity().as_str(), campaigns));
        }
    }
    findings.finish(Some(()))
}

fn in_use(kind: &str, name: &str, campaigns: &[String]) -> Flaw {
    let campaigns = campaigns.join(", ");
    Flaw::new(
        "in_use",
        format!("the {kind} {name} is picked by {campaigns}: take it out there before it is left out here"),
    )
}

fn write_questions(connection: &mut AnyConnection, before: &Library, edit: &LibraryEdit) -> Result<(), StoreError> {
    for question in questions_left(before, edit) {
        consent_questions::retire(connection, question, edit.now)?;
    }
    for question in &edit.questions {
        let known = before.questions.asked.iter().chain(&before.questions.retired);
        let known = known.into_iter().find(|known| known.id() == question.id());
        consent_questions::write(connection, edit.organisation, None, known, question, edit.now)?;
    }
    Ok(())
}

fn write_notices(connection: &mut AnyConnection, before: &Library, edit: &LibraryEdit) -> Result<(), StoreError> {
    for notice in notices_left(before, edit) {
        objection_notices::retire(connection, notice, edit.now)?;
    }
    for notice in &edit.notices {
        let known = before.notices.shown.iter().chain(&before.notices.retired);
        let known = known.into_iter().find(|known| known.id() == notice.id());
        objection_notices::require_free(&before.last_versions, known, notice)?;
        objection_notices::write(connection, edit.organisation, None, known, notice, edit.now)?;
    }
    Ok(())
}

/// Counts the change for the organisation and for every campaign that shows something of its library.
fn count(connection: &mut AnyConnection, edit: &LibraryEdit) -> Result<(), StoreError> {
    let (organisation, now) = (Id::from(edit.organisation), At::new(edit.now));
    diesel::update(organisation_rows::table.find(organisation))
        .set((organisation_rows::revision.eq(organisation_rows::revision + 1), organisation_rows::updated_at.eq(now)))
        .execute(connection)?;
    let mut showing: Vec<Id> = questions_asked::table
        .inner_join(questions::table.on(questions::id.eq(questions_asked::question_id)))
        .filter(questions::organisation_id.eq(organisation).and(questions::key.is_not_null()))
        .select(questions_asked::campaign_id)
        .load(connection)?;
    let with_notices: Vec<Id> = objections_offered::table
        .inner_join(notices::table.on(notices::id.eq(objections_offered::notice_id)))
        .filter(notices::organisation_id.eq(organisation).and(notices::campaign_id.is_null()))
        .select(objections_offered::campaign_id)
        .load(connection)?;
    showing.extend(with_notices);
    diesel::update(campaigns::table.filter(campaigns::id.eq_any(showing)))
        .set((campaigns::revision.eq(campaigns::revision + 1), campaigns::updated_at.eq(now)))
        .execute(connection)?;
    Snapshot::Campaigns.bump(connection)?;
    Ok(())
}
