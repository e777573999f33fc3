//! Which files a folder holds that may be checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};

use super::assembly;
use super::error::FilesError;
use super::found::{Found, What};
use crate::audit::{CheckedFiles, PassedOver};

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
        seen: BTreeSet::new(),
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
    /// The real paths of those that were found.
    seen: BTreeSet<PathBuf>,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn add(&mut self, path: &Path, what: What) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            let path = path.strip_prefix(".").unwrap_or(path).to_owned();
            self.found.push(Found { path, what });
        }
    }

    /// All that a folder holds, but for what its `.gitignore` files name.
    fn folder(&mut self, root: &Path) {
        if assembly::is_one(root) {
            return self.assembly(root);
        }
        // The walk itself tells which folders are assemblies: it does not go into them.
        let assemblies: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let noted = Arc::clone(&assemblies);
        let mut builder = WalkBuilder::new(root);
        builder
            .hidden(false)
            .ignore(false)
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
        let home = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        for entry in builder.build() {
            match entry {
                Ok(entry) => self.entry(&entry, &home),
                Err(error) => {
                    let path = path_of(&error).unwrap_or_else(|| root.to_owned());
                    self.add(&path, What::Unreadable(format!("cannot be read: {error}")));
                }
            }
        }
        let mut noted = assemblies.lock().unwrap_or_else(PoisonError::into_inner);
        for path in noted.drain(..) {
            self.assembly(&path);
        }
    }

    fn entry(&mut self, entry: &DirEntry, home: &Path) {
        let path = entry.path();
        let Some(kind) = entry.file_type() else {
            return;
        };
        if kind.is_dir() {
            self.made(path);
        } else if kind.is_symlink() {
            self.link(path, home);
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
        let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|it| it.is_dir());
        let (cdk, serverless) = (folder.join(CDK), folder.join(SERVERLESS));
        if is_folder(&cdk) {
            self.assembly(&cdk);
        }
        if !is_folder(&serverless) {
            return;
        }
        match fs::read_dir(&serverless) {
            Ok(entries) => {
                let mut paths: Vec<PathBuf> = entries.flatten().map(|it| it.path()).collect();
                paths.sort();
                for path in paths.iter().filter(|it| it.is_file()) {
                    match path.extension().is_some_and(|it| it == "json") {
                        true => self.add(path, What::Held),
                        false => self.files.pass_over(PassedOver::OtherName),
                    }
                }
            }
            Err(error) => self.add(
                &serverless,
                What::Unreadable(format!("cannot be read: {error}")),
            ),
        }
    }

    fn assembly(&mut self, folder: &Path) {
        for Found { path, what } in assembly::stacks(folder) {
            self.add(&path, what);
        }
    }

    /// A link that is not followed.
    fn link(&mut self, path: &Path, home: &Path) {
        let is_wanted = may_be_checked(path) || path.extension().is_none();
        match fs::canonicalize(path) {
            Ok(target) if target.starts_with(home) => self.files.pass_over(PassedOver::Link),
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
}

/// Whether a file of this name may be a template, a definition or a plan, or the source of one.
fn may_be_checked(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    let extension = extension.map(str::to_ascii_lowercase);
    extension.is_some_and(|it| ["yaml", "yml", "json", "template", "tf"].contains(&it.as_str()))
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
