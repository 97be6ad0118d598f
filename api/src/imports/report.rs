//! What an import did, or would do.

use super::bad_rows::BadRows;
use postbag_domain::directory::change::Counts;
use std::fmt;

/// How many changes are listed one by one.
const SHOWN: usize = 100;

/// The report of an import, done or only planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was imported: `areas`, `postcodes`, `representatives` or `bodies`.
    pub what: &'static str,
    /// True if nothing was to be written.
    pub dry_run: bool,
    /// The files.
    pub files: Vec<String>,
    /// The change in numbers.
    pub counts: Counts,
    /// Postcodes that are now in another seat, where that is known.
    pub moved_seat: Option<usize>,
    /// Columns that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// Notices for the operator.
    pub notices: Vec<String>,
    /// The changes one by one, where there are few: who came, who left, whose address changed.
    pub changes: Vec<String>,
    /// Rows that were passed over because `--skip-bad-rows` was given.
    pub skipped: BadRows,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run { "would be" } else { "are" };
        let counts = self.counts;
        writeln!(f, "{} from {}:", self.what, self.files.join(", "))?;
        write!(f, "  {} {verb} added, {} changed, {} ended; ", counts.added, counts.changed, counts.ended)?;
        writeln!(f, "{} unchanged", counts.unchanged)?;
        if let Some(moved) = self.moved_seat.filter(|moved| *moved > 0) {
            writeln!(f, "  {moved} moved to another seat")?;
        }
        self.changes.iter().take(SHOWN).try_for_each(|change| writeln!(f, "  {change}"))?;
        if let Some(more) = self.changes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            writeln!(f, "  … and {more} more")?;
        }
        self.notices.iter().try_for_each(|notice| writeln!(f, "  note: {notice}"))?;
        if !self.ignored_columns.is_empty() {
            writeln!(f, "  columns not used: {}", self.ignored_columns.join(", "))?;
        }
        if !self.skipped.is_empty() {
            writeln!(f, "  skipped: {}", self.skipped)?;
        }
        if self.dry_run { writeln!(f, "  nothing was changed: this was a dry run") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_like_a_sentence() {
        let counts = Counts { added: 3, changed: 2, ended: 1, unchanged: 644, live: 647 };
        let report = Report {
            what: "representatives",
            dry_run: true,
            files: vec!["mps.csv".to_owned()],
            counts,
            ignored_columns: vec!["lad_names".to_owned()],
            ..Report::default()
        };
        assert_eq!(
            report.to_string(),
            "representatives from mps.csv:\n  3 would be added, 2 changed, 1 ended; 644 unchanged\n  \
             columns not used: lad_names\n  nothing was changed: this was a dry run\n"
        );
    }
}
