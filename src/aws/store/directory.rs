//! A directory of files.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::content::{Content, text_of};
use super::fault::Fault;
use super::file::{TEMPORARY, replace};
use super::memory::{Kept, Tag};
use crate::aws::client::Waiting;

/// A directory of files. A lock file keeps two writers apart; readers need none, as a file is only ever
/// replaced as a whole.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    root: PathBuf,
    waiting: Waiting,
}

impl Directory {
    pub(super) fn new(root: PathBuf, waiting: Waiting) -> Self {
        Directory { root, waiting }
    }

    pub(super) fn read(&self, key: &str) -> Result<Option<Kept>, Fault> {
        match fs::read_to_string(self.root.join(key)) {
            Ok(text) => {
                let tag = tag(&text);
                Ok(Some(Kept::new(text, tag)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, Fault> {
        let text = text_of(content)?;
        let _lock = self.lock()?;
        let now = self.read(key)?.map(|kept| kept.tag);
        if now.as_ref() != was {
            return Err(Fault::Conflict);
        }
        self.put(key, &text)?;
        Ok(tag(&text))
    }

    pub(super) fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), Fault> {
        let text = text_of(content)?;
        let _lock = self.lock()?;
        Ok(self.put(key, &text)?)
    }

    pub(super) fn keys(&self, begin: &str) -> Result<Vec<String>, Fault> {
        let mut keys = Vec::new();
        // Keys are made of names and slashes: what comes before the last slash is a folder.
        let folder = begin.rsplit_once('/').map_or("", |(folder, _)| folder);
        collect(&self.root, &self.root.join(folder), &mut keys)?;
        keys.retain(|key| key.starts_with(begin) && key.ends_with(".json"));
        keys.sort();
        Ok(keys)
    }

    /// Held until it is dropped, or the process ends.
    fn lock(&self) -> Result<File, io::Error> {
        create(&self.root)?;
        let mut options = File::options();
        let path = self.root.join(".lock");
        // It would make, or hold, a file somewhere else.
        if fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink()) {
            let message = format!("{} is a symbolic link", path.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)?;
        let what = format!("the lock {}, which another run holds", path.display());
        self.waiting.for_lock(what, || lock.lock())?;
        Ok(lock)
    }

    /// Whoever reads meanwhile, or after a crash at any point, finds the old text or the new one.
    fn put(&self, key: &str, text: &str) -> Result<(), io::Error> {
        let path = self.root.join(key);
        let folder = path.parent().unwrap_or(&self.root);
        create(folder)?;
        tidy(folder);
        replace(&path, text)
    }
}

/// Removes what runs that were killed left half written. The lock is held: nobody writes there now. Where one cannot be
/// removed, it is in nobody's way.
fn tidy(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a folder and those above it, for their owner alone: what is kept holds IAM documents. Those that are
/// there stay as they are.
fn create(folder: &Path) -> Result<(), io::Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn collect(root: &Path, folder: &Path, keys: &mut Vec<String>) -> Result<(), io::Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(root, &path, keys)?;
        } else if let Ok(key) = path.strip_prefix(root) {
            let parts = key.components().map(|it| it.as_os_str().to_string_lossy());
            keys.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
    Ok(())
}

fn tag(text: &str) -> Tag {
    let hash = Sha256::digest(text);
    Tag(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_last_state_can_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::new(folder.path().join("state"), Waiting::default());
        assert!(store.read("a/b.json").unwrap().is_none());
        let first = store.write("a/b.json", "1", None).unwrap();
        assert!(matches!(
            store.write("a/b.json", "2", None),
            Err(Fault::Conflict)
        ));
        let second = store.write("a/b.json", "2", Some(&first)).unwrap();
        assert!(matches!(
            store.write("a/b.json", "3", Some(&first)),
            Err(Fault::Conflict)
        ));
        let kept = store.read("a/b.json").unwrap().unwrap();
        assert_eq!(kept.tag, second);
        assert_eq!(kept.text().unwrap(), "2");
        assert_eq!(store.keys("a/").unwrap(), ["a/b.json"]);
        assert_eq!(store.keys("c/").unwrap(), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_is_not_followed_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        let root = folder.path().join("state");
        fs::create_dir(&root).unwrap();
        std::os::unix::fs::symlink(&elsewhere, root.join(".lock")).unwrap();
        let store = Directory::new(root.clone(), Waiting::default());
        assert!(matches!(store.replace("a.json", "1"), Err(Fault::Other(_))));
        assert!(!elsewhere.exists());
        assert!(!root.join("a.json").exists());
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::new(folder.path().to_owned(), Waiting::default());
        store.replace("a/b.json", "1").unwrap();
        let left = folder.path().join("a/.gatewatch-4x7");
        fs::write(&left, "half").unwrap();
        fs::write(folder.path().join("a/.mine"), "kept").unwrap();
        store.replace("a/b.json", "2").unwrap();
        assert!(!left.exists());
        assert!(folder.path().join("a/.mine").exists());
        assert_eq!(
            store.read("a/b.json").unwrap().unwrap().text().unwrap(),
            "2"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_empty() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a.json")).unwrap();
        let store = Directory::new(folder.path().to_owned(), Waiting::default());
        assert!(matches!(store.read("a.json"), Err(Fault::Other(_))));
    }
}
