//! The layout of `api/src`: files may import one another in one direction only, so that each can be read, moved and tested without
//! the ones above it.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module or an item as a path, such as `http::page`.
type Name = Vec<String>;

/// The modules of the crate with what they import and what they pass on.
#[derive(Default)]
struct Sources {
    imports: BTreeMap<Name, Vec<Name>>,
    passed_on: BTreeMap<Name, Name>,
}

impl Sources {
    fn read(root: &Path) -> Self {
        let mut sources = Self::default();
        for file in rust_files(root) {
            let Some(module) = module_of(file.strip_prefix(root).expect("a file of the root")) else { continue };
            let text = without_tests_and_comments(&fs::read_to_string(&file).expect("a source file"));
            sources.imports.entry(module.clone()).or_default();
            let statements = uses(&text);
            for statement in &statements {
                sources.add(&module, statement);
            }
            let code = statements.iter().fold(text.clone(), |code, statement| code.replace(statement, ""));
            let paths = code.match_indices("crate::").filter_map(|(at, _)| code.get(at..)?.split(is_no_path).next());
            let named: Vec<_> = paths.map(|path| absolute(&module, path)).collect();
            sources.imports.entry(module).or_default().extend(named);
        }
        sources
    }

    fn add(&mut self, module: &Name, statement: &str) {
        let (is_passed_on, tree) = match statement.split_once("use ") {
            Some((visibility, tree)) => (!visibility.trim().is_empty(), tree),
            None => return,
        };
        for path in expanded(tree) {
            let path = absolute(module, &path);
            if is_passed_on {
                let name = path.last().cloned().unwrap_or_default();
                self.passed_on.insert([module.clone(), vec![name]].concat(), path);
            } else {
                self.imports.entry(module.clone()).or_default().push(path);
            }
        }
    }

    /// The file in which the item lies, if it is one of ours.
    fn file_of(&self, mut path: Name) -> Option<Name> {
        // An item may be passed on several times.
        for _ in 0..4 {
            let end = (1..=path.len()).rev().find(|end| self.passed_on.contains_key(&path[..*end]));
            let Some(end) = end.filter(|end| !self.imports.contains_key(&path[..*end])) else { break };
            path = [self.passed_on[&path[..end]].clone(), path[end..].to_vec()].concat();
        }
        (1..=path.len()).rev().map(|end| path[..end].to_vec()).find(|module| self.imports.contains_key(module))
    }

    fn files_imported_by(&self, module: &Name) -> BTreeSet<Name> {
        let paths = self.imports.get(module).into_iter().flatten().cloned();
        paths.filter_map(|path| self.file_of(path)).filter(|file| file != module).collect()
    }

    /// A way from a file through its imports back to itself.
    fn circle(&self) -> Option<String> {
        let graph: BTreeMap<_, _> =
            self.imports.keys().map(|module| (module, self.files_imported_by(module))).collect();
        graph.keys().find_map(|start| {
            let (mut seen, mut ways) = (BTreeSet::new(), vec![vec![(*start).clone()]]);
            while let Some(way) = ways.pop() {
                for next in way.last().and_then(|last| graph.get(last)).into_iter().flatten() {
                    let longer = [way.clone(), vec![next.clone()]].concat();
                    if next == *start {
                        return Some(longer.iter().map(|name| name.join("::")).collect::<Vec<_>>().join(" → "));
                    }
                    if seen.insert(next.clone()) {
                        ways.push(longer);
                    }
                }
            }
            None
        })
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The module of a file; nothing for the roots of the crate, which only list the rooms, and for tests.
fn module_of(file: &Path) -> Option<Name> {
    let name: Name = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_left_out = name.iter().any(|part| ["lib", "main", "tests", "samples"].contains(&part.as_str()));
    (!is_left_out).then_some(name)
}

fn without_tests_and_comments(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The statements that import or pass on, each as one text.
fn uses(text: &str) -> Vec<String> {
    let starts = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "];
    let at = text.match_indices('\n').map(|(at, _)| at + 1).chain([0]);
    let found = at.filter(|at| starts.iter().any(|start| text[*at..].starts_with(start)));
    found.filter_map(|at| text[at..].split(';').next()).map(str::to_owned).collect()
}

/// Every path of a tree such as `crate::http::{page, problem::{Answer, Problem}}`.
fn expanded(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in rest.strip_suffix('}').unwrap_or(rest).chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match (letter, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().expect("a part").push(letter),
        }
    }
    let paths = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| expanded(part));
    paths.map(|path| format!("{}{path}", head.trim())).collect()
}

fn absolute(module: &Name, path: &str) -> Name {
    let mut parts = path.split("::").map(str::to_owned).filter(|part| !part.is_empty()).peekable();
    let mut base = module.clone();
    match parts.peek().map(String::as_str) {
        Some("crate") => base.clear(),
        Some("self") => {}
        Some("super") => {
            while parts.next_if_eq("super").is_some() {
                base.pop();
            }
            return base.into_iter().chain(parts).collect();
        }
        _ => return base.into_iter().chain(parts).collect(),
    }
    parts.next();
    base.into_iter().chain(parts.filter(|part| part != "self")).collect()
}

fn is_no_path(letter: char) -> bool {
    !(letter.is_alphanumeric() || letter == '_' || letter == ':')
}

#[test]
fn no_file_of_the_api_imports_itself_by_way_of_others() {
    let sources = Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src"));
    assert!(sources.imports.len() > 100, "the sources are there");
    assert_eq!(sources.circle(), None);
}

#[test]
fn a_circle_is_found_through_what_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("http")).unwrap();
    let files = [
        ("app.rs", "use crate::http::{Limits, page};\n"),
        ("http.rs", "mod limits;\npub use limits::Limits;\n"),
        ("http/limits.rs", "use crate::app::App;\n"),
        ("http/page.rs", "\n"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    assert_eq!(Sources::read(folder.path()).circle().unwrap(), "app → http::limits → app");
    fs::write(folder.path().join("http/limits.rs"), "// use crate::app::App;\n").unwrap();
    assert_eq!(Sources::read(folder.path()).circle(), None);
}
