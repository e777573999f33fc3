//! The file of a journal, and the lock that keeps two runs apart.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::file::create;

/// A journal that is open, and locked against other runs, until this is dropped or the process ends.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    /// How long it is, up to its last whole line.
    length: u64,
    /// Whether a line could not be written: nothing is added behind what may be half of one.
    is_broken: bool,
}

/// The lock of an account on this machine, held until this is dropped or the process ends.
#[derive(Debug)]
pub struct AccountLock {
    _file: File,
}

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another run holds it.
    #[error("another run of gatewatch fix is at work: it holds the lock {}", .0.display())]
    Held(PathBuf),
    /// The file cannot be opened or locked.
    #[error("{} cannot be used: {source}", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Whether a file begins as every journal does.
fn is_journal(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let first = serde_json::from_str::<serde_json::Value>(first);
    first.is_ok_and(|it| it.get("event").is_some_and(|event| event == "begun"))
}

impl JournalFile {
    /// Makes a new journal, which its owner alone can read, with its first line.
    ///
    /// # Errors
    /// Where there is a file of this name already, or it cannot be written.
    pub fn create(path: &Path, first: &str) -> Result<Self, NotLocked> {
        let failed = |source| NotLocked::Failed {
            path: path.to_owned(),
            source,
        };
        create(path, &format!("{first}\n")).map_err(failed)?;
        Ok(JournalFile::open(path)?.0)
    }

    /// Opens a journal, and gives what is in it. What a crash left of a line is cut off.
    ///
    /// # Errors
    /// Where it cannot be read or written, or another run has it.
    pub fn open(path: &Path) -> Result<(Self, String), NotLocked> {
        let failed = |source| NotLocked::Failed {
            path: path.to_owned(),
            source,
        };
        let options = File::options().read(true).write(true).open(path);
        let mut file = options.map_err(failed)?;
        lock(&file, path)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        // Of any other file, which somebody named by mistake, nothing is cut.
        if whole < text.len() && is_journal(&text) {
            file.set_len(whole as u64).map_err(failed)?;
            text.truncate(whole);
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let file = JournalFile {
            file,
            length: text.len() as u64,
            is_broken: false,
        };
        Ok((file, text))
    }

    /// Adds a line, and returns once the disk keeps it.
    ///
    /// # Errors
    /// Where it may not be kept.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier line could not be written"));
        }
        let line = format!("{line}\n");
        let written = self.file.write_all(line.as_bytes());
        let kept = written.and_then(|()| self.file.sync_all());
        match kept {
            Ok(()) => self.length += line.len() as u64,
            Err(_) => {
                self.is_broken = true;
                // Where that fails, too, whoever opens the journal next cuts the half line off.
                let _ = self.file.set_len(self.length);
            }
        }
        kept
    }
}

impl AccountLock {
    /// Takes the lock of an account, a file in this folder, which is made if need be.
    ///
    /// # Errors
    /// Where another run has it, or the folder cannot be written.
    pub fn take(folder: &Path, account: &str) -> Result<Self, NotLocked> {
        let path = folder.join(format!("fix-{account}.lock"));
        let failed = |source| NotLocked::Failed {
            path: path.clone(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
        // It would make, or hold, a file somewhere else.
        if fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink()) {
            return Err(failed(io::Error::other("it is a symbolic link")));
        }
        let mut options = File::options();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(failed)?;
        lock(&file, &path)?;
        Ok(AccountLock { _file: file })
    }
}

fn lock(file: &File, path: &Path) -> Result<(), NotLocked> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => NotLocked::Held(path.to_owned()),
        TryLockError::Error(source) => NotLocked::Failed {
            path: path.to_owned(),
            source,
        },
    })
}
