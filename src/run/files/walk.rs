//! Which files a folder holds that may be checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};

use super::assembly::{self, Assembly};
use super::error::FilesError;
use super::found::{Found, What};
use crate::audit::{CheckedFiles, PassedOver};
use crate::template;

/// Folders that are not looked into: what is not the project's own, and copies of what is.
const NEVER: [&str; 4] = [".git", "node_modules", ".terraform", ".aws-sam"];

/// The folder that the Serverless Framework packages into. A `.gitignore` names it mostly.
const SERVERLESS: &str = ".serverless";

/// The folder that `cdk synth` writes. A `.gitignore` names it mostly.
const CDK: &str = "cdk.out";

/// The files that are named and those that folders hold, each once, in the order in which they were named. What is passed over
/// by its name is counted.
///
/// # Errors
/// Where a path that was named is not there.
pub(super) fn found(
    paths: &[PathBuf],
    follow_outside: bool,
    files: &mut CheckedFiles,
) -> Result<Vec<Found>, FilesError> {
    let mut walk = Walk {
        follow_outside,
        files,
        home: PathBuf::new(),
        seen: BTreeSet::new(),
        folders: BTreeSet::new(),
        links: BTreeMap::new(),
        found: Vec::new(),
    };
    for path in paths {
        let about = fs::metadata(path).map_err(|error| FilesError::Path {
            path: path.display().to_string(),
            error,
        })?;
        match about.is_dir() {
            true => walk.folder(path),
            false => walk.add(path, What::Named),
        }
    }
    Ok(walk.found)
}

struct Walk<'f> {
    follow_outside: bool,
    files: &'f mut CheckedFiles,
    /// The real path of the folder that is searched, and that links may lead into.
    home: PathBuf,
    /// The real paths of the files that were found.
    seen: BTreeSet<PathBuf>,
    /// The real paths of the folders that were searched.
    folders: BTreeSet<PathBuf>,
    /// Links to what is in the folder, with the real paths of that.
    links: BTreeMap<PathBuf, PathBuf>,
    found: Vec<Found>,
}

/// Whether the `.gitignore` files count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ignoring {
    /// What they name is left out.
    Named,
    /// Nothing is: a tool has made the folder, and the whole of it is named there mostly.
    Nothing,
}

impl Walk<'_> {
    fn add(&mut self, path: &Path, what: What) {
        if self.seen.insert(real(path)) {
            self.push(path, what);
        }
    }

    /// Several stacks may be made of one template. It is not looked at by itself besides.
    fn add_stack(&mut self, path: &Path, what: What) {
        let file = real(path);
        if !self.seen.insert(file.clone()) {
            let is_stack = |it: &Found| matches!(it.what, What::Stack(_));
            (self.found).retain(|it| is_stack(it) || real(&it.path) != file);
        }
        self.push(path, what);
    }

    fn push(&mut self, path: &Path, what: What) {
        let path = path.strip_prefix(".").unwrap_or(path).to_owned();
        self.found.push(Found { path, what });
    }

    /// All that a folder holds, but for what its `.gitignore` files name.
    fn folder(&mut self, root: &Path) {
        self.home = real(root);
        self.search(root, Ignoring::Named);
        // Only once all is searched it is known what else links lead to.
        while let Some((link, target)) = self.links.pop_first() {
            self.within(&link, &target);
        }
    }

    fn search(&mut self, root: &Path, ignoring: Ignoring) {
        if !self.folders.insert(real(root)) {
            return;
        }
        let is_called_so = root.file_name().is_some_and(|it| it == CDK);
        let is_assembly = is_called_so || assembly::is_one(root);
        if is_assembly {
            self.assembly(root);
        }
        let is_named = ignoring == Ignoring::Named && !is_assembly;
        // The walk itself tells which folders are assemblies: it does not go into them.
        let assemblies: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let noted = Arc::clone(&assemblies);
        let mut builder = WalkBuilder::new(root);
        builder
            .hidden(false)
            .ignore(false)
            .git_ignore(is_named)
            .parents(is_named)
            // What is ignored on one machine alone would be checked on another.
            .git_global(false)
            .git_exclude(false)
            .follow_links(self.follow_outside)
            .sort_by_file_path(Path::cmp)
            .filter_entry(move |entry| {
                let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
                if !is_folder || entry.depth() == 0 {
                    return true;
                }
                let name = entry.file_name().to_str().unwrap_or_default();
                if NEVER.contains(&name) || name == SERVERLESS || name == CDK {
                    return false;
                }
                let is_assembly = assembly::is_one(entry.path());
                if is_assembly {
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.push(entry.path().to_owned());
                }
                !is_assembly
            });
        for entry in builder.build() {
            match entry {
                Ok(entry) => self.entry(&entry),
                Err(error) => {
                    let path = path_of(&error).unwrap_or_else(|| root.to_owned());
                    self.add(&path, What::Unreadable(format!("cannot be read: {error}")));
                }
            }
        }
        let mut noted = assemblies.lock().unwrap_or_else(PoisonError::into_inner);
        for path in noted.drain(..) {
            self.search(&path, Ignoring::Nothing);
        }
    }

    fn entry(&mut self, entry: &DirEntry) {
        let path = entry.path();
        let Some(kind) = entry.file_type() else {
            return;
        };
        // The folder that is searched may be a link itself.
        if kind.is_dir() || entry.depth() == 0 {
            self.folders.insert(real(path));
            self.made(path);
        } else if kind.is_symlink() {
            self.link(path);
        } else if !may_be_checked(path) {
            self.files.pass_over(PassedOver::OtherName);
        } else if kind.is_file() {
            self.add(path, What::Held);
        } else {
            self.add(path, What::Unreadable("is no file".to_owned()));
        }
    }

    /// What tools have written below a folder, whether or not a `.gitignore` names it.
    fn made(&mut self, folder: &Path) {
        for name in [CDK, SERVERLESS] {
            let path = folder.join(name);
            match fs::symlink_metadata(&path) {
                Ok(about) if about.is_dir() => self.search(&path, Ignoring::Nothing),
                Ok(about) if about.is_symlink() => self.link(&path),
                _ => {}
            }
        }
    }

    /// The stacks that a manifest names. What else the folder holds is searched like any other.
    fn assembly(&mut self, folder: &Path) {
        let (home, outside) = (self.home.clone(), self.follow_outside);
        let is_allowed = |path: &Path| {
            // What is not there is said where it is read.
            outside
                || fs::canonicalize(path)
                    .map_or_else(|_| is_below(path), |it| it.starts_with(&home))
        };
        let Assembly { stacks, inner } = assembly::read(folder, &is_allowed);
        for Found { path, what } in stacks {
            match what {
                What::Stack(_) => self.add_stack(&path, what),
                _ => {
                    self.seen.insert(real(&path));
                    self.push(&path, what);
                }
            }
        }
        for inner in inner {
            match inner.is_dir() {
                true => self.search(&inner, Ignoring::Nothing),
                false => self.push(
                    &inner,
                    What::Unreadable("is an assembly that is not there".to_owned()),
                ),
            }
        }
    }

    /// A link that the walk does not follow.
    fn link(&mut self, path: &Path) {
        let name = path.file_name().and_then(|it| it.to_str());
        let is_never = name.is_some_and(|it| NEVER.contains(&it));
        let is_wanted = may_be_checked(path) || path.extension().is_none();
        match fs::canonicalize(path) {
            Ok(_) if is_never => self.files.pass_over(PassedOver::OtherName),
            Ok(target) if target.starts_with(&self.home) || self.follow_outside => {
                self.links.insert(path.to_owned(), target);
            }
            Ok(target) if is_wanted || target.is_dir() => {
                let why = format!(
                    "is a link to {}, outside the folder: give --follow-outside to read it",
                    target.display()
                );
                self.add(path, What::Unreadable(why));
            }
            Err(error) if is_wanted => {
                let why = format!("is a link that cannot be followed: {error}");
                self.add(path, What::Unreadable(why));
            }
            Ok(_) | Err(_) => self.files.pass_over(PassedOver::OtherName),
        }
    }

    /// What a link leads to in the folder: it is looked at where nothing else leads there, such as to what a `.gitignore`
    /// names.
    fn within(&mut self, link: &Path, target: &Path) {
        let is_known = self.folders.contains(target) || self.seen.contains(target);
        if is_known {
            self.files.pass_over(PassedOver::Link);
        } else if target.is_dir() {
            // With its slash, the path is that of the folder, and not of the link.
            self.search(&link.join(""), Ignoring::Named);
        } else if may_be_checked(link) {
            self.add(link, What::Held);
        } else {
            self.files.pass_over(PassedOver::OtherName);
        }
    }
}

/// The path of a file with links followed, where it is there.
pub(super) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a path leads nowhere above where it begins.
fn is_below(path: &Path) -> bool {
    !path.components().any(|it| it == Component::ParentDir)
}

/// Whether a file of this name may be a template, a definition or a plan, or the source of one.
fn may_be_checked(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    let extension = extension.map(str::to_ascii_lowercase);
    let may_be = ["yaml", "yml", "json", "template", "tf", "tofu"];
    extension.is_some_and(|it| may_be.contains(&it.as_str())) || is_program(path)
}

/// Whether a file is a configuration of the Serverless Framework that is a program.
fn is_program(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str());
    name.is_some_and(template::is_serverless_program)
}

/// The path that an error is about.
fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}
