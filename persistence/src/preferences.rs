//! What a person wishes: the ledger of their answers and objections, changes of it outside a form, and requests for the link by which
//! people make them (B1, B3).

mod change;
mod ledger;
mod link_requests;
mod people;
#[cfg(test)]
mod tests;

pub use change::{NewPreferenceChange, RecordedAnswer};
pub use ledger::{EntrySource, Ledger, Shown, StoredAnswer, StoredObjection};
pub(crate) use ledger::{find, load as load_ledger};
pub use link_requests::NewLinkRequest;

use crate::connection::AnyConnection;
use crate::consent_questions::{self, StoredQuestions};
use crate::schema::{campaigns, supporters};
use crate::statement::Statement;
use crate::types::{Id, Uid};
use crate::{Actor, Reach, Store, StoreError, on_backend};
use diesel::prelude::*;
use diesel::sql_types::Text;
use postbag_domain::{Answer, CampaignStatus, Channel, EmailAddress, OrganisationId, Purpose, SupporterId};

impl Store {
    /// Everything the ledger says about a supporter within reach. `hashes` gives those under which an address may be suppressed.
    pub async fn ledger(
        &self,
        reach: Reach,
        supporter: SupporterId,
        hashes: impl FnOnce(&str) -> Vec<Vec<u8>> + Send + 'static,
    ) -> Result<Option<Ledger>, StoreError> {
        self.read_snapshot(move |connection| ledger::load(connection, reach, supporter, hashes)).await
    }

    /// How many people an organisation knows.
    pub async fn count_people(&self, organisation: OrganisationId) -> Result<i64, StoreError> {
        self.read(move |connection| people::count(connection, organisation)).await
    }

    /// The ledgers of the next people of an organisation after one; fewer than `limit` are the last.
    pub async fn ledgers(
        &self,
        organisation: OrganisationId,
        after: Option<SupporterId>,
        limit: u16,
        hashes: impl Fn(&str) -> Vec<Vec<u8>> + Send + 'static,
    ) -> Result<Vec<Ledger>, StoreError> {
        self.read_snapshot(move |connection| people::load(connection, organisation, after, limit, hashes)).await
    }

    /// The supporter of an organisation with this address, by its key.
    pub async fn supporter_by_email(
        &self,
        organisation: OrganisationId,
        email_key: String,
    ) -> Result<Option<SupporterId>, StoreError> {
        self.read(move |connection| {
            Ok(find_by_email(connection, organisation.into(), &email_key)?.map(SupporterId::from))
        })
        .await
    }

    /// The questions of an organisation: those that its library keeps and that its public campaigns ask, and all others that it ever had.
    pub async fn questions_of_organisation(&self, organisation: OrganisationId) -> Result<StoredQuestions, StoreError> {
        self.read_snapshot(move |connection| questions(connection, organisation.into())).await
    }

    /// Records a change with its entries, the mail that tells the person and, where a member of staff made it, a note for the audit; all or
    /// nothing. False if there is no such supporter within reach. `mailbox` gives the hash of an inbox by an address's key.
    pub async fn change_preferences(
        &self,
        reach: Reach,
        supporter: SupporterId,
        change: NewPreferenceChange,
        actor: Actor,
        mailbox: impl FnOnce(&str) -> Vec<u8> + Send + 'static,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| change::record(connection, reach, supporter, &change, &actor, mailbox)).await
    }

    /// Keeps a request for a link. Whether the person is known makes no difference here (C23).
    pub async fn request_link(&self, request: NewLinkRequest) -> Result<(), StoreError> {
        let sealed = self.messages().seal_text(Id(request.id), request.address.as_str())?;
        self.write(move |connection| link_requests::add(connection, &request, &sealed)).await
    }

    /// Takes up to `limit` requests for links, queues a mail for each person that is known, and forgets the addresses. Returns how many
    /// it took. `mailbox` gives the hash of an inbox.
    pub async fn answer_link_requests(
        &self,
        limit: u16,
        actor: Actor,
        mailbox: impl Fn(&EmailAddress) -> Vec<u8> + Send + 'static,
    ) -> Result<usize, StoreError> {
        if self.read(link_requests::is_none).await? {
            return Ok(0);
        }
        let messages = self.messages();
        self.write(move |connection| link_requests::answer(connection, &messages, limit, &actor, mailbox)).await
    }
}

fn questions(connection: &mut AnyConnection, organisation: Id) -> Result<StoredQuestions, StoreError> {
    let ids: Vec<(Id, String)> = campaigns::table
        .filter(campaigns::organisation_id.eq(organisation))
        .select((campaigns::id, campaigns::status))
        .load(connection)?;
    let mut of_campaigns = consent_questions::load(connection, &ids.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    let libraries = consent_questions::load_libraries(connection, &[organisation])?;
    let mut all = libraries.into_values().next().unwrap_or_default();
    for (id, status) in ids {
        let status: CampaignStatus = status.parse().map_err(|_flaw| StoreError::corrupt("campaigns", "status", id))?;
        let StoredQuestions { mut asked, mut retired } = of_campaigns.remove(&(id, organisation)).unwrap_or_default();
        // Those of the library stand there already.
        asked.retain(|question| question.key().is_none());
        retired.retain(|question| question.key().is_none());
        if status.is_public() { &mut all.asked } else { &mut all.retired }.extend(asked);
        all.retired.extend(retired);
    }
    Ok(all)
}

/// The supporter of an organisation with this address, by its key.
pub(crate) fn find_by_email(
    connection: &mut AnyConnection,
    organisation: Id,
    email_key: &str,
) -> QueryResult<Option<Id>> {
    let person = supporters::organisation_id.eq(organisation).and(supporters::email_key.eq(email_key));
    supporters::table.filter(person).select(supporters::id).first(connection).optional()
}

/// The last answer of a supporter of an organisation for a purpose by a channel. A yes that was struck out is none.
pub(crate) fn last_answer(
    connection: &mut AnyConnection,
    (organisation, supporter): (Id, Id),
    purpose: &Purpose,
    channel: Channel,
) -> Result<Option<Answer>, StoreError> {
    const SQL: &str = "\
        SELECT answer FROM consents
        WHERE organisation_id = ? AND supporter_id = ? AND purpose = ? AND channel = ?
            AND (answer = 'no' OR NOT EXISTS (
                SELECT 1 FROM actions WHERE actions.id = consents.action_id AND actions.status = 'invalidated'
            ))
        ORDER BY created_at DESC, id DESC LIMIT 1";
    let found: Option<(String,)> = on_backend!(connection, c => {
        Statement::<_, (Text,)>::new(SQL)
            .bind::<Uid, _>(organisation)
            .bind::<Uid, _>(supporter)
            .bind::<Text, _>(purpose.as_str())
            .bind::<Text, _>(channel.as_str())
            .get_result(c)
            .optional()
    })?;
    found.map(|(word,)| word.parse().map_err(|_flaw| StoreError::corrupt("consents", "answer", supporter))).transpose()
}
