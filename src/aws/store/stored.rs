//! What is read from a store: a text, or a file that a large one was put into.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};

/// A text as it was read.
#[derive(Debug)]
pub enum Stored {
    /// In memory.
    Text(String),
    /// In a file that nobody else can see, and that is gone with this.
    File(File),
}

impl Stored {
    /// Reads it, from its beginning: one reader after the other.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn reader(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Stored::Text(text) => Box::new(text.as_bytes()),
            Stored::File(file) => {
                let mut file: &File = file;
                file.rewind()?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
        })
    }

    /// All of it.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no text.
    pub fn text(self) -> io::Result<String> {
        if let Stored::Text(text) = self {
            return Ok(text);
        }
        let mut text = String::new();
        self.reader()?.read_to_string(&mut text)?;
        Ok(text)
    }
}
