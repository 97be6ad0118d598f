//! What front ends call. Nothing here needs a credential but a submission that says it is verified, and nothing answers whether a person is known (C23).

pub(crate) mod actions;
pub(crate) mod appeals;
pub(crate) mod campaigns;
pub(crate) mod challenges;
pub(crate) mod complaints;
pub(crate) mod confirmation_page;
pub(crate) mod confirmations;
pub(crate) mod directory;
pub(crate) mod forms;
pub(crate) mod health;
mod html;
pub(crate) mod office_page;
pub(crate) mod openapi;
pub(crate) mod originality;
pub(crate) mod own_data;
pub(crate) mod preferences;
pub(crate) mod preferences_page;
pub(crate) mod previews;
pub(crate) mod reports;
pub(crate) mod security_txt;
mod submission;
mod supporter;
pub(crate) mod tallies;
pub(crate) mod targets;
pub(crate) mod unsubscribe;
