//! What of the template language templates may use.
//!
//! Fuel bounds how long a template works, not how large its values grow nor how deep an expression nests: two texts added ten
//! times over fill the memory with a handful of instructions. So a template chooses, repeats and prints, and computes nothing:
//! variables, plain literals, comparisons and filters, in short expressions.

use crate::Flaw;

/// The tags there are.
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The longest expression, in bytes: it bounds every chain of operators and filters, and so how deep they nest.
const LONGEST: usize = 200;

/// Refuses everything outside the dialect; the flaw names the line.
pub(super) fn check(source: &str) -> Result<(), Flaw> {
    let mut rest = source;
    while let Some(start) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let found = rest.get(start..).unwrap_or_default();
        let length = if found.starts_with("{#") {
            found.find("#}").map_or(found.len(), |end| end + 2)
        } else {
            code(found).map_err(|what| refused(source, found, &what))?
        };
        rest = found.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The length of a tag or of an expression with its braces, if all of it is allowed.
fn code(found: &str) -> Result<usize, String> {
    let is_tag = found.starts_with("{%");
    let inside = found.get(2..).unwrap_or_default();
    let length = end_of(inside, if is_tag { "%}" } else { "}}" }).ok_or("it has no end")?;
    let code = inside.get(..length).unwrap_or_default();
    let code = code.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']).trim();
    if code.len() > LONGEST {
        return Err(format!("an expression may be at most {LONGEST} bytes long"));
    }
    if is_tag {
        tag(code)?;
    } else {
        expression(code)?;
    }
    Ok(length + 4)
}

/// Where the code ends that began; a closing brace in quotation marks ends nothing.
fn end_of(inside: &str, end: &str) -> Option<usize> {
    let mut quotes = Quotes::default();
    let mut places = inside.char_indices();
    places
        .find(|(offset, c)| !quotes.hold(*c) && inside.get(*offset..).is_some_and(|rest| rest.starts_with(end)))
        .map(|(offset, _)| offset)
}

fn tag(code: &str) -> Result<(), String> {
    let word = code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let rest = code.get(word.len()..).unwrap_or_default().trim();
    match word {
        "for" => repetition(rest),
        word if TAGS.contains(&word) => expression(rest),
        word => Err(format!("there is no tag {word}: only {}", TAGS.join(", "))),
    }
}

/// `ask in asks`: over what there is, never over what an expression makes.
fn repetition(rest: &str) -> Result<(), String> {
    let words: Vec<_> = rest.split_whitespace().collect();
    match words.as_slice() {
        [name, "in", list] if is_path(name) && is_path(list) => Ok(()),
        _ => Err("a repetition must read like: for ask in asks".to_owned()),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

/// Names, literals, comparisons, filters and their arguments.
fn expression(code: &str) -> Result<(), String> {
    let mut quotes = Quotes::default();
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.|(),=!<>'\"".contains(c);
    match code.chars().find(|c| !quotes.hold(*c) && !allowed(*c)) {
        Some(c) => Err(format!("there is no {c} in an expression")),
        None => Ok(()),
    }
}

/// Tells what stands in quotation marks.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    escaped: bool,
}

impl Quotes {
    /// Takes the next character; true if it stands in quotation marks or is one.
    fn hold(&mut self, c: char) -> bool {
        let before = self.open;
        match before {
            Some(_) if self.escaped => self.escaped = false,
            Some(_) if c == '\\' => self.escaped = true,
            Some(open) if c == open => self.open = None,
            None if matches!(c, '"' | '\'') => self.open = Some(c),
            Some(_) | None => {}
        }
        before.is_some() || self.open.is_some()
    }
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
        let source = "Dear {{ representative.salutation }},\n{# why + [] #}{% if personal_message -%}\n{{ personal_message }}\n\
                      {%- elif body is defined and not (area.name == 'A') %}{{ body.name|default(\"a\")|upper }}\
                      {% else %}{{ \"a ~ b * c %} }} ' \\\" +[\" }}{% endif %}\n\
                      {%+ for ask in asks +%}{{ loop.index }}. {{ ask.text }} * ~ [x] {% endfor %}";
        assert_eq!(check(source), Ok(()));
    }

    #[test]
    fn nothing_is_allowed_by_which_a_value_could_grow_or_an_expression_nest() {
        let long = |part: &str| format!("{{{{ {} }}}}", part.repeat(100));
        let bombs = [
            "{% set x = 'aaaa' %}",
            "{%- set x = x ~ x %}",
            "{% with x = 1 %}{% endwith %}",
            "{% macro m() %}{% endmacro %}",
            "{% filter upper %}{% endfilter %}",
            "{%+ do x %}",
            "{{ 'a' * 1000000000 }}",
            "{{ x ~ x }}",
            "{{ x + x }}",
            "{{ [x, x] }}",
            "{{ {'a': x} }}",
            "{{ --1 }}",
            "{% if 'a' * 9 %}{% endif %}",
            "{% for a in ['x'] %}{% endfor %}",
            "{% for a in b recursive %}{% endfor %}",
            "{% for a in b|upper %}{% endfor %}",
            "{% for a in b if a %}{% endfor %}",
            "{% raw %}",
            "{% include 'x' %}",
            "{% %}",
            "{{ x",
            &long("not "),
            &long("'x'|trim"),
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
