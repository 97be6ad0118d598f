//! The table that is printed at the end.

use std::fmt;

/// What is hoped for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
    /// Only to be known.
    None,
}

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// On which database; empty where none is touched.
    pub(crate) database: &'static str,
    /// What Postbag reached.
    pub(crate) ours: String,
    /// What it is held against, and what that reached.
    pub(crate) yardstick: String,
    /// The figure that the goal is about.
    pub(crate) figure: f64,
    /// Its unit: empty for a ratio.
    pub(crate) unit: &'static str,
    /// The goal.
    pub(crate) goal: Goal,
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<[String; 6]>);

impl Table {
    /// Adds a line, and prints it at once.
    pub(crate) fn add(&mut self, line: Line) {
        let (goal, met) = match line.goal {
            Goal::Least(least) => (format!("≥ {least}{}", line.unit), Some(line.figure >= least)),
            Goal::Most(most) => (format!("≤ {most}{}", line.unit), Some(line.figure <= most)),
            Goal::None => (String::new(), None),
        };
        let met = met.map_or("", |met| if met { " met" } else { " MISSED" });
        let figure = format!("{:.2}{}", line.figure, line.unit);
        let row = [line.what, line.database.to_owned(), line.ours, line.yardstick, figure, format!("{goal}{met}")];
        eprintln!("  {}", row.join("  |  "));
        self.0.push(row);
    }

    /// Says why something was not measured.
    pub(crate) fn skip(&mut self, what: &str, database: &'static str, why: &str) {
        let row = [what, database, "", "", "skipped", why].map(str::to_owned);
        eprintln!("  {}", row.join("  |  "));
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "database", "Postbag", "yardstick", "figure", "goal"].map(str::to_owned);
        let width = |column: usize| {
            std::iter::once(&head).chain(&self.0).map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        for row in std::iter::once(&head).chain(&self.0) {
            let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A count per second, as people read it.
pub(crate) fn per_second(rate: f64) -> String {
    if rate >= 10_000.0 { format!("{:.1} k/s", rate / 1000.0) } else { format!("{rate:.0} /s") }
}
