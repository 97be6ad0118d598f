//! What is added to a letter whose template leaves it out.

use super::Edition;
use crate::{Locale, SupporterWords};

/// Sees to it that a letter shows who writes and what sends it.
///
/// A template that prints the name and every line of the address has said who writes; to any other letter the name, the
/// address and "I am your constituent" are added, for offices check the address before they answer (B23). The last lines name
/// the campaign and its page for offices, the same for all its letters, so that an office can group them (B24).
pub(super) fn close(mut body: String, words: &SupporterWords, edition: &Edition, locale: Locale) -> String {
    let name = words.name.full();
    let address = words.address.lines();
    let is_signed = body.contains(&name) && address.iter().all(|line| body.contains(line.as_str()));
    if !is_signed {
        body.push('\n');
        for line in [constituent(locale), name.as_str()].into_iter().chain(address.iter().map(String::as_str)) {
            body.push_str(line);
            body.push('\n');
        }
    }
    body.push('\n');
    body.push_str(&campaign_line(edition, locale));
    body.push('\n');
    if let Some(page) = &edition.office_page {
        body.push_str(for_offices(locale));
        body.push(' ');
        body.push_str(page);
        body.push('\n');
    }
    body
}

const fn constituent(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "I am your constituent.",
        Locale::Cy => "Rwy'n un o'ch etholwyr.",
        Locale::Gd => "Tha mi a' fuireach anns an sgìre-phàrlamaid agaibh.",
    }
}

fn campaign_line(edition: &Edition, locale: Locale) -> String {
    let (campaign, organisation) = (&edition.content.campaign_title, &edition.content.organisation_name);
    match locale {
        Locale::En => format!("Sent with \"{campaign}\", a campaign by {organisation}."),
        Locale::Cy => format!("Anfonwyd drwy \"{campaign}\", ymgyrch gan {organisation}."),
        Locale::Gd => format!("Air a chur tro \"{campaign}\", iomairt le {organisation}."),
    }
}

const fn for_offices(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "For offices, about this campaign and how to be written to:",
        Locale::Cy => "I swyddfeydd, am yr ymgyrch hon a sut i gael negeseuon:",
        Locale::Gd => "Do dh'oifisean, mun iomairt seo agus mar a gheibhear teachdaireachdan:",
    }
}
