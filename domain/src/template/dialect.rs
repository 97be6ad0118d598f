//! What of the template language templates may use.
//!
//! Fuel bounds how long a template works, not how large its values grow: `{% set x = x ~ x %}` doubles a text with one instruction.
//! So nothing is allowed by which a value could grow: a template chooses, repeats and prints, and computes nothing.

use crate::Flaw;

/// The tags there are.
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Operators that make a text longer than its parts.
const GROWING: [char; 2] = ['~', '*'];

/// Refuses whatever is outside the dialect; the flaw names the line.
pub(super) fn check(source: &str) -> Result<(), Flaw> {
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        let found = rest.get(start..).unwrap_or_default();
        let length = if found.starts_with("{#") {
            comment(found)
        } else {
            code(found).map_err(|what| refused(source, found, &what))?
        };
        rest = found.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The length of a comment. One without an end is for the compiler to refuse.
fn comment(found: &str) -> usize {
    found.find("#}").map_or(found.len(), |end| end + 2)
}

/// The length of a tag or of an expression, if all of it is allowed.
fn code(found: &str) -> Result<usize, String> {
    let (is_tag, end) = (found.starts_with("{%"), if found.starts_with("{%") { "%}" } else { "}}" });
    let inside = found.get(2..).unwrap_or_default();
    if is_tag {
        known_tag(inside)?;
    }
    let mut quote = None;
    let mut escaped = false;
    for (offset, c) in inside.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            None if inside.get(offset..).is_some_and(|rest| rest.starts_with(end)) => {
                return Ok(2 + offset + end.len());
            }
            None if GROWING.contains(&c) => return Err(format!("there is no operator {c}")),
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(_) | None => {}
        }
    }
    Ok(found.len())
}

fn known_tag(inside: &str) -> Result<(), String> {
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    let word = inside.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    if TAGS.contains(&word) { Ok(()) } else { Err(format!("there is no tag {word}: only {}", TAGS.join(", "))) }
}

fn refused(source: &str, found: &str, what: &str) -> Flaw {
    let before = source.len() - found.len();
    let line = 1 + source.bytes().take(before).filter(|byte| *byte == b'\n').count();
    Flaw::new("template_syntax", format!("line {line}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_template_may_choose_repeat_and_print() {
        let source = "Dear {{ representative.salutation }},\n{# why #}{% if personal_message -%}\n{{ personal_message }}\n\
                      {%- elif body is defined %}{{ body.name|upper }}{% else %}{{ \"a ~ b * c %} }}\" }}{% endif %}\n\
                      {% for ask in asks %}{{ loop.index }}. {{ ask.text }} * ~ {% endfor %}";
        assert_eq!(check(source), Ok(()));
    }

    #[test]
    fn nothing_is_allowed_by_which_a_value_could_grow() {
        let bombs = [
            "{% set x = 'aaaa' %}",
            "{%- set x = x ~ x %}",
            "{% with x = 1 %}{% endwith %}",
            "{% macro m() %}{% endmacro %}",
            "{% filter upper %}{% endfilter %}",
            "{%+ do x %}",
            "{{ 'a' * 1000000000 }}",
            "{{ x ~ x }}",
            "{% if 'a' * 9 %}{% endif %}",
            "{% raw %}",
            "{% include 'x' %}",
            "{% %}",
        ];
        for bomb in bombs {
            let flaw = check(&format!("\n\n{bomb}")).unwrap_err();
            assert_eq!(flaw.code(), "template_syntax");
            assert!(flaw.detail().starts_with("line 3: "), "{bomb}: {flaw}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_allowed_or_refused(source in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}|['\"\\\\~* a-z\n]){0,40}") {
            let _ = check(&source);
        }
    }
}
