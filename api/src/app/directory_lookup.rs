//! What the directory says of a postcode, with the live look-up and the neighbours for one that no file has.

use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::choice::ChoiceView;
use chrono::NaiveDate;
use postbag_domain::{AreaChoices, Directory, Place, PlaceError, Postcode};
use serde_json::json;

impl App {
    /// The place of a postcode. One that no file has is looked up elsewhere, where the operator wants that.
    pub(crate) async fn place(
        &self,
        directory: &Directory,
        postcode: Postcode,
        choices: &AreaChoices,
        day: NaiveDate,
    ) -> Answer<Place> {
        if directory.is_empty() {
            return Err(ProblemType::DirectoryEmpty.into());
        }
        let local = directory.place(&postcode, choices, day);
        let found = match (&local, &self.live) {
            (Err(PlaceError::Unknown), Some(live)) => live.find(postcode).await,
            _ => None,
        };
        let place = found.map_or(local, |found| directory.place_looked_up(&found, choices, day));
        match place {
            Err(PlaceError::Unknown) => among_neighbours(directory, postcode, choices, day),
            place => Ok(place?),
        }
    }
}

/// The place that the person confirmed for an unknown postcode, or a problem with what may be confirmed.
fn among_neighbours(directory: &Directory, postcode: Postcode, choices: &AreaChoices, day: NaiveDate) -> Answer<Place> {
    let shared = directory.shared_by_neighbours(postcode, day);
    let refusal = match directory.confirmed_place(postcode, choices, &shared) {
        Err(PlaceError::Unknown) => Problem::from(PlaceError::Unknown),
        place => return Ok(place?),
    };
    if shared.is_empty() {
        return Err(refusal);
    }
    let choices: Vec<_> = shared.iter().map(|area| json!(ChoiceView::shared(directory, *area))).collect();
    let detail = "This postcode is not known: check it. If it is right, confirm the area you live in.";
    Err(refusal.detail(detail).member("choices", choices))
}
