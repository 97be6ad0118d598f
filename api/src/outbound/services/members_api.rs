//! The UK Parliament's Members API: who sits in the House of Commons, and where they are written to.

mod member;
mod roll;

pub use member::MemberOfParliament;

use super::service::{Answered, Fault, Manners, Question, Service};
use roll::{Page, Roll};
use serde::Deserialize;
use std::time::{Duration, Instant};
use url::Url;

/// How many members a page lists: as many as the service gives.
const PAGE: usize = 20;

/// The Members API.
#[derive(Debug)]
pub struct MembersApi {
    service: Service,
    patience: Duration,
}

impl MembersApi {
    /// At this address; each question has so much time, its repetitions included.
    pub fn open(base: Url, manners: Manners, patience: Duration) -> anyhow::Result<Self> {
        Ok(Self { service: Service::open(base, manners)?, patience })
    }

    /// The name under which it stands as a source.
    pub fn source(&self) -> String {
        format!("UK Parliament Members API at {}", self.service.host())
    }

    /// Everybody who sits in the House of Commons now: all of them, or a fault. `progress` receives how many of how many are known.
    pub async fn members(&self, mut progress: impl FnMut(usize, usize)) -> Result<Vec<MemberOfParliament>, Fault> {
        let mut roll = Roll::default();
        while !roll.is_complete() {
            let skip = roll.members().len();
            let question = Question::get(&["api", "Members", "Search"])
                .with("House", &1)
                .with("IsCurrentMember", &true)
                .with("skip", &skip)
                .with("take", &PAGE);
            let page = self.ask(&question, |answered| found(answered).and_then(|answered| Page::read(&answered.body)));
            roll.add(page.await?, PAGE)?;
            progress(roll.members().len(), roll.total());
        }
        Ok(roll.into_members())
    }

    /// The address of a member's office in Parliament, as it is written there; nothing if there is none.
    pub async fn office_email(&self, id: u32) -> Result<Option<String>, Fault> {
        let id = id.to_string();
        let question = Question::get(&["api", "Members", &id, "Contact"]);
        self.ask(&question, |answered| found(answered).and_then(|answered| office_email(answered.body))).await
    }

    async fn ask<T>(&self, question: &Question<'_>, read: impl Fn(Answered) -> Result<T, Fault>) -> Result<T, Fault> {
        self.service.ask(question, Instant::now() + self.patience, read).await
    }
}

/// That something is not there is no answer to what is asked here.
fn found(answered: Answered) -> Result<Answered, Fault> {
    match answered.status {
        200 => Ok(answered),
        status => Err(Fault::Refused { status, retry_after: None }),
    }
}

#[derive(Deserialize)]
struct Contacts {
    value: Vec<ContactItem>,
}

#[derive(Deserialize)]
struct ContactItem {
    r#type: Option<String>,
    email: Option<String>,
}

fn office_email(body: serde_json::Value) -> Result<Option<String>, Fault> {
    let contacts: Contacts =
        serde_json::from_value(body).map_err(|_error| Fault::Malformed("it is no list of contacts"))?;
    let is_office = |item: &ContactItem| {
        item.r#type.as_deref().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("parliamentary office"))
    };
    let emails = contacts.value.into_iter().filter(is_office).filter_map(|item| item.email);
    let mut emails = emails.map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    Ok(emails.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_office_in_parliament_is_written_to() {
        let contacts = json!({ "value": [
            { "type": "Website", "isWebAddress": true, "line1": "https://member.example.org" },
            { "type": "Constituency office", "email": "home@example.org" },
            { "type": "Parliamentary office", "typeId": 1, "email": null, "phone": "020 7946 0000" },
            { "type": "Parliamentary office", "typeId": 1, "email": " office@example.org " },
        ], "links": [] });
        assert_eq!(office_email(contacts), Ok(Some("office@example.org".to_owned())));
        assert_eq!(office_email(json!({ "value": [], "links": [] })), Ok(None));
        for wrong in [json!({}), json!([]), json!({ "value": null }), json!({ "value": [1] }), json!(null)] {
            assert!(office_email(wrong).is_err());
        }
    }
}
