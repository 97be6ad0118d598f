//! What targets, previews and submissions have in common.

use crate::http::extract::{UniqueMap, escaped};
use postbag_domain::{AreaChoices, Findings, Flaw, Locale, RepresentativeId};
use uuid::Uuid;

/// Which area a person says to live in, by kind, where a postcode straddles several.
pub(crate) type AreaChoiceFields = UniqueMap<String, String>;

/// The most entries that a list of a submission may have: there is an error for each wrong one, and a form has few.
const MOST: usize = 100;

/// Refuses a list that no form makes; true if it may be looked at.
pub(crate) fn within(findings: &mut Findings, pointer: &str, length: usize) -> bool {
    if length > MOST {
        findings.note(pointer, Flaw::new("too_many", format!("must be at most {MOST} entries")));
    }
    length <= MOST
}

/// The choices, each kind and code checked at its own pointer.
pub(crate) fn parse_area_choices(findings: &mut Findings, choices: &AreaChoiceFields) -> Option<AreaChoices> {
    if !within(findings, "/area_choices", choices.0.len()) {
        return None;
    }
    let parsed = choices.0.iter().map(|(kind, code)| {
        let pointer = format!("/area_choices/{}", escaped(kind));
        let kind = findings.check(pointer.as_str(), kind.parse());
        let code = findings.check(pointer, code.parse());
        kind.zip(code)
    });
    let parsed = parsed.collect::<Vec<_>>();
    parsed.into_iter().collect()
}

/// The language of the form, or the campaign's.
pub(crate) fn parse_locale(findings: &mut Findings, locale: Option<&str>, default: Locale) -> Option<Locale> {
    locale.map_or(Some(default), |locale| findings.check("/locale", locale.parse()))
}

/// The narrowing: `Some(None)` if there is none.
#[expect(clippy::option_option, reason = "absent and flawed are different answers")]
pub(crate) fn parse_targets(findings: &mut Findings, ids: Option<&[Uuid]>) -> Option<Option<Vec<RepresentativeId>>> {
    let ids = ids.map(|ids| ids.iter().copied().map(RepresentativeId::new).collect::<Vec<_>>());
    within(findings, "/target_ids", ids.as_ref().map_or(0, Vec::len)).then_some(ids)
}
