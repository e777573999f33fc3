//! Many files in one check: those that are named, and those that folders hold, in one report.
//!
//! - In: paths, what is known of the deployment to come, the policy file, the time.
//! - Out: a [`Report`](crate::audit::Report) about all files, and what was not understood at which place.
//! - A file that is named must be one that can be checked. Of a folder, what is none is counted; what should be one and
//!   cannot be read is a gap.

mod asked;
mod assembly;
mod beside;
mod error;
mod found;
mod laid_over;
mod reading;
mod sources;
mod walk;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::scan::day;
use crate::audit::{CheckedFiles, FilesReport, PassedOver};
use crate::inventory::{Inventory, SCHEMA_VERSION, Scope, listed, partition_of};
use crate::policy_file::PolicyFile;
use crate::template::{ACCOUNT, Translated};

pub use asked::{Asked, Instead, Looked, Unclear};
pub use beside::Beside;
pub use error::{FilesError, Refused};
pub use laid_over::{LaidOver, LaidOverError, Over, laid_over};
use reading::Reading;
pub use reading::SHOWN;

/// So many names stand for all that were named.
const NAMED: usize = 3;

/// Whether these paths are to be checked as many files: there are several, or there is a folder among them.
pub fn are_many(paths: &[PathBuf]) -> bool {
    paths.len() > 1 || paths.iter().any(|it| it.is_dir())
}

/// Checks all files that are named, and those that folders hold.
///
/// # Errors
/// Where a path cannot be looked at, a file that was named cannot be checked, or nothing is there to be checked.
pub fn check(
    paths: &[PathBuf],
    asked: &Asked,
    policy: &PolicyFile,
    now: Timestamp,
) -> Result<Looked, FilesError> {
    let whole = whole(&named(paths), asked, now);
    let mut report = FilesReport::new(whole, policy, day(now));
    let mut inventories = Vec::new();
    let (files, unclear) = read(paths, asked, now, &mut |it| {
        if asked.keeps_inventories {
            inventories.push(it.inventory.clone());
        }
        report.add(it);
    })?;
    Ok(Looked {
        report: report.finished(files),
        unclear,
        inventories,
    })
}

/// Reads all files that are named, and those that folders hold. `take` is given one after the other.
fn read(
    paths: &[PathBuf],
    asked: &Asked,
    now: Timestamp,
    take: &mut dyn FnMut(Translated),
) -> Result<(CheckedFiles, Vec<Unclear>), FilesError> {
    if paths.iter().any(|it| it == Path::new("-")) {
        return Err(FilesError::Input);
    }
    let mut files = CheckedFiles::default();
    let found = walk::found(paths, asked.follow_outside, &mut files)?;
    let mut reading = Reading::new(asked, now, take);
    reading.all(found, &mut files)?;
    if files.checked.is_empty() {
        return Err(nothing(named(paths), &files));
    }
    Ok((files, reading.unclear()))
}

fn named(paths: &[PathBuf]) -> String {
    listed(paths.iter().map(|it| it.display().to_string()), NAMED)
}

/// What stands for all files, and holds nothing.
fn whole(named: &str, asked: &Asked, now: Timestamp) -> Inventory {
    let region = &asked.options.region;
    let regions = match asked.options.region_is_known {
        true => vec![region.clone()],
        false => Vec::new(),
    };
    Inventory {
        schema_version: SCHEMA_VERSION,
        account: ACCOUNT.to_owned(),
        partition: partition_of(region).to_owned(),
        taken_at: now,
        scope: Scope {
            template: Some(named.to_owned()),
            ..Scope::new(regions, Vec::new())
        },
        apis: Vec::new(),
        domains: None,
        iam: None,
        gaps: Vec::new(),
    }
}

fn nothing(named: String, files: &CheckedFiles) -> FilesError {
    let passed_over = files.passed_over.iter();
    let why = passed_over.map(|(why, count)| format!("{count} {}", PassedOver::in_words(*why)));
    let why = why.collect::<Vec<_>>().join(", ");
    FilesError::Nothing {
        named,
        why: if why.is_empty() {
            "no file".to_owned()
        } else {
            why
        },
    }
}
