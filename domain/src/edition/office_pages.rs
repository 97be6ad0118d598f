//! The page about a campaign that its letters name, for the office that receives them.

use crate::Slug;
use std::sync::Arc;

/// Where the pages for offices are: one for each campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficePages(Arc<str>);

impl OfficePages {
    /// The pages of the server at this address.
    pub fn at(public_url: &str) -> Self {
        Self(public_url.into())
    }

    /// The address of a campaign's page.
    pub fn of(&self, campaign: &Slug) -> String {
        format!("{}/offices/{campaign}", self.0)
    }
}
