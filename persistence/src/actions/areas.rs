//! Where a supporter lives, as an action records it.

use postbag_domain::{AreaChoices, AreaKey};
use serde::{Deserialize, Serialize};

/// One area, and whether the supporter named it where a postcode lies in several.
#[derive(Serialize, Deserialize)]
pub(crate) struct RecordedArea {
    #[serde(flatten)]
    area: AreaKey,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    chosen: bool,
}

/// The areas of an action, those of the chosen kinds marked.
pub(crate) fn recorded(areas: &[AreaKey], choices: &AreaChoices) -> Vec<RecordedArea> {
    areas.iter().map(|area| RecordedArea { area: *area, chosen: choices.get(area.kind).is_some() }).collect()
}

/// The areas of an action, and those among them that were chosen.
pub(crate) fn read(recorded: &[RecordedArea]) -> (Vec<AreaKey>, AreaChoices) {
    let chosen = recorded.iter().filter(|recorded| recorded.chosen);
    let chosen = chosen.map(|recorded| (recorded.area.kind, recorded.area.code)).collect();
    (recorded.iter().map(|recorded| recorded.area).collect(), chosen)
}
