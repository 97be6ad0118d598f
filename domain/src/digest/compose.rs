//! The text of a digest.

use super::{DigestDetail, DigestInterval};
use crate::edition::finish_subject;
use crate::{Locale, MailText, SupporterWords};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How long all quotes of a digest may be together, in bytes: relays and readers take no book.
const QUOTES: usize = 200_000;

/// One letter that a digest carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEntry<'a> {
    /// Its writer's words.
    pub words: &'a SupporterWords,
    /// What may be shown of its writer.
    pub shows: DigestDetail,
}

/// The letters of one campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSection<'a> {
    /// The campaign's title.
    pub campaign: &'a str,
    /// The organisation's name.
    pub organisation: &'a str,
    /// The texts of its asks, in order.
    pub asks: Vec<&'a str>,
    /// The address of its page for offices.
    pub page: Option<&'a str>,
    /// Its letters, the oldest first.
    pub entries: Vec<DigestEntry<'a>>,
}

/// Composes a digest for a representative.
///
/// It says how many wrote and from which postcode districts, and names people as far as each letter's rule allows. Words are quoted
/// only of those who agreed to it, and with their name only where names are shown. Depends on its arguments and on nothing else.
pub fn compose_digest(
    salutation: &str,
    every: DigestInterval,
    sections: &[DigestSection<'_>],
    locale: Locale,
) -> Option<MailText> {
    let words = Words::of(locale);
    let all: usize = sections.iter().map(|section| section.entries.len()).sum();
    let mut body = String::new();
    let _ = writeln!(body, "{} {salutation},\n\n{}", words.dear, words.opening(all, every));
    let mut room = QUOTES;
    for section in sections {
        write_section(&mut body, section, words, &mut room);
    }
    let campaigns: Vec<_> = sections.iter().map(|section| section.campaign).collect();
    let subject = finish_subject(&format!("{}: {}", words.wrote(all), campaigns.join(", ")))
        .or_else(|| finish_subject(&words.wrote(all)))?;
    Some(MailText { subject, body, locale })
}

fn write_section(body: &mut String, section: &DigestSection<'_>, words: Words, room: &mut usize) {
    let title = format!("{}, {}", section.campaign, section.organisation);
    let _ = writeln!(body, "\n{title}\n{}\n", "-".repeat(title.chars().count().min(70)));
    let _ = writeln!(body, "{}. {}", words.wrote(section.entries.len()), words.ask);
    for (number, ask) in section.asks.iter().enumerate() {
        let _ = writeln!(body, "{}. {ask}", number + 1);
    }
    let _ = writeln!(body, "\n{} {}", words.from, districts(section));
    write_people(body, section, words);
    write_quotes(body, section, words, room);
    if let Some(page) = section.page {
        let _ = writeln!(body, "\n{}\n{page}", words.about);
    }
}

/// Each postcode district with how many wrote from it.
fn districts(section: &DigestSection<'_>) -> String {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for entry in &section.entries {
        let postcode = entry.words.address.postcode().to_string();
        *counts.entry(postcode.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let shown: Vec<_> = counts.iter().map(|(district, count)| format!("{district} ({count})")).collect();
    shown.join(", ")
}

fn write_people(body: &mut String, section: &DigestSection<'_>, words: Words) {
    let mut named = section.entries.iter().filter_map(person).peekable();
    if named.peek().is_none() {
        return;
    }
    let _ = writeln!(body, "\n{}", words.who);
    named.for_each(|person| {
        let _ = writeln!(body, "- {person}");
    });
}

fn person(entry: &DigestEntry<'_>) -> Option<String> {
    let name = entry.words.name.full();
    match entry.shows {
        DigestDetail::Counts => None,
        DigestDetail::Names => Some(name),
        DigestDetail::NamesAndPostcodes => Some(format!("{name}, {}", entry.words.address.postcode())),
    }
}

fn write_quotes(body: &mut String, section: &DigestSection<'_>, words: Words, room: &mut usize) {
    let mut left_out = 0_usize;
    let mut is_first = true;
    for entry in section.entries.iter().filter(|entry| entry.words.may_be_quoted) {
        let Some(message) = &entry.words.personal_message else { continue };
        let Some(rest) = room.checked_sub(message.as_str().len()) else {
            left_out += 1;
            continue;
        };
        *room = rest;
        if std::mem::take(&mut is_first) {
            let _ = writeln!(body, "\n{}", words.quotes);
        }
        let _ = writeln!(body, "\n“{}”", message.as_str().trim());
        if let Some(person) = person(entry) {
            let _ = writeln!(body, "— {person}");
        }
    }
    if left_out > 0 {
        let _ = writeln!(body, "\n{}", words.left_out(left_out));
    }
}

/// The words of a digest in one language.
#[derive(Clone, Copy)]
struct Words {
    locale: Locale,
    dear: &'static str,
    ask: &'static str,
    from: &'static str,
    who: &'static str,
    quotes: &'static str,
    about: &'static str,
}

impl Words {
    const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                locale,
                dear: "Dear",
                ask: "They ask:",
                from: "Postcode districts:",
                who: "Who wrote:",
                quotes: "In the words of those who agreed to be quoted:",
                about: "About this campaign, whom to contact and how to be written to differently:",
            },
            Locale::Cy => Self {
                locale,
                dear: "Annwyl",
                ask: "Maen nhw’n gofyn:",
                from: "Ardaloedd cod post:",
                who: "Pwy ysgrifennodd:",
                quotes: "Yng ngeiriau’r rhai a gytunodd i gael eu dyfynnu:",
                about: "Am yr ymgyrch hon, â phwy i gysylltu a sut i gael negeseuon mewn ffordd wahanol:",
            },
            Locale::Gd => Self {
                locale,
                dear: "A charaid,",
                ask: "Tha iad ag iarraidh:",
                from: "Sgìrean còd-puist:",
                who: "Cò sgrìobh:",
                quotes: "Ann am faclan na feadhna a dh’aontaich ri bhith air an luaidh:",
                about: "Mun iomairt seo, cò ris a chuireas tu fios agus mar a gheibhear teachdaireachdan air dòigh eile:",
            },
        }
    }

    fn opening(self, count: usize, every: DigestInterval) -> String {
        let wrote = self.wrote(count);
        match (self.locale, every) {
            (Locale::En, DigestInterval::Day) => {
                format!("{wrote}. This is one mail for the day in place of single letters.")
            }
            (Locale::En, DigestInterval::Week) => {
                format!("{wrote}. This is one mail for the week in place of single letters.")
            }
            (Locale::Cy, DigestInterval::Day) => format!("{wrote}. Dyma un neges am y dydd yn lle llythyrau unigol."),
            (Locale::Cy, DigestInterval::Week) => {
                format!("{wrote}. Dyma un neges am yr wythnos yn lle llythyrau unigol.")
            }
            (Locale::Gd, DigestInterval::Day) => {
                format!("{wrote}. Seo aon teachdaireachd airson an latha an àite litrichean fa leth.")
            }
            (Locale::Gd, DigestInterval::Week) => {
                format!("{wrote}. Seo aon teachdaireachd airson na seachdain an àite litrichean fa leth.")
            }
        }
    }

    fn wrote(self, count: usize) -> String {
        match (self.locale, count) {
            (Locale::En, 1) => "1 of your constituents wrote to you".to_owned(),
            (Locale::En, _) => format!("{count} of your constituents wrote to you"),
            (Locale::Cy, _) => format!("Nifer eich etholwyr a ysgrifennodd atoch: {count}"),
            (Locale::Gd, _) => format!("Àireamh an luchd-bhòtaidh agad a sgrìobh thugad: {count}"),
        }
    }

    fn left_out(self, count: usize) -> String {
        match self.locale {
            Locale::En => format!("{count} more agreed to be quoted; there is no room for them here."),
            Locale::Cy => format!("Cytunodd {count} arall i gael eu dyfynnu; nid oes lle iddynt yma."),
            Locale::Gd => format!("Dh’aontaich {count} eile ri bhith air an luaidh; chan eil àite dhaibh an seo."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PersonName, PersonalMessage, PostalAddress};

    fn words(first: &str, postcode: &str, quote: Option<&str>) -> SupporterWords {
        SupporterWords {
            name: PersonName::new(None, first, "Sample").unwrap(),
            email: "someone@example.org".parse().unwrap(),
            phone: None,
            address: PostalAddress::new("1 Sample Street", None, "Exampleton", postcode).unwrap(),
            personal_message: Some(PersonalMessage::parse(quote.unwrap_or("Not for everybody.")).unwrap()),
            may_be_quoted: quote.is_some(),
            locale: Locale::En,
        }
    }

    fn digest(people: &[SupporterWords], shows: DigestDetail) -> MailText {
        let entries = people.iter().map(|words| DigestEntry { words, shows }).collect();
        let section = DigestSection {
            campaign: "Fair care",
            organisation: "Example Trust",
            asks: vec!["Publish the waits", "Meet patients"],
            page: Some("https://act.example.org/offices/fair-care"),
            entries,
        };
        compose_digest("Una Jessamy", DigestInterval::Day, &[section], Locale::En).unwrap()
    }

    #[test]
    fn a_digest_says_how_many_wrote_from_where_and_quotes_with_permission() {
        let people =
            [words("Ada", "ZA1 1AA", Some("I waited.")), words("Bo", "ZA1 2BB", None), words("Cy", "ZA2 1AA", None)];
        let text = digest(&people, DigestDetail::NamesAndPostcodes);
        assert_eq!(text.subject, "3 of your constituents wrote to you: Fair care");
        assert_eq!(
            text.body,
            "Dear Una Jessamy,\n\n3 of your constituents wrote to you. This is one mail for the day in place of single \
             letters.\n\nFair care, Example Trust\n------------------------\n\n3 of your constituents wrote to you. They \
             ask:\n1. Publish the waits\n2. Meet patients\n\nPostcode districts: ZA1 (2), ZA2 (1)\n\nWho wrote:\n\
             - Ada Sample, ZA1 1AA\n- Bo Sample, ZA1 2BB\n- Cy Sample, ZA2 1AA\n\nIn the words of those who agreed to be \
             quoted:\n\n“I waited.”\n— Ada Sample, ZA1 1AA\n\nAbout this campaign, whom to contact and how to be written to \
             differently:\nhttps://act.example.org/offices/fair-care\n"
        );
    }

    #[test]
    fn a_digest_of_counts_names_nobody() {
        let text = digest(&[words("Ada", "ZA1 1AA", Some("I waited."))], DigestDetail::Counts);
        assert!(
            text.body.contains("“I waited.”") && !text.body.contains("Ada") && !text.body.contains("1AA"),
            "{}",
            text.body
        );
        let names = digest(&[words("Ada", "ZA1 1AA", None)], DigestDetail::Names);
        assert!(names.body.contains("- Ada Sample\n") && !names.body.contains("everybody"), "{}", names.body);
    }

    #[test]
    fn quotes_end_where_there_is_no_room_and_it_says_so() {
        let long = "x".repeat(9_000);
        let people: Vec<_> = (0..30).map(|_| words("Ada", "ZA1 1AA", Some(&long))).collect();
        let text = digest(&people, DigestDetail::Counts);
        assert!(text.body.len() < 210_000 && text.body.contains("8 more agreed to be quoted"));
    }

    #[test]
    fn a_digest_is_written_in_every_language() {
        for locale in Locale::ALL {
            let composed = compose_digest("Una", DigestInterval::Week, &[], *locale).unwrap();
            assert!(!composed.body.is_empty() && composed.locale == *locale);
        }
    }
}
