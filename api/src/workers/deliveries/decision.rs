//! What is to be done with a message, decided at the moment of sending and not before (B19, B32).

use super::stationery::Stationery;
use crate::outbound::{ComposedLetter, OutgoingLetter};
use chrono::NaiveDate;
use postbag_domain::{
    Addressed, Addressee, AreaKey, CampaignStatus, DeliveryState, Directory, EmailAddress, HeldFor, NamedArea, Nation,
    Place, Recipient, Representative, RepresentativeId, Slug,
};
use postbag_persistence::{ClaimedDelivery, Redirect};

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
    /// Hold it: it cannot go to the person it was written to.
    Hold(HeldFor),
    /// It is held, and somebody else has the seat now: send it to them, if the campaign wants that.
    Redirect(Redirect),
    /// Give it up: it cannot be made into a message, which is our own fault.
    Break(String),
}

/// Decides, from what is known now. Pure. `written` are the recipients of the supporter's messages in the campaign.
///
/// A campaign that was closed or archived still sends what it accepted. Tests never come here: they are stored as cancelled.
pub(super) fn decide(
    delivery: &ClaimedDelivery,
    written: &[RepresentativeId],
    stationery: Option<&Stationery>,
    directory: &Directory,
    today: NaiveDate,
) -> Decision {
    if delivery.campaign_status == CampaignStatus::Paused {
        return Decision::Wait;
    }
    let (holder, to) = match Recipient::of(addressed(delivery), written, directory, today) {
        Recipient::Same(holder, to) => (holder, to),
        Recipient::Nobody(reason) => return Decision::Hold(reason),
        Recipient::Successor(successor) => return succeed(delivery, successor, directory),
    };
    let Some(stationery) = stationery else {
        return Decision::Break("what the letter is composed from is missing".to_owned());
    };
    match write(delivery, stationery, directory, holder, to) {
        Ok(letter) => Decision::Send { letter: Box::new(letter), to: to.clone() },
        Err(reason) => Decision::Break(reason),
    }
}

fn addressed(delivery: &ClaimedDelivery) -> Addressed<'_> {
    Addressed {
        representative_id: delivery.representative_id,
        office: delivery.office,
        area_code: delivery.area.code,
        postcode: delivery.words.address.postcode(),
        area_choices: &delivery.area_choices,
    }
}

/// What goes to somebody else is held first: only then is it known to whom else the supporter has written.
fn succeed(delivery: &ClaimedDelivery, successor: &Representative, directory: &Directory) -> Decision {
    if delivery.state != DeliveryState::Held {
        return Decision::Hold(HeldFor::Vacancy);
    }
    let area_code = directory.canonical_code(delivery.area.kind, successor.area_code);
    Decision::Redirect(Redirect { id: delivery.id, representative_id: successor.id, area_code })
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

/// The place as it was when the action was accepted, but for the seat, which may have changed since.
fn place(delivery: &ClaimedDelivery) -> Place {
    let seat = delivery.area;
    let area = |area: &AreaKey| (area.kind, if area.kind == seat.kind { seat.code } else { area.code });
    let nation = seat.code.nation().unwrap_or(Nation::England);
    let areas = delivery.areas.iter().map(area).collect();
    Place::with_areas(delivery.words.address.postcode(), nation, areas)
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
