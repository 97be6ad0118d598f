//! Areas to choose from, where a postcode does not decide.

use super::area::AreaView;
use crate::views::vocabulary;
use postbag_domain::{AreaCandidate, AreaCode, AreaKey, Directory, Share};
use serde::Serialize;
use utoipa::ToSchema;

/// One area of several between which a postcode is divided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoiceView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    #[schema(value_type = String)]
    code: AreaCode,
    name: &'a str,
    /// The part of the postcode's addresses in it, from 0 to 1, where known.
    share: Option<f64>,
}

impl<'a> From<&'a AreaCandidate> for ChoiceView<'a> {
    fn from(candidate: &'a AreaCandidate) -> Self {
        let AreaView { kind, code, name } = AreaView::from(&candidate.area);
        Self { kind, code, name, share: candidate.share.map(Share::fraction) }
    }
}

impl<'a> ChoiceView<'a> {
    /// An area that all neighbours of an unknown postcode share.
    pub(crate) fn shared(directory: &'a Directory, area: AreaKey) -> Self {
        let AreaView { kind, code, name } = AreaView::named(directory, area);
        Self { kind, code, name, share: None }
    }
}
