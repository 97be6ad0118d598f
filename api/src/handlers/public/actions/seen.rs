//! What is remembered of a submission once it is stored, to tell crowds from people: nothing of one that was refused or came again.

use super::decide::Decided;
use crate::app::App;
use crate::secrets::ClientHash;
use chrono::{DateTime, Utc};
use postbag_domain::{PersonalMessage, RepresentativeId, Sketch};

/// What is remembered of a submission.
pub(super) struct Seen {
    /// Its client and its person, where people of one client are counted.
    client: Option<(ClientHash, String)>,
    /// Its message; nothing for a test, which goes to nobody.
    sketch: Option<Sketch>,
    recipients: Vec<RepresentativeId>,
    at: DateTime<Utc>,
}

impl Seen {
    /// The submission of a client; of none where the people of one are not counted.
    pub(super) fn of(decided: &Decided, client: Option<ClientHash>) -> Self {
        let action = &decided.accepted.action;
        let message = action.words.personal_message.as_ref().map(PersonalMessage::as_str);
        Self {
            client: client.map(|client| (client, action.supporter_key.clone())),
            sketch: message.filter(|_| !action.test).and_then(Sketch::of),
            recipients: decided.accepted.deliveries.iter().map(|delivery| delivery.representative_id).collect(),
            at: action.created_at,
        }
    }

    /// True if a recipient has had many messages like this one.
    pub(super) fn resembles_many(&self, app: &App) -> bool {
        self.sketch.is_some_and(|sketch| app.crowd.resembles_many(&self.recipients, &sketch))
    }

    /// Remembers it.
    pub(super) fn note(self, app: &App) {
        if let Some((client, person)) = self.client {
            app.limits.people.note(client, &person);
        }
        if let Some(sketch) = self.sketch {
            app.crowd.note(&self.recipients, &sketch, self.at);
        }
    }
}
