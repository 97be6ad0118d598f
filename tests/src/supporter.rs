//! Submissions by people who do not exist.

use serde_json::{Value, json};

/// Words that stand in every supporter's data and nowhere else, in lower case: what a log must never hold.
pub const CANARIES: [&str; 4] = ["kanarien", "za1 1", "za11", "07700 900"];

/// A valid submission from this postcode by the person with this address; tests change what they are about.
pub fn submission(postcode: &str, email: &str) -> Value {
    json!({
        "supporter": {
            "title": "Ms",
            "first_name": "Ada",
            "last_name": "Kanarienvogel",
            "email": email,
            "address": { "line1": "17 Kanarienweg", "town": "Kanarienstadt", "postcode": postcode }
        },
        "personal_message": "My brother waited eleven weeks in the Kanarienhaus.",
        "source": { "source": "newsletter", "medium": "email", "campaign": "may" }
    })
}

/// The n-th person's address.
pub fn person(n: usize) -> String {
    format!("person-{n}@kanarien.example")
}

/// A fresh key.
pub fn key() -> String {
    postbag::ids::random().to_string()
}
