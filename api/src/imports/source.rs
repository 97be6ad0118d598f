//! Where an import's bytes come from: files as they were downloaded, or tables built into the program.

use super::error::ImportError;
use super::progress::Progress;
use crate::secrets::hex;
use aws_lc_rs::digest::{Context, SHA256};
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One file to import.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    content: Content,
}

#[derive(Clone)]
enum Content {
    File(PathBuf),
    Bytes(Cow<'static, [u8]>),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

impl Source {
    /// A file on disk; it is opened when it is read.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { name, content: Content::File(path) }
    }

    /// Bytes in memory, under the name that reports give them.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { name: name.into(), content: Content::Bytes(bytes.into()) }
    }

    /// The file's name without its folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name up to its first dot.
    pub(super) fn stem(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// The text inside: unpacked if it is gzip (by its content, not its name), and without a byte-order mark.
    pub(super) fn open(&self, progress: Progress) -> Result<Text, ImportError> {
        let (raw, size) = self.raw().map_err(|error| self.unreadable(&error))?;
        let digest = Arc::new(Mutex::new(Context::new(&SHA256)));
        let counted = progress.watch(self.name(), size, Digesting { inner: raw, digest: Arc::clone(&digest) });
        let packed = self.with_head::<4>(BufReader::with_capacity(1 << 17, counted))?;
        let reader: Box<dyn BufRead> = match packed.head.as_slice() {
            [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(1 << 17, MultiGzDecoder::new(packed.whole()))),
            b"PK\x03\x04" => return Err(self.refused("is a zip archive: unpack it first")),
            _ => packed.whole(),
        };
        let text = self.with_head::<3>(reader)?;
        match text.head.as_slice() {
            [] => Err(self.refused("is empty")),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(self.refused("is UTF-16: save it as UTF-8")),
            [0xef, 0xbb, 0xbf] => Ok(Text { reader: text.rest, digest }),
            _ => Ok(Text { reader: text.whole(), digest }),
        }
    }

    /// A refusal of this whole file.
    pub(super) fn refused(&self, reason: impl Into<String>) -> ImportError {
        ImportError::Refused { file: self.name.clone(), reason: reason.into() }
    }

    /// The error of a file that cannot be read.
    pub(super) fn unreadable(&self, error: &std::io::Error) -> ImportError {
        let name = match &self.content {
            Content::File(path) => path.display().to_string(),
            Content::Bytes(_) => self.name.clone(),
        };
        ImportError::Refused { file: name, reason: format!("cannot be read: {error}") }
    }

    fn raw(&self) -> std::io::Result<(Box<dyn Read>, u64)> {
        match &self.content {
            Content::File(path) => open_file(path),
            Content::Bytes(bytes) => {
                let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok((Box::new(Cursor::new(bytes.clone())), size))
            }
        }
    }

    fn with_head<const N: usize>(&self, mut reader: impl BufRead + 'static) -> Result<Headed, ImportError> {
        let mut head = Vec::with_capacity(N);
        let most = u64::try_from(N).unwrap_or_default();
        reader.by_ref().take(most).read_to_end(&mut head).map_err(|error| self.unreadable(&error))?;
        Ok(Headed { head, rest: Box::new(reader) })
    }
}

fn open_file(path: &Path) -> std::io::Result<(Box<dyn Read>, u64)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    Ok((Box::new(file), size))
}

/// A reader whose first bytes have been looked at.
struct Headed {
    head: Vec<u8>,
    rest: Box<dyn BufRead>,
}

impl Headed {
    fn whole(self) -> Box<dyn BufRead> {
        Box::new(Cursor::new(self.head).chain(self.rest))
    }
}

/// A file that is open, as text.
pub(super) struct Text {
    /// The text.
    pub(super) reader: Box<dyn BufRead>,
    digest: Arc<Mutex<Context>>,
}

impl Text {
    /// Gives the digest once everything has been read.
    pub(super) fn digest(&self) -> Digest {
        Digest(Arc::clone(&self.digest))
    }
}

/// The digest of a file in the making.
pub(super) struct Digest(Arc<Mutex<Context>>);

impl Digest {
    /// SHA-256 of the bytes read so far, in hexadecimal.
    pub(super) fn hex(&self) -> String {
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        hex(context.finish().as_ref())
    }
}

struct Digesting {
    inner: Box<dyn Read>,
    digest: Arc<Mutex<Context>>,
}

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner);
        digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text(bytes: &[u8]) -> Result<String, String> {
        let source = Source::bytes("file.csv", bytes.to_vec());
        let mut opened = source.open(Progress::quiet()).map_err(|error| error.to_string())?;
        let mut text = String::new();
        opened.reader.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_and_a_byte_order_mark_are_seen_through() {
        assert_eq!(text(b"a,b\n").unwrap(), "a,b\n");
        assert_eq!(text(b"\xef\xbb\xbfa,b\n").unwrap(), "a,b\n");
        assert_eq!(text(&packed(b"\xef\xbb\xbfa,b\n")).unwrap(), "a,b\n");
        let twice = [packed(b"a,b\n"), packed(b"c,d\n")].concat();
        assert_eq!(text(&twice).unwrap(), "a,b\nc,d\n");
        assert_eq!(text(b"a").unwrap(), "a");
    }

    #[test]
    fn what_is_not_text_is_refused_in_words() {
        assert!(text(b"").unwrap_err().contains("is empty"));
        assert!(text(b"PK\x03\x04zip").unwrap_err().contains("unpack"));
        assert!(text(b"\xff\xfea\0").unwrap_err().contains("UTF-16"));
        assert!(text(&packed(b"a,b\n")[..12]).is_err());
        let missing = Source::file("/nowhere/at/all.csv").open(Progress::quiet()).err().unwrap();
        assert!(missing.to_string().contains("/nowhere/at/all.csv: cannot be read"));
    }

    #[test]
    fn a_digest_is_that_of_the_file_as_it_lies_on_disk() {
        let source = Source::bytes("file", b"abc".to_vec());
        let mut opened = source.open(Progress::quiet()).unwrap();
        let digest = opened.digest();
        opened.reader.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
