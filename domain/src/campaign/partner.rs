//! The organisations that share a campaign, each a controller of its own.

use crate::consent::{self, ConsentAnswer};
use crate::objection::{self, NewObjection, ObjectionRaised};
use crate::{
    ConsentId, ConsentQuestion, FieldErrors, Findings, Flaw, Locale, NewConsent, ObjectionNotice, Organisation,
    OrganisationId, PreferenceChangeId, Slug, Submission, SupporterId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A partner of a campaign: its people, and what they answered it, are its own.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The organisation.
    pub organisation: Organisation,
    /// What it asks, in order.
    pub questions: Vec<ConsentQuestion>,
    /// Its notices with a right to object, in order.
    pub objections: Vec<ObjectionNotice>,
    /// The notices that it once showed.
    pub earlier_objections: Vec<ObjectionNotice>,
}

/// What a person answered to an organisation other than the one whose form they used. Its evidence is a change of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersElsewhere {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The supporter's identity there, if it does not know them yet.
    pub supporter_id: SupporterId,
    /// The identity of the change.
    pub change_id: PreferenceChangeId,
    /// The answers given.
    pub consents: Vec<NewConsent>,
    /// The objections raised.
    pub objections: Vec<NewObjection>,
}

/// One controller of a campaign: the organisation that it belongs to, or a partner.
#[derive(Clone, Copy)]
pub(super) struct Controller<'c> {
    pub(super) organisation: &'c Organisation,
    pub(super) questions: &'c [ConsentQuestion],
    pub(super) objections: &'c [ObjectionNotice],
    pub(super) earlier_objections: &'c [ObjectionNotice],
}

impl<'c> Controller<'c> {
    pub(super) fn of(partner: &'c Partner) -> Self {
        let Partner { organisation, questions, objections, earlier_objections } = partner;
        Self { organisation, questions, objections, earlier_objections }
    }

    fn slug(&self) -> &'c Slug {
        &self.organisation.content.slug
    }
}

/// What a person answered one controller, and forbade it.
#[derive(Default)]
struct Answered {
    consents: Vec<ConsentAnswer>,
    objections: Vec<NewObjection>,
}

/// What a submission answers to each controller of a campaign, and whose form it came through.
pub(super) struct Given<'c> {
    own: (Controller<'c>, Answered),
    others: Vec<(Controller<'c>, Answered)>,
}

/// What is recorded of it.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) consents: Vec<NewConsent>,
    pub(super) objections: Vec<NewObjection>,
    pub(super) elsewhere: Vec<AnswersElsewhere>,
}

impl Answered {
    fn is_empty(&self) -> bool {
        self.consents.is_empty() && self.objections.is_empty()
    }
}

impl<'c> Given<'c> {
    /// Decides what answers and objections are worth; every flaw at once. The first of the controllers is the one whose campaign it is.
    pub(super) fn of(
        controllers: Vec<Controller<'c>>,
        submission: &Submission,
        default: Locale,
    ) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let own = findings.check("/partner", place(&controllers, submission.partner.as_ref()));
        let answered = findings.absorb(decide(&controllers, submission, default));
        let mut others: Vec<_> = controllers.into_iter().zip(answered.unwrap_or_default()).collect();
        let own = own.filter(|own| *own < others.len()).map(|own| others.remove(own));
        if submission.verified && own.is_some() && !others.iter().all(|(_, answered)| answered.is_empty()) {
            findings.note("/confirmation", for_others());
        }
        findings.finish(own.map(|own| Self { own, others }))
    }

    /// The controller whose form it came through.
    pub(super) fn controller(&self) -> OrganisationId {
        self.own.0.organisation.id
    }

    /// The answers as they are stored.
    pub(super) fn evidence(self, fresh: &mut dyn FnMut() -> Uuid) -> Evidence {
        let (controller, Answered { consents, objections }) = self.own;
        let consents = controller.consents(consents, fresh);
        let others = self.others.into_iter().filter(|(_, answered)| !answered.is_empty());
        let elsewhere = others.map(|(controller, answered)| controller.elsewhere(answered, fresh)).collect();
        Evidence { consents, objections, elsewhere }
    }
}

/// What was answered to each controller, in their order. An objection without an organisation is about the first.
fn decide(
    controllers: &[Controller<'_>],
    submission: &Submission,
    default: Locale,
) -> Result<Vec<Answered>, FieldErrors> {
    let locale = submission.words.locale;
    let mut findings = Findings::new();
    let questions = controllers.iter().flat_map(|controller| controller.questions);
    let consents = findings.absorb(consent::decide(&questions, &submission.consents, locale, default));
    let objections = hear(&mut findings, controllers, &submission.objections, locale, default);
    let (mut consents, objections) = findings.finish(consents.zip(objections))?;
    let of_controller = |(controller, objections): (&Controller<'_>, Vec<NewObjection>)| {
        let asks = |answer: &mut ConsentAnswer| {
            controller.questions.iter().any(|question| question.id() == answer.question_id)
        };
        Answered { consents: consents.extract_if(.., asks).collect(), objections }
    };
    Ok(controllers.iter().zip(objections).map(of_controller).collect())
}

fn hear(
    findings: &mut Findings,
    controllers: &[Controller<'_>],
    raised: &[ObjectionRaised],
    locale: Locale,
    default: Locale,
) -> Option<Vec<Vec<NewObjection>>> {
    for (index, objection) in raised.iter().enumerate() {
        let named = objection.organisation.as_ref();
        if named.is_some_and(|slug| !controllers.iter().any(|controller| controller.slug() == slug)) {
            findings.note(format!("/objections/{index}/organisation"), unknown_partner());
        }
    }
    let heard: Vec<_> = controllers
        .iter()
        .enumerate()
        .map(|(position, controller)| {
            let is_meant = |objection: &ObjectionRaised| match &objection.organisation {
                Some(slug) => slug == controller.slug(),
                None => position == 0,
            };
            let theirs = raised.iter().enumerate().filter(|(_, objection)| is_meant(objection)).collect::<Vec<_>>();
            let notices = controller.objections.iter().chain(controller.earlier_objections);
            findings.absorb(objection::hear(&notices, &theirs, locale, default))
        })
        .collect();
    heard.into_iter().collect()
}

/// The place of the controller whose form a submission came through: the first, unless a partner is named.
fn place(controllers: &[Controller<'_>], named: Option<&Slug>) -> Result<usize, Flaw> {
    let Some(slug) = named else { return Ok(0) };
    controllers.iter().position(|controller| controller.slug() == slug).ok_or_else(unknown_partner)
}

/// The flaw of answers to others where the server of one organisation vouches for the address: their evidence would be its word.
fn for_others() -> Flaw {
    let rule =
        "answers to another organisation need the person's own confirmation: leave out those answers, or confirmation";
    Flaw::new("confirmation_for_others", rule)
}

/// The flaw of an organisation that has no part in the campaign.
fn unknown_partner() -> Flaw {
    Flaw::new("partner_unknown", "must be the organisation of this campaign or one of its partners")
}

impl Controller<'_> {
    /// What was answered this controller by somebody who used the form of another.
    fn elsewhere(&self, given: Answered, fresh: &mut dyn FnMut() -> Uuid) -> AnswersElsewhere {
        AnswersElsewhere {
            organisation_id: self.organisation.id,
            supporter_id: SupporterId::new(fresh()),
            change_id: PreferenceChangeId::new(fresh()),
            consents: self.consents(given.consents, fresh),
            objections: given.objections,
        }
    }

    /// The answers as they are stored, with the privacy notice that stood beside them.
    fn consents(&self, answers: Vec<ConsentAnswer>, fresh: &mut dyn FnMut() -> Uuid) -> Vec<NewConsent> {
        let notice = self.organisation.content.privacy_notice.as_ref().map(|notice| notice.version.clone());
        answers.into_iter().map(|answer| NewConsent::new(ConsentId::new(fresh()), answer, notice.clone())).collect()
    }
}
