//! A letter as a mail program would show it.

use mail_parser::{Address, MessageParser};

/// A letter, parsed by somebody else's parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The sender's name and address.
    pub from: Mailbox,
    /// The address for answers.
    pub reply_to: Mailbox,
    /// Every recipient.
    pub to: Vec<Mailbox>,
    /// Without its angle brackets.
    pub message_id: String,
    /// The subject line.
    pub subject: String,
    /// The text, with line feeds, without the line ends at its end.
    pub body: String,
    /// The whole message.
    pub bytes: Vec<u8>,
}

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that people read.
    pub name: String,
    /// The address that computers read.
    pub address: String,
}

impl Letter {
    /// Reads a message; anything missing is a failure.
    pub fn read(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).expect("a message");
        let body = message.body_text(0).expect("a text").replace("\r\n", "\n");
        Self {
            from: only(mailboxes(message.from()), "From"),
            reply_to: only(mailboxes(message.reply_to()), "Reply-To"),
            to: mailboxes(message.to()),
            message_id: message.message_id().expect("a Message-ID").to_owned(),
            subject: message.subject().expect("a subject").to_owned(),
            body: body.trim_end().to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    /// The only recipient's address.
    #[track_caller]
    pub fn recipient(&self) -> &str {
        assert_eq!(self.to.len(), 1, "recipients: {:?}", self.to);
        &self.to[0].address
    }
}

fn mailboxes(address: Option<&Address<'_>>) -> Vec<Mailbox> {
    let addresses = address.map(|address| address.iter().collect::<Vec<_>>()).unwrap_or_default();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    addresses.iter().map(|one| Mailbox { name: text(one.name()), address: text(one.address()) }).collect()
}

fn only(mut mailboxes: Vec<Mailbox>, header: &str) -> Mailbox {
    assert_eq!(mailboxes.len(), 1, "{header}: {mailboxes:?}");
    mailboxes.pop().expect("one")
}
