//! The patch for the findings that are meant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::accepted::{Accepted, accepted};
use super::change::{Candidate, Candidates, as_read};
use super::terraform::plans;
use crate::audit::Status;
use crate::audit::finding::{Finding, RuleId};
use crate::audit::fix::{Read, Refusal, Selection, is_all_that_changed, lost_preflights};
use crate::inventory::{Api, Gap, Inventory, quoted};
use crate::policy_file::PolicyFile;
use crate::run::files::{Asked, FilesError, Instead, Looked, check};
use crate::template::patch::{is_same_but, patched};

/// A file, and what it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its path from the working folder on, with `/` between its parts.
    pub name: String,
    /// Its text.
    pub before: String,
    /// Its text with the changes.
    pub after: String,
}

/// What mends the findings that are meant.
#[derive(Debug)]
pub struct Patch {
    /// The files that change, by their names.
    pub files: Vec<Changed>,
    /// The findings that are mended.
    pub mended: Vec<Finding>,
    /// The findings that no edit is given for.
    pub refused: Vec<Refusal>,
    /// What a reader should know.
    pub notes: BTreeSet<String>,
    /// What could not be read or decided: it may hide findings.
    pub gaps: Vec<Gap>,
}

/// Why there is no patch.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// The files cannot be checked.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// What was asked for is not there.
    #[error("{0}")]
    Asked(String),
}

impl Patch {
    /// The outcome in one word, as of a [plan](crate::audit::fix::Plan::status).
    pub fn status(&self) -> Status {
        if !self.refused.is_empty() || !self.gaps.is_empty() {
            Status::Incomplete
        } else if !self.mended.is_empty() {
            Status::Findings
        } else {
            Status::Clean
        }
    }
}

/// Reads files, and looks how their own text is to be changed so that the findings that are meant are gone. `sources`: the
/// folder of the sources that plans of Terraform are made from.
///
/// # Errors
/// As of [`check`]; and where an id, an API, a stage or a method is named that there is not.
pub fn patch(
    paths: &[PathBuf],
    (asked, sources): (&Asked, Option<&Path>),
    policy: &PolicyFile,
    selection: &Selection,
    now: Timestamp,
) -> Result<Patch, PatchError> {
    let asked = Asked {
        keeps_inventories: true,
        ..asked.clone()
    };
    let looked = |instead: Instead| {
        let asked = Asked {
            instead,
            ..asked.clone()
        };
        check(paths, &asked, policy, now)
    };
    let before = looked(Instead::default())?;
    check_selection(selection, &before)?;
    let findings = before.report.evaluation.findings.iter();
    // What could not be read is a gap, and said as one.
    let findings = findings.filter(|it| selection.is_met_by(it) && !is_gap(it));
    let findings: Vec<&Finding> = findings.collect();
    let candidates = Candidates::of(&before.report, &findings, sources);
    let Accepted {
        holds,
        refused: against,
    } = accepted(candidates.all.len(), |some| {
        let some = some.iter().filter_map(|it| candidates.all.get(*it));
        judged(&candidates, &some.collect::<Vec<_>>(), &before, &looked)
    })?;
    let refused_at = |at: usize| {
        candidates
            .all
            .get(at)
            .into_iter()
            .flat_map(|it| &it.findings)
    };
    let against = against.iter();
    let against = against.flat_map(|(at, why)| refused_at(*at).map(move |it| (*it, why.clone())));
    let refused = candidates.refused.iter().cloned().chain(against);
    let refused = refused.map(|(finding, why)| Refusal {
        finding: finding.clone(),
        why,
        lifted_by: None,
    });
    let mut refused: Vec<Refusal> = refused.collect();
    refused.sort_by(|one, other| one.finding.order(&other.finding));
    let taken = holds.iter().filter_map(|it| candidates.all.get(*it));
    let taken: Vec<&Candidate<'_>> = taken.collect();
    let mended: Vec<&Finding> = taken
        .iter()
        .flat_map(|it| it.findings.iter().copied())
        .collect();
    let mut notes: BTreeSet<String> = taken
        .iter()
        .flat_map(|it| it.mend.notes.iter().cloned())
        .collect();
    notes.extend(lost_preflights(&before.inventories, &mended));
    let mut files = changed(&candidates, &taken).map_err(PatchError::Asked)?;
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Patch {
        files,
        mended: mended.into_iter().cloned().collect(),
        refused,
        notes,
        gaps: before.report.evaluation.gaps.to_vec(),
    })
}

fn is_gap(finding: &Finding) -> bool {
    finding.rule == RuleId::UnreadApi
}

/// The files that some changes change.
fn changed(candidates: &Candidates<'_>, taken: &[&Candidate<'_>]) -> Result<Vec<Changed>, String> {
    let mut files = Vec::new();
    for (index, source) in candidates.files.iter().enumerate() {
        let own = || {
            taken
                .iter()
                .filter(|it| it.file == index)
                .map(|it| &it.mend)
        };
        if own().next().is_none() {
            continue;
        }
        let after = patched(&source.text, own())?;
        if source.is_yaml {
            is_same_but(&source.text, &after, own())
                .map_err(|why| format!("the patched text {why}"))?;
        }
        files.push(Changed {
            name: source.file.name.clone(),
            before: source.text.clone(),
            after,
        });
    }
    Ok(files)
}

/// Reads and judges the files with some changes.
fn judged(
    candidates: &Candidates<'_>,
    some: &[&Candidate<'_>],
    before: &Looked,
    looked: &impl Fn(Instead) -> Result<Looked, FilesError>,
) -> Result<Result<(), String>, FilesError> {
    let files = match changed(candidates, some) {
        Ok(files) => files,
        Err(why) => return Ok(Err(why)),
    };
    let real = |name: &str| {
        let mut files = candidates.files.iter();
        files
            .find(|it| it.file.name == name)
            .map(|it| it.file.real.clone())
    };
    let instead = files
        .into_iter()
        .filter_map(|it| Some((real(&it.name)?, as_read(it.after))));
    let mut instead: BTreeMap<PathBuf, String> = instead.collect();
    match plans(some) {
        Ok(plans) => instead.extend(plans),
        Err(why) => return Ok(Err(why)),
    }
    let after = match looked(Arc::new(instead)) {
        Ok(after) => after,
        Err(FilesError::Refused(_)) => {
            return Ok(Err("the patched text could not be read".to_owned()));
        }
        Err(error) => return Err(error),
    };
    let mended: Vec<&Finding> = some
        .iter()
        .flat_map(|it| it.findings.iter().copied())
        .collect();
    Ok(is_all_that_changed(
        read_of(before),
        read_of(&after),
        &mended,
    ))
}

fn read_of(looked: &Looked) -> Read<'_> {
    Read {
        inventories: &looked.inventories,
        report: &looked.report,
    }
}

/// Looks whether there is what is named: a name that nothing has would select nothing, which looks like nothing is wrong.
fn check_selection(selection: &Selection, before: &Looked) -> Result<(), PatchError> {
    let apis = before
        .inventories
        .iter()
        .flat_map(|it| it.apis.iter().cloned());
    let apis: Vec<Api> = apis.collect();
    if let Some(first) = before.inventories.first() {
        let all = Inventory {
            apis,
            iam: None,
            ..first.clone()
        };
        selection.check(&all).map_err(PatchError::Asked)?;
    }
    let findings = before.report.evaluation.findings.iter();
    let known: BTreeSet<String> = findings.map(|it| it.fingerprint().to_string()).collect();
    match selection.ids.iter().find(|it| !known.contains(*it)) {
        Some(id) => Err(PatchError::Asked(format!(
            "no finding has the id {}; one that an exemption covers is not mended",
            quoted(id)
        ))),
        None => Ok(()),
    }
}
