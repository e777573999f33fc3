//! What a file is called in a patch: its path from the working folder on.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// A file that a patch may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// From the working folder on, with `/` between its parts.
    pub(super) name: String,
    /// Its real path.
    pub(super) real: PathBuf,
}

/// The name of a file in a patch.
///
/// # Errors
/// Why `git apply` could not change it, in words that follow the file.
pub(super) fn named(path: &Path) -> Result<Named, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let folder = fs::canonicalize(".").map_err(cannot)?;
    let real = fs::canonicalize(path).map_err(cannot)?;
    let below = real.strip_prefix(&folder).map_err(|_| {
        "is outside the working folder, where `git apply` changes nothing: run this in the folder of the repository".to_owned()
    })?;
    // With every `.` and `..` taken out, but no link followed.
    let mut plain = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    if plain.strip_prefix(&folder).ok() != Some(below) {
        return Err(
            "is a link, or below one, which `git apply` does not follow: name the file itself"
                .to_owned(),
        );
    }
    let parts: Option<Vec<&str>> = below.iter().map(|it| it.to_str()).collect();
    let name = parts.ok_or("has a name that is no UTF-8")?.join("/");
    Ok(Named { name, real })
}
