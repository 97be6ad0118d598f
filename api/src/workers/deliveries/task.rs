//! The task that a claimed message is to a worker: the decision of the domain, and the finished letter where it is to be sent.

use super::edition_cache::CachedEdition;
use crate::outbound::{ComposedMail, DkimKeys, OutgoingLetter};
use crate::secrets::BounceKeys;
use chrono::NaiveDate;
use postbag_domain::delivery::{Addressed, Decision, Recipient};
use postbag_domain::{
    Addressee, AreaKey, Bounced, Directory, EmailAddress, HeldFor, Letter, NamedArea, Nation, Place, Representative,
    RepresentativeId, Slug,
};
use postbag_persistence::{ClaimedDelivery, Redirect};

/// The task that a message is for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Sends it.
    Send {
        /// The finished message.
        letter: Box<ComposedMail>,
        /// Its recipient: neither they nor the supporter may be suppressed.
        to: EmailAddress,
    },
    /// Leaves it in the queue for a while: its campaign is paused.
    Wait,
    /// Holds it.
    Hold(HeldFor),
    /// Redirects the held message to the seat's new holder, if the campaign wants that.
    Redirect(Redirect),
    /// Gives it up: it cannot be made into a letter, which is our own fault.
    Break(String),
}

impl Task {
    /// The task of today. `written` are the recipients of the supporter's messages in the campaign.
    pub(super) fn of(
        delivery: &ClaimedDelivery,
        written: &[RepresentativeId],
        edition: Option<&CachedEdition>,
        directory: &Directory,
        today: NaiveDate,
        bounces: &BounceKeys,
    ) -> Self {
        let recipient = Recipient::of(addressed(delivery), written, directory, today);
        match Decision::on(delivery.campaign_status, delivery.state, recipient) {
            Decision::Wait => Self::Wait,
            Decision::Hold(reason) => Self::Hold(reason),
            Decision::PassOn(successor) => Self::Redirect(redirect(delivery, successor, directory)),
            Decision::Send(holder, to) => Self::send(delivery, edition, directory, (holder, to), bounces),
        }
    }

    fn send(
        delivery: &ClaimedDelivery,
        edition: Option<&CachedEdition>,
        directory: &Directory,
        (holder, to): (&Representative, &EmailAddress),
        bounces: &BounceKeys,
    ) -> Self {
        let Some(edition) = edition else {
            return Self::Break("what the letter is composed from is missing".to_owned());
        };
        match write(delivery, edition, directory, (holder, to), bounces) {
            Ok(letter) => Self::Send { letter: Box::new(letter), to: to.clone() },
            Err(reason) => Self::Break(reason),
        }
    }

    /// The same task; a letter to be sent is signed.
    pub(super) fn signed(self, keys: &DkimKeys) -> Self {
        match self {
            Self::Send { letter, to } => Self::Send { letter: Box::new(letter.signed(keys)), to },
            other => other,
        }
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

fn redirect(delivery: &ClaimedDelivery, successor: &Representative, directory: &Directory) -> Redirect {
    let area_code = directory.canonical_code(delivery.area.kind, successor.area_code);
    Redirect { id: delivery.id, representative_id: successor.id, area_code }
}

/// The message, ready to be sent.
fn write(
    delivery: &ClaimedDelivery,
    cached: &CachedEdition,
    directory: &Directory,
    (holder, to): (&Representative, &EmailAddress),
    bounces: &BounceKeys,
) -> Result<ComposedMail, String> {
    let (addressee, letter) = compose(delivery, cached, directory, holder)?;
    let domain = cached.edition.content().sending_domain.as_ref();
    let domain = domain.ok_or("the organisation had no domain to send from")?;
    OutgoingLetter {
        delivery_id: delivery.id,
        from_name: delivery.words.name.full(),
        sender: bounces.address(Bounced::Letter(delivery.id), domain).map_err(|flaw| flaw.to_string())?,
        reply_to: delivery.words.email.clone(),
        to_name: addressee.name,
        to: to.clone(),
        letter,
        organisation: cached.organisation.clone(),
        campaign: Slug::parse(&delivery.campaign_slug).map_err(|flaw| flaw.to_string())?,
        written_at: delivery.created_at,
    }
    .compose()
    .map_err(|error| error.to_string())
}

/// The letter, composed by the function that composed its preview, from the supporter's stored words.
pub(in crate::workers) fn compose(
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

#[cfg(test)]
mod tests;
