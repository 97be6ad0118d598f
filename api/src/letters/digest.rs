//! Digests as they are sent: one mail in place of the letters it carries.

use super::addressed;
use super::edition_cache::{CachedEdition, EditionCache};
use crate::outbound::{ComposedMail, OutgoingMail, campaign_label};
use crate::secrets::BounceKeys;
use chrono::NaiveDate;
use postbag_domain::delivery::{Decision, Recipient};
use postbag_domain::{
    Bounced, CampaignId, ContactRole, DigestDetail, DigestEntry, DigestId, DigestInterval, DigestRule, DigestSection,
    Directory, DomainName, EmailAddress, Organisation, Representative, compose_digest,
};
use postbag_persistence::{ClaimedDelivery, ClaimedDigest, Store, StoreError};
use std::sync::Arc;

/// A letter that goes with a digest.
#[derive(Clone, Debug)]
pub(crate) struct Carried<'a> {
    pub(crate) letter: &'a ClaimedDelivery,
    edition: Arc<CachedEdition>,
    shows: DigestDetail,
}

impl Carried<'_> {
    /// Whether its supporter is mailed once it has been taken.
    pub(crate) fn wants_receipt(&self) -> bool {
        self.edition.edition.content().receipt_by_mail
    }
}

/// The rule by which a letter goes with a digest, if it does.
pub(crate) fn rule(holder: &Representative, edition: &CachedEdition) -> Option<DigestRule> {
    DigestRule::of(holder.digest, edition.edition.content().digest)
}

/// The letters that still go with a digest: to its representative, and by digests as often as this one.
pub(crate) async fn carried<'d>(
    digest: &'d ClaimedDigest,
    (store, editions): (&Store, &EditionCache),
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<Carried<'d>>, StoreError> {
    let mut carried = Vec::with_capacity(digest.letters.len());
    for letter in &digest.letters {
        let Some(edition) = editions.fetch(store, letter).await? else { continue };
        carried.extend(carry(letter, edition, digest.every, directory, today));
    }
    Ok(carried)
}

fn carry<'d>(
    letter: &'d ClaimedDelivery,
    edition: Arc<CachedEdition>,
    every: DigestInterval,
    directory: &Directory,
    today: NaiveDate,
) -> Option<Carried<'d>> {
    let recipient = Recipient::of(addressed(letter), &[], directory, today);
    let Decision::Send(holder, _) = Decision::on(letter.campaign_status, letter.state, recipient) else { return None };
    let rule = rule(holder, &edition).filter(|rule| rule.every == every)?;
    Some(Carried { letter, edition, shows: rule.shows })
}

/// The mail of a digest, ready to be sent.
pub(crate) fn write(
    digest: &ClaimedDigest,
    carried: &[Carried<'_>],
    organisation: &Organisation,
    (holder, to): (&Representative, &EmailAddress),
    bounces: &BounceKeys,
) -> Result<ComposedMail, String> {
    let newest = carried.last().ok_or("it carries no letter")?;
    let content = newest.edition.edition.content();
    let locale = holder.language.unwrap_or(content.default_locale);
    let sections = sections(carried);
    let text = compose_digest(holder.salutation_or_default(), digest.every, &sections, locale);
    let domain = organisation.content.sending_domain.as_ref().ok_or("the organisation has no domain to send from")?;
    let contact = organisation.content.contact(ContactRole::Policy);
    let contact = contact.or_else(|| organisation.content.contact(ContactRole::SupporterCare));
    OutgoingMail {
        id: digest.id.uuid(),
        from_name: organisation.content.name.clone(),
        sender: sender(digest.id, domain, bounces)?,
        reply_to: contact.and_then(|contact| contact.email.clone()),
        to_name: holder.name.clone(),
        to: to.clone(),
        text: text.ok_or("its subject is not one line")?,
        links: sections.iter().filter_map(|section| section.page.map(ToOwned::to_owned)).collect(),
        campaigns: campaigns(carried),
        unsubscribe: None,
        // The morning it is for: a mail with the date of its first letter would look a week old.
        written_at: digest.every.next_due(digest.created_at),
    }
    .compose()
    .map_err(|error| error.to_string())
}

fn sender(id: DigestId, domain: &DomainName, bounces: &BounceKeys) -> Result<EmailAddress, String> {
    bounces.address(Bounced::Digest(id), domain).map_err(|flaw| flaw.to_string())
}

/// The campaigns in the order of their first letters.
fn order(carried: &[Carried<'_>]) -> Vec<CampaignId> {
    let mut order = Vec::new();
    for campaign in carried.iter().map(|one| one.letter.campaign_id) {
        if !order.contains(&campaign) {
            order.push(campaign);
        }
    }
    order
}

fn sections<'a>(carried: &'a [Carried<'_>]) -> Vec<DigestSection<'a>> {
    let section = |campaign| {
        let own: Vec<_> = carried.iter().filter(|one| one.letter.campaign_id == campaign).collect();
        let edition = &own.last()?.edition.edition;
        let content = edition.content();
        Some(DigestSection {
            campaign: &content.campaign_title,
            organisation: &content.organisation_name,
            asks: content.asks.iter().map(|ask| ask.text.as_str()).collect(),
            page: edition.office_page(),
            entries: own.iter().map(|one| DigestEntry { words: &one.letter.words, shows: one.shows }).collect(),
        })
    };
    order(carried).into_iter().filter_map(section).collect()
}

/// As the header of a letter names them.
fn campaigns(carried: &[Carried<'_>]) -> Vec<String> {
    let name = |campaign| {
        let one = carried.iter().find(|one| one.letter.campaign_id == campaign)?;
        Some(campaign_label(&one.edition.organisation, &one.letter.campaign_slug))
    };
    order(carried).into_iter().filter_map(name).collect()
}
