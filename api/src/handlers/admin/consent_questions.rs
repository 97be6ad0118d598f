//! What a campaign's form asks and says about personal data: questions by purpose and channel, and notices with a right to object.

use super::question_words::{
    MOST_ASKED, NoticeVersionView, QuestionVersionView, Texts, are_channels, is_worded, note_other_words, parse_list,
    parse_notice_words, parse_terms,
};
use super::read_only::ReadOnly;
use super::{edit, find_campaign, made, reach, require_seen, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::Precondition;
use crate::http::extract::{Json, Path};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, put};
use postbag_domain::{
    Activity, ConsentQuestion, FieldErrors, Findings, Flaw, NoticeId, NoticeWords, ObjectionNotice, Purpose,
    QuestionId, Slug,
};
use postbag_persistence::{Library, StoredCampaign, StoredNotices, StoredQuestions};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The questions and notices of a campaign's form, in order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "questions": [{ "key": "research-news" },
                  { "purpose": "campaign_news", "channels": ["email", "phone"],
                    "wording": { "en": "May we tell you how this campaign goes on?" } }],
    "objections": [{ "activity": "wealth_research", "from_library": true }]
})))]
pub(crate) struct PutConsentQuestions {
    /// Each purpose once.
    #[schema(max_items = 50)]
    questions: Vec<QuestionDocument>,
    /// Each activity once.
    #[serde(default)]
    objections: Vec<NoticeDocument>,
}

/// A question about one purpose: picked from the organisation's library by its `key`, or worded for this campaign alone. New wording or
/// other channels make a new version.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionDocument {
    /// The name of a question of the library. What it says is left out, or as the library has it.
    #[serde(default)]
    #[schema(example = "campaign-news")]
    key: Option<String>,
    #[serde(default)]
    #[schema(read_only)]
    id: Option<Uuid>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    /// Needed without a `key`.
    #[serde(default)]
    #[schema(example = "campaign_news")]
    purpose: Option<String>,
    /// `consent` if left out. With `charitable_soft_opt_in` the question offers to refuse, and the organisation declares that what it sends for
    /// this purpose only furthers its charitable purposes and that every message offers to refuse (PECR 22(3A)). With `information_only` it
    /// asks nothing.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_basis)]
    basis: Option<String>,
    /// Needed without a `key`, unless nothing is asked.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_channels)]
    channels: Option<Vec<String>>,
    /// The words to show, by language. Needed without a `key`.
    #[serde(default)]
    wording: Option<Texts>,
}

/// A notice about one activity: picked from the organisation's library, or worded for this campaign alone. New wording makes a new version.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeDocument {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    /// Picks the notice that the library keeps for this activity. What it says is left out, or as the library has it.
    #[serde(default)]
    from_library: Option<bool>,
    /// The words to show beside the box, by language. Needed unless it is `from_library`.
    #[serde(default)]
    wording: Option<Texts>,
    /// The text for those who want to read more, by language.
    #[serde(default)]
    long_wording: Option<Texts>,
}

/// A question that is picked from a library.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PickedQuestion {
    #[schema(example = "research-news")]
    key: String,
}

/// A notice that is picked from a library.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PickedNotice {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
}

/// The questions and notices as they are now, with their versions.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "questions": [{ "id": "01998f00-0000-7000-8000-000000000002", "key": null, "version": 1, "purpose": "campaign_news", "basis": "consent",
                    "channels": ["email"], "wording": { "en": "May we tell you how this campaign goes on?" } }],
    "objections": []
})))]
pub(crate) struct ConsentQuestionsView {
    questions: Vec<QuestionVersionView>,
    objections: Vec<NoticeVersionView>,
}

/// Set what the form asks about personal data
///
/// As a whole. A question is picked from the organisation's library by its `key`, or worded for this campaign alone and then matched by
/// purpose; a notice is picked with `from_library`, or worded here and matched by activity. New wording or other channels make a new
/// version, the same keep theirs, and what is left out is not asked any more. Answers already given stand. Replacing a list needs the
/// campaign's `ETag` in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("If-Match" = Option<String>, Header, description = "The campaign's `ETag` that the change is based on."),
    ),
    request_body = PutConsentQuestions,
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The questions and notices, with their versions.", body = ConsentQuestionsView)),
    extensions(("x-problems" = json!(["campaign-incomplete"])))
)]
#[put("/consent-questions")]
pub(crate) async fn put_consent_questions(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<PutConsentQuestions>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    let library = app.store.library(stored.campaign.organisation_id()).await?;
    let (questions, notices) = body.0.parse(&stored, &library)?;
    let before = (&stored.questions.asked, &stored.notices.shown);
    let is_set = !before.0.is_empty() || !before.1.is_empty();
    require_seen(&precondition, &stored, is_set && before != (&questions, &notices))?;
    let edit = edit(&app, reach, &stored);
    let stored = made(app.store.put_consent_questions(edit, move |_stored| Ok((questions, notices))).await?)?;
    app.refresh().await?;
    let view = ConsentQuestionsView {
        questions: stored.questions.asked.iter().map(QuestionVersionView::of).collect(),
        objections: stored.notices.shown.iter().map(NoticeVersionView::of).collect(),
    };
    Ok(HttpResponse::Ok().insert_header(tag(&stored).header()).json(view))
}

impl PutConsentQuestions {
    /// The lists to be; every flaw of both at once.
    fn parse(
        self,
        stored: &StoredCampaign,
        library: &Library,
    ) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), FieldErrors> {
        let mut findings = Findings::new();
        let questions =
            findings.absorb(parse_questions("/questions", self.questions, Some(&stored.questions), library));
        let notices = findings.absorb(parse_notices(self.objections, Some(&stored.notices), library));
        findings.finish(questions.zip(notices))
    }
}

/// What is picked from a library: every flaw of both lists at once.
pub(super) fn pick(
    questions: &[PickedQuestion],
    notices: &[PickedNotice],
    library: &Library,
) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), FieldErrors> {
    let question =
        |picked: &PickedQuestion| QuestionDocument { key: Some(picked.key.clone()), ..QuestionDocument::default() };
    let notice = |picked: &PickedNotice| NoticeDocument {
        activity: picked.activity.clone(),
        from_library: Some(true),
        ..NoticeDocument::default()
    };
    let mut findings = Findings::new();
    let questions = parse_questions("/questions", questions.iter().map(question).collect(), None, library);
    let questions = findings.absorb(questions);
    let notices = findings.absorb(parse_notices(notices.iter().map(notice).collect(), None, library));
    findings.finish(questions.zip(notices))
}

/// The questions to be: picked ones as the library has them, and known ones in their next version where something changed. `list` points
/// at the list.
pub(super) fn parse_questions(
    list: &str,
    documents: Vec<QuestionDocument>,
    known: Option<&StoredQuestions>,
    library: &Library,
) -> Result<Vec<ConsentQuestion>, FieldErrors> {
    parse_list(
        documents,
        (list, MOST_ASKED),
        ("purpose", |left: &ConsentQuestion, right| left.purpose() == right.purpose()),
        |document, findings, pointer| document.parse(findings, pointer, known, library),
    )
}

/// The notices to be: picked ones as the library has them, and known ones in their next version where something changed; pointers are
/// `/objections/N/…`.
pub(super) fn parse_notices(
    documents: Vec<NoticeDocument>,
    known: Option<&StoredNotices>,
    library: &Library,
) -> Result<Vec<ObjectionNotice>, FieldErrors> {
    parse_list(
        documents,
        ("/objections", MOST_ASKED),
        ("activity", |left: &ObjectionNotice, right| left.activity() == right.activity()),
        |document, findings, pointer| document.parse(findings, pointer, known, library),
    )
}

impl QuestionDocument {
    fn parse(
        self,
        findings: &mut Findings,
        pointer: &str,
        known: Option<&StoredQuestions>,
        library: &Library,
    ) -> Option<ConsentQuestion> {
        match self.key.as_deref() {
            Some(key) => {
                let key = findings.check(format!("{pointer}/key"), Slug::parse(key))?;
                let rule = "the library of the organisation keeps no such question";
                let kept = library.question(&key).ok_or_else(|| Flaw::new("question_not_kept", rule));
                let kept = findings.check(format!("{pointer}/key"), kept)?;
                self.note_other_words(findings, pointer, kept);
                Some(kept.clone())
            }
            None => self.worded(findings, pointer, known),
        }
    }

    /// A question that the campaign words for itself.
    fn worded(
        self,
        findings: &mut Findings,
        pointer: &str,
        known: Option<&StoredQuestions>,
    ) -> Option<ConsentQuestion> {
        let purpose = self.purpose.ok_or_else(|| Flaw::new("purpose_missing", "must be given where there is no key"));
        let purpose = purpose.and_then(|purpose| Purpose::parse(&purpose));
        let purpose = findings.check(format!("{pointer}/purpose"), purpose);
        let (basis, channels) = (self.basis.as_deref(), self.channels.as_deref());
        let terms = parse_terms(findings, pointer, basis, channels, self.wording);
        let (purpose, terms) = (purpose?, terms?);
        let mut known = known.into_iter().flat_map(|known| known.asked.iter().chain(&known.retired));
        let known = known.rfind(|known| known.key().is_none() && *known.purpose() == purpose);
        ReadOnly(findings).check(&format!("{pointer}/id"), self.id, known.map(|known| known.id().uuid()));
        let question = match known {
            Some(known) => known.clone().revised(terms),
            None => ConsentQuestion::new(QuestionId::new(ids::fresh()), None, purpose, terms),
        };
        findings.absorb(question.map_err(|errors| errors.under(pointer)))
    }

    fn note_other_words(&self, findings: &mut Findings, pointer: &str, kept: &ConsentQuestion) {
        let current = kept.current();
        ReadOnly(findings).check(&format!("{pointer}/id"), self.id, Some(kept.id().uuid()));
        let mut note = |member: &str, is_as_kept| note_other_words(findings, format!("{pointer}/{member}"), is_as_kept);
        note("purpose", self.purpose.as_ref().is_none_or(|purpose| purpose == kept.purpose().as_str()));
        note("basis", self.basis.as_ref().is_none_or(|basis| basis == current.basis.as_str()));
        note("channels", self.channels.as_ref().is_none_or(|given| are_channels(&current.channels, given)));
        note("wording", self.wording.as_ref().is_none_or(|wording| is_worded(&current.wordings, wording)));
    }
}

impl NoticeDocument {
    fn parse(
        self,
        findings: &mut Findings,
        pointer: &str,
        known: Option<&StoredNotices>,
        library: &Library,
    ) -> Option<ObjectionNotice> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse::<Activity>());
        if self.from_library == Some(true) {
            let rule = "the library of the organisation keeps no notice of this activity";
            let kept = library.notice(activity?).ok_or_else(|| Flaw::new("notice_not_kept", rule));
            let kept = findings.check(format!("{pointer}/from_library"), kept)?;
            self.note_other_words(findings, pointer, kept);
            return Some(kept.clone());
        }
        let words = parse_notice_words(findings, pointer, self.wording, self.long_wording);
        let (activity, words) = (activity?, words?);
        let after = library.last_version(activity);
        let mut known = known.into_iter().flat_map(|known| known.shown.iter().chain(&known.retired));
        let known = known.rfind(|known| !known.is_of_library() && known.activity() == activity);
        Some(match known {
            Some(known) => known.clone().reworded(words, after),
            None => ObjectionNotice::new(NoticeId::new(ids::fresh()), false, activity, words, after),
        })
    }

    fn note_other_words(&self, findings: &mut Findings, pointer: &str, kept: &ObjectionNotice) {
        let NoticeWords { wordings, long_wordings } = &kept.current().words;
        let is_worded_long = |given: &Texts| long_wordings.as_ref().is_some_and(|kept| is_worded(kept, given));
        let mut note = |member: &str, is_as_kept| note_other_words(findings, format!("{pointer}/{member}"), is_as_kept);
        note("wording", self.wording.as_ref().is_none_or(|given| is_worded(wordings, given)));
        note("long_wording", self.long_wording.as_ref().is_none_or(is_worded_long));
    }
}
