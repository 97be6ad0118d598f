//! Requests for the link to a person's preferences.
//!
//! A request is kept first and looked up afterwards, so that its answer takes as long for a known person as for anybody (C23).

use crate::connection::AnyConnection;
use crate::mails::{self, NewMail};
use crate::schema::{link_requests, supporters};
use crate::types::{At, Id};
use crate::{Actor, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{Locale, MailId, OrganisationId};
use uuid::Uuid;

/// A request to keep.
#[derive(Clone, Debug)]
pub struct NewLinkRequest {
    /// Its identity, for which the address is sealed.
    pub id: Uuid,
    /// The organisation that the preferences are for.
    pub organisation_id: OrganisationId,
    /// The address, sealed: most people who are not known would not want it kept.
    pub sealed_address: Vec<u8>,
    /// The language of the mail.
    pub locale: Locale,
    /// The moment of the request.
    pub now: DateTime<Utc>,
}

/// The address of a request, opened.
#[derive(Clone)]
pub struct OpenedRequest {
    /// The key of the address, by which its supporter is found.
    pub email_key: String,
    /// The hash of the inbox.
    pub mailbox: Vec<u8>,
}

impl std::fmt::Debug for OpenedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenedRequest(redacted)")
    }
}

pub(super) fn add(connection: &mut AnyConnection, request: &NewLinkRequest) -> Result<(), StoreError> {
    let row = (
        link_requests::id.eq(Id(request.id)),
        link_requests::organisation_id.eq(Id::from(request.organisation_id)),
        link_requests::sealed_address.eq(&request.sealed_address),
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
    limit: u16,
    actor: &Actor,
    open: impl Fn(Uuid, &[u8]) -> Option<OpenedRequest>,
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
        if let Some(opened) = open(id.0, sealed) {
            send(connection, *organisation, opened, locale, actor)?;
        } else {
            tracing::error!(request = %id, "the address of a request for a link cannot be opened");
        }
    }
    Ok(rows.len())
}

/// Queues the mail, if the organisation knows the person.
fn send(
    connection: &mut AnyConnection,
    organisation: Id,
    opened: OpenedRequest,
    locale: Locale,
    actor: &Actor,
) -> Result<(), StoreError> {
    let known: Option<Id> = supporters::table
        .filter(supporters::organisation_id.eq(organisation).and(supporters::email_key.eq(opened.email_key)))
        .select(supporters::id)
        .first(connection)
        .optional()?;
    let Some(supporter) = known else { return Ok(()) };
    let (id, whose) = (MailId::new((actor.fresh)()), (organisation, supporter));
    mails::insert(connection, &[&NewMail::preferences(id, whose, (locale, None), opened.mailbox, actor.now)])?;
    Ok(())
}
