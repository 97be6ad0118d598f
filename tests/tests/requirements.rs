//! Holds the table of requirements against the sources that cite them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("../REQUIREMENTS.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The texts of all Rust sources and READMEs.
fn sources() -> Vec<String> {
    let mut folders: Vec<PathBuf> = ["api", "domain", "persistence", "tests"].map(|name| root().join(name)).into();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
                texts.extend(fs::read_to_string(path));
            }
        }
    }
    assert!(texts.len() > 300, "the sources are not where they were: {}", texts.len());
    texts
}

/// The numbers in a parenthesis such as `(B20, C7)`; nothing for any other parenthesis.
fn numbers(parenthesis: &str) -> Vec<&str> {
    let numbers: Vec<_> = parenthesis.split(", ").collect();
    let is_number = |word: &&str| {
        let digits = word.strip_prefix(['A', 'B', 'C']).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if numbers.iter().all(is_number) { numbers } else { Vec::new() }
}

fn cited(texts: &[String]) -> BTreeSet<&str> {
    let parentheses = texts.iter().flat_map(|text| text.split('(').skip(1));
    parentheses.filter_map(|rest| rest.split_once(')')).flat_map(|(inside, _)| numbers(inside)).collect()
}

#[test]
fn every_requirement_that_is_cited_is_in_the_table() {
    let texts = sources();
    let known: BTreeSet<_> = TABLE.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).collect();
    let missing: Vec<_> = cited(&texts).into_iter().filter(|number| !known.contains(number)).collect();
    assert!(missing.is_empty(), "add to tests/REQUIREMENTS.md: {missing:?}");
}

#[test]
fn every_test_that_is_named_exists() {
    let all = sources().concat();
    let rows = TABLE.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 4);
    let names = rows.filter_map(|row| row.split('|').nth(3)).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let missing: Vec<_> = names.filter(|name| !all.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no such test: {missing:?}");
}
