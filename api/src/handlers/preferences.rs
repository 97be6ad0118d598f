//! What people wish to change in their preferences: how a request says it, and how it is recorded, for people and for staff alike.

use crate::app::App;
use crate::handlers::public::actions::{ConsentFields, parse_each};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::permissions::{PermissionsView, standing};
use crate::views::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::{
    Activity, AnswerGiven, Channel, ConsentId, ConsentQuestion, EmailAddress, FieldErrors, Findings, Flaw, Locale,
    MailId, Means, ObjectionId, Organisation, PreferenceChange, PreferenceChangeId, Purpose, StaffNote, Stance,
    Standing, SupporterId, consent,
};
use postbag_persistence::{Actor, Ledger, NewPreferenceChange, Reach, RecordedAnswer};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A purpose and a channel that end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawalFields {
    #[schema(example = "campaign_news")]
    purpose: String,
    #[schema(schema_with = vocabulary::channel)]
    channel: String,
}

/// An objection to raise or to take back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StanceFields {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    #[schema(schema_with = vocabulary::stance)]
    stance: String,
}

/// The wishes of a request as they came.
pub(super) struct WishFields<'f> {
    pub(super) consents: &'f [ConsentFields],
    pub(super) locale: Option<&'f str>,
    pub(super) withdraw: &'f [WithdrawalFields],
    pub(super) withdraw_everything: bool,
    pub(super) objections: &'f [StanceFields],
}

/// Wishes that are well-formed. Whether the questions were asked is still to be seen.
pub(super) struct Wishes {
    answers: Vec<AnswerGiven>,
    pub(super) locale: Option<Locale>,
    withdrawn: Vec<(Purpose, Channel)>,
    withdraws_everything: bool,
    objections: BTreeMap<Activity, Stance>,
}

/// A person and what the ledger says about them.
pub(super) struct Person {
    pub(super) ledger: Ledger,
    pub(super) organisation: Organisation,
}

/// How a change came about.
pub(super) struct ChangeSource {
    pub(super) means: Means,
    pub(super) note: Option<StaffNote>,
    /// The language of the mail that tells the person.
    pub(super) locale: Locale,
    pub(super) actor: Actor,
}

impl WishFields<'_> {
    /// Parses them: every flaw at once.
    pub(super) fn parse(&self, findings: &mut Findings) -> Option<Wishes> {
        let locale = findings.check_optional("/locale", self.locale, str::parse::<Locale>);
        let answers = parse_each(findings, "/consents", self.consents, ConsentFields::parse);
        let withdrawn = parse_each(findings, "/withdraw", self.withdraw, WithdrawalFields::parse);
        let objections = parse_stances(findings, self.objections);
        Some(Wishes {
            answers: answers?,
            locale: locale?,
            withdrawn: withdrawn?,
            withdraws_everything: self.withdraw_everything,
            objections: objections?,
        })
    }
}

impl Wishes {
    /// The change that they ask for, if the questions that they answer were asked.
    pub(super) fn change(self, questions: &[ConsentQuestion], locale: Locale) -> Result<PreferenceChange, FieldErrors> {
        let answers = consent::decide(&questions.iter(), &self.answers, locale, Locale::En)?;
        let Self { withdrawn, withdraws_everything, objections, .. } = self;
        Ok(PreferenceChange { answers, withdrawn, withdraws_everything, objections })
    }
}

impl WithdrawalFields {
    fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<(Purpose, Channel)> {
        let purpose = findings.check(format!("{pointer}/purpose"), Purpose::parse(&self.purpose));
        let channel = findings.check(format!("{pointer}/channel"), self.channel.parse());
        purpose.zip(channel)
    }
}

impl StanceFields {
    fn parse(&self, findings: &mut Findings, pointer: &str) -> Option<(Activity, Stance)> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse());
        let stance = findings.check(format!("{pointer}/stance"), self.stance.parse());
        activity.zip(stance)
    }
}

fn parse_stances(findings: &mut Findings, list: &[StanceFields]) -> Option<BTreeMap<Activity, Stance>> {
    let mut stances = BTreeMap::new();
    for (index, (activity, stance)) in
        parse_each(findings, "/objections", list, StanceFields::parse)?.into_iter().enumerate()
    {
        if stances.insert(activity, stance).is_some() {
            let flaw = Flaw::new("repeated", "must not stand in the list twice");
            findings.note(format!("/objections/{index}/activity"), flaw);
        }
    }
    Some(stances)
}

impl Person {
    /// The supporter of this id within reach.
    pub(super) async fn find(app: &App, reach: Reach, supporter: SupporterId) -> Answer<Self> {
        let ledger = read_ledger(app, reach, supporter).await?;
        let stored = app.store.organisation_by_id(ledger.organisation_id).await?.ok_or_else(Problem::not_found)?;
        Ok(Self { ledger, organisation: stored.organisation })
    }

    /// The same person as the ledger has them now.
    pub(super) async fn again(self, app: &App) -> Answer<Self> {
        let reach = Reach::Organisation(self.organisation.id);
        let ledger = read_ledger(app, reach, self.ledger.supporter_id).await?;
        Ok(Self { ledger, ..self })
    }

    /// What the decisions are made from.
    pub(super) fn standing(&self) -> Standing {
        standing(&self.ledger, self.is_of_registered_charity())
    }

    /// Every decision of this moment, with the ledger.
    pub(super) fn permissions(&self, now: DateTime<Utc>) -> PermissionsView {
        PermissionsView::of(&self.ledger, self.is_of_registered_charity(), now)
    }

    fn is_of_registered_charity(&self) -> bool {
        self.organisation.content.charity_number.is_some()
    }

    /// Records a change, which is in force when this returns, and queues the mail that tells the person.
    pub(super) async fn record(
        &self,
        app: &App,
        change: PreferenceChange,
        source: ChangeSource,
    ) -> Answer<PreferenceChangeId> {
        let entries = change.entries(&self.standing())?;
        let notice = self.organisation.content.privacy_notice.as_ref().map(|notice| notice.version.clone());
        let asked = entries.answers.into_iter().map(|answer| RecordedAnswer::Asked(answer, notice.clone()));
        let withdrawn = entries.withdrawn.into_iter();
        let withdrawn = withdrawn.map(|(purpose, channel)| RecordedAnswer::Withdrawn(purpose, channel));
        let objections = entries.objections.into_iter();
        let new = NewPreferenceChange {
            id: PreferenceChangeId::new(ids::fresh()),
            means: source.means,
            note: source.note,
            answers: asked.chain(withdrawn).map(|answer| (ConsentId::new(ids::fresh()), answer)).collect(),
            objections: objections
                .map(|(activity, stance)| (ObjectionId::new(ids::fresh()), activity, stance))
                .collect(),
            receipt: (MailId::new(ids::fresh()), source.locale),
        };
        let (id, keys) = (new.id, app.mail_keys.confirmations.clone());
        let mailbox = move |key: &str| EmailAddress::parse(key).map_or_else(|_flaw| Vec::new(), |to| keys.mailbox(&to));
        let (reach, supporter) = (Reach::Organisation(self.organisation.id), self.ledger.supporter_id);
        if !app.store.change_preferences(reach, supporter, new, source.actor, mailbox).await? {
            return Err(Problem::not_found());
        }
        app.wake_mails.notify_one();
        Ok(id)
    }
}

async fn read_ledger(app: &App, reach: Reach, supporter: SupporterId) -> Answer<Ledger> {
    let keys = app.mail_keys.suppressions.clone();
    let ledger = app.store.ledger(reach, supporter, move |email_key| keys.hashes_of_key(email_key)).await?;
    ledger.ok_or_else(Problem::not_found)
}
