//! Where the ledger, and what a run keeps beside it, is kept: a directory, or a prefix of an S3 bucket.
//!
//! - In: a key and a text. Both kinds of places write only if nobody else wrote in between: with a tag that changes with the
//!   content.
//! - Out: the text of a key, or an error. What is there and cannot be read is never an empty ledger.
//! - Not known here: what the texts mean.

mod content;
mod directory;
mod fault;
mod file;
mod journal;
mod memory;
mod overlay;
mod s3;
mod spool;
mod stored;

pub use content::{Content, Hash, Indented, text_of};
pub use fault::{ObjectError, StoreError};
pub use file::{create, replace};
pub use journal::{AccountLock, JournalFile, NotLocked};
pub use memory::{Kept, Memory, ObjectPlace, Tag};
pub use overlay::Overlay;
pub use stored::Stored;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::aws::client::Clients;

/// Where the ledger is kept, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// A directory.
    Directory(PathBuf),
    /// A bucket, and what the keys in it begin with (empty, or ending in `/`).
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix.
        prefix: String,
    },
}

/// Keeps texts by key.
#[derive(Debug, Clone)]
pub struct Store {
    place: StorePlace,
    inner: Inner,
}

#[derive(Debug, Clone)]
enum Inner {
    Directory(directory::Directory),
    S3(s3::BucketPrefix),
}

impl FromStr for StorePlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            if let Some(meant) = meant_as_s3(text) {
                return Err(format!(
                    "`{text}` is no S3 address: write `{meant}`, or `./{text}` for a directory of that name"
                ));
            }
            if text.is_empty() || text.contains("://") {
                return Err(format!(
                    "`{text}` is neither a directory nor an S3 address such as s3://bucket/prefix"
                ));
            }
            return Ok(StorePlace::Directory(PathBuf::from(text)));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!(
                "`{text}` names no bucket: they look like s3://bucket/prefix"
            ));
        }
        let prefix = prefix.trim_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        Ok(StorePlace::S3 {
            bucket: bucket.to_owned(),
            prefix: format!("{prefix}{slash}"),
        })
    }
}

/// The S3 address that a text is a slip of, such as `s3:/bucket` or `S3://bucket`. `None`: it is not meant as one.
fn meant_as_s3(text: &str) -> Option<String> {
    let scheme = text.get(..3)?;
    let rest = text.get(3..)?.trim_start_matches(['/', ':']);
    let is_meant =
        scheme.eq_ignore_ascii_case("s3:") || (scheme == "s3/" && text.starts_with("s3//"));
    is_meant.then(|| {
        let rest = if rest.is_empty() {
            "BUCKET/PREFIX"
        } else {
            rest
        };
        format!("s3://{rest}")
    })
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorePlace::Directory(path) => write!(f, "{}", path.display()),
            StorePlace::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

impl Store {
    /// Opens a place. Nothing is read or made yet.
    pub fn open(place: StorePlace, clients: &Clients) -> Self {
        let inner = match &place {
            StorePlace::Directory(path) => {
                Inner::Directory(directory::Directory::new(path.clone(), clients.waits()))
            }
            StorePlace::S3 { bucket, prefix } => Inner::S3(s3::BucketPrefix::new(
                clients.s3(),
                bucket.clone(),
                prefix.clone(),
            )),
        };
        Store { place, inner }
    }

    /// The keys that begin with a text and end in `.json`, in order.
    ///
    /// # Errors
    /// [`StoreError`], where they cannot be listed.
    pub async fn keys(&self, begin: &str) -> Result<Vec<String>, StoreError> {
        let keys = match &self.inner {
            Inner::Directory(directory) => directory.keys(begin),
            Inner::S3(bucket) => bucket.keys(begin).await,
        };
        keys.map_err(|fault| fault.at("listed", self.address(begin)))
    }
}

impl Memory for Store {
    fn address(&self, key: &str) -> String {
        match &self.place {
            StorePlace::Directory(path) => path.join(key).display().to_string(),
            place @ StorePlace::S3 { .. } => format!("{place}{key}"),
        }
    }

    fn object(&self, key: &str) -> Option<ObjectPlace> {
        match &self.inner {
            Inner::Directory(_) => None,
            Inner::S3(bucket) => bucket.object(key),
        }
    }

    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        let kept = match &self.inner {
            Inner::Directory(directory) => directory.read(key),
            Inner::S3(bucket) => bucket.read(key).await,
        };
        kept.map_err(|fault| fault.at("read", self.address(key)))
    }

    async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, StoreError> {
        let tag = match &self.inner {
            Inner::Directory(directory) => directory.write(key, content, was),
            Inner::S3(bucket) => bucket.write(key, content, was).await,
        };
        tag.map_err(|fault| fault.at("written", self.address(key)))
    }

    async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), StoreError> {
        let written = match &self.inner {
            Inner::Directory(directory) => directory.replace(key, content),
            Inner::S3(bucket) => bucket.replace(key, content).await,
        };
        written.map_err(|fault| fault.at("written", self.address(key)))
    }
}

/// An object of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectText {
    /// Its text.
    pub text: String,
    /// Which version of it that is. `None`: its bucket keeps no versions.
    pub version_id: Option<String>,
}

/// Reads one object of S3, such as a policy file, by its address.
///
/// # Errors
/// Where the text is no address of an object, it is not there, or it cannot be read.
pub async fn object(clients: &Clients, address: &str) -> Result<ObjectText, ObjectError> {
    let Some((bucket, key)) = object_parts(address) else {
        return Err(ObjectError::Address(address.to_owned()));
    };
    let bucket = s3::BucketPrefix::new(clients.s3(), bucket.to_owned(), String::new());
    match bucket.text(key).await {
        Ok(Some((text, version_id))) => Ok(ObjectText { text, version_id }),
        Ok(None) => Err(ObjectError::Missing(address.to_owned())),
        Err(fault) => Err(ObjectError::Failed(fault.at("read", address.to_owned()))),
    }
}

/// The bucket and the key that an object's address names. `None`: the text is no such address.
pub fn object_parts(address: &str) -> Option<(&str, &str)> {
    let (bucket, key) = address.strip_prefix("s3://")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_directory_or_a_bucket() {
        let read = |text: &str| text.parse::<StorePlace>();
        assert_eq!(
            read("state").unwrap(),
            StorePlace::Directory("state".into())
        );
        let bucket = |prefix: &str| StorePlace::S3 {
            bucket: "b".to_owned(),
            prefix: prefix.to_owned(),
        };
        assert_eq!(read("s3://b").unwrap(), bucket(""));
        assert_eq!(read("s3://b/").unwrap(), bucket(""));
        assert_eq!(read("s3://b/p/q/").unwrap(), bucket("p/q/"));
        for text in ["", "s3://", "s3:///p", "https://b/p"] {
            assert!(read(text).is_err(), "{text}");
        }
        for (text, meant) in [
            ("s3:/b/p", "`s3://b/p`"),
            ("s3:b", "`s3://b`"),
            ("S3://b/p", "`s3://b/p`"),
            ("s3//b", "`s3://b`"),
            ("s3:", "`s3://BUCKET/PREFIX`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(meant), "{error}");
        }
        for text in ["s3", "s3/b", "./s3:/b", "s3-state"] {
            assert_eq!(read(text).unwrap(), StorePlace::Directory(text.into()));
        }
    }
}
