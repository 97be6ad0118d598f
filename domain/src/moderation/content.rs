//! What a submission itself shows: the words of its message, and everything else that a letter prints.

use crate::{Postcode, Signal, SupporterWords};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// The least digits of a telephone number.
const PHONE_DIGITS: usize = 10;

/// Endings of domains that people put into messages; short ones that are also words of English are left out.
const ENDINGS: [&str; 14] =
    ["com", "org", "net", "info", "biz", "uk", "wales", "cymru", "scot", "io", "xyz", "top", "link", "online"];

/// What is known besides the submission.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The names of the representatives written to.
    pub recipients: &'a [&'a str],
    /// Words and phrases that the organisation does not pass on, in small letters.
    pub unwanted: &'a [String],
    /// True if the domain of the person's address hands out addresses for minutes.
    pub domain_is_disposable: bool,
}

/// The signals of a submission's own content.
pub fn content_signals(words: &SupporterWords, known: Known<'_>) -> BTreeSet<Signal> {
    let mut signals = BTreeSet::new();
    let mut note = |is_given: bool, signal| {
        if is_given {
            signals.insert(signal);
        }
    };
    let message = words.personal_message.as_ref().map(|message| plain(message.as_str()));
    if let Some(message) = &message {
        note(holds_contact(message, words), Signal::ContactDetails);
        note(holds_other_postcode(message, words.address.postcode()), Signal::SecondPostcode);
    }
    let name = words.name.full();
    let (title, address) = (words.name.title().unwrap_or_default(), &words.address);
    let printed = [title, &name, address.line1(), address.line2().unwrap_or_default(), address.town()].map(plain);
    note(printed.iter().chain(&message).any(|text| holds_link(text)), Signal::Links);
    note(printed.iter().chain(&message).any(|text| holds_any(text, known.unwanted)), Signal::UnwantedWords);
    note(words.name.mixes_scripts(), Signal::MixedScript);
    note(known.recipients.iter().any(|recipient| is_same_name(recipient, &name)), Signal::WritesToThemselves);
    note(known.domain_is_disposable, Signal::DisposableDomain);
    signals
}

/// The text as it is read: without marks that have no width, and with wide letters, digits and stops as narrow ones.
fn plain(text: &str) -> String {
    let has_width = |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    text.nfkc().filter(has_width).map(|c| if c == '\u{3002}' { '.' } else { c }).collect()
}

fn holds_link(text: &str) -> bool {
    text.split_whitespace().map(bare).any(|word| {
        let word = word.to_lowercase();
        let (host, path) = word.split_once('/').map_or((word.as_str(), None), |(host, path)| (host, Some(path)));
        let goes_on = path.is_some_and(|path| !path.is_empty()) && is_host(host);
        word.contains("://") || word.starts_with("www.") || is_domain(host) || goes_on
    })
}

/// True for `t.me` and `evil.example`: what stands before a path in a link.
fn is_host(word: &str) -> bool {
    let ending = word.rsplit('.').next().unwrap_or_default();
    word.contains('.') && ending.len() > 1 && ending.chars().all(char::is_alphabetic)
}

/// True for `example.org`; an address of mail is no link.
fn is_domain(word: &str) -> bool {
    let labels: Vec<_> = word.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    labels.len() > 1 && labels.iter().all(is_label) && labels.last().is_some_and(|ending| ENDINGS.contains(ending))
}

/// True if the message holds an address of mail or a telephone number that is not the person's own.
fn holds_contact(message: &str, words: &SupporterWords) -> bool {
    let own = words.email.as_str();
    let is_address =
        |word: &str| word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let is_other = |word: &str| is_address(word) && !word.eq_ignore_ascii_case(own);
    let own_digits = words.phone.as_ref().map(|phone| last_digits(phone.as_str()));
    message.split_whitespace().map(bare).any(is_other)
        || numbers(message).any(|digits| Some(last_digits(&digits)) != own_digits)
}

/// Runs of digits as long as a telephone number, with what people write between them.
fn numbers(message: &str) -> impl Iterator<Item = String> {
    let between = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '+' | '.');
    let runs = message.split(move |c| !between(c));
    runs.map(|run| run.chars().filter(char::is_ascii_digit).collect::<String>())
        .filter(|digits| (PHONE_DIGITS..=15).contains(&digits.len()))
}

/// What is the same in every way to write a number: `+44 20 7946 0000` and `020 7946 0000`.
fn last_digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.iter().rev().take(PHONE_DIGITS).collect()
}

fn holds_other_postcode(message: &str, own: Postcode) -> bool {
    let words: Vec<_> = message.split_whitespace().map(bare).collect();
    let halves = words.windows(2).map(<[&str]>::concat);
    halves.chain(words.iter().map(ToString::to_string)).any(|text| {
        let has_both = text.len() <= 8 && text.contains(|c: char| c.is_ascii_digit()) && text.is_ascii();
        has_both && Postcode::parse(&text).is_ok_and(|found| found != own)
    })
}

fn holds_any(message: &str, unwanted: &[String]) -> bool {
    let words: Vec<String> = message.split_whitespace().map(|word| bare(word).to_lowercase()).collect();
    let text = format!(" {} ", words.join(" "));
    unwanted.iter().any(|phrase| text.contains(&format!(" {phrase} ")))
}

/// The word without what stands around it in a sentence.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn is_same_name(one: &str, other: &str) -> bool {
    let folded = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Locale, PersonName, PersonalMessage, Phone, PostalAddress};
    use proptest::prelude::*;

    fn words(message: &str) -> SupporterWords {
        SupporterWords {
            name: PersonName::new(None, "Ada", "Ashgrove").unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            phone: Phone::parse("020 7946 0001").ok(),
            address: PostalAddress::new("1 Harbour Street", None, "Alderwick", "ZA1 1AA").unwrap(),
            personal_message: PersonalMessage::parse(message).ok(),
            may_be_quoted: false,
            locale: Locale::En,
        }
    }

    fn signals(message: &str) -> Vec<Signal> {
        let unwanted = ["hateful thing".to_owned(), "twpsyn".to_owned()];
        let known = Known { recipients: &["Una Jessamy"], unwanted: &unwanted, domain_is_disposable: false };
        content_signals(&words(message), known).into_iter().collect()
    }

    #[test]
    fn what_people_write_gives_no_signal() {
        for message in [
            "My mother waited eleven weeks.It was 2024 before she was seen.",
            "I was given 3 appointments in 12 months, e.g. on 12/03/2025 and 14/04/2025.",
            "Ward 12 at St. James's. Call it a day? No.",
            "I earn 1,000,000 less than that. NHS number withheld.",
        ] {
            assert_eq!(signals(message), [], "{message}");
        }
    }

    #[test]
    fn links_addresses_numbers_and_postcodes_are_noticed() {
        let cases = [
            ("See https://example.org/x", Signal::Links),
            ("See (www.example.test).", Signal::Links),
            ("Buy at cheap-pills.com!", Signal::Links),
            ("Write to someone@elsewhere.example instead", Signal::ContactDetails),
            ("Ring 020 7946 0958 now", Signal::ContactDetails),
            ("Ring +44 (0)20-7946-0958", Signal::ContactDetails),
            ("I live at ZC1 1AA really", Signal::SecondPostcode),
            ("i live at zc11aa.", Signal::SecondPostcode),
            ("You Hateful   thing!", Signal::UnwantedWords),
            ("Y TWPSYN", Signal::UnwantedWords),
            ("Read bit.ly/abc", Signal::Links),
            ("Buy at cheap\u{2060}-pills\u{3002}com", Signal::Links),
            ("Ring \u{ff10}20 7946 0958", Signal::ContactDetails),
        ];
        for (message, signal) in cases {
            assert_eq!(signals(message), [signal], "{message}");
        }
    }

    #[test]
    fn whatever_a_letter_prints_is_looked_at() {
        let mut words = words("x");
        words.address = PostalAddress::new("Buy at https://pills.example/p", None, "Alderwick", "ZA1 1AA").unwrap();
        let known = Known { recipients: &[], unwanted: &[], domain_is_disposable: false };
        assert!(content_signals(&words, known).contains(&Signal::Links));
    }

    #[test]
    fn what_is_the_persons_own_is_theirs_to_say() {
        assert_eq!(signals("I am at ADA@example.org, ZA1 1AA, or +44 20 7946 0001."), []);
    }

    #[test]
    fn a_representative_who_writes_to_themself_is_noticed() {
        let words = words("x");
        let name = words.name.full().to_uppercase();
        let known = Known { recipients: &[&name], unwanted: &[], domain_is_disposable: true };
        let found: Vec<_> = content_signals(&words, known).into_iter().collect();
        assert_eq!(found, [Signal::DisposableDomain, Signal::WritesToThemselves]);
    }

    proptest! {
        #[test]
        fn no_message_is_too_odd_to_be_looked_at(message in "\\PC{0,300}") {
            drop(signals(&message));
        }
    }
}
