//! What targets, previews and submissions have in common.

use crate::extract::{UniqueMap, escaped};
use postbag_domain::{AreaChoices, Findings, Locale, RepresentativeId};
use uuid::Uuid;

/// Which area a person says to live in, by kind, where a postcode straddles several.
pub(crate) type AreaChoiceFields = UniqueMap<String, String>;

/// The choices, each kind and code checked at its own pointer.
pub(crate) fn parse_area_choices(findings: &mut Findings, choices: &AreaChoiceFields) -> Option<AreaChoices> {
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

/// The narrowing, if there is one.
pub(crate) fn parse_targets(ids: Option<&[Uuid]>) -> Option<Vec<RepresentativeId>> {
    ids.map(|ids| ids.iter().copied().map(RepresentativeId::new).collect())
}
