//! Writing a file as a whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// As many symbolic links are followed as Linux follows itself.
const LINKS: usize = 40;

/// How the names of files begin that are being written. Only a process that is killed leaves one.
pub(super) const TEMPORARY: &str = ".gatewatch-";

/// Writes a text to a file. Whoever reads meanwhile, or after a crash at any point, finds the old text or the
/// new one: half an inventory could look clean.
///
/// - A regular file is replaced, and keeps its mode and, where that is permitted, its owner. Symbolic links
///   are followed and stay. A new file can be read by its owner alone, as inventories hold IAM documents.
/// - A device, a FIFO, and what an open file descriptor leads to (`/dev/stdout`, `/dev/fd/3`), are written
///   to and never replaced.
///
/// # Errors
/// Where the place cannot be written, is a directory, or is a symbolic link that leads in a circle. A regular
/// file is as it was then.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    // What an open descriptor leads to is written to as it is, wherever that is.
    let path = match followed(path)? {
        Hop::Descriptor(path) => return append(&path, text),
        Hop::End(path) => path,
    };
    let found = match fs::metadata(&path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match found {
        Some(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Some(found) if !found.is_file() => append(&path, text),
        found => swap(&path, text, found.as_ref()),
    }
}

/// Writes a new file as a whole, readable by its owner alone, and never in the place of another.
///
/// # Errors
/// Where there is something of this name already, were it a link that leads nowhere, or the folder cannot be written.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    let new = written(folder, text)?;
    new.as_file().sync_all()?;
    new.persist_noclobber(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// A file with this text, under a name that nobody can foresee. It goes with an error.
fn written(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut new = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    Ok(new)
}

/// Whether a path leads through an open file descriptor of this process.
fn is_descriptor(path: &Path) -> bool {
    let streams = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
    path.starts_with("/dev/fd")
        || path.starts_with("/proc")
        || streams.iter().any(|it| path == Path::new(it))
}

/// Writes to what must not be replaced. Of a regular file behind a descriptor, what is there already stays.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

/// Where a path leads.
enum Hop {
    /// To an open file descriptor.
    Descriptor(PathBuf),
    /// To a place where something is, or nothing.
    End(PathBuf),
}

fn followed(path: &Path) -> io::Result<Hop> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if is_descriptor(&path) {
            return Ok(Hop::Descriptor(path));
        }
        let is_link = fs::symlink_metadata(&path).is_ok_and(|it| it.file_type().is_symlink());
        if !is_link {
            return Ok(Hop::End(path));
        }
        let target = fs::read_link(&path)?;
        path = folder(&path).join(target);
    }
    let message = "the symbolic link leads in a circle";
    Err(io::Error::new(ErrorKind::InvalidInput, message))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Puts a new file in the place of an old one, or where none is.
fn swap(path: &Path, text: &str, old: Option<&Metadata>) -> io::Result<()> {
    let folder = folder(path);
    let new = written(folder, text)?;
    if let Some(old) = old {
        keep(old, new.as_file())?;
    }
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn keep(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    use std::os::unix::fs::PermissionsExt as _;
    let mut mode = old.mode() & 0o7777;
    // Only root may give a file away: whoever else writes to somebody's file owns the new one. Where not even
    // the group stays, another group must not get what the old one was given.
    let is_kept = fchown(new, Some(old.uid()), Some(old.gid())).is_ok()
        || fchown(new, None, Some(old.gid())).is_ok();
    if !is_kept {
        mode &= 0o707;
    }
    new.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep(old: &Metadata, new: &File) -> io::Result<()> {
    new.set_permissions(old.permissions())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
    use std::process::Command;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.json");
        replace(&path, "one").unwrap();
        assert_eq!(mode(&path), 0o600);
        for kept in [0o600, 0o640, 0o444] {
            fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
            replace(&path, "two").unwrap();
            assert_eq!(
                (mode(&path), fs::read_to_string(&path).unwrap().as_str()),
                (kept, "two")
            );
        }
        assert_eq!(names(folder.path()), ["inventory.json"]);
    }

    #[test]
    fn a_file_is_made_in_nobodys_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create(&at("new"), "one").unwrap();
        assert_eq!(mode(&at("new")), 0o600);
        symlink("nowhere", at("link")).unwrap();
        for taken in ["new", "link"] {
            let error = create(&at(taken), "two").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{taken}");
        }
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "one");
        assert_eq!(names(folder.path()), ["link", "new"]);
    }

    #[test]
    fn nothing_stays_behind_where_a_file_cannot_be_put() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("inventory.json");
        fs::create_dir(&taken).unwrap();
        // The text is written, and cannot take this place.
        assert!(swap(&taken, "one", None).is_err());
        assert_eq!(names(folder.path()), ["inventory.json"]);
    }

    #[test]
    fn links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        symlink("real/inventory.json", at("one")).unwrap();
        symlink(at("one"), at("two")).unwrap();
        // It leads nowhere yet.
        replace(&at("two"), "first").unwrap();
        replace(&at("two"), "second").unwrap();
        assert_eq!(
            fs::read_to_string(at("real/inventory.json")).unwrap(),
            "second"
        );
        for link in ["one", "two"] {
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink());
        }
        symlink(at("b"), at("a")).unwrap();
        symlink(at("a"), at("b")).unwrap();
        assert!(replace(&at("a"), "lost").is_err());
        assert!(fs::symlink_metadata(at("a")).unwrap().is_symlink());
    }

    #[test]
    fn devices_and_fifos_are_written_to_and_stay() {
        let null = Path::new("/dev/null");
        replace(null, "nothing").unwrap();
        assert!(fs::metadata(null).unwrap().file_type().is_char_device());
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("null");
        symlink(null, &link).unwrap();
        replace(&link, "nothing").unwrap();
        assert!(fs::metadata(null).unwrap().file_type().is_char_device());
        let fifo = folder.path().join("fifo");
        assert!(
            Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        let reader = {
            let fifo = fifo.clone();
            std::thread::spawn(move || fs::read_to_string(fifo).unwrap())
        };
        replace(&fifo, "through the pipe").unwrap();
        assert_eq!(reader.join().unwrap(), "through the pipe");
        assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    }

    #[test]
    fn what_a_descriptor_leads_to_is_written_to_also_through_a_link() {
        use std::io::{Read as _, Seek as _};
        use std::os::fd::AsRawFd as _;
        let folder = tempfile::tempdir().unwrap();
        let mut file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(folder.path().join("log"))
            .unwrap();
        file.write_all(b"before, ").unwrap();
        let link = folder.path().join("link");
        symlink(format!("/dev/fd/{}", file.as_raw_fd()), &link).unwrap();
        replace(&link, "after").unwrap();
        // The same file, with what was there.
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "before, after");
    }

    #[test]
    fn a_full_device_is_an_error() {
        let full = Path::new("/dev/full");
        if full.exists() {
            assert_eq!(
                replace(full, "lost").unwrap_err().kind(),
                ErrorKind::StorageFull
            );
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let error = replace(folder.path(), "x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        let nowhere = folder.path().join("no/such/folder.json");
        assert_eq!(
            replace(&nowhere, "x").unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert!(names(folder.path()).is_empty());
    }
}
