//! What a campaign's form asks and says about personal data: questions by purpose and channel, and notices with a right to object.

use super::read_only::ReadOnly;
use super::{edit, find_campaign, made, reach, require_seen, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::Precondition;
use crate::http::extract::{Json, Path, escaped};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, put};
use postbag_domain::{
    Activity, Basis, Channel, ConsentQuestion, FieldErrors, Findings, Flaw, ObjectionNotice, Purpose, QuestionId,
    QuestionTerms, Wordings,
};
use postbag_persistence::{StoredCampaign, StoredNotices, StoredQuestions};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// The questions and notices of a campaign's form, in order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "questions": [{ "purpose": "campaign_news", "channels": ["email", "phone"],
                    "wording": { "en": "May we tell you how this campaign goes on?" } }],
    "objections": [{ "activity": "wealth_research", "wording": { "en": "estimate what I could give" } }]
})))]
pub(crate) struct PutConsentQuestions {
    /// Each purpose once.
    questions: Vec<QuestionDocument>,
    /// Each activity once.
    #[serde(default)]
    objections: Vec<NoticeDocument>,
}

/// A question about one purpose. New wording or other channels make a new version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionDocument {
    #[serde(default)]
    #[schema(read_only)]
    id: Option<Uuid>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    #[schema(example = "campaign_news")]
    purpose: String,
    /// `consent` if left out. With `charitable_soft_opt_in` the question offers to refuse, and the organisation declares that what it sends for
    /// this purpose only furthers its charitable purposes and that every message offers to refuse (PECR 22(3A)).
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_basis)]
    basis: Option<String>,
    #[schema(schema_with = vocabulary::channels)]
    channels: Vec<String>,
    /// The words to show, by language.
    wording: BTreeMap<String, String>,
}

/// A notice about one activity. New wording makes a new version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeDocument {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    /// The words to show, by language.
    wording: BTreeMap<String, String>,
}

/// The questions and notices as they are now, with their versions.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "questions": [{ "id": "01998f00-0000-7000-8000-000000000002", "version": 1, "purpose": "campaign_news", "basis": "consent",
                    "channels": ["email"], "wording": { "en": "May we tell you how this campaign goes on?" } }],
    "objections": []
})))]
pub(crate) struct ConsentQuestionsView {
    questions: Vec<QuestionVersionView>,
    objections: Vec<NoticeVersionView>,
}

/// A question in its present version.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionVersionView {
    id: Uuid,
    version: i32,
    purpose: String,
    #[schema(schema_with = vocabulary::basis)]
    basis: &'static str,
    #[schema(schema_with = vocabulary::channels)]
    channels: Vec<&'static str>,
    wording: BTreeMap<&'static str, String>,
}

/// A notice in its present version.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeVersionView {
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    version: i32,
    wording: BTreeMap<&'static str, String>,
}

impl QuestionVersionView {
    pub(super) fn of(question: &ConsentQuestion) -> Self {
        let current = question.current();
        Self {
            id: question.id().uuid(),
            version: current.version,
            purpose: question.purpose().as_str().to_owned(),
            basis: current.basis.as_str(),
            channels: current.channels.iter().map(|channel| channel.as_str()).collect(),
            wording: words(&current.wordings),
        }
    }
}

impl NoticeVersionView {
    pub(super) fn of(notice: &ObjectionNotice) -> Self {
        let current = notice.current();
        Self { activity: notice.activity().as_str(), version: current.version, wording: words(&current.wordings) }
    }
}

fn words(wordings: &Wordings) -> BTreeMap<&'static str, String> {
    wordings.iter().map(|(locale, text)| (locale.as_str(), text.to_owned())).collect()
}

/// Set what the form asks about personal data
///
/// As a whole. Questions are matched by purpose and notices by activity: new wording or other channels make a new version, the same
/// keep theirs, and what is left out is not asked any more. Answers already given stand. Replacing a list needs the campaign's
/// `ETag` in `If-Match`.
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
    let (questions, notices) = body.0.parse(&stored)?;
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
    fn parse(self, stored: &StoredCampaign) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), FieldErrors> {
        let mut findings = Findings::new();
        let questions = findings.absorb(parse_questions("/questions", self.questions, Some(&stored.questions)));
        let notices = findings.absorb(parse_notices(self.objections, Some(&stored.notices)));
        findings.finish(questions.zip(notices))
    }
}

/// The questions to be: known ones in their next version where something changed. `list` points at the list.
pub(super) fn parse_questions(
    list: &str,
    documents: Vec<QuestionDocument>,
    known: Option<&StoredQuestions>,
) -> Result<Vec<ConsentQuestion>, FieldErrors> {
    let mut findings = Findings::new();
    let mut questions: Vec<ConsentQuestion> = Vec::new();
    for (position, document) in (0u16..).zip(documents) {
        let pointer = format!("{list}/{position}");
        let Some(question) = document.parse(&mut findings, &pointer, position, known) else { continue };
        if questions.iter().any(|before| before.purpose() == question.purpose()) {
            findings.note(format!("{pointer}/purpose"), Flaw::new("repeated", "must not stand in the list twice"));
        }
        questions.push(question);
    }
    findings.finish(Some(questions))
}

/// The notices to be: known ones in their next version where something changed; pointers are `/objections/N/…`.
pub(super) fn parse_notices(
    documents: Vec<NoticeDocument>,
    known: Option<&StoredNotices>,
) -> Result<Vec<ObjectionNotice>, FieldErrors> {
    let mut findings = Findings::new();
    let mut notices: Vec<ObjectionNotice> = Vec::new();
    for (position, document) in documents.into_iter().enumerate() {
        let pointer = format!("/objections/{position}");
        let Some(notice) = document.parse(&mut findings, &pointer, known) else { continue };
        if notices.iter().any(|before| before.activity() == notice.activity()) {
            findings.note(format!("{pointer}/activity"), Flaw::new("repeated", "must not stand in the list twice"));
        }
        notices.push(notice);
    }
    findings.finish(Some(notices))
}

impl QuestionDocument {
    fn parse(
        self,
        findings: &mut Findings,
        pointer: &str,
        position: u16,
        known: Option<&StoredQuestions>,
    ) -> Option<ConsentQuestion> {
        let purpose = findings.check(format!("{pointer}/purpose"), Purpose::parse(&self.purpose));
        let channels = parse_channels(findings, pointer, &self.channels);
        let wordings = parse_wordings(findings, pointer, self.wording);
        let basis = findings.check_optional(format!("{pointer}/basis"), self.basis.as_deref(), str::parse);
        let basis = basis.map(|basis| basis.unwrap_or(Basis::Consent));
        let (purpose, basis, channels, wordings) = (purpose?, basis?, channels?, wordings?);
        let terms = QuestionTerms { basis, channels, wordings };
        let mut known = known.into_iter().flat_map(|known| known.asked.iter().chain(&known.retired));
        let known = known.rfind(|known| *known.purpose() == purpose);
        ReadOnly(findings).check(&format!("{pointer}/id"), self.id, known.map(|known| known.id().uuid()));
        let question = match known {
            Some(known) => known.clone().revised(position, terms),
            None => ConsentQuestion::new(QuestionId::new(ids::fresh()), position, purpose, terms),
        };
        findings.absorb(question.map_err(|errors| errors.under(pointer)))
    }
}

impl NoticeDocument {
    fn parse(self, findings: &mut Findings, pointer: &str, known: Option<&StoredNotices>) -> Option<ObjectionNotice> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse::<Activity>());
        let wordings = parse_wordings(findings, pointer, self.wording);
        let (activity, wordings) = (activity?, wordings?);
        let mut known = known.into_iter().flat_map(|known| known.shown.iter().chain(&known.retired));
        let known = known.rfind(|known| known.activity() == activity);
        Some(match known {
            Some(known) => known.clone().reworded(wordings),
            None => ObjectionNotice::new(activity, wordings),
        })
    }
}

fn parse_channels(findings: &mut Findings, pointer: &str, words: &[String]) -> Option<Vec<Channel>> {
    let checked = words.iter().enumerate();
    let checked = checked.map(|(index, word)| findings.check(format!("{pointer}/channels/{index}"), word.parse()));
    let checked = checked.collect::<Vec<_>>();
    checked.into_iter().collect()
}

fn parse_wordings(findings: &mut Findings, pointer: &str, texts: BTreeMap<String, String>) -> Option<Wordings> {
    let pointer = format!("{pointer}/wording");
    let texts = texts.into_iter().map(|(locale, text)| {
        let locale = findings.check(format!("{pointer}/{}", escaped(&locale)), locale.parse());
        locale.map(|locale| (locale, text))
    });
    let texts = texts.collect::<Vec<_>>().into_iter().collect::<Option<BTreeMap<_, _>>>()?;
    findings.absorb(Wordings::new(texts).map_err(|errors| errors.under(&pointer)))
}
