//! How an account is read, and how far the reading is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::interrupt::Interrupt;
use crate::inventory::{Gap, GapKind, Inventory, Reason};

/// How an account is read. The default: everything, from the beginning to the end.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// An earlier inventory of the account. What cannot have changed since is taken from it: what a
    /// deployment froze, and an HTTP API whose stages show the deployments of then.
    pub earlier: Option<Inventory>,
    /// The inventory of a run that ran out of time. What it read is not read again.
    pub part: Option<Inventory>,
    /// When to stop: what is not begun by then is a gap with the reason *not read yet*.
    pub until: Option<Instant>,
    /// How much longer what is begun by then may take. What is not read by that time is *not read yet*, too.
    pub grace: Duration,
    /// Ends the reading before. What is not read by then is *not read yet*, whatever the grace.
    pub interrupt: Interrupt,
    /// The most requests a second to one Region's control plane, where somebody wants fewer than gatewatch
    /// would send.
    pub requests_per_second: Option<f64>,
    /// What is known beforehand not to be read, such as Regions that could not be listed.
    pub gaps: Vec<Gap>,
    /// Whether the scope has all Regions that the account has enabled, as far as `gaps` say nothing else.
    pub all_regions: bool,
    /// Counts what is read.
    pub progress: Progress,
}

/// Checks a number of requests a second. More than a Region's control plane gives cannot be asked for.
///
/// # Errors
/// For a text that is none, with what there can be.
pub fn requests_per_second(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.trim().parse().ok();
    rate.filter(|rate| (0.1..=9.5).contains(rate))
        .ok_or_else(|| format!("`{text}` is no number of requests a second from 0.1 to 9.5"))
}

/// How long a reading may go on.
#[derive(Debug, Clone)]
pub(super) struct Time {
    until: Option<Instant>,
    grace: Duration,
    interrupt: Interrupt,
}

impl Time {
    /// Waits for something until the time is up, where there is one, or the reading is interrupted. `None`: it was
    /// before.
    pub(super) async fn in_time<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        let read = self.interrupt.or(read);
        match self.until {
            None => read.await,
            // What begins now could not end in time.
            Some(until) if until <= Instant::now() => None,
            Some(until) => timeout_at(until + self.grace, read).await.ok().flatten(),
        }
    }

    /// The gap of what was not read in time.
    pub(super) fn not_read_yet(&self, kind: GapKind) -> Gap {
        let message = if self.interrupt.is_raised() {
            "the run was interrupted before this was read"
        } else {
            "the time of the run was up before this was read"
        };
        Gap {
            reason: Reason::NotReadYet,
            ..Gap::malformed(kind, message.to_owned())
        }
    }
}

impl Reading {
    /// Whether the scope has all Regions that the account has enabled.
    pub fn is_everywhere(&self) -> bool {
        self.all_regions && !self.gaps.iter().any(|gap| gap.kind == GapKind::Regions)
    }

    pub(super) fn time(&self) -> Time {
        Time {
            until: self.until,
            grace: self.grace,
            interrupt: self.interrupt.clone(),
        }
    }
}

/// How far a reading is, for whoever watches. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<ProgressCounts>);

#[derive(Debug, Default)]
struct ProgressCounts {
    listed: AtomicUsize,
    read: AtomicUsize,
}

impl Progress {
    /// How many APIs have been read.
    pub fn read(&self) -> usize {
        self.0.read.load(Ordering::Relaxed)
    }

    /// How many APIs there are to read, as far as they have been listed.
    pub fn listed(&self) -> usize {
        self.0.listed.load(Ordering::Relaxed)
    }

    pub(super) fn add_listed(&self, apis: usize) {
        self.0.listed.fetch_add(apis, Ordering::Relaxed);
    }

    pub(super) fn add_read(&self) {
        self.0.read.fetch_add(1, Ordering::Relaxed);
    }
}
