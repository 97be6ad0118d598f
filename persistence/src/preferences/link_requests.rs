//! Requests for the link to a person's preferences.
//!
//! A request is kept first and looked up afterwards, so that its answer takes as long for a known person as for anybody (C23).

use crate::connection::AnyConnection;
use crate::mails::{self, NewMail};
use crate::preferences::find_by_email;
use crate::schema::link_requests;
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Actor, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{EmailAddress, Locale, MailId, OrganisationId};
use uuid::Uuid;

/// A request to keep.
#[derive(Clone, Debug)]
pub struct NewLinkRequest {
    /// Its identity.
    pub id: Uuid,
    /// The organisation that the preferences are for.
    pub organisation_id: OrganisationId,
    /// The address. It is kept sealed, and for seconds: most people who are not known would not want it kept.
    pub address: EmailAddress,
    /// The language of the mail.
    pub locale: Locale,
    /// The moment of the request.
    pub now: DateTime<Utc>,
}

pub(super) fn add(
    connection: &mut AnyConnection,
    request: &NewLinkRequest,
    sealed_address: &[u8],
) -> Result<(), StoreError> {
    let row = (
        link_requests::id.eq(Id(request.id)),
        link_requests::organisation_id.eq(Id::from(request.organisation_id)),
        link_requests::sealed_address.eq(sealed_address),
        link_requests::locale.eq(request.locale.as_str()),
        link_requests::created_at.eq(At::new(request.now)),
    );
    diesel::insert_into(link_requests::table).values(row).execute(connection)?;
    Ok(())
}

pub(super) fn is_none(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let first: Option<Id> = link_requests::table.select(link_requests::id).first(connection).optional()?;
    Ok(first.is_none())
}

type Row = (Id, Id, Vec<u8>, String);

/// Answers the oldest requests. On PostgreSQL another worker may have taken some of them meanwhile: only who deletes a request answers it.
pub(super) fn answer(
    connection: &mut AnyConnection,
    messages: &Messages,
    limit: u16,
    actor: &Actor,
    mailbox: impl Fn(&EmailAddress) -> Vec<u8>,
) -> Result<usize, StoreError> {
    let oldest = link_requests::table.order((link_requests::created_at, link_requests::id)).limit(limit.into());
    let columns =
        (link_requests::id, link_requests::organisation_id, link_requests::sealed_address, link_requests::locale);
    let rows: Vec<Row> = oldest.select(columns).load(connection)?;
    for (id, organisation, sealed, locale) in &rows {
        if diesel::delete(link_requests::table.find(*id)).execute(connection)? == 0 {
            continue;
        }
        let locale = locale.parse().unwrap_or(Locale::En);
        match messages.open_text(("link_requests", "sealed_address"), *id, sealed) {
            Ok(address) => send(connection, *organisation, (&address, locale), actor, &mailbox)?,
            Err(error) => tracing::error!(%error, "a request for a link cannot be read and is not answered"),
        }
    }
    Ok(rows.len())
}

/// Queues the mail, if the organisation knows the person.
fn send(
    connection: &mut AnyConnection,
    organisation: Id,
    (address, locale): (&str, Locale),
    actor: &Actor,
    mailbox: impl Fn(&EmailAddress) -> Vec<u8>,
) -> Result<(), StoreError> {
    let Ok(address) = EmailAddress::parse(address) else { return Ok(()) };
    let known = find_by_email(connection, organisation, &address.key())?;
    let Some(supporter) = known else { return Ok(()) };
    let (id, whose) = (MailId::new((actor.fresh)()), (organisation, supporter));
    mails::insert(connection, &[&NewMail::preferences(id, whose, (locale, None), mailbox(&address), actor.now)])?;
    Ok(())
}
