//! What makes a submission look like a machine's.

use crate::words::words;

words! {
    /// Something about a submission that people's submissions seldom have.
    Signal, "signal_unknown" {
        /// A field of the form was filled in that people do not see.
        HoneypotFilled = "honeypot_filled",
        /// The form was filled in faster than a person can.
        FilledInTooFast = "filled_in_too_fast",
        /// Its client has used more than a third of what it may submit in a minute or an hour.
        BusyClient = "busy_client",
        /// The message has a link.
        Links = "links",
        /// The message has an address of mail or a telephone number that is not the person's.
        ContactDetails = "contact_details",
        /// The message has another postcode than the person's.
        SecondPostcode = "second_postcode",
        /// The message has words that the organisation does not pass on.
        UnwantedWords = "unwanted_words",
        /// Several people have submitted from its client today.
        ManyPeople = "many_people",
        /// The domain of the address hands out addresses that last for minutes.
        DisposableDomain = "disposable_domain",
        /// The domain of the address takes no mail, or is not there.
        DomainWithoutMail = "domain_without_mail",
        /// The name mixes letters of several alphabets (UTS 39).
        MixedScript = "mixed_script",
        /// The name is that of a representative who is written to.
        WritesToThemselves = "writes_to_themselves",
        /// The message repeats the letter.
        Unoriginal = "unoriginal",
        /// The message is much like those of others to the same representative.
        ResemblesOthers = "resembles_others",
    }
}

impl Signal {
    /// True if it is in what was written: it can be found again as long as that is kept.
    pub const fn is_of_content(self) -> bool {
        match self {
            Self::Links
            | Self::ContactDetails
            | Self::SecondPostcode
            | Self::UnwantedWords
            | Self::DisposableDomain
            | Self::MixedScript
            | Self::WritesToThemselves
            | Self::Unoriginal => true,
            Self::HoneypotFilled
            | Self::FilledInTooFast
            | Self::BusyClient
            | Self::ManyPeople
            | Self::DomainWithoutMail
            | Self::ResemblesOthers => false,
        }
    }

    /// True if it is a reason to ask for a challenge.
    pub const fn needs_challenge(self) -> bool {
        match self {
            Self::HoneypotFilled | Self::FilledInTooFast | Self::BusyClient | Self::ManyPeople => true,
            Self::Links
            | Self::ContactDetails
            | Self::SecondPostcode
            | Self::UnwantedWords
            | Self::DisposableDomain
            | Self::DomainWithoutMail
            | Self::MixedScript
            | Self::WritesToThemselves
            | Self::Unoriginal
            | Self::ResemblesOthers => false,
        }
    }
}

/// The least that a person takes to fill in a form, in seconds.
const LEAST_SECONDS: u32 = 3;

/// What a front end says of how its form was filled in. What it does not say is no signal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filling<'a> {
    /// What stands in the field that people do not see.
    pub honeypot: Option<&'a str>,
    /// How long it took, in whole seconds.
    pub seconds: Option<u32>,
}

impl Filling<'_> {
    /// The signals that it gives.
    pub fn signals(self) -> Vec<Signal> {
        let is_filled = self.honeypot.is_some_and(|text| !text.trim().is_empty());
        let is_fast = self.seconds.is_some_and(|seconds| seconds < LEAST_SECONDS);
        let given = [(is_filled, Signal::HoneypotFilled), (is_fast, Signal::FilledInTooFast)];
        given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, signal)| signal).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_no_person_does_and_silence_says_nothing() {
        let signals = |honeypot, seconds| Filling { honeypot, seconds }.signals();
        assert_eq!(signals(None, None), []);
        assert_eq!(signals(Some(" "), Some(3)), []);
        assert_eq!(signals(Some("https://example.org"), Some(90)), [Signal::HoneypotFilled]);
        assert_eq!(signals(None, Some(2)), [Signal::FilledInTooFast]);
        assert_eq!(signals(Some("x"), Some(0)), [Signal::HoneypotFilled, Signal::FilledInTooFast]);
    }
}
