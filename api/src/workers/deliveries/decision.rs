//! What is to be done with a message, decided at the moment of sending and not before (B19, B32).

use super::stationery::Stationery;
use crate::outbound::{ComposedLetter, OutgoingLetter};
use chrono::NaiveDate;
use postbag_domain::{
    Addressee, CampaignStatus, Directory, EmailAddress, NamedArea, Nation, Place, Representative, Route, Slug,
};
use postbag_persistence::ClaimedDelivery;

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Send it.
    Send {
        /// The finished message.
        letter: Box<ComposedLetter>,
        /// To whom: neither they nor the supporter may be suppressed.
        to: EmailAddress,
    },
    /// Leave it in the queue for a while: its campaign is paused.
    Wait,
    /// Hold it: nobody is there to receive it.
    Hold(&'static str),
    /// Give it up: it cannot be made into a message, which is our own fault.
    Break(String),
}

/// Decides, from what is known now. Pure.
///
/// A campaign that was closed or archived still sends what it accepted. Tests never come here: they are stored as cancelled.
pub(super) fn decide(
    delivery: &ClaimedDelivery,
    stationery: Option<&Stationery>,
    directory: &Directory,
    today: NaiveDate,
) -> Decision {
    if delivery.campaign_status == CampaignStatus::Paused {
        return Decision::Wait;
    }
    let (holder, to) = match recipient(delivery, directory, today) {
        Ok(recipient) => recipient,
        Err(reason) => return Decision::Hold(reason),
    };
    let Some(stationery) = stationery else {
        return Decision::Break("what the letter is composed from is missing".to_owned());
    };
    match write(delivery, stationery, directory, holder, to) {
        Ok(letter) => Decision::Send { letter: Box::new(letter), to: to.clone() },
        Err(reason) => Decision::Break(reason),
    }
}

/// Whom the message goes to, if they are in office and can be reached today; never somebody who has left (B19).
fn recipient<'d>(
    delivery: &ClaimedDelivery,
    directory: &'d Directory,
    today: NaiveDate,
) -> Result<(&'d Representative, &'d EmailAddress), &'static str> {
    let known = directory.representative(delivery.representative_id);
    let holder = known.ok_or("the representative is not in the directory any more")?;
    if !holder.holds_on(today) || holder.office != delivery.office {
        return Err("the representative does not hold the office any more");
    }
    match (holder.reachable(), &holder.email) {
        (Route::Email | Route::ViaOffice, Some(email)) => Ok((holder, email)),
        (Route::Refuses, _) => Err("the representative does not wish to be written to"),
        (Route::Email | Route::ViaOffice | Route::NoAddress, _) => Err("no address of the representative is known"),
    }
}

/// The message: composed by the function that composed its preview, from the words that were stored.
fn write(
    delivery: &ClaimedDelivery,
    stationery: &Stationery,
    directory: &Directory,
    holder: &Representative,
    to: &EmailAddress,
) -> Result<ComposedLetter, String> {
    let Stationery { edition, organisation } = stationery;
    let place = place(delivery);
    let bodies = NamedArea::bodies_at(&place, edition.content().body_kind, directory);
    let addressee = Addressee::of(holder, &place, bodies, directory);
    let letter = edition.compose(&delivery.words, &addressee).map_err(|error| error.to_string())?;
    let domain = edition.content().sending_domain.clone();
    OutgoingLetter {
        delivery_id: delivery.id,
        from_name: delivery.words.name.full(),
        sending_domain: domain.ok_or("the organisation had no domain to send from")?,
        reply_to: delivery.words.email.clone(),
        to_name: addressee.name,
        to: to.clone(),
        letter,
        organisation: organisation.clone(),
        campaign: Slug::parse(&delivery.campaign_slug).map_err(|flaw| flaw.to_string())?,
        written_at: delivery.created_at,
    }
    .compose()
    .map_err(|error| error.to_string())
}

/// The place as it was when the action was accepted.
fn place(delivery: &ClaimedDelivery) -> Place {
    Place {
        postcode: delivery.words.address.postcode(),
        nation: delivery.area.code.nation().unwrap_or(Nation::England),
        areas: delivery.areas.iter().map(|area| (area.kind, area.code)).collect(),
        sources: Vec::new(),
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
