//! Lists of postcodes to ask a service about: one a line, or a table with a column of them.

use super::error::ImportError;
use super::postcodes::KEYS;
use super::source::Source;
use super::table::Table;
use super::{Progress, Reading};
use postbag_domain::Postcode;
use std::collections::BTreeSet;

/// The postcodes that files list, each once. Those of forces, Crown dependencies and overseas territories are left out: nobody is
/// elected for them.
///
/// Blocks, as reading files does.
pub fn read_postcode_list(sources: &[Source], progress: Progress) -> Result<Vec<Postcode>, ImportError> {
    let (mut reading, mut postcodes) = (Reading::default(), BTreeSet::new());
    for source in sources {
        read(source, &mut reading, progress, &mut postcodes)?;
    }
    reading.refuse_bad_rows()?;
    postcodes.retain(|postcode| postcode.special().is_none());
    if postcodes.is_empty() {
        let file = sources.iter().map(Source::name).collect::<Vec<_>>().join(", ");
        return Err(ImportError::Refused { file, reason: "has no postcodes".to_owned() });
    }
    Ok(postcodes.into_iter().collect())
}

fn read(
    source: &Source,
    reading: &mut Reading,
    progress: Progress,
    postcodes: &mut BTreeSet<Postcode>,
) -> Result<(), ImportError> {
    let mut table = Table::open(source, source.open(progress)?)?;
    let column = match table.first().text(Some(0)).map(Postcode::parse) {
        Some(Ok(_postcode)) => {
            table.without_header();
            Some(0)
        }
        _ => KEYS.iter().find_map(|key| table.column(key)),
    };
    let Some(column) = column else {
        return Err(source.refused(format!(
            "is no list of postcodes. Expected is one a line, or a column with one of the names {}",
            KEYS.join(", ")
        )));
    };
    while table.advance(reading)? {
        match table.row().needed("postcode", Some(column), Postcode::parse) {
            Ok(postcode) => {
                postcodes.insert(postcode);
            }
            Err(detail) => table.note(reading, detail),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let source = Source::bytes("list.csv", text.as_bytes().to_vec());
        let list = read_postcode_list(&[source], Progress::quiet()).map_err(|error| error.to_string())?;
        Ok(list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn postcodes_stand_one_a_line_or_in_a_column() {
        for text in ["za1 1aa\nZA11AB\nZA1 1AA\n", "name,postcode\nx,ZA1 1AA\ny,za11ab\n", "PCDS\nZA1 1AA\nZA1 1AB\n"] {
            assert_eq!(read(text).unwrap(), ["ZA1 1AA", "ZA1 1AB"], "{text:?}");
        }
    }

    #[test]
    fn places_without_elections_are_left_out() {
        assert_eq!(read("ZA1 1AA\nBFPO 57\nJE2 3AB\n").unwrap(), ["ZA1 1AA"]);
        assert!(read("BFPO 57\n").unwrap_err().contains("has no postcodes"));
    }

    #[test]
    fn a_wrong_postcode_is_named_by_its_line() {
        assert!(read("ZA1 1AA\nnone\n").unwrap_err().contains("list.csv, line 2: postcode: must be a UK postcode"));
        assert!(read("town\nLeeds\n").unwrap_err().contains("no list of postcodes"));
    }
}
