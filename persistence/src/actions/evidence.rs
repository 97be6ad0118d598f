//! What supporters answered and forbade, with the versions of the words they were shown (B1).

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{consents, objections};
use crate::types::Id;
use diesel::prelude::*;
use postbag_domain::{Activity, Answer, Channel, Locale, QuestionId};
use std::collections::HashMap;

/// An answer as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedConsent {
    /// The question answered.
    pub question_id: QuestionId,
    /// The version that was shown.
    pub version: i32,
    /// The purpose that consent is asked for.
    pub purpose: String,
    /// The channel it is about.
    pub channel: Channel,
    /// Yes or no.
    pub answer: Answer,
    /// The language it was shown in.
    pub locale: Locale,
}

/// An objection as it was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedObjection {
    /// The activity that the person forbids.
    pub activity: Activity,
    /// The version of the notice that was shown.
    pub version: i32,
    /// The language it was shown in.
    pub locale: Locale,
}

type ConsentRow = (Id, Id, i32, String, String, String, String);

/// The answers given with each of these actions; `supporters` are theirs, by whom the ledger is indexed.
pub(super) fn consents(
    connection: &mut AnyConnection,
    actions: &[Id],
    supporters: &[Id],
) -> Result<HashMap<Id, Vec<RecordedConsent>>, StoreError> {
    let rows: Vec<ConsentRow> = consents::table
        .filter(consents::supporter_id.eq_any(supporters))
        .filter(consents::action_id.eq_any(actions))
        .order(consents::id)
        .select((
            consents::action_id.assume_not_null(),
            consents::question_id.assume_not_null(),
            consents::version.assume_not_null(),
            consents::purpose,
            consents::channel,
            consents::answer,
            consents::locale.assume_not_null(),
        ))
        .load(connection)?;
    let mut of_action: HashMap<Id, Vec<RecordedConsent>> = HashMap::new();
    for (action, question, version, purpose, channel, answer, locale) in rows {
        let corrupt = |column| StoreError::corrupt("consents", column, action);
        of_action.entry(action).or_default().push(RecordedConsent {
            question_id: question.into(),
            version,
            purpose,
            channel: channel.parse().map_err(|_flaw| corrupt("channel"))?,
            answer: answer.parse().map_err(|_flaw| corrupt("answer"))?,
            locale: locale.parse().map_err(|_flaw| corrupt("locale"))?,
        });
    }
    Ok(of_action)
}

/// The objections raised with each of these actions.
pub(super) fn objections(
    connection: &mut AnyConnection,
    actions: &[Id],
) -> Result<HashMap<Id, Vec<RecordedObjection>>, StoreError> {
    let rows: Vec<(Id, String, i32, String)> = objections::table
        .filter(objections::action_id.eq_any(actions))
        .order((objections::action_id, objections::activity))
        .select((
            objections::action_id.assume_not_null(),
            objections::activity,
            objections::version.assume_not_null(),
            objections::locale.assume_not_null(),
        ))
        .load(connection)?;
    let mut of_action: HashMap<Id, Vec<RecordedObjection>> = HashMap::new();
    for (action, activity, version, locale) in rows {
        let corrupt = |column| StoreError::corrupt("objections", column, action);
        of_action.entry(action).or_default().push(RecordedObjection {
            activity: activity.parse().map_err(|_flaw| corrupt("activity"))?,
            version,
            locale: locale.parse().map_err(|_flaw| corrupt("locale"))?,
        });
    }
    Ok(of_action)
}
