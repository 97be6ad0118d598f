//! What an import does to messages that have not been sent: live deliveries follow the directory.

use super::error::ImportError;
use postbag_persistence::{DirectoryChange, Store};

/// What becomes of messages that wait, in sentences; nothing where nothing waits.
pub(super) fn lines(store: &Store, change: &DirectoryChange) -> Result<Vec<String>, ImportError> {
    let DirectoryChange::Representatives(people) = change else { return Ok(Vec::new()) };
    if people.ended.is_empty() && people.added.is_empty() {
        return Ok(Vec::new());
    }
    let waiting = store.waiting_blocking()?;
    let ended = people.ended.iter().map(|person| person.id).collect();
    let filled = people.added.iter().map(|person| (person.office, person.area_code)).collect();
    let sentences = [
        (waiting.for_people(&ended), "that wait for people who leave are held until their seats are filled"),
        (
            waiting.for_seats(&filled),
            "held for seats that are filled again go to the successors, or as their campaigns want",
        ),
    ];
    Ok(sentences
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} messages {what}"))
        .collect())
}
