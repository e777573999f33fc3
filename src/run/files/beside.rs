//! The files that stand beside a template.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::asked::Instead;
use crate::template::{self, File, Files, LARGEST};

/// Reads files beside a template by their locations, which are relative to the template.
pub struct Beside {
    /// The folder of the template. `None`: it comes by standard input.
    folder: Option<PathBuf>,
    /// Whether files outside that folder are read too.
    outside: bool,
    instead: Instead,
}

impl Beside {
    /// The files beside this template. `outside`: those outside its folder are read, too.
    pub fn of(template: &Path, outside: bool) -> Beside {
        let folder = (template != Path::new("-")).then(|| {
            let folder = template.parent().unwrap_or(Path::new(""));
            folder.to_owned()
        });
        Beside {
            folder,
            outside,
            instead: Instead::default(),
        }
    }

    /// The same, with texts that are read in place of those of files.
    #[must_use]
    pub fn with(self, instead: &Instead) -> Beside {
        Beside {
            instead: Instead::clone(instead),
            ..self
        }
    }
}

impl Files for Beside {
    fn file(&self, location: &str) -> Result<File, String> {
        let Some(folder) = &self.folder else {
            let why =
                "is beside a template that comes by standard input: give the template as a file";
            return Err(why.to_owned());
        };
        // Without a `.` in it, it is named as a folder that is searched names it.
        let path = folder.join(location);
        let here = |it: &Component<'_>| *it != Component::CurDir;
        let path: PathBuf = path.components().filter(here).collect();
        let name = path.display().to_string();
        let cannot = |error: std::io::Error| format!("is {name}, which cannot be read: {error}");
        // With links followed and every `..` gone: only so does it show where the file is.
        let file = fs::canonicalize(&path).map_err(cannot)?;
        let home = match folder.as_os_str().is_empty() {
            true => fs::canonicalize("."),
            false => fs::canonicalize(folder),
        };
        if !self.outside && !file.starts_with(home.map_err(cannot)?) {
            return Err(format!(
                "is {name}, outside the template's folder: give --follow-outside to read it"
            ));
        }
        if let Some(text) = self.instead.get(&file) {
            let text = text.clone();
            return Ok(File { name, text });
        }
        let about = fs::metadata(&file).map_err(cannot)?;
        if !about.is_file() {
            return Err(format!("is {name}, which is no file"));
        }
        let is_small = |size: usize| size <= LARGEST;
        if !usize::try_from(about.len()).is_ok_and(is_small) {
            return Err(format!("is {name}, which has more than {LARGEST} bytes"));
        }
        let bytes = fs::read(&file).map_err(cannot)?;
        let text = template::decoded(bytes)
            .map_err(|error| format!("is {name}, which cannot be read: {error}"))?;
        Ok(File { name, text })
    }
}
