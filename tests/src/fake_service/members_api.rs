//! The Members API with invented members.

use std::io;

use serde_json::{Value, json};

use super::{Asked, FakeService};

/// An invented Member of Parliament.
#[derive(Clone, Debug)]
pub struct Member {
    /// Parliament's id.
    pub id: u32,
    /// The name.
    pub name: String,
    /// The party.
    pub party: String,
    /// The constituency's name.
    pub constituency: String,
    /// The address of the office in Parliament.
    pub email: Option<String>,
}

impl Member {
    /// Somebody with an address at an example domain.
    pub fn new(id: u32, name: &str, constituency: &str) -> Self {
        let email = Some(format!("member-{id}@{}", crate::country::MEMBERS));
        let party = "Lantern Party".to_owned();
        Self { id, name: name.to_owned(), party, constituency: constituency.to_owned(), email }
    }

    fn item(&self) -> Value {
        json!({
            "value": {
                "id": self.id, "nameListAs": self.name, "nameDisplayAs": self.name,
                "nameFullTitle": format!("{} MP", self.name), "nameAddressAs": null,
                "latestParty": { "id": 1, "name": self.party, "abbreviation": "L", "governmentType": null },
                "gender": "F",
                "latestHouseMembership": {
                    "membershipFrom": self.constituency, "membershipFromId": 4000 + self.id, "house": 1,
                    "membershipStartDate": "1987-06-11T00:00:00", "membershipEndDate": null,
                    "membershipStatus": {
                        "statusIsActive": true, "statusDescription": "Current Member",
                        "statusStartDate": "2024-07-04T00:00:00"
                    }
                }
            },
            "links": []
        })
    }

    fn contacts(&self) -> Value {
        json!({
            "value": [
                { "type": "Constituency office", "typeId": 4, "email": "nobody@wrong.example.org" },
                { "type": "Parliamentary office", "typeId": 1, "isPreferred": false, "isWebAddress": false,
                  "line1": "House of Commons", "postcode": "SW1A 0AA", "phone": null, "email": self.email }
            ],
            "links": []
        })
    }
}

impl FakeService {
    /// Starts a Members API that knows these members.
    pub async fn members_api(members: Vec<Member>) -> io::Result<Self> {
        Self::start(move |asked| answer(&members, asked)).await
    }
}

fn answer(members: &[Member], asked: &Asked) -> (u16, Value) {
    let number = |name| asked.parameter(name).and_then(|value| value.parse::<usize>().ok()).unwrap_or_default();
    let contact = |path: &str| path.strip_prefix("/api/Members/")?.strip_suffix("/Contact")?.parse::<u32>().ok();
    if asked.path == "/api/Members/Search" {
        let (skip, take) = (number("skip"), number("take").min(20));
        let items: Vec<_> = members.iter().skip(skip).take(take).map(Member::item).collect();
        return (
            200,
            json!({ "items": items, "totalResults": members.len(), "skip": skip, "take": take, "links": [] }),
        );
    }
    match contact(&asked.path).and_then(|id| members.iter().find(|member| member.id == id)) {
        Some(member) => (200, member.contacts()),
        None => (404, json!({ "title": "Not Found", "status": 404 })),
    }
}
