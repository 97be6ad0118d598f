//! Tables with a header: columns by name, in any order, capitals and line ends.

use super::Reading;
use super::error::ImportError;
use super::source::{Digest, Source, Text};
use csv::ByteRecord;
use std::collections::BTreeSet;
use std::io::BufRead;

/// The place of a column, if the file has it.
pub(super) type Column = Option<usize>;

/// A file of comma-separated values, read row by row.
pub(super) struct Table<'a> {
    source: &'a Source,
    reader: csv::Reader<Box<dyn BufRead>>,
    digest: Digest,
    header: Vec<String>,
    used: BTreeSet<usize>,
    /// A column that was taken by name and stands twice.
    repeated: Option<String>,
    record: ByteRecord,
    is_crlf: bool,
    /// The first line was a row: it comes again.
    repeats_first: bool,
}

impl<'a> Table<'a> {
    /// Reads the first line as the header.
    pub(super) fn open(source: &'a Source, text: Text) -> Result<Self, ImportError> {
        let digest = text.digest();
        let (separator, lines) = separated(source, text.reader)?;
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(lines);
        let mut record = ByteRecord::new();
        reader.read_byte_record(&mut record).map_err(|error| failed(source, error))?;
        let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_lowercase();
        let header = record.iter().map(name).collect();
        // The reader ends a record at CR and counts lines at LF, so after CR it has not counted the line yet.
        let is_crlf = reader.position().line() == 1;
        let (used, repeated) = (BTreeSet::new(), None);
        Ok(Self { source, reader, digest, header, used, repeated, record, is_crlf, repeats_first: false })
    }

    /// The file.
    pub(super) const fn source(&self) -> &'a Source {
        self.source
    }

    /// The names of the columns, in lower case.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// True if the header has every one of these.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.header.iter().any(|column| column == name))
    }

    /// Takes a column by name.
    pub(super) fn column(&mut self, name: &str) -> Column {
        let mut places = self.header.iter().enumerate().filter(|(_, column)| *column == name).map(|(place, _)| place);
        let place = places.next()?;
        if places.next().is_some() {
            self.repeated = Some(name.to_owned());
        }
        self.used.insert(place);
        Some(place)
    }

    /// Takes a column by its place.
    pub(super) fn take(&mut self, place: usize) {
        self.used.insert(place);
    }

    /// The file turned out to have no header: its first line is a row too, and no column has a name.
    pub(super) fn without_header(&mut self) {
        self.repeats_first = true;
        self.header.iter_mut().for_each(String::clear);
    }

    /// The row that was read first.
    pub(super) const fn first(&self) -> Row<'_> {
        Row { record: &self.record }
    }

    /// The names of the columns that were not used.
    pub(super) fn ignored(&self) -> impl Iterator<Item = &str> {
        let columns =
            self.header.iter().enumerate().filter(|(place, name)| !self.used.contains(place) && !name.is_empty());
        columns.map(|(_place, name)| name.as_str())
    }

    /// Moves to the next row; notes and passes over those that are no rows of this table. False at the end of the file.
    pub(super) fn advance(&mut self, reading: &mut Reading) -> Result<bool, ImportError> {
        if let Some(twice) = &self.repeated {
            return Err(self.source.refused(format!("has the column {twice} twice: remove one of them")));
        }
        if std::mem::take(&mut self.repeats_first) {
            return Ok(true);
        }
        loop {
            if !self.reader.read_byte_record(&mut self.record).map_err(|error| failed(self.source, error))? {
                return Ok(false);
            }
            match self.flaw() {
                None => return Ok(true),
                Some(detail) if detail.is_empty() => {}
                Some(detail) => self.note(reading, detail),
            }
        }
    }

    /// The row that was read last.
    pub(super) const fn row(&self) -> Row<'_> {
        Row { record: &self.record }
    }

    /// Notes that the row read last is bad.
    pub(super) fn note(&self, reading: &mut Reading, detail: impl Into<String>) {
        reading.bad.note(self.source.name(), Some(self.line()), detail);
    }

    /// The digest of the file, once all of it has been read.
    pub(super) fn digest(&self) -> String {
        self.digest.hex()
    }

    /// Why the record is no row of this table; an empty reason for an empty line.
    fn flaw(&self) -> Option<String> {
        let (cells, columns) = (self.record.len(), self.header.len());
        let is_blank = |cell: &[u8]| cell.trim_ascii().is_empty();
        if self.record.iter().all(is_blank) {
            return Some(String::new());
        }
        if cells != columns && (cells < columns || !self.record.iter().skip(columns).all(is_blank)) {
            return Some(format!("has {cells} cells where the first line has {columns}"));
        }
        std::str::from_utf8(self.record.as_slice()).err().map(|_error| NOT_UTF8.to_owned())
    }

    /// The line on which the row begins. The reader's own count lags behind after empty lines and where lines end in CRLF.
    pub(super) fn line(&self) -> u64 {
        let breaks: u64 = self.record.as_slice().iter().map(|byte| u64::from(*byte == b'\n')).sum();
        let behind = breaks + u64::from(!self.is_crlf);
        let counted = self.reader.position().line().saturating_sub(behind);
        counted.max(self.record.position().map_or(0, csv::Position::line))
    }
}

/// The advice for a table in the code page of an office program.
const NOT_UTF8: &str = "is not UTF-8: save the table as CSV UTF-8 (in Excel: Save As, CSV UTF-8), then import it again";

/// The separator of a table: semicolons where the first line has more of them than commas, as spreadsheets of many languages write.
fn separated(source: &Source, mut lines: Box<dyn BufRead>) -> Result<(u8, Box<dyn BufRead>), ImportError> {
    let head = lines.fill_buf().map_err(|error| source.unreadable(&error))?;
    let first = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |separator: u8| first.split(|byte| *byte == separator).count();
    let separator = if count(b';') > count(b',') { b';' } else { b',' };
    Ok((separator, lines))
}

fn failed(source: &Source, error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => source.unreadable(&error),
        other => source.refused(format!("is no table: {other:?}")),
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    record: &'a ByteRecord,
}

impl<'a> Row<'a> {
    /// A cell as it is, without the white space around it.
    pub(super) fn raw(self, place: usize) -> &'a [u8] {
        self.record.get(place).unwrap_or_default().trim_ascii()
    }

    /// The words of a cell, if there are any.
    pub(super) fn text(self, column: Column) -> Option<&'a str> {
        let text = std::str::from_utf8(self.record.get(column?)?).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// What a cell says, or the reason why it cannot be read; nothing if it is empty.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        self,
        name: &str,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        self.text(column).map(parse).transpose().map_err(|flaw| format!("{name}: {flaw}"))
    }

    /// What a cell says, or the reason why it cannot be read; it must not be empty.
    pub(super) fn needed<T, E: std::fmt::Display>(
        self,
        name: &str,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, String> {
        self.parsed(name, column, parse)?.ok_or_else(|| format!("{name}: must not be empty"))
    }

    /// How many cells it has.
    pub(super) fn len(self) -> usize {
        self.record.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::Progress;

    fn lines(text: &str) -> (Vec<String>, Vec<String>) {
        let source = Source::bytes("file.csv", text.as_bytes().to_vec());
        let mut table = Table::open(&source, source.open(Progress::quiet()).unwrap()).unwrap();
        let mut reading = Reading::default();
        let column = table.column("name");
        let mut rows = Vec::new();
        while table.advance(&mut reading).unwrap() {
            rows.push(format!("{}={}", table.line(), table.row().text(column).unwrap_or("-")));
        }
        (rows, reading.bad.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for text in
            ["Other, NAME \n1,a\n2,b\n\n\n3,c\n4,\"d\nd\"\n5,e", "other,name\n1,a\n2,b\n\n,\n3,c\n4,\"d\nd\"\n5,e\n"]
        {
            let rows = lines(text).0;
            assert_eq!(rows, ["2=a", "3=b", "6=c", "7=d\nd", "9=e"]);
            let crlf = lines(&text.replace('\n', "\r\n")).0;
            assert_eq!(crlf, ["2=a", "3=b", "6=c", "7=d\r\nd", "9=e"]);
        }
    }

    #[test]
    fn semicolons_separate_where_the_header_has_them() {
        assert_eq!(lines("a;name\n1;x, y\n2;z\n").0, ["2=x, y", "3=z"]);
        assert_eq!(lines("a,name\n1,x;y\n").0, ["2=x;y"]);
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        let source = Source::bytes("file.csv", b"a,name, NAME\n1,x,y\n".to_vec());
        let mut table = Table::open(&source, source.open(Progress::quiet()).unwrap()).unwrap();
        assert_eq!(table.column("name"), Some(1));
        let error = table.advance(&mut Reading::default()).unwrap_err().to_string();
        assert!(error.contains("has the column name twice"), "{error}");
        assert_eq!(lines("a,a,name\n1,2,x\n").0, ["2=x"], "nobody needs the column a");
    }

    #[test]
    fn a_table_of_another_code_page_says_how_to_save_it() {
        let source = Source::bytes("file.csv", b"a,name\n1,Si\xe2n\n".to_vec());
        let mut table = Table::open(&source, source.open(Progress::quiet()).unwrap()).unwrap();
        let mut reading = Reading::default();
        assert!(!table.advance(&mut reading).unwrap());
        assert!(reading.bad.iter().next().unwrap().to_string().contains("save the table as CSV UTF-8"));
    }

    #[test]
    fn rows_of_another_shape_are_bad() {
        let (rows, bad) = lines("a,name\r\n1\r\n2,b,\r\n3,c,more\r\n4,d\r\n");
        assert_eq!(rows, ["3=b", "5=d"]);
        assert_eq!(
            bad,
            [
                "file.csv, line 2: has 1 cells where the first line has 2",
                "file.csv, line 4: has 3 cells where the first line has 2"
            ]
        );
    }

    #[test]
    fn columns_that_are_not_read_are_known() {
        let source = Source::bytes("file.csv", b"a,B,c,\n".to_vec());
        let mut table = Table::open(&source, source.open(Progress::quiet()).unwrap()).unwrap();
        assert!(table.has(&["b", "c"]) && !table.has(&["b", "d"]));
        table.column("b");
        assert_eq!(table.ignored().collect::<Vec<_>>(), ["a", "c"]);
    }
}
