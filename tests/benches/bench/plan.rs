//! What to measure, and how long.

use std::time::Duration;

use crate::scratch::Engine;

/// The rows there are, by the words that ask for them.
const ROWS: [&str; 15] = [
    "tally",
    "campaign",
    "targets",
    "submit",
    "stored",
    "directory",
    "swap",
    "delivery",
    "claim",
    "pace",
    "challenge",
    "flood",
    "overload",
    "permissions",
    "oracle",
];

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    rows: Vec<String>,
    /// The databases to measure on.
    pub(crate) engines: Vec<Engine>,
    /// One turn of one side.
    pub(crate) window: Duration,
    /// How many turns each side has.
    pub(crate) rounds: usize,
    /// How many actions are stored before the rows that are about many.
    pub(crate) stored: u32,
    /// A look, not a measurement.
    pub(crate) is_quick: bool,
}

impl Plan {
    /// From the command line; what cargo adds to it is ignored.
    pub(crate) fn of(args: &[String]) -> Self {
        let words: Vec<_> = args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
        let quick = words.iter().any(|word| word == "quick");
        let only = |engine: &Engine| words.iter().any(|word| word.eq_ignore_ascii_case(engine.name()));
        let (there, only): (Vec<_>, Vec<_>) = (Engine::all(), Engine::all().into_iter().filter(only).collect());
        let is_row =
            |word: &String| word != "quick" && !there.iter().any(|engine| word.eq_ignore_ascii_case(engine.name()));
        let rows: Vec<_> = words.iter().filter(|word| is_row(word)).cloned().collect();
        for row in &rows {
            assert!(ROWS.contains(&row.as_str()), "no row is called {row}: there are {ROWS:?}");
        }
        let window = Duration::from_secs(if quick { 1 } else { 3 });
        let engines = if only.is_empty() { there } else { only };
        Self {
            rows,
            engines,
            window,
            rounds: if quick { 3 } else { 5 },
            is_quick: quick,
            stored: if quick { 100_000 } else { 1_000_000 },
        }
    }

    /// True if this row is to be measured.
    pub(crate) fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| wanted == row)
    }
}
