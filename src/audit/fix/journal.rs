//! The journal of a fix that is carried out: what was about to be done, and what is known to be done, line by line.
//!
//! A line is written, and kept by the disk, before and after each call that changes something. So whoever reads the journal of
//! a run that ended anywhere knows of each step that it was not begun, that it took effect, or that it may have: then the step
//! is looked at again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::fix::frozen::Frozen;
use crate::audit::fix::selection::Options;
use crate::audit::fix::state::State;
use crate::audit::fix::step::Action;

/// The version of the journal. It grows when a reader would misread a newer one.
pub(super) const VERSION: u32 = 1;

/// A step that is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStep {
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// The ids of the findings that it helps to mend.
    pub findings: Vec<String>,
    /// How what it changes was read.
    pub expects: State,
    /// Of a deployment, the methods that it freezes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Frozen>,
}

/// A method that is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalMethod {
    /// The id of the finding about it.
    pub finding: String,
    /// The Region.
    pub region: String,
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// The verb, or `ANY`.
    pub verb: String,
    /// The path template; of a route without a path, its key.
    pub path: String,
    /// The key of an HTTP API's route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_key: Option<String>,
}

/// What is to be done, and for whom: the first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The version of the journal.
    pub journal_version: u32,
    /// What tells this run from others, in the descriptions of its deployments.
    pub run: String,
    /// When it began.
    pub at: Timestamp,
    /// The account's id.
    pub account: String,
    /// The partition.
    pub partition: String,
    /// The ARN of whoever ran it.
    pub caller: String,
    /// The name of the policy file.
    pub judged_by: String,
    /// What the plan may do besides.
    pub asked: Options,
    /// The steps, in order.
    pub steps: Vec<JournalStep>,
    /// The methods that they are for.
    pub methods: Vec<JournalMethod>,
}

/// A line of the journal. `step` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// What is to be done.
    Begun(Begun),
    /// A step is about to be taken.
    Starts {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
        /// How what it changes was just before.
        found: State,
    },
    /// A deployment was made, which no stage serves yet.
    Made {
        /// Of which step.
        step: usize,
        /// When.
        at: Timestamp,
        /// Its id.
        deployment: String,
    },
    /// A step took effect: it was read again.
    Done {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
        /// How what it changes is now.
        left: State,
    },
    /// A step was not taken, or it is not known to have taken effect.
    NotDone {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
    /// A step is about to be undone.
    UndoStarts {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// What a step changed is as it was before: it was read again.
    Undone {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// A step was left as it is.
    NotUndone {
        /// Which.
        step: usize,
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
}

/// What is known of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How what it changes was before the first try. `None`: it was never begun.
    pub found: Option<State>,
    /// The last deployment that was made for it.
    pub made: Option<String>,
    /// How what it changes was once it took effect. `None`: that is not known.
    pub left: Option<State>,
    /// Whether it was begun to be undone.
    pub undo_started: bool,
    /// Whether it was undone.
    pub undone: bool,
}

/// A journal, as far as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// What is to be done.
    pub begun: Begun,
    /// What is known of each step.
    pub progress: Vec<Progress>,
}

/// Why a journal cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// It has no whole first line.
    #[error("it is no journal of gatewatch fix: its first line does not say what is to be done")]
    NoBegin,
    /// It was written by a newer version.
    #[error(
        "it is a journal of version {0}, and this gatewatch reads version {VERSION}: use the one that wrote it"
    )]
    Newer(u32),
    /// A line in it is damaged.
    #[error(
        "line {line} is no entry of a journal ({why}): it was changed or damaged, and is not used"
    )]
    Damaged {
        /// Which, from 1.
        line: usize,
        /// Why.
        why: String,
    },
}

impl Journal {
    /// A journal whose first line was just written.
    pub fn new(begun: Begun) -> Self {
        let progress = vec![Progress::default(); begun.steps.len()];
        Journal { begun, progress }
    }

    /// Reads a journal. What follows the last line break is the begin of a line that a crash cut off: what it was about has
    /// not happened, or is found by looking again.
    ///
    /// # Errors
    /// Where it is none, or a line is damaged.
    pub fn read(text: &str) -> Result<Self, JournalError> {
        let whole = text
            .rfind('\n')
            .map_or("", |end| text.get(..end).unwrap_or(""));
        let mut lines = whole.lines().enumerate();
        let first = lines.next().map_or("", |(_, line)| line);
        let version: Option<Version> = serde_json::from_str(first).ok();
        match version.map(|it| it.journal_version) {
            Some(version) if version > VERSION => return Err(JournalError::Newer(version)),
            _ => {}
        }
        let Ok(Entry::Begun(begun)) = serde_json::from_str(first) else {
            return Err(JournalError::NoBegin);
        };
        let mut journal = Journal::new(begun);
        for (at, line) in lines {
            let damaged = |why: String| JournalError::Damaged { line: at + 1, why };
            let entry = serde_json::from_str(line).map_err(|error| damaged(error.to_string()))?;
            journal.take(entry).map_err(damaged)?;
        }
        Ok(journal)
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// Where it is about no step of this journal.
    pub fn take(&mut self, entry: Entry) -> Result<(), String> {
        let at = match &entry {
            Entry::Begun(_) => return Err("it begins a second time".to_owned()),
            Entry::Starts { step, .. }
            | Entry::Made { step, .. }
            | Entry::Done { step, .. }
            | Entry::NotDone { step, .. }
            | Entry::UndoStarts { step, .. }
            | Entry::Undone { step, .. }
            | Entry::NotUndone { step, .. } => *step,
        };
        let progress = self.progress.get_mut(at);
        let progress = progress.ok_or_else(|| format!("there is no step {at}"))?;
        match entry {
            // A second try finds what the first one left: only what was there before counts.
            Entry::Starts { found, .. } => {
                progress.found.get_or_insert(found);
            }
            Entry::Made { deployment, .. } => progress.made = Some(deployment),
            Entry::Done { left, .. } => progress.left = Some(left),
            Entry::UndoStarts { .. } => progress.undo_started = true,
            Entry::Undone { .. } => progress.undone = true,
            Entry::Begun(_) | Entry::NotDone { .. } | Entry::NotUndone { .. } => {}
        }
        Ok(())
    }

    /// Whether every step took effect.
    pub fn is_done(&self) -> bool {
        self.progress.iter().all(|it| it.left.is_some())
    }

    /// Whether anything of it was begun to be undone.
    pub fn is_being_undone(&self) -> bool {
        self.progress.iter().any(|it| it.undo_started || it.undone)
    }

    /// The steps and what is known of each, in order.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (usize, &JournalStep, &Progress)> {
        let both = self.begun.steps.iter().zip(&self.progress);
        let both: Vec<_> = both.collect();
        both.into_iter()
            .enumerate()
            .map(|(at, (step, progress))| (at, step, progress))
    }
}

/// What of the first line every version has.
#[derive(Debug, Deserialize)]
struct Version {
    journal_version: u32,
}
