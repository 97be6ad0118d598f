//! Preferences in words, for the page and the mails that people read.

use super::Stance;
use crate::{Activity, Answer, Channel, Locale, Purpose};

/// A channel: `by email`.
pub const fn channel(channel: Channel, locale: Locale) -> &'static str {
    match (channel, locale) {
        (Channel::Email, Locale::En) => "by email",
        (Channel::Phone, Locale::En) => "by telephone",
        (Channel::Sms, Locale::En) => "by text message",
        (Channel::Post, Locale::En) => "by letter",
        (Channel::Email, Locale::Cy) => "drwy e-bost",
        (Channel::Phone, Locale::Cy) => "dros y ffôn",
        (Channel::Sms, Locale::Cy) => "drwy neges destun",
        (Channel::Post, Locale::Cy) => "drwy lythyr",
        (Channel::Email, Locale::Gd) => "air post-d",
        (Channel::Phone, Locale::Gd) => "air a' fòn",
        (Channel::Sms, Locale::Gd) => "le teachdaireachd teacsa",
        (Channel::Post, Locale::Gd) => "le litir",
    }
}

/// An activity that people may object to: `Estimating what you could give`.
pub const fn activity(activity: Activity, locale: Locale) -> &'static str {
    match (activity, locale) {
        (Activity::TracingNewAddress, Locale::En) => "Finding your new address",
        (Activity::ThirdPartyData, Locale::En) => "Using data about you from other organisations",
        (Activity::PublicSourceResearch, Locale::En) => "Research about you in public sources",
        (Activity::WealthResearch, Locale::En) => "Estimating what you could give",
        (Activity::Profiling, Locale::En) => "Choosing by your data what you are shown or asked",
        (Activity::TargetedAdvertising, Locale::En) => "Advertisements chosen by your data",
        (Activity::DirectMarketing, Locale::En) => "Direct marketing of any kind",
        (Activity::TracingNewAddress, Locale::Cy) => "Dod o hyd i'ch cyfeiriad newydd",
        (Activity::ThirdPartyData, Locale::Cy) => "Defnyddio data amdanoch gan sefydliadau eraill",
        (Activity::PublicSourceResearch, Locale::Cy) => "Ymchwil amdanoch mewn ffynonellau cyhoeddus",
        (Activity::WealthResearch, Locale::Cy) => "Amcangyfrif yr hyn y gallech ei roi",
        (Activity::Profiling, Locale::Cy) => "Dewis yn ôl eich data yr hyn a ddangosir neu a ofynnir i chi",
        (Activity::TargetedAdvertising, Locale::Cy) => "Hysbysebion a ddewisir yn ôl eich data",
        (Activity::DirectMarketing, Locale::Cy) => "Marchnata uniongyrchol o unrhyw fath",
        (Activity::TracingNewAddress, Locale::Gd) => "Lorg do sheòlaidh ùir",
        (Activity::ThirdPartyData, Locale::Gd) => "Cleachdadh dàta mu do dheidhinn bho bhuidhnean eile",
        (Activity::PublicSourceResearch, Locale::Gd) => "Rannsachadh mu do dheidhinn ann an tùsan poblach",
        (Activity::WealthResearch, Locale::Gd) => "Tuairmse air na b' urrainn dhut a thoirt",
        (Activity::Profiling, Locale::Gd) => "Taghadh a rèir do dhàta na chì thu no na dh'iarrar ort",
        (Activity::TargetedAdvertising, Locale::Gd) => "Sanasan a thèid a thaghadh a rèir do dhàta",
        (Activity::DirectMarketing, Locale::Gd) => "Margaidheachd dhìreach de sheòrsa sam bith",
    }
}

/// A purpose for which no question is at hand: its word as a phrase.
pub fn purpose(purpose: &Purpose, locale: Locale) -> String {
    if *purpose != Purpose::letter_receipts() {
        return purpose.as_str().replace('_', " ");
    }
    let receipts = match locale {
        Locale::En => "Mails that say that your letters have been sent",
        Locale::Cy => "Negeseuon sy'n dweud bod eich llythyrau wedi'u hanfon",
        Locale::Gd => "Puist-d a chanas gun deach na litrichean agad a chur",
    };
    receipts.to_owned()
}

/// An answer: `Yes`.
pub const fn answer(answer: Answer, locale: Locale) -> &'static str {
    match (answer, locale) {
        (Answer::Yes, Locale::En) => "Yes",
        (Answer::No, Locale::En) => "No",
        (Answer::NotRefused, Locale::En) => "Not refused",
        (Answer::Yes, Locale::Cy) => "Ie",
        (Answer::No, Locale::Cy) => "Na",
        (Answer::NotRefused, Locale::Cy) => "Heb ei wrthod",
        (Answer::Yes, Locale::Gd) => "Tha",
        (Answer::No, Locale::Gd) => "Chan eil",
        (Answer::NotRefused, Locale::Gd) => "Gun diùltadh",
    }
}

/// Whether somebody objects: `You object`.
pub const fn stance(stance: Stance, locale: Locale) -> &'static str {
    match (stance, locale) {
        (Stance::Objects, Locale::En) => "You object",
        (Stance::Allows, Locale::En) => "You do not object",
        (Stance::Objects, Locale::Cy) => "Rydych yn gwrthwynebu",
        (Stance::Allows, Locale::Cy) => "Nid ydych yn gwrthwynebu",
        (Stance::Objects, Locale::Gd) => "Tha thu a' cur an aghaidh",
        (Stance::Allows, Locale::Gd) => "Chan eil thu a' cur an aghaidh",
    }
}

/// A recorded answer as one line: `“May we write to you?” (by email): No`.
pub fn answered(about: &str, by: Channel, given: Answer, locale: Locale) -> String {
    let about: Vec<_> = about.split_whitespace().collect();
    format!("“{}” ({}): {}", about.join(" "), channel(by, locale), answer(given, locale))
}

/// A recorded objection as one line: `Estimating what you could give: You object`.
pub fn objected(about: Activity, to: Stance, locale: Locale) -> String {
    format!("{}: {}", activity(about, locale), stance(to, locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_as_a_line() {
        let line = answered("May we?", Channel::Email, Answer::No, Locale::En);
        assert_eq!(line, "“May we?” (by email): No");
        let line = objected(Activity::WealthResearch, Stance::Objects, Locale::En);
        assert_eq!(line, "Estimating what you could give: You object");
    }

    #[test]
    fn a_purpose_without_a_question_is_its_word() {
        assert_eq!(purpose(&Purpose::parse("campaign_news").unwrap(), Locale::Cy), "campaign news");
        assert!(purpose(&Purpose::letter_receipts(), Locale::En).starts_with("Mails"));
    }
}
