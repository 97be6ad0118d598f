//! How letters leave: by a relay, or into a folder for a machine that has none.

use super::compose::ComposedMail;
use super::folder::Folder;
use super::outcome::Outcome;
use super::relay::{Relay, RelayError, Security, Timeouts};
use super::smtp::SmtpLane;
use crate::config;
use std::time::Duration;

/// The way out for letters.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// Files in a folder: the default, so that a newcomer sends nothing to anybody.
    Folder(Folder),
    /// An SMTP relay.
    Relay(Relay),
    /// A relay that a simulation plays.
    #[cfg(test)]
    Played(Player),
}

/// What a simulated relay answers.
#[cfg(test)]
#[derive(Clone)]
pub struct Player(pub std::sync::Arc<dyn Fn(&ComposedMail) -> Outcome + Send + Sync>);

#[cfg(test)]
impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Player")
    }
}

/// Why there is no way out.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The folder for letters cannot be made.
    #[error("the folder for letters cannot be made")]
    Folder(#[from] std::io::Error),
    /// The relay's terms do not go together.
    #[error(transparent)]
    Relay(#[from] RelayError),
}

impl Mailer {
    /// The way out that the configuration names. Nothing is connected yet.
    pub fn open(mail: &config::Mail) -> Result<Self, MailerError> {
        Ok(match mail.transport {
            config::Transport::Folder => Self::Folder(Folder::open(&mail.folder)?),
            config::Transport::Smtp => Self::Relay(relay(mail)?),
        })
    }

    /// Refuses terms that do not go together, and touches nothing.
    pub fn check(mail: &config::Mail) -> Result<(), MailerError> {
        match mail.transport {
            config::Transport::Folder => Ok(()),
            config::Transport::Smtp => Ok(relay(mail).map(drop)?),
        }
    }

    /// A lane of its own for one worker: letters go one after the other, over one connection that is kept.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Folder(folder) => Lane::Folder(folder.clone()),
            Self::Relay(relay) => Lane::Smtp(Box::new(SmtpLane::new(relay.clone()))),
            #[cfg(test)]
            Self::Played(player) => Lane::Played(player.clone()),
        }
    }
}

/// TLS is implicit on port 465 and by STARTTLS elsewhere (RFC 8314 section 3.3).
fn relay(mail: &config::Mail) -> Result<Relay, RelayError> {
    let smtp = &mail.smtp;
    let security = match (smtp.tls, smtp.port) {
        (config::Tls::None, _) => Security::Clear,
        (config::Tls::Required, 465) => Security::Implicit,
        (config::Tls::Required, _) => Security::StartTls,
    };
    let host = smtp.host.trim_matches(['[', ']']);
    let timeouts = Timeouts::within(Duration::from_secs(mail.lease_seconds));
    let relay = Relay::new(host, smtp.port, security).with_timeouts(timeouts);
    match (&smtp.username, &smtp.password) {
        (Some(user), Some(password)) => relay.with_login(user.clone(), password.expose().to_owned().into()),
        _ => Ok(relay),
    }
}

/// One worker's way out.
#[derive(Debug)]
pub enum Lane {
    /// Into the folder.
    Folder(Folder),
    /// To the relay.
    Smtp(Box<SmtpLane>),
    /// To a simulated relay.
    #[cfg(test)]
    Played(Player),
}

impl Lane {
    /// Hands one letter over and answers exactly what became of it.
    ///
    /// It ends within [`Timeouts::whole`](super::Timeouts::whole). Dropping the future in between leaves the outcome
    /// unknown, so a shutdown waits for it (C9).
    pub async fn send(&mut self, letter: &ComposedMail) -> Outcome {
        match self {
            Self::Folder(folder) => folder.send(letter).await,
            Self::Smtp(lane) => lane.send(letter).await,
            #[cfg(test)]
            Self::Played(player) => (player.0)(letter),
        }
    }

    /// Says goodbye to the relay.
    pub async fn close(self) {
        if let Self::Smtp(lane) = self {
            lane.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay_of(port: u16, tls: config::Tls, login: bool) -> Result<Relay, RelayError> {
        let mut mail = config::Mail { transport: config::Transport::Smtp, ..config::Mail::default() };
        mail.smtp.port = port;
        mail.smtp.tls = tls;
        mail.smtp.username = login.then(|| "postbag".to_owned());
        mail.smtp.password = login.then(|| config::Secret::from("a password"));
        relay(&mail)
    }

    #[test]
    fn the_port_says_when_tls_begins() {
        assert_eq!(relay_of(465, config::Tls::Required, true).unwrap().security(), Security::Implicit);
        assert_eq!(relay_of(587, config::Tls::Required, true).unwrap().security(), Security::StartTls);
        assert_eq!(relay_of(25, config::Tls::None, false).unwrap().security(), Security::Clear);
        assert_eq!(relay_of(25, config::Tls::None, true).unwrap_err(), RelayError::LoginInClear);
    }

    #[test]
    fn a_letter_is_given_up_before_its_lease_ends() {
        let lease = Duration::from_secs(config::Mail::default().lease_seconds);
        assert!(relay_of(465, config::Tls::Required, false).unwrap().timeouts().whole() < lease);
    }
}
