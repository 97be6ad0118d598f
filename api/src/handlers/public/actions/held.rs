//! A submission that waits for a person, as it is kept.

use super::document::SubmitAction;
use crate::http::problem::{Answer, Problem};
use postbag_domain::{ClientTag, EmailAddress, Locale, NewAction, Origin};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A submission as it is kept until a person has decided: the document that came, and the page that it came from.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeldSubmission {
    submission: Value,
    origin: Option<String>,
    locale: Locale,
    /// The client it came from, as an action keeps it.
    #[serde(default)]
    client: Option<ClientTag>,
}

impl HeldSubmission {
    /// The text that is kept. A day of birth is not: it is only asked for to know an age.
    pub(super) fn write(
        submitted: &SubmitAction,
        action: &NewAction,
        is_under_age: bool,
        client: Option<ClientTag>,
    ) -> Answer<String> {
        let mut submission = serde_json::to_value(submitted).map_err(Problem::internal)?;
        if let Some(supporter) = submission.pointer_mut("/supporter").and_then(Value::as_object_mut) {
            supporter.remove("born_on");
            supporter.insert("under_13".to_owned(), is_under_age.into());
        }
        let origin = action.origin.as_ref().map(|origin| origin.as_str().to_owned());
        let held = Self { submission, origin, locale: action.locale, client };
        serde_json::to_string(&held).map_err(Problem::internal)
    }

    /// Reads what [`HeldSubmission::write`] wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The language that the person reads.
    pub(crate) const fn locale(&self) -> Locale {
        self.locale
    }

    /// The document that came.
    pub(crate) fn submitted(&self) -> Option<SubmitAction> {
        serde_json::from_value(self.submission.clone()).ok()
    }

    /// The client that it came from.
    pub(super) const fn client(&self) -> Option<ClientTag> {
        self.client
    }

    /// The page that it came from.
    pub(super) fn origin(&self) -> Option<Origin> {
        Origin::parse(self.origin.as_deref()?).ok()
    }

    /// First and last name, as typed.
    pub(crate) fn name(&self) -> String {
        ["/supporter/first_name", "/supporter/last_name"].map(|part| self.text(part).unwrap_or_default()).join(" ")
    }

    /// The address, as typed.
    pub(crate) fn email(&self) -> &str {
        self.text("/supporter/email").unwrap_or_default()
    }

    /// The address.
    pub(crate) fn address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(self.email()).ok()
    }

    /// The lines of the address but for the postcode, as typed.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = ["line1", "line2", "town"].map(|line| self.text(&format!("/supporter/address/{line}")));
        lines.into_iter().flatten().map(str::to_owned).collect()
    }

    /// The postcode, as typed.
    pub(crate) fn postcode(&self) -> &str {
        self.text("/supporter/address/postcode").unwrap_or_default()
    }

    /// The person's own words.
    pub(crate) fn personal_message(&self) -> Option<&str> {
        self.text("/personal_message")
    }

    /// A field of the document that came, as typed.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.submission.pointer(pointer)?.as_str()
    }
}
