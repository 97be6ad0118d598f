//! The library of an organisation: the consent questions and notices that its campaigns pick from.

use super::question_words::{
    MOST_ASKED, MOST_KEPT, NoticeVersionView, QuestionVersionView, Texts, parse_list, parse_notice_words, parse_terms,
};
use super::read_only::ReadOnly;
use super::{expected, find_organisation, made, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::{ETag, Precondition};
use crate::http::extract::{Json, Path};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use postbag_domain::{
    Activity, ConsentQuestion, FieldErrors, Findings, Flaw, NoticeId, ObjectionNotice, Purpose, QuestionId, Slug,
};
use postbag_persistence::{Library, LibraryEdit};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Everything that a library is to keep.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "questions": [{ "key": "research-news", "purpose": "research_news", "channels": ["email", "post"],
                    "wording": { "en": "May we tell you about our research?", "cy": "A gawn ni sôn wrthych am ein hymchwil?" } }],
    "objections": [{ "activity": "wealth_research", "wording": { "en": "estimate what I could give" },
                     "long_wording": { "en": "We compare public registers with what you gave before, so that we ask for sums that suit you." } }]
})))]
pub(crate) struct PutLibrary {
    /// Each key once.
    #[schema(max_items = 200)]
    questions: Vec<LibraryQuestionDocument>,
    /// Each activity once.
    #[serde(default)]
    objections: Vec<LibraryNoticeDocument>,
}

/// A question of a library. New wording, other channels or another basis make a new version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LibraryQuestionDocument {
    /// The name by which campaigns pick it.
    #[schema(example = "research-news")]
    key: String,
    #[serde(default)]
    #[schema(read_only)]
    id: Option<Uuid>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    asked_by: Option<IgnoredAny>,
    /// Stays as it was first set: for another purpose, keep another question.
    #[schema(example = "research_news")]
    purpose: String,
    /// `consent` if left out. With `charitable_soft_opt_in` the question offers to refuse, and the organisation declares that what it sends for
    /// this purpose only furthers its charitable purposes and that every message offers to refuse (PECR 22(3A)). With `information_only` it
    /// asks nothing and has no channels.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_basis)]
    basis: Option<String>,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_channels)]
    channels: Option<Vec<String>>,
    /// The words to show, by language.
    wording: Texts,
}

/// A notice of a library. New wording makes a new version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LibraryNoticeDocument {
    #[schema(schema_with = vocabulary::activity)]
    activity: String,
    #[serde(default)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<bool>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    from_library: Option<IgnoredAny>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    shown_by: Option<IgnoredAny>,
    /// The words to show beside the box, by language.
    wording: Texts,
    /// The text for those who want to read more, by language.
    #[serde(default)]
    long_wording: Option<Texts>,
}

/// What a library keeps, with the campaigns that show it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "questions": [{ "id": "01998f00-0000-7000-8000-000000000002", "key": "research-news", "version": 1, "purpose": "research_news",
                    "basis": "consent", "channels": ["email", "post"], "wording": { "en": "May we tell you about our research?" },
                    "asked_by": ["fair-care"] }],
    "objections": [{ "activity": "wealth_research", "version": 1, "from_library": true,
                     "wording": { "en": "estimate what I could give" }, "long_wording": null, "shown_by": [] }]
})))]
pub(crate) struct LibraryView {
    /// By key.
    questions: Vec<LibraryQuestionView>,
    /// By activity.
    objections: Vec<LibraryNoticeView>,
}

/// A question of a library in its present version.
#[derive(Serialize, ToSchema)]
pub(crate) struct LibraryQuestionView {
    #[serde(flatten)]
    question: QuestionVersionView,
    /// The slugs of the campaigns that ask it now.
    asked_by: Vec<String>,
}

/// A notice of a library in its present version.
#[derive(Serialize, ToSchema)]
pub(crate) struct LibraryNoticeView {
    #[serde(flatten)]
    notice: NoticeVersionView,
    /// The slugs of the campaigns that show it now.
    shown_by: Vec<String>,
}

impl LibraryView {
    fn of(library: &Library) -> Self {
        let question = |question: &ConsentQuestion| LibraryQuestionView {
            question: QuestionVersionView::of(question),
            asked_by: library.asked_by.get(&question.id()).cloned().unwrap_or_default(),
        };
        let notice = |notice: &ObjectionNotice| LibraryNoticeView {
            notice: NoticeVersionView::of(notice),
            shown_by: library.shown_by.get(&notice.id()).cloned().unwrap_or_default(),
        };
        Self {
            questions: library.questions.asked.iter().map(question).collect(),
            objections: library.notices.shown.iter().map(notice).collect(),
        }
    }

    /// The library with its tag, which is the organisation's.
    fn answer(library: &Library, revision: i64) -> HttpResponse {
        HttpResponse::Ok().insert_header(ETag::of_revision(revision).header()).json(Self::of(library))
    }
}

/// An organisation's library
///
/// The consent questions and notices that its campaigns pick from, with the `ETag` that a change needs in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust")),
    security(("bearer" = ["campaigns:read"])),
    responses(
        (status = 200, description = "The library.", body = LibraryView,
         headers(("ETag" = String, description = "What a change needs in `If-Match`."))),
    )
)]
#[get("/{slug}/consent-questions")]
pub(crate) async fn get_library(app: Data<App>, caller: Caller<scope::CampaignsRead>, path: Path<String>) -> Answer {
    let stored = find_organisation(&app, reach(&app, &caller).await?, &path.0).await?;
    Ok(LibraryView::answer(&app.store.library(stored.organisation.id).await?, stored.revision))
}

/// Set what an organisation's library keeps
///
/// As a whole. Questions are matched by key and notices by activity: new words make a new version, which every campaign that picked them
/// shows at once, and the same keep theirs. What is left out is retired; what a campaign still shows cannot be left out. Answers already
/// given stand. A change needs the `ETag` in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = PutLibrary,
    security(("bearer" = ["campaigns:write"])),
    responses(
        (status = 200, description = "The library as it is now.", body = LibraryView,
         headers(("ETag" = String, description = "The library's tag."))),
    )
)]
#[put("/{slug}/consent-questions")]
pub(crate) async fn put_library(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<PutLibrary>,
) -> Answer {
    let stored = find_organisation(&app, reach(&app, &caller).await?, &path.0).await?;
    let known = app.store.library(stored.organisation.id).await?;
    let (questions, notices) = body.0.parse(&known)?;
    let before = (&known.questions.asked, &known.notices.shown);
    let is_set = !before.0.is_empty() || !before.1.is_empty();
    let expected = expected(&precondition, Some(stored.revision), is_set && before != (&questions, &notices))?;
    let edit = LibraryEdit { organisation: stored.organisation.id, expected, questions, notices, now: app.clock.now() };
    let (library, revision) = made(app.store.put_library(edit).await?)?;
    app.refresh().await?;
    Ok(LibraryView::answer(&library, revision))
}

impl PutLibrary {
    /// What is to be kept, in the order of the library; every flaw at once.
    pub(crate) fn parse(self, known: &Library) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), FieldErrors> {
        let mut findings = Findings::new();
        let questions = parse_list(
            self.questions,
            ("/questions", MOST_KEPT),
            ("key", |left: &ConsentQuestion, right| left.key() == right.key()),
            |document, findings, pointer| document.parse(findings, pointer, known),
        );
        let notices = parse_list(
            self.objections,
            ("/objections", MOST_ASKED),
            ("activity", |left: &ObjectionNotice, right| left.activity() == right.activity()),
            |document, findings, pointer| document.parse(findings, pointer, known),
        );
        let (questions, notices) = (findings.absorb(questions), findings.absorb(notices));
        let (mut questions, mut notices) = findings.finish(questions.zip(notices))?;
        questions.sort_by(|left, right| left.key().cmp(&right.key()));
        notices.sort_by_key(ObjectionNotice::activity);
        Ok((questions, notices))
    }
}

impl LibraryQuestionDocument {
    fn parse(self, findings: &mut Findings, pointer: &str, known: &Library) -> Option<ConsentQuestion> {
        let key = findings.check(format!("{pointer}/key"), Slug::parse(&self.key));
        let purpose = findings.check(format!("{pointer}/purpose"), Purpose::parse(&self.purpose));
        let (basis, channels) = (self.basis.as_deref(), self.channels.as_deref());
        let terms = parse_terms(findings, pointer, basis, channels, Some(self.wording));
        let (key, purpose, terms) = (key?, purpose?, terms?);
        let mut all = known.questions.asked.iter().chain(&known.questions.retired);
        let known = all.find(|known| known.key() == Some(&key));
        ReadOnly(findings).check(&format!("{pointer}/id"), self.id, known.map(|known| known.id().uuid()));
        let question = match known {
            Some(known) => {
                if *known.purpose() != purpose {
                    let rule = "stays as it was first set: keep another question for another purpose";
                    findings.note(format!("{pointer}/purpose"), Flaw::new("purpose_fixed", rule));
                }
                known.clone().revised(terms)
            }
            None => ConsentQuestion::new(QuestionId::new(ids::fresh()), Some(key), purpose, terms),
        };
        findings.absorb(question.map_err(|errors| errors.under(pointer)))
    }
}

impl LibraryNoticeDocument {
    fn parse(self, findings: &mut Findings, pointer: &str, known: &Library) -> Option<ObjectionNotice> {
        let activity = findings.check(format!("{pointer}/activity"), self.activity.parse::<Activity>());
        let words = parse_notice_words(findings, pointer, Some(self.wording), self.long_wording);
        let (activity, words) = (activity?, words?);
        let after = known.last_version(activity);
        let mut all = known.notices.shown.iter().chain(&known.notices.retired);
        Some(match all.find(|known| known.activity() == activity) {
            Some(known) => known.clone().reworded(words, after),
            None => ObjectionNotice::new(NoticeId::new(ids::fresh()), true, activity, words, after),
        })
    }
}
