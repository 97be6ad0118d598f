//! The words of consent questions and notices: how documents give them, and how administrators read them.

use crate::http::extract::escaped;
use crate::views::vocabulary;
use postbag_domain::{
    Basis, Channel, ConsentQuestion, FieldErrors, Findings, Flaw, Locale, NoticeWords, ObjectionNotice, QuestionTerms,
    Wordings,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Texts by the code of their language.
pub(super) type Texts = BTreeMap<String, String>;

/// A question in its present version.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionVersionView {
    id: Uuid,
    /// Its name in the organisation's library; `null` where the campaign words it for itself.
    key: Option<String>,
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
    /// Whether it is the one that the organisation's library keeps; otherwise the campaign words it for itself.
    from_library: bool,
    wording: BTreeMap<&'static str, String>,
    long_wording: Option<BTreeMap<&'static str, String>>,
}

impl QuestionVersionView {
    pub(super) fn of(question: &ConsentQuestion) -> Self {
        let current = question.current();
        Self {
            id: question.id().uuid(),
            key: question.key().map(ToString::to_string),
            version: current.version,
            purpose: question.purpose().as_str().to_owned(),
            basis: current.basis.as_str(),
            channels: current.channels.iter().map(|channel| channel.as_str()).collect(),
            wording: texts(&current.wordings),
        }
    }
}

impl NoticeVersionView {
    pub(super) fn of(notice: &ObjectionNotice) -> Self {
        let NoticeWords { wordings, long_wordings } = &notice.current().words;
        Self {
            activity: notice.activity().as_str(),
            version: notice.version(),
            from_library: notice.is_of_library(),
            wording: texts(wordings),
            long_wording: long_wordings.as_ref().map(texts),
        }
    }
}

/// True if `given` are those channels, in any order.
pub(super) fn are_channels(channels: &[Channel], given: &[String]) -> bool {
    let all_known = given.iter().all(|word| channels.iter().any(|channel| channel.as_str() == word));
    all_known && channels.iter().all(|channel| given.iter().any(|word| channel.as_str() == word))
}

/// True if `given` are those texts.
pub(super) fn is_worded(wordings: &Wordings, given: &Texts) -> bool {
    wordings
        .iter()
        .map(|(locale, text)| (locale.as_str(), text))
        .eq(given.iter().map(|(locale, text)| (&**locale, &**text)))
}

/// Wordings as answers show them.
pub(super) fn texts(wordings: &Wordings) -> BTreeMap<&'static str, String> {
    wordings.iter().map(|(locale, text)| (locale.as_str(), text.to_owned())).collect()
}

/// The terms of a question that is worded here. `pointer` points at it.
pub(super) fn parse_terms(
    findings: &mut Findings,
    pointer: &str,
    basis: Option<&str>,
    channels: Option<&[String]>,
    wording: Option<Texts>,
) -> Option<QuestionTerms> {
    let basis = findings.check_optional(format!("{pointer}/basis"), basis, str::parse);
    let basis = basis.map(|basis| basis.unwrap_or(Basis::Consent));
    let channels = parse_channels(findings, pointer, channels.unwrap_or_default());
    let wordings = parse_wordings(findings, pointer, wording);
    Some(QuestionTerms { basis: basis?, channels: channels?, wordings: wordings? })
}

/// The words of a notice that is worded here. `pointer` points at it.
pub(super) fn parse_notice_words(
    findings: &mut Findings,
    pointer: &str,
    wording: Option<Texts>,
    long_wording: Option<Texts>,
) -> Option<NoticeWords> {
    let wordings = parse_wordings(findings, pointer, wording);
    let long =
        long_wording.map(|texts| parse_texts(findings, &format!("{pointer}/long_wording"), texts, Wordings::long));
    let long_wordings = match long {
        None => Some(None),
        Some(parsed) => parsed.map(Some),
    };
    Some(NoticeWords { wordings: wordings?, long_wordings: long_wordings? })
}

fn parse_channels(findings: &mut Findings, pointer: &str, words: &[String]) -> Option<Vec<Channel>> {
    let checked = words.iter().enumerate();
    let checked = checked.map(|(index, word)| findings.check(format!("{pointer}/channels/{index}"), word.parse()));
    let checked = checked.collect::<Vec<_>>();
    checked.into_iter().collect()
}

fn parse_wordings(findings: &mut Findings, pointer: &str, texts: Option<Texts>) -> Option<Wordings> {
    parse_texts(findings, &format!("{pointer}/wording"), texts.unwrap_or_default(), Wordings::new)
}

fn parse_texts(
    findings: &mut Findings,
    pointer: &str,
    texts: Texts,
    wordings: fn(BTreeMap<Locale, String>) -> Result<Wordings, FieldErrors>,
) -> Option<Wordings> {
    let texts = texts.into_iter().map(|(locale, text)| {
        let locale = findings.check(format!("{pointer}/{}", escaped(&locale)), locale.parse());
        locale.map(|locale| (locale, text))
    });
    let texts = texts.collect::<Vec<_>>().into_iter().collect::<Option<BTreeMap<_, _>>>()?;
    findings.absorb(wordings(texts).map_err(|errors| errors.under(pointer)))
}

/// The most questions that a library keeps, and the most that a form asks.
pub(super) const MOST_KEPT: usize = 200;
pub(super) const MOST_ASKED: usize = 50;

/// Parses a list of so many entries at most, of which no two are the same by a member; every flaw at its pointer.
pub(super) fn parse_list<D, T>(
    documents: Vec<D>,
    (list, most): (&str, usize),
    (member, is_same): (&str, impl Fn(&T, &T) -> bool),
    parse: impl Fn(D, &mut Findings, &str) -> Option<T>,
) -> Result<Vec<T>, FieldErrors> {
    if documents.len() > most {
        return Err(FieldErrors::one(list, Flaw::new("too_many", format!("must be at most {most} entries"))));
    }
    let mut findings = Findings::new();
    let mut parsed: Vec<T> = Vec::with_capacity(documents.len());
    for (index, document) in documents.into_iter().enumerate() {
        let pointer = format!("{list}/{index}");
        let Some(entry) = parse(document, &mut findings, &pointer) else { continue };
        if parsed.iter().any(|before| is_same(before, &entry)) {
            findings.note(format!("{pointer}/{member}"), Flaw::new("repeated", "must not stand in the list twice"));
        }
        parsed.push(entry);
    }
    findings.finish(Some(parsed))
}

/// Refuses words beside something that the library keeps, unless they are the library's: an answer can be sent back as it is.
pub(super) fn note_other_words(findings: &mut Findings, pointer: String, is_as_kept: bool) {
    if !is_as_kept {
        let rule = "differs from the organisation's library: change it there, or word one for this campaign alone";
        findings.note(pointer, Flaw::new("kept_in_library", rule));
    }
}
