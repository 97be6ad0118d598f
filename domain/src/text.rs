//! Text that people type: normalised, free of characters that deceive, and bounded (C22).
//!
//! Everything is brought to NFC (UAX 15). Controls, bidirectional overrides and isolates, tag characters and noncharacters are
//! refused; names refuse characters without width as well. A name in a mixture of scripts is only flagged ([`mixes_scripts`],
//! UTS 39): real people have such names.

use crate::Flaw;
use unicode_normalization::UnicodeNormalization;
use unicode_security::MixedScript;
use unicode_segmentation::UnicodeSegmentation;

/// How long a text may be, in bytes of UTF-8 and in the characters a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most so many bytes.
    pub bytes: usize,
    /// At most so many grapheme clusters (UAX 29).
    pub graphemes: usize,
}

impl Limit {
    /// So many characters as a reader counts them, of four bytes each at most on average.
    pub const fn of(graphemes: usize) -> Self {
        Self { bytes: graphemes * 4, graphemes }
    }
}

/// One line: a title, a subject, an address line. Trimmed, never empty.
pub fn line(text: &str, limit: Limit) -> Result<String, Flaw> {
    let text = normalised(text, limit)?;
    refuse(&text, |c| c.is_control() || is_line_break(c) || deceives(c))?;
    bounded(text, limit)
}

/// One line that names a person: as [`line()`], without any character that has no width, and with single spaces.
pub fn name(text: &str, limit: Limit) -> Result<String, Flaw> {
    let text = normalised(text, limit)?;
    refuse(&text, |c| c.is_control() || is_line_break(c) || deceives(c) || has_no_width(c))?;
    bounded(text.split_whitespace().collect::<Vec<_>>().join(" "), limit)
}

/// A name that is shown as a sender's: as [`name()`], without what makes a mail program see an address or a link.
pub fn person_name(text: &str, limit: Limit) -> Result<String, Flaw> {
    let text = name(text, limit)?;
    if text.contains(['@', '<', '>']) || text.contains("://") {
        return Err(Flaw::new("name_not_a_name", "must be a name, without @, <, > or a link"));
    }
    Ok(text)
}

/// Several lines: a personal message. Line ends become LF, tabs become spaces; trimmed, never empty.
pub fn prose(text: &str, limit: Limit) -> Result<String, Flaw> {
    let text = normalised(text, limit)?.replace("\r\n", "\n");
    let text: String = text.chars().map(|c| if is_line_break(c) { '\n' } else { c }).collect();
    let text = text.replace('\t', " ");
    refuse(&text, |c| (c.is_control() && c != '\n') || deceives(c))?;
    bounded(text, limit)
}

/// True if a text mixes scripts that do not go together, such as Latin and Cyrillic (UTS 39): worth a look, never a refusal.
pub fn mixes_scripts(text: &str) -> bool {
    !text.is_single_script()
}

/// NFC and trimmed. Absurd lengths end here, before any work is done on them: NFC never shrinks text by more than three quarters.
fn normalised(text: &str, limit: Limit) -> Result<String, Flaw> {
    let text = text.trim();
    if text.len() > limit.bytes.saturating_mul(4) {
        return Err(too_long(limit));
    }
    Ok(text.nfc().collect())
}

fn refuse(text: &str, is_refused: impl Fn(char) -> bool) -> Result<(), Flaw> {
    if text.chars().any(is_refused) {
        return Err(Flaw::new(
            "text_character_refused",
            "must not contain control characters, invisible characters or characters that change the direction of text",
        ));
    }
    Ok(())
}

fn bounded(text: String, limit: Limit) -> Result<String, Flaw> {
    if text.is_empty() {
        return Err(Flaw::new("text_missing", "must not be empty"));
    }
    if text.len() > limit.bytes || text.graphemes(true).count() > limit.graphemes {
        return Err(too_long(limit));
    }
    Ok(text)
}

fn too_long(limit: Limit) -> Flaw {
    Flaw::new("text_too_long", format!("can have at most {} characters", limit.graphemes))
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Bidirectional embeddings, overrides and isolates; deprecated format characters; interlinear marks; tags; noncharacters.
fn deceives(c: char) -> bool {
    let is_noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    is_noncharacter
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Joiners, marks of direction, fillers and selectors: nothing a reader of a name would see.
fn has_no_width(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit = Limit { bytes: 80, graphemes: 20 };

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(line("  Cafe\u{301} \u{a0}", LIMIT).unwrap(), "Café");
        assert_eq!(name(" Mary \u{a0} Ann ", LIMIT).unwrap(), "Mary Ann");
        assert_eq!(prose("a\r\nb\rc\u{2028}d\te\n", LIMIT).unwrap(), "a\nb\nc\nd e");
    }

    #[test]
    fn deceiving_characters_are_refused_everywhere() {
        for bad in
            ["a\u{202e}b", "a\u{2066}b", "a\u{e0067}b", "a\0b", "a\u{1b}[31m", "a\u{fffe}b", "a\u{9f}b", "a\u{fff9}b"]
        {
            for result in [line(bad, LIMIT), name(bad, LIMIT), prose(bad, LIMIT)] {
                assert_eq!(result.unwrap_err().code(), "text_character_refused", "{bad:?}");
            }
        }
    }

    #[test]
    fn a_line_has_no_line_break() {
        for bad in ["a\nb", "a\r\nBcc: b", "a\u{2029}b", "a\tb", "a\u{85}b"] {
            assert!(line(bad, LIMIT).is_err() && name(bad, LIMIT).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn joiners_make_emoji_but_not_names() {
        let family = "👩\u{200d}👧";
        assert_eq!(line(family, LIMIT).unwrap(), family);
        for bad in [family, "A\u{200b}da", "A\u{feff}da", "Ada\u{ad}", "\u{3164}"] {
            assert!(name(bad, LIMIT).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn limits_count_bytes_and_graphemes() {
        assert!(line(&"a".repeat(20), LIMIT).is_ok());
        assert_eq!(line(&"a".repeat(21), LIMIT).unwrap_err().code(), "text_too_long");
        assert_eq!(line(&format!("a{}", "\u{300}\u{301}".repeat(30)), LIMIT).unwrap_err().code(), "text_too_long");
        assert_eq!(line(&"a".repeat(1_000_000), LIMIT).unwrap_err().code(), "text_too_long");
        assert_eq!(line(" \u{2003} ", LIMIT).unwrap_err().code(), "text_missing");
    }

    #[test]
    fn mixed_scripts_are_flagged_not_refused() {
        let mixed = "P\u{430}ypal";
        assert!(mixes_scripts(mixed) && name(mixed, LIMIT).is_ok());
        assert!(!mixes_scripts("Siân O’Neill-Żółć"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_was_accepted_is_accepted_unchanged_again(text in any::<String>()) {
            for check in [line, name, prose] {
                if let Ok(once) = check(&text, LIMIT) {
                    prop_assert_eq!(check(&once, LIMIT).unwrap(), once.clone());
                    prop_assert!(once.len() <= LIMIT.bytes);
                }
            }
        }
    }
}
