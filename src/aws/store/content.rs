//! What is written to a store: a text that is made part by part, as often as it is asked for.

use std::io;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A text that is made part by part, each time the same: one that has a hundred megabytes is never in memory as a whole.
///
/// ```
/// use gatewatch::aws::store::{Content, text_of};
///
/// assert_eq!(text_of("a text").unwrap(), "a text");
/// assert_eq!(text_of(&|out: &mut dyn std::io::Write| out.write_all(b"made")).unwrap(), "made");
/// ```
pub trait Content: Sync {
    /// Makes it.
    ///
    /// # Errors
    /// Where it cannot be written, or a value of it has no JSON.
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()>;
}

impl Content for str {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(self.as_bytes())
    }
}

impl Content for String {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.as_str().write_to(out)
    }
}

impl<F: Fn(&mut dyn io::Write) -> io::Result<()> + Sync> Content for F {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self(out)
    }
}

/// A value as indented JSON, ending in a line break.
pub struct Indented<'v, T>(pub &'v T);

impl<T: Serialize + Sync> Content for Indented<'_, T> {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self.0)?;
        out.write_all(b"\n")
    }
}

/// All of it at once.
///
/// # Errors
/// Those of the content; where it is no text.
pub fn text_of(content: &(impl Content + ?Sized)) -> io::Result<String> {
    let mut text = Vec::new();
    content.write_to(&mut text)?;
    String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The SHA-256 of what is written to it.
#[derive(Debug, Default)]
pub struct Hash(Sha256);

impl Hash {
    /// Of all that was written.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
