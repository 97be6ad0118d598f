//! Letters as they are sent: put together from what is stored, the same for every attempt and for every reader.

pub(crate) mod digest;
mod edition_cache;

pub(crate) use edition_cache::{CachedEdition, EditionCache};

use crate::outbound::{ComposedMail, OutgoingLetter};
use crate::secrets::BounceKeys;
use postbag_domain::delivery::Addressed;
use postbag_domain::{
    Addressee, AreaKey, Bounced, Directory, EmailAddress, Letter, NamedArea, Nation, Place, Representative, Slug,
};
use postbag_persistence::ClaimedDelivery;

/// The message, ready to be sent.
pub(crate) fn write(
    delivery: &ClaimedDelivery,
    cached: &CachedEdition,
    directory: &Directory,
    (holder, to): (&Representative, &EmailAddress),
    bounces: &BounceKeys,
) -> Result<ComposedMail, String> {
    let (addressee, letter) = compose(delivery, cached, directory, holder)?;
    let (to_name, letter) = if delivery.is_test { marked(&addressee.name, letter) } else { (addressee.name, letter) };
    let domain = cached.edition.content().sending_domain.as_ref();
    let domain = domain.ok_or("the organisation had no domain to send from")?;
    OutgoingLetter {
        delivery_id: delivery.id,
        from_name: delivery.words.name.full(),
        sender: bounces.address(Bounced::Letter(delivery.id), domain).map_err(|flaw| flaw.to_string())?,
        reply_to: delivery.words.email.clone(),
        to_name,
        to: address(delivery, to).clone(),
        letter,
        organisation: cached.organisation.clone(),
        campaign: Slug::parse(&delivery.campaign_slug).map_err(|flaw| flaw.to_string())?,
        written_at: delivery.created_at,
    }
    .compose()
    .map_err(|error| error.to_string())
}

/// The recipient of a message, as a decision about it asks.
pub(crate) fn addressed(delivery: &ClaimedDelivery) -> Addressed<'_> {
    Addressed {
        representative_id: delivery.representative_id,
        office: delivery.office,
        area_code: delivery.area.code,
        postcode: delivery.words.address.postcode(),
        area_choices: &delivery.area_choices,
    }
}

/// The address that a letter goes to: for a test, the tester's own (A30).
pub(crate) fn address<'a>(delivery: &'a ClaimedDelivery, representative: &'a EmailAddress) -> &'a EmailAddress {
    if delivery.is_test { &delivery.words.email } else { representative }
}

/// The letter of a test, which nobody should take for a real one.
fn marked(name: &str, letter: Letter) -> (String, Letter) {
    let subject = format!("[Test] {}", letter.subject);
    (format!("{name} (test)"), Letter { subject, ..letter })
}

/// The letter, composed by the function that composed its preview, from the supporter's stored words.
pub(crate) fn compose(
    delivery: &ClaimedDelivery,
    cached: &CachedEdition,
    directory: &Directory,
    holder: &Representative,
) -> Result<(Addressee, Letter), String> {
    let place = place(delivery);
    let bodies = NamedArea::bodies_at(&place, cached.edition.content().body_kind, directory);
    let addressee = Addressee::of(holder, &place, bodies, directory);
    let letter = cached.edition.compose(&delivery.words, &addressee).map_err(|error| error.to_string())?;
    Ok((addressee, letter))
}

/// The place as it was when the action was accepted, but for the seat, which may have changed since.
fn place(delivery: &ClaimedDelivery) -> Place {
    let seat = delivery.area;
    let area = |area: &AreaKey| (area.kind, if area.kind == seat.kind { seat.code } else { area.code });
    let nation = seat.code.nation().unwrap_or(Nation::England);
    let areas = delivery.areas.iter().map(area).collect();
    Place::with_areas(delivery.words.address.postcode(), nation, areas)
}
