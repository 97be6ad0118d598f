//! What services answered becomes the directory in the way that files do: compared, guarded, reported, all or nothing.

use super::atlas::Atlas;
use super::cells;
use super::error::ImportError;
use super::member::{AreaGiven, Member};
use super::postcodes::ReadLayer;
use super::run::{Run, change_layers, change_representatives};
use super::{Options, Reading, Report};
use crate::ids;
use crate::outbound::MemberOfParliament;
use crate::secrets::hex;
use aws_lc_rs::digest::{SHA256, digest};
use postbag_domain::directory::change::Field;
use postbag_domain::directory::postcode_table::PostcodeRow;
use postbag_domain::directory::{Part, PostcodeTable, TableError};
use postbag_domain::{
    AreaKey, AreaKind, LayerId, Office, Postcode, PostcodeAnswer, PostcodeLayer, PostcodeTableBuilder,
};
use postbag_persistence::Store;
use std::collections::{BTreeSet, HashMap};

/// A member and the address of the office in Parliament, as the service answers both.
pub type MemberAnswer = (MemberOfParliament, Option<String>);

/// Brings in everybody who sits in the House of Commons, as the service answered. A member who is missing has left.
///
/// Blocks, as every import does.
pub fn sync_representatives(
    store: &Store,
    answers: &[MemberAnswer],
    source: &str,
    options: &Options,
) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    reading.digests.push(digest_of(format!("{answers:?}").as_bytes()));
    let members: Vec<_> = answers.iter().map(|answer| member(answer, source, options, &mut reading)).collect();
    let files = [source.to_owned()];
    change_representatives(Run { store, files: &files, options, what: "representatives" }, &members, reading)
}

fn member((person, email): &MemberAnswer, source: &str, options: &Options, reading: &mut Reading) -> Member {
    let id = format!("parliament:{}", person.id);
    let email = match email.as_deref().map(cells::email) {
        None | Some(Ok(None)) => Field::Absent,
        Some(Ok(Some(email))) => Field::Present(email),
        Some(Err(_flaw)) => {
            reading.notice(format!("the address given for {id} is none: what is known of it stays"));
            Field::Missing
        }
    };
    Member {
        salutation: person.addressed_as.clone(),
        party: person.party.clone().into(),
        verified_on: matches!(email, Field::Present(_)).then(|| options.today()),
        email,
        start_date: person.since,
        end_date: person.until,
        ..Member::new(source, &[Office::Mp], AreaGiven::Name(person.constituency.clone()), id, person.name.clone())
    }
}

/// The layer that a service's answers are.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredLayer<'a> {
    /// Its name.
    pub name: &'a str,
    /// The service, as sources are named.
    pub source: &'a str,
    /// The answers.
    pub answers: &'a [(Postcode, PostcodeAnswer)],
}

/// Brings in what a service said of postcodes: a layer, in which earlier answers about other postcodes stay.
///
/// Blocks, as every import does.
pub fn sync_postcodes(store: &Store, answered: AnsweredLayer<'_>, options: &Options) -> Result<Report, ImportError> {
    let mut reading = Reading::default();
    let parts = store.load_directory_blocking(&[])?.value;
    let atlas = Atlas::new(parts.areas, options.today());
    let known = parts.layers.iter().find(|layer| layer.name == answered.name);
    let layer = merged(answered, known, options)?;
    let unknown = answered.answers.iter().filter(|(_postcode, answer)| *answer == PostcodeAnswer::Unknown).count();
    if unknown > 0 {
        reading.notice(format!("{unknown} of {} postcodes are not known there", answered.answers.len()));
    }
    let files = [answered.source.to_owned()];
    let digests = vec![digest_of(&layer.table.encode().concat())];
    let run = Run { store, files: &files, options, what: "postcodes" };
    change_layers(run, (&atlas, &parts.layers), vec![ReadLayer { layer, digests }], reading)
}

/// The answers over what the layer had: a postcode that was asked about again has only its new answer.
fn merged(
    answered: AnsweredLayer<'_>,
    known: Option<&PostcodeLayer>,
    options: &Options,
) -> Result<PostcodeLayer, ImportError> {
    let refused = |reason: String| ImportError::Refused { file: answered.source.to_owned(), reason };
    let fresh: HashMap<_, _> = answered.answers.iter().map(|(postcode, answer)| (postcode.key(), answer)).collect();
    let mut builder = PostcodeTableBuilder::new();
    if let Some(table) = known.map(|layer| &layer.table) {
        let mut kept = table.iter().filter(|row| !fresh.contains_key(&row.key));
        kept.try_for_each(|row| keep(&mut builder, table, row)).map_err(|error| refused(error.to_string()))?;
    }
    for (key, (ended, profile)) in fresh.iter().filter_map(|(key, answer)| Some((*key, answer.row()?))) {
        builder.push(key, ended, &profile).map_err(|error| refused(error.to_string()))?;
    }
    let table = builder.finish().map_err(|error| refused(error.to_string()))?.table;
    if table.is_empty() {
        return Err(refused("knows none of these postcodes".to_owned()));
    }
    let answered_kinds = answered.answers.iter().flat_map(|(_postcode, answer)| answer.areas().iter().map(kind));
    let kinds: BTreeSet<AreaKind> =
        answered_kinds.chain(known.into_iter().flat_map(|layer| layer.kinds.iter().copied())).collect();
    Ok(PostcodeLayer {
        id: LayerId::new(ids::fresh()),
        name: answered.name.to_owned(),
        source: answered.source.to_owned(),
        as_of: options.today(),
        kinds: kinds.into_iter().collect(),
        table: table.into(),
    })
}

/// Takes a row of the earlier table over, divided or not.
fn keep(builder: &mut PostcodeTableBuilder, table: &PostcodeTable, row: PostcodeRow) -> Result<(), TableError> {
    let profile = |number: u16| table.profiles().get(usize::from(number)).copied().unwrap_or_default();
    match table.parts_of(row.key) {
        [] => builder.push(row.key, row.ended, &profile(row.profile)),
        parts => parts.iter().try_for_each(|part| {
            builder.push_part(row.key, row.ended, &profile(part.profile), Part::Share(part.share))
        }),
    }
}

const fn kind(area: &AreaKey) -> AreaKind {
    area.kind
}

fn digest_of(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}
