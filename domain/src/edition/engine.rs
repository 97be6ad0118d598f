//! The template engine, as tight as it goes: strict undefined, no loader, bounded work and bounded output (C28).

use super::{EditionContent, LetterPart, TemplateError};
use crate::TemplateVersion;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, filters, tests};
use std::io;

/// How many instructions one part of a letter may take.
const FUEL: u64 = 50_000;

/// How deep a template may nest.
const DEPTH: usize = 50;

/// The longest subject line, in bytes.
pub(super) const LONGEST_SUBJECT: usize = 1_000;

/// The longest body, in bytes: a supporter's words at their longest and a letter around them.
pub(super) const LONGEST_BODY: usize = 128 * 1024;

/// The compiled templates of an edition, by their place in its list.
pub(super) struct Engine {
    environment: Environment<'static>,
    names: Vec<[String; 2]>,
    /// The values that are the same in every letter.
    pub(super) shared: super::scope::Shared,
}

impl Engine {
    /// Compiles every template of an edition.
    pub(super) fn compile(content: &EditionContent) -> Result<Self, TemplateError> {
        let mut environment = environment();
        let mut names = Vec::with_capacity(content.templates.len());
        for (index, template) in content.templates.iter().enumerate() {
            let pair = [format!("subject {index}"), format!("body {index}")];
            let [subject, body] = &pair;
            add(&mut environment, subject, LetterPart::Subject, template)?;
            add(&mut environment, body, LetterPart::Body, template)?;
            names.push(pair);
        }
        Ok(Self { environment, names, shared: super::scope::Shared::new(content) })
    }

    /// Renders one part of the template at `index`.
    pub(super) fn render(&self, index: usize, part: LetterPart, scope: &Value) -> Result<String, Error> {
        let (longest, template) = match part {
            LetterPart::Subject => (LONGEST_SUBJECT, self.template(index, 0)?),
            LetterPart::Body => (LONGEST_BODY, self.template(index, 1)?),
        };
        let mut output = Bounded { bytes: Vec::with_capacity(2_048), longest };
        template.render_captured_to(scope, &mut output)?;
        String::from_utf8(output.bytes).map_err(|_error| Error::new(ErrorKind::BadSerialization, "not UTF-8"))
    }

    /// The variables one part of the template at `index` uses, with their attributes: `supporter.name`.
    pub(super) fn variables(&self, index: usize, part: LetterPart) -> Vec<String> {
        let template = self.template(index, usize::from(part == LetterPart::Body));
        let mut variables: Vec<_> = template.iter().flat_map(|template| template.undeclared_variables(true)).collect();
        variables.sort();
        variables
    }

    fn template(&self, index: usize, part: usize) -> Result<minijinja::Template<'_, '_>, Error> {
        let name = self.names.get(index).and_then(|pair| pair.get(part));
        let name = name.ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, "no such template"))?;
        self.environment.get_template(name)
    }
}

/// Every part of a template that does not compile.
pub(super) fn syntax_errors(template: &TemplateVersion) -> Vec<TemplateError> {
    let mut environment = environment();
    let parts = LetterPart::ALL.iter();
    parts.filter_map(|part| add(&mut environment, part.as_str(), *part, template).err()).collect()
}

/// Renders a template that stands by itself, within the bounds of a letter's body.
pub(crate) fn render_alone(source: &str, scope: &Value) -> Result<String, Error> {
    let environment = environment();
    let mut output = Bounded { bytes: Vec::with_capacity(1_024), longest: LONGEST_BODY };
    environment.template_from_str(source)?.render_captured_to(scope, &mut output)?;
    String::from_utf8(output.bytes).map_err(|_error| Error::new(ErrorKind::BadSerialization, "not UTF-8"))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    add_words(&mut environment);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_name| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH);
    environment
}

/// The filters and tests there are: none of them makes a text much longer than it is, however often it is applied.
fn add_words(environment: &mut Environment<'static>) {
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("default", filters::default);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
}

fn add(
    environment: &mut Environment<'static>,
    name: &str,
    part: LetterPart,
    template: &TemplateVersion,
) -> Result<(), TemplateError> {
    let source = match part {
        LetterPart::Subject => template.source.subject(),
        LetterPart::Body => template.source.body(),
    };
    environment.add_template_owned(name.to_owned(), source.to_owned()).map_err(|error| TemplateError {
        template_id: template.id,
        part,
        line: error.line(),
        detail: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    longest: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.longest {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
