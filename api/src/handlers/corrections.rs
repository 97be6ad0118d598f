//! Corrections of what is held on a person, by the person and by staff alike (UK GDPR 16).

use super::preferences::Person;
use crate::app::App;
use crate::http::problem::{Answer, Problem};
use crate::secrets::SuppressionHash;
use postbag_domain::{AddressLines, Correction, EmailAddress, FieldErrors, Findings, PersonName, Phone};
use postbag_persistence::{Actor, Corrected, NewCorrection, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A whole name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameFields {
    #[serde(default)]
    #[schema(max_length = 35)]
    title: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    first_name: String,
    #[schema(min_length = 1, max_length = 100)]
    last_name: String,
}

/// The lines of an address above its postcode.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressLineFields {
    #[schema(min_length = 1, max_length = 200)]
    line1: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    line2: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    town: String,
}

/// A correction as a request says it.
pub(super) struct CorrectionFields {
    pub(super) name: Option<NameFields>,
    pub(super) phone: Option<String>,
    pub(super) address: Option<AddressLineFields>,
    pub(super) email: Option<String>,
}

/// What was corrected.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "actions": 2 })))]
pub(crate) struct CorrectedView {
    /// In how many of the times that the person took part.
    actions: usize,
}

impl CorrectionFields {
    /// Parses it: every flaw at once.
    pub(super) fn parse(self) -> Result<Correction, FieldErrors> {
        let mut findings = Findings::new();
        let name = self.name.map(|name| {
            PersonName::check(&mut findings, "/name", name.title.as_deref(), &name.first_name, &name.last_name)
        });
        let phone = findings.check_optional("/phone", self.phone, |phone| Phone::parse(&phone));
        let address = self.address.map(|lines| {
            AddressLines::check(&mut findings, "/address", &lines.line1, lines.line2.as_deref(), &lines.town)
        });
        let email = findings.check_optional("/email", self.email, |email| EmailAddress::parse(&email));
        // A part that is flawed is noted, and none of it is taken.
        let (name, address) = (name.flatten(), address.flatten());
        let parsed = phone.zip(email).map(|(phone, email)| (name, phone, address, email));
        let (name, phone, address, email) = findings.finish(parsed)?;
        Correction::new(name, phone, address, email)
    }
}

/// Corrects what is held on a person.
pub(super) async fn correct(
    app: &App,
    person: &Person,
    correction: Correction,
    actor: Actor,
    by_staff: bool,
) -> Answer<CorrectedView> {
    let suppressed = correction.email().filter(|_email| person.ledger.is_suppressed);
    let suppression = suppressed.map(|email| {
        let SuppressionHash { key_id, hash } = app.mail_keys.suppressions.hash(email);
        (key_id, hash)
    });
    let new = NewCorrection { correction, suppression, actor, by_staff };
    let (reach, supporter) = (Reach::Organisation(person.organisation.id), person.ledger.supporter_id);
    match app.store.correct_supporter(reach, supporter, new).await? {
        Corrected::Done(actions) => Ok(CorrectedView { actions }),
        Corrected::Unknown => Err(Problem::not_found()),
        Corrected::AddressTaken => {
            Err(Problem::conflict("another supporter of the organisation has this address: erase one of the two first"))
        }
        Corrected::WaitsForConfirmation => Err(Problem::conflict(
            "a message waits to be confirmed from the old address: correct it once it is confirmed or expired",
        )),
    }
}
