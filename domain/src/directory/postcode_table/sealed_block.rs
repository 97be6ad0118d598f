//! Blocks of bytes that know their place and their checksum, and hold whole records only.

use super::TableError;

const MAGIC: [u8; 4] = *b"PBT2";
/// Blocks of the first version, which knew neither large users nor parts.
const FIRST_MAGIC: [u8; 4] = *b"PBT1";
/// Magic, number of the block.
const HEAD: usize = 8;
const CHECKSUM: usize = 8;
/// A block is closed once a record has brought it here; no record is longer than 200 bytes.
const FULL: usize = 250_000;

/// Writes records into blocks of at most 256 kB.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    blocks: Vec<Vec<u8>>,
    open: Vec<u8>,
}

impl BlockWriter {
    /// Adds a number of the open record, seven bits a byte.
    pub(super) fn number(&mut self, mut number: u64) {
        let mut bytes = [0_u8; 10];
        let mut count = 0;
        for byte in &mut bytes {
            let low = number.to_le_bytes().first().copied().unwrap_or_default() & 0x7f;
            number >>= 7;
            count += 1;
            *byte = if number == 0 { low } else { low | 0x80 };
            if number == 0 {
                break;
            }
        }
        self.bytes(bytes.get(..count).unwrap_or_default());
    }

    /// Adds bytes of the open record.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if self.open.is_empty() {
            let number = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
            self.open.extend(MAGIC);
            self.open.extend(number.to_le_bytes());
        }
        self.open.extend(bytes);
    }

    /// Ends a record: here a block may end too.
    pub(super) fn end_record(&mut self) {
        if self.open.len() >= FULL {
            self.seal();
        }
    }

    /// The blocks.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        if !self.open.is_empty() {
            self.seal();
        }
        self.blocks
    }

    fn seal(&mut self) {
        let mut block = std::mem::take(&mut self.open);
        block.extend(checksum(&block).to_le_bytes());
        self.blocks.push(block);
    }
}

/// How a block's records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Without large users and without parts.
    First,
    /// The layout that is written now.
    Second,
}

impl Version {
    fn of(magic: [u8; 4]) -> Option<Self> {
        match magic {
            MAGIC => Some(Self::Second),
            FIRST_MAGIC => Some(Self::First),
            _ => None,
        }
    }
}

/// Reads one block's records.
#[derive(Debug)]
pub(super) struct BlockReader<'a> {
    version: Version,
    rest: &'a [u8],
}

impl<'a> BlockReader<'a> {
    /// Opens the block that should have this number, once its checksum has been found right.
    pub(super) fn open(block: &'a [u8], number: u32) -> Result<Self, TableError> {
        let (sealed, sum) = block.split_last_chunk::<CHECKSUM>().ok_or(TableError::Corrupt("a block is too short"))?;
        if checksum(sealed) != u64::from_le_bytes(*sum) {
            return Err(TableError::Corrupt("a checksum differs"));
        }
        let (head, rest) = sealed.split_first_chunk::<HEAD>().ok_or(TableError::Corrupt("a block is too short"))?;
        let [magic @ .., a, b, c, d] = *head;
        let version = Version::of(magic).ok_or(TableError::Corrupt("a block is of no known version"))?;
        if u32::from_le_bytes([a, b, c, d]) != number {
            return Err(TableError::Corrupt("a block is missing, twice there or out of order"));
        }
        Ok(Self { version, rest })
    }

    /// How its records are written.
    pub(super) const fn version(&self) -> Version {
        self.version
    }

    /// True once every record was read.
    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next number.
    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, TableError> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(TableError::Corrupt("a record is cut short"))?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(TableError::Corrupt("a number is too long"))
    }

    /// The next bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], TableError> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(TableError::Corrupt("a record is cut short"))?;
        self.rest = rest;
        Ok(*bytes)
    }
}

/// FNV-1a over words of eight bytes: finds what disks and hands do to a block; no defence against an enemy.
fn checksum(bytes: &[u8]) -> u64 {
    let fold = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    let (words, tail) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| fold(sum, u64::from_le_bytes(*word)));
    tail.iter().fold(sum, |sum, byte| fold(sum, u64::from(*byte)))
}
