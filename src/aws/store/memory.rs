//! What every store of texts does.

use std::io;

use super::content::Content;
use super::fault::StoreError;
use super::stored::Stored;

/// A text with the tag that it had when it was read.
#[derive(Debug)]
pub struct Kept {
    /// The text.
    pub stored: Stored,
    /// Changes with the text.
    pub tag: Tag,
}

/// Tells one state of a text from another: S3's ETag, or a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(pub(super) String);

impl Kept {
    /// A text in memory.
    pub fn new(text: String, tag: Tag) -> Self {
        let stored = Stored::Text(text);
        Kept { stored, tag }
    }

    /// Its text, as a whole.
    ///
    /// # Errors
    /// Where a large one cannot be read from the file that it was put into.
    pub fn text(self) -> io::Result<String> {
        self.stored.text()
    }
}

impl Tag {
    /// The tag of this name.
    pub fn new(name: String) -> Self {
        Tag(name)
    }
}

/// An object of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The Region of its bucket.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Its whole key.
    pub key: String,
}

/// Keeps texts by key, and writes only what nobody else has written in between.
pub trait Memory: Sync {
    /// The text of a key. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError`], where that cannot be told.
    fn read(&self, key: &str) -> impl Future<Output = Result<Option<Kept>, StoreError>> + Send;
    /// Writes a text, if the key still has this tag, or still has no text. Gives its new tag.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], where somebody else wrote in between: nothing is written then. The others,
    /// where it could not be written.
    fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> impl Future<Output = Result<Tag, StoreError>> + Send;
    /// Writes a text, whatever the key had before.
    ///
    /// # Errors
    /// [`StoreError`], where it could not be written.
    fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Where a key is, in words.
    fn address(&self, key: &str) -> String;

    /// The object of S3 that has the text of a key. `None`: none has it, or its Region is not known.
    fn object(&self, _key: &str) -> Option<ObjectPlace> {
        None
    }
}
