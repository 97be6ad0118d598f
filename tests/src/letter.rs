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

/// A mail to a supporter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupporterMail {
    /// The address it went to.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The address that ends such mails with one click (RFC 8058), if it has one.
    pub unsubscribe: Option<String>,
}

impl SupporterMail {
    /// True if a message says that a machine wrote it by itself (RFC 3834).
    pub fn is_one(bytes: &[u8]) -> bool {
        let message = MessageParser::default().parse(bytes).expect("a message");
        message.header_raw("Auto-Submitted").is_some_and(|value| value.trim() == "auto-generated")
    }

    /// Reads a message; anything missing is a failure.
    pub fn read(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).expect("a message");
        Self {
            to: only(mailboxes(message.to()), "To").address,
            subject: message.subject().expect("a subject").to_owned(),
            text: message.body_text(0).expect("a text").replace("\r\n", "\n"),
            html: message.body_html(0).expect("HTML").into_owned(),
            unsubscribe: one_click(&message),
        }
    }

    /// The link, which stands on a line of its own.
    pub fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("http")).expect("a link")
    }

    /// The token in the link.
    pub fn token(&self) -> &str {
        self.link().rsplit(['/', '=']).next().expect("a token")
    }

    /// The code.
    pub fn code(&self) -> &str {
        let is_code = |word: &&str| word.len() == 9 && word.as_bytes()[4] == b'-';
        self.text.split_whitespace().find(is_code).expect("a code")
    }
}

fn one_click(message: &mail_parser::Message<'_>) -> Option<String> {
    let is_one_click = message.header_raw("List-Unsubscribe-Post")?.trim() == "List-Unsubscribe=One-Click";
    let address = message.header_raw("List-Unsubscribe").filter(|_| is_one_click)?;
    let unfolded: String = address.split_whitespace().collect();
    Some(unfolded.trim_matches(['<', '>']).to_owned())
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
