//! A large text on its way to or from a store: in a file, and not in memory.
//!
//! Where no file can be made, or there is no room for it, the text is in memory after all.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};

use aws_smithy_types::base64;
use bytes::Bytes;
use tempfile::NamedTempFile;

use super::content::{Content, Hash, text_of};
use super::stored::Stored;

/// A text with more bytes than this is put into a file.
const LARGE: usize = 1 << 20;

/// So many bytes of a file are read at once.
pub(super) const PART: usize = 1 << 16;

/// A text that is to be sent.
pub(super) enum Spooled {
    /// In memory.
    Text(Bytes),
    /// In a file that only this process may read, and that is gone with this.
    File {
        /// The file.
        file: NamedTempFile,
        /// The SHA-256 of the text.
        hash: [u8; 32],
    },
}

impl Spooled {
    /// # Errors
    /// Those of the content.
    pub(super) fn of(content: &(impl Content + ?Sized)) -> io::Result<Self> {
        let mut small = Small::default();
        match content.write_to(&mut small) {
            Ok(()) => return Ok(Spooled::Text(small.text.into())),
            Err(error) if !small.is_full => return Err(error),
            Err(_) => {}
        }
        drop(small);
        match in_a_file(content) {
            Ok(file) => Ok(file),
            // An error of the content comes again.
            Err(_) => Ok(Spooled::Text(text_of(content)?.into())),
        }
    }

    /// What S3 holds the text that it receives against. `None`: the SDK finds it out by itself, as it does of all that is in
    /// memory. Of a file it would send it behind the text, in a form that not all that speaks like S3 understands.
    pub(super) fn checksum(&self) -> Option<String> {
        match self {
            Spooled::Text(_) => None,
            Spooled::File { hash, .. } => Some(base64::encode(hash)),
        }
    }
}

fn in_a_file(content: &(impl Content + ?Sized)) -> io::Result<Spooled> {
    let file = NamedTempFile::new()?;
    let mut out = io::BufWriter::with_capacity(PART, Hashed::new(file));
    content.write_to(&mut out)?;
    let Hashed { file, hash } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let hash = hash.finish();
    Ok(Spooled::File { file, hash })
}

/// Takes a text that is not large.
#[derive(Default)]
struct Small {
    text: Vec<u8>,
    is_full: bool,
}

impl Write for Small {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > LARGE {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file, and the hash of what is written to it.
struct Hashed {
    file: NamedTempFile,
    hash: Hash,
}

impl Hashed {
    fn new(file: NamedTempFile) -> Self {
        let hash = Hash::default();
        Hashed { file, hash }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.write_all(bytes.get(..written).unwrap_or(bytes))?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Takes a text that comes in.
pub(super) enum Room {
    /// In memory.
    Text(Vec<u8>),
    /// In a file. What came is all in it.
    File(File),
}

impl Room {
    /// For a text that is claimed to have so many bytes.
    pub(super) fn of(length: Option<usize>) -> Self {
        if length.is_some_and(|it| it > LARGE)
            && let Ok(file) = tempfile::tempfile()
        {
            return Room::File(file);
        }
        let mut text = Vec::new();
        // A length that is no more than claimed takes no memory until it is filled.
        let _ = text.try_reserve_exact(length.unwrap_or(0));
        Room::Text(text)
    }

    /// Takes the next part of it.
    ///
    /// # Errors
    /// Where a file cannot be read that was full before its end.
    pub(super) fn take(&mut self, part: &[u8]) -> io::Result<()> {
        match self {
            Room::Text(text) => text.extend_from_slice(part),
            Room::File(file) => {
                let before = file.stream_position()?;
                if file.write_all(part).is_err() {
                    // What does not fit into the file goes on in memory, with what is in it.
                    let mut text = Vec::new();
                    file.rewind()?;
                    file.take(before).read_to_end(&mut text)?;
                    text.extend_from_slice(part);
                    *self = Room::Text(text);
                }
            }
        }
        Ok(())
    }

    /// What came, once all of it has.
    ///
    /// # Errors
    /// Where it is no text. Of one in a file, whoever reads it finds that out.
    pub(super) fn stored(self) -> Result<Stored, std::string::FromUtf8Error> {
        Ok(match self {
            Room::Text(text) => Stored::Text(String::from_utf8(text)?),
            Room::File(file) => Stored::File(file),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is put into a file, and says where in it one is.
    fn large() -> String {
        (0..200_000).map(|line| format!("line {line}\n")).collect()
    }

    fn sent(spooled: &Spooled) -> String {
        match spooled {
            Spooled::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            Spooled::File { file, .. } => std::fs::read_to_string(file.path()).unwrap(),
        }
    }

    #[test]
    fn what_is_sent_is_the_text_whether_it_is_large_or_not() {
        let small = Spooled::of("small").unwrap();
        assert!(matches!(small, Spooled::Text(_)));
        assert_eq!((sent(&small).as_str(), small.checksum()), ("small", None));

        let text = large();
        let spooled = Spooled::of(&text).unwrap();
        assert!(matches!(spooled, Spooled::File { .. }));
        assert_eq!(sent(&spooled), text);
        let mut hash = Hash::default();
        hash.write_all(text.as_bytes()).unwrap();
        let expected = base64::encode(hash.finish());
        assert_eq!(spooled.checksum(), Some(expected));
    }

    #[test]
    fn a_text_that_cannot_be_made_is_an_error_however_much_of_it_was() {
        for lines in [0, 10, LARGE] {
            let breaks_off = |out: &mut dyn Write| {
                (0..lines).try_for_each(|_| out.write_all(b"line\n"))?;
                Err(io::Error::other("it broke off"))
            };
            let error = Spooled::of(&breaks_off).err().unwrap();
            assert_eq!(error.to_string(), "it broke off", "{lines}");
        }
    }

    #[test]
    fn what_comes_in_is_the_text_whatever_length_was_claimed() {
        for text in [String::new(), "small".to_owned(), large()] {
            for length in [None, Some(0), Some(5), Some(LARGE + 1), Some(usize::MAX)] {
                let mut room = Room::of(length);
                for part in text.as_bytes().chunks(PART) {
                    room.take(part).unwrap();
                }
                let stored = room.stored().unwrap();
                // Read twice, as a ledger is.
                for _ in 0..2 {
                    let mut read = String::new();
                    stored.reader().unwrap().read_to_string(&mut read).unwrap();
                    assert!(read == text, "{length:?}");
                }
                assert!(stored.text().unwrap() == text, "{length:?}");
            }
        }
    }

    #[test]
    fn what_is_no_text_is_never_one() {
        let mut room = Room::of(None);
        room.take(b"\xff").unwrap();
        assert!(room.stored().is_err());
        let mut room = Room::of(Some(LARGE + 1));
        room.take(b"\xff").unwrap();
        let error = room.stored().unwrap().text().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_file_that_is_full_goes_on_in_memory() {
        // A file that can be read and not written stands for one on a full disk.
        let written = NamedTempFile::new().unwrap();
        std::fs::write(written.path(), "before ").unwrap();
        let mut file = File::open(written.path()).unwrap();
        file.seek(io::SeekFrom::End(0)).unwrap();
        let mut room = Room::File(file);
        room.take(b"and ").unwrap();
        room.take(b"after").unwrap();
        assert_eq!(room.stored().unwrap().text().unwrap(), "before and after");
    }
}
