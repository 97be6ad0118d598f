//! How much of a message is a person's own: compared with the letter that it goes into, and with what others write to the same
//! representative (B25).
//!
//! Texts are compared by their stretches of [`STRETCH`] letters and digits, without case, spaces and punctuation, as `WriteToThem` does: a
//! word changed here and there leaves most stretches as they were.

mod crowd;
mod stretches;

pub use crowd::Crowd;
pub use stretches::Sketch;

use crate::Locale;
use std::collections::HashSet;
use stretches::{folded, stretches};

/// How many letters and digits are compared at a time.
pub const STRETCH: usize = 32;

/// From which share on a message repeats the letter.
const REPEATS: f64 = 0.9;

/// How much of a message is its writer's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Originality {
    /// How many sentences it has.
    pub sentences: usize,
    /// How many of them are not in the letter.
    pub own_sentences: usize,
    /// The share of its stretches that stand in the letter: 1 for the letter itself, 0 for words of one's own.
    pub similarity: f64,
}

/// The text of a letter, made ready to be compared with many messages.
#[derive(Clone, Debug, Default)]
pub struct LetterText {
    folded: String,
    stretches: HashSet<u64>,
}

impl LetterText {
    /// The text, or all the texts that a campaign has in one language.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let folded: String = texts.into_iter().map(folded).collect();
        Self { stretches: stretches(&folded), folded }
    }
}

impl Originality {
    /// Compares a message with the text of a letter.
    pub fn of(message: &str, letter: &LetterText) -> Self {
        let own = stretches(&folded(message));
        let repeated = own.iter().filter(|stretch| letter.stretches.contains(stretch)).count();
        let sentences: Vec<String> = sentences(message).map(folded).filter(|sentence| !sentence.is_empty()).collect();
        let own_sentences = sentences.iter().filter(|sentence| !letter.folded.contains(sentence.as_str())).count();
        Self { sentences: sentences.len(), own_sentences, similarity: share(repeated, own.len()) }
    }

    /// What to say to a person who is writing: `7 of 10 sentences are yours.`
    pub fn hint(&self, locale: Locale) -> String {
        let Self { sentences, own_sentences, .. } = self;
        match locale {
            Locale::En | Locale::Gd if *sentences == 1 => format!("{own_sentences} of 1 sentence is yours."),
            Locale::En | Locale::Gd => format!("{own_sentences} of {sentences} sentences are yours."),
            Locale::Cy => format!("Mae {own_sentences} o {sentences} brawddeg yn eich geiriau chi."),
        }
    }

    /// True if the message says nothing that the letter does not.
    pub fn repeats(&self) -> bool {
        self.similarity >= REPEATS
    }
}

/// Parts that end with a stop, a mark or a line.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '\n'])
}

fn share(part: usize, whole: usize) -> f64 {
    let [part, whole] = [part, whole].map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LETTER: &str = "Dear Ms Jessamy, people in our constituency wait far too long for cancer treatment. Please ask the \
                          Cancer Alliance to publish how many people wait longer than 62 days. I look forward to your reply.";

    #[test]
    fn the_letter_itself_is_nobodys_own() {
        let letter = LetterText::of([LETTER]);
        let whole = Originality::of(LETTER, &letter);
        assert_eq!((whole.sentences, whole.own_sentences, whole.similarity), (3, 0, 1.0));
        assert!(whole.repeats());
        assert!(
            Originality::of(&LETTER.to_uppercase().replace(' ', "  "), &letter).repeats(),
            "case and spaces say nothing"
        );
    }

    #[test]
    fn each_sentence_of_ones_own_lowers_it() {
        let mut text = LETTER.to_owned();
        let mut last = 1.0;
        for number in 1..6 {
            let sentence = format!("My mother waited {number} weeks before anybody told her what was wrong with her.");
            text = format!("{text} {sentence}");
            let measured = Originality::of(&text, &LetterText::of([LETTER]));
            assert!(measured.similarity < last, "{measured:?}");
            assert_eq!(measured.own_sentences, number);
            last = measured.similarity;
        }
    }

    #[test]
    fn short_words_of_ones_own_are_ones_own() {
        let letter = LetterText::of([LETTER]);
        let own = Originality::of("Please help.", &letter);
        assert_eq!(own.hint(Locale::En), "1 of 1 sentence is yours.");
        assert_eq!((own.sentences, own.own_sentences, own.similarity), (1, 1, 0.0));
        assert_eq!(Originality::of("", &letter).sentences, 0);
    }

    proptest! {
        #[test]
        fn it_is_a_share_for_any_texts(message in "\\PC{0,200}", letter in "\\PC{0,200}") {
            let measured = Originality::of(&message, &LetterText::of([letter.as_str()]));
            prop_assert!((0.0..=1.0).contains(&measured.similarity));
            prop_assert!(measured.own_sentences <= measured.sentences);
        }
    }
}
