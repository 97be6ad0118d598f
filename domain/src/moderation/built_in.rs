//! The rules that hold where an organisation says nothing, and the words that people read.

use super::Outcome;
use crate::{Locale, Signal};

impl Signal {
    /// What becomes of a submission with this signal: cheap signs of machines only ask for a challenge, and what could harm somebody is
    /// looked at by a person first. An address that cannot be answered to is most often mistyped, and its person is the one to mend it.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::FilledInTooFast | Self::BusyClient | Self::Unoriginal | Self::ResemblesOthers => Outcome::Accept,
            Self::HoneypotFilled
            | Self::Links
            | Self::ContactDetails
            | Self::SecondPostcode
            | Self::UnwantedWords
            | Self::ManyPeople
            | Self::DisposableDomain
            | Self::MixedScript
            | Self::WritesToThemselves => Outcome::Hold,
            Self::DomainWithoutMail => Outcome::Refuse,
        }
    }

    /// What a person reads about it: Welsh, or else English.
    pub const fn reason(self, locale: Locale) -> &'static str {
        match locale {
            Locale::En | Locale::Gd => self.english(),
            Locale::Cy => self.welsh(),
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::HoneypotFilled => "A field that people do not see was filled in.",
            Self::FilledInTooFast => "The form was filled in very fast.",
            Self::BusyClient => "Many submissions come from your connection.",
            Self::Links => "Your message contains a link.",
            Self::ContactDetails => "Your message contains an email address or a telephone number that is not yours.",
            Self::SecondPostcode => "Your message contains another postcode than yours.",
            Self::UnwantedWords => "Your message contains words that are not passed on without a look.",
            Self::ManyPeople => "Several people have written from your connection today.",
            Self::DisposableDomain => "Your email address is one that lasts for minutes only.",
            Self::DomainWithoutMail => "The domain of your email address takes no mail. Please check the address.",
            Self::MixedScript => "Your name is written in letters of several alphabets.",
            Self::WritesToThemselves => "Your name is that of the representative you write to.",
            Self::Unoriginal => "Your message repeats the letter.",
            Self::ResemblesOthers => "Your message is much like messages of other people.",
        }
    }

    const fn welsh(self) -> &'static str {
        match self {
            Self::HoneypotFilled => "Llenwyd maes nad yw pobl yn ei weld.",
            Self::FilledInTooFast => "Llenwyd y ffurflen yn gyflym iawn.",
            Self::BusyClient => "Mae llawer o geisiadau yn dod o'ch cysylltiad chi.",
            Self::Links => "Mae dolen yn eich neges.",
            Self::ContactDetails => "Mae cyfeiriad e-bost neu rif ffôn nad yw'n perthyn i chi yn eich neges.",
            Self::SecondPostcode => "Mae cod post gwahanol i'ch un chi yn eich neges.",
            Self::UnwantedWords => "Mae geiriau yn eich neges nad ydynt yn cael eu hanfon ymlaen heb eu gweld.",
            Self::ManyPeople => "Mae sawl person wedi ysgrifennu o'ch cysylltiad chi heddiw.",
            Self::DisposableDomain => "Dim ond am funudau y mae eich cyfeiriad e-bost yn para.",
            Self::DomainWithoutMail => "Nid yw parth eich cyfeiriad e-bost yn derbyn post. Gwiriwch y cyfeiriad.",
            Self::MixedScript => "Mae eich enw wedi'i ysgrifennu mewn llythrennau sawl gwyddor.",
            Self::WritesToThemselves => "Eich enw chi yw enw'r cynrychiolydd yr ydych yn ysgrifennu ato.",
            Self::Unoriginal => "Mae eich neges yn ailadrodd y llythyr.",
            Self::ResemblesOthers => "Mae eich neges yn debyg iawn i negeseuon pobl eraill.",
        }
    }
}
