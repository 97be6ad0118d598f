//! From files to a changed directory: read, compare, guard, write.

use super::atlas::Atlas;
use super::changes::{in_words, people_in_words};
use super::error::ImportError;
use super::member::Member;
use super::postcodes::{self, Layer, Moves, ReadLayer, moves};
use super::source::Source;
use super::{Options, Progress, Reading, Report, areas, bodies, effects, representatives};
use crate::ids;
use chrono::NaiveDate;
use postbag_domain::directory::change::{self, Counts};
use postbag_domain::{Area, Body, DirectoryParts, PostcodeLayer};
use postbag_persistence::{DirectoryChange, Import, ImportOutcome, PackedLayer, Store};
use std::collections::{BTreeSet, HashMap};

/// How often a plan is made again because the directory changed in the meantime.
const ATTEMPTS: usize = 5;

/// Imports lists of areas. An area ends only where a file gives its last day.
///
/// Blocks: it is for the command line and for threads of its own, as are its siblings.
pub fn import_areas(
    store: &Store,
    sources: &[Source],
    options: &Options,
    progress: Progress,
) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    let mut facts = Vec::new();
    for source in sources {
        facts.extend(areas::read(source, &mut reading, progress)?);
    }
    reading.refuse_bad_rows()?;
    let files = names(sources);
    Run { store, files: &files, options, what: "areas" }.with_plan(reading, |parts, reading| {
        let atlas = Atlas::new(parts.areas, options.today());
        let incoming = areas::resolve(&facts, &atlas, reading);
        let change = change::plan_areas(atlas.areas(), incoming, options.today());
        let changes = in_words(&change, |area: &Area| format!("{} {} ({})", area.key.kind, area.name, area.key.code));
        Ok((DirectoryChange::Areas(change), changes))
    })
}

/// Imports lists of representatives: everybody who holds the offices that a file lists. A person who is missing has left.
pub fn import_representatives(
    store: &Store,
    sources: &[Source],
    options: &Options,
    progress: Progress,
) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    let mut members = Vec::new();
    for source in sources {
        members.extend(representatives::read(source, options, &mut reading, progress)?);
    }
    let files = names(sources);
    change_representatives(Run { store, files: &files, options, what: "representatives" }, &members, reading)
}

/// Compares members with those in office and writes the difference.
pub(super) fn change_representatives(
    run: Run<'_>,
    members: &[Member],
    reading: Reading,
) -> Result<Report, ImportError> {
    let today = run.options.today();
    run.with_plan(reading, |parts, reading| {
        let atlas = Atlas::new(parts.areas, today);
        let facts = representatives::resolve(members, &atlas, today, reading);
        let facts = representatives::without_dissolved(facts, &parts.dissolutions, today, reading);
        reading.refuse_bad_rows()?;
        let people = &parts.representatives;
        for office in facts.iter().map(|facts| facts.office).collect::<BTreeSet<_>>() {
            let as_of = facts.iter().filter(|facts| facts.office == office).filter_map(|facts| facts.as_of).max();
            if let Some(live) = representatives::usual_date(people, office, today) {
                run.refuse_older(as_of, live, &format!("the list of the office {office}"))?;
            }
        }
        let change = change::plan_representatives(people, facts, &parts.dissolutions, today, &mut ids::fresh);
        let changes = people_in_words(&change, people, &atlas);
        reading.notice(representatives::reachable(&change, people, today));
        Ok((DirectoryChange::Representatives(change), changes))
    })
}

/// Imports lists of bodies: every body of the kinds that a file lists. Those it lacks go.
pub fn import_bodies(
    store: &Store,
    sources: &[Source],
    options: &Options,
    progress: Progress,
) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    let mut facts = Vec::new();
    for source in sources {
        facts.extend(bodies::read(source, options, &mut reading, progress)?);
    }
    reading.refuse_bad_rows()?;
    let files = names(sources);
    Run { store, files: &files, options, what: "bodies" }.with_plan(reading, |parts, reading| {
        let known: HashMap<_, &Body> = parts.bodies.iter().map(|body| (body.key(), body)).collect();
        let over = |fact: &bodies::BodyFact| fact.clone().over(known.get(&fact.key()).copied());
        let change = change::plan_bodies(&parts.bodies, facts.iter().map(over).collect());
        let atlas = Atlas::new(parts.areas, options.today());
        let strangers = facts.iter().filter(|fact| atlas.area(fact.key()).is_none()).count();
        if strangers > 0 {
            reading.notice(format!("{strangers} bodies are of areas that are not in the area list"));
        }
        let changes = in_words(&change, |body: &Body| format!("{} {} ({})", body.kind, body.name, body.code));
        Ok((DirectoryChange::Bodies(change), changes))
    })
}

/// Imports postcode files, each as its layer; the newer file of a layer replaces the older. A layer is written as a whole.
pub fn import_postcodes(
    store: &Store,
    sources: &[Source],
    options: &Options,
    progress: Progress,
) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    let parts = store.load_directory_blocking(&[])?.value;
    let atlas = Atlas::new(parts.areas, options.today());
    let mut layers: Vec<Layer> = Vec::new();
    for source in sources {
        postcodes::read(source, &atlas, options, (&mut reading, progress), &mut layers)?;
    }
    if !options.skip_bad_rows {
        reading.refuse_bad_rows()?;
    }
    let finish = |layer: Layer| layer.finish(&parts.layers, options, &mut reading);
    let finished = layers.into_iter().map(finish).collect::<Result<_, _>>()?;
    let files = names(sources);
    change_layers(Run { store, files: &files, options, what: "postcodes" }, (&atlas, &parts.layers), finished, reading)
}

/// Puts layers in the place of those with their names, once all of them have been found fit.
pub(super) fn change_layers(
    run: Run<'_>,
    (atlas, known): (&Atlas, &[PostcodeLayer]),
    layers: Vec<ReadLayer>,
    mut reading: Reading,
) -> Result<Report, ImportError> {
    for ReadLayer { layer, .. } in &layers {
        postcodes::check(layer, atlas, &mut reading)?;
        let before = named(known, &layer.name);
        if let Some(before) = before {
            run.refuse_older(Some(layer.as_of), before.as_of, &format!("layer {}", layer.name))?;
        }
        let before = before.map(|known| &*known.table);
        change::plan_postcodes(before, &layer.table).guard(run.options.force)?;
    }
    let mut report = run.report(reading);
    for read in layers {
        run.replace(&read, known, &mut report)?;
    }
    Ok(report)
}

fn names(sources: &[Source]) -> Vec<String> {
    sources.iter().map(|source| source.name().to_owned()).collect()
}

fn named<'a>(layers: &'a [PostcodeLayer], name: &str) -> Option<&'a PostcodeLayer> {
    layers.iter().find(|layer| layer.name == name)
}

/// An import under way.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) store: &'a Store,
    /// The sources: names of files, or a service.
    pub(super) files: &'a [String],
    pub(super) options: &'a Options,
    pub(super) what: &'static str,
}

impl Run<'_> {
    /// Plans against the directory as it is and writes the plan; again if the directory has changed in between.
    fn with_plan(
        self,
        mut reading: Reading,
        plan: impl Fn(DirectoryParts, &mut Reading) -> Result<(DirectoryChange, Vec<String>), ImportError>,
    ) -> Result<Report, ImportError> {
        for _attempt in 0..ATTEMPTS {
            let loaded = self.store.load_directory_blocking(&[])?;
            let (change, changes) = plan(loaded.value.with_dissolutions(), &mut reading)?;
            let counts = change.counts();
            counts.guard(self.options.force)?;
            let effects = effects::lines(self.store, &change)?;
            let import = self.import(self.files.join(", "), reading.digests.join("+"), loaded.revision);
            if change.is_nothing() || self.write(&import, &change)? {
                for effect in effects {
                    reading.notice(effect);
                }
                return Ok(Report { counts, changes, ..self.report(reading) });
            }
        }
        Err(self.contended())
    }

    /// Puts a layer in the place of the one with its name; the layers that are held need not be read again.
    fn replace(self, read: &ReadLayer, held: &[PostcodeLayer], report: &mut Report) -> Result<(), ImportError> {
        let layer = &read.layer;
        for _attempt in 0..ATTEMPTS {
            let loaded = self.store.load_directory_blocking(held)?;
            let known = named(&loaded.value.layers, &layer.name);
            let counts = change::plan_postcodes(known.map(|known| &*known.table), &layer.table);
            counts.guard(self.options.force)?;
            let is_same = counts.is_nothing()
                && known.is_some_and(|known| known.as_of == layer.as_of && known.kinds == layer.kinds);
            let moved = known.map(|known| moves(&known.table, &layer.table));
            let import = self.import(layer.source.clone(), read.digests.join("+"), loaded.revision);
            let change = || DirectoryChange::Postcodes(PackedLayer::of(layer.clone()), counts);
            if is_same || self.write(&import, &change())? {
                report.counts = sum(report.counts, counts);
                if let Some(Moves { count, examples }) = moved {
                    report.moved_seat = Some(report.moved_seat.unwrap_or_default() + count);
                    report.changes.extend(examples);
                }
                return Ok(());
            }
        }
        Err(self.contended())
    }

    /// Refuses facts of an earlier day than those that are there.
    fn refuse_older(self, as_of: Option<NaiveDate>, live: NaiveDate, what: &str) -> Result<(), ImportError> {
        match as_of {
            Some(as_of) if as_of < live && !self.options.older => Err(ImportError::Refused {
                file: self.files.join(", "),
                reason: format!(
                    "is of {as_of}, but {what} is of {live} already: say --older to import it all the same"
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Writes a change; false if the directory is no longer what it was planned against.
    fn write(self, import: &Import, change: &DirectoryChange) -> Result<bool, ImportError> {
        if self.options.dry_run {
            return Ok(true);
        }
        match self.store.import_blocking(import, change)? {
            ImportOutcome::Done { .. } => Ok(true),
            ImportOutcome::Stale => Ok(false),
        }
    }

    fn import(self, file_name: String, digest: String, against: i64) -> Import {
        Import { id: ids::fresh(), file_name, digest, against, at: self.options.now }
    }

    fn report(self, reading: Reading) -> Report {
        Report {
            what: self.what,
            dry_run: self.options.dry_run,
            files: self.files.to_vec(),
            ignored_columns: reading.ignored.into_iter().collect(),
            notices: reading.notices,
            skipped: reading.bad,
            ..Report::default()
        }
    }

    fn contended(self) -> ImportError {
        let reason = "the directory keeps changing while this is imported: try again".to_owned();
        ImportError::Refused { file: self.files.join(", "), reason }
    }
}

const fn sum(a: Counts, b: Counts) -> Counts {
    Counts {
        added: a.added + b.added,
        changed: a.changed + b.changed,
        ended: a.ended + b.ended,
        unchanged: a.unchanged + b.unchanged,
        live: a.live + b.live,
    }
}
