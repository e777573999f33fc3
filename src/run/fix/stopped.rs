//! Whoever carries out the steps: with what, and what is told of it.

use std::fmt;

use jiff::Timestamp;
use tokio::time::sleep;

use super::changes::{Changes, Notes, Patience};
use crate::audit::fix::{Action, Entry, Journal, State};
use crate::aws::client::Failure;

/// Why the steps were not gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The step, from 0.
    pub step: usize,
    /// Why.
    pub why: String,
}

/// What is told while steps are taken. Steps count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A step was done before.
    WasDone(usize),
    /// A step took effect.
    Done(usize),
    /// A step was undone.
    Undone(usize),
    /// A step was not undone.
    NotUndone(usize),
}

/// Whoever carries out the steps of a journal.
pub struct Worker<'w, C, N> {
    /// Changes things.
    pub changes: &'w C,
    /// Writes the journal.
    pub notes: &'w mut N,
    /// How long a change is waited for.
    pub patience: Patience,
    /// The clock.
    pub clock: &'w dyn Fn() -> Timestamp,
    /// Is told what was done.
    pub tell: &'w dyn Fn(Told),
}

impl<C: fmt::Debug, N: fmt::Debug> fmt::Debug for Worker<'_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let debug = &mut f.debug_struct("Worker");
        let debug = debug.field("changes", &self.changes);
        debug.field("notes", &self.notes).finish_non_exhaustive()
    }
}

impl<C: Changes, N: Notes> Worker<'_, C, N> {
    /// Writes an entry, and takes it in.
    ///
    /// # Errors
    /// Where the disk may not keep it: nothing must be changed then.
    pub(super) fn note(&mut self, journal: &mut Journal, entry: Entry) -> Result<(), String> {
        let written = self.notes.note(&entry);
        written.map_err(|error| format!("the journal cannot be written: {error}"))?;
        journal.take(entry)
    }

    /// Reads until something is as it should be, or patience is at its end. The last reading counts.
    pub(super) async fn read_until(
        &self,
        action: &Action,
        is_there: impl Fn(&State) -> bool,
    ) -> Result<State, Failure> {
        let mut wait = self.patience.first_wait;
        let mut left = self.patience.reads.max(1);
        loop {
            let now = self.changes.read(action).await;
            left -= 1;
            if left == 0 || now.as_ref().is_ok_and(&is_there) {
                return now;
            }
            sleep(wait).await;
            wait *= 2;
        }
    }
}
