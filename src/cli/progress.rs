//! How far a long command is, on standard error, where that is a terminal that can draw over a line.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a bar moves.
const STEP: Duration = Duration::from_millis(100);

/// What takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long it is not said how long the rest takes: the first answers tell little.
const TELLS_NOTHING_FOR: Duration = Duration::from_secs(3);

/// How far something is.
pub(super) struct Seen {
    /// How much is done.
    pub(super) done: usize,
    /// How much there is to do, as far as it is known.
    pub(super) all: usize,
    /// What is counted, such as `APIs`, and what is to be said besides.
    pub(super) what: String,
}

/// Shows how far something is while it is done, and about how long the rest takes. `quiet`: shows nothing.
pub(super) async fn shown<T>(
    quiet: bool,
    seen: impl Fn() -> Seen,
    done: impl Future<Output = T>,
) -> T {
    let bar = bar(quiet);
    let moving = async {
        loop {
            let Seen { done, all, what } = seen();
            see(&bar, done, all, &what);
            tokio::time::sleep(STEP).await;
        }
    };
    tokio::pin!(done, moving);
    let done = tokio::select! {
        done = &mut done => done,
        never = &mut moving => match never {},
    };
    bar.finish_and_clear();
    done
}

/// A bar of so many, which is moved by hand.
pub(super) struct Steps(ProgressBar);

impl Steps {
    pub(super) fn new(all: u64) -> Self {
        let bar = bar(false);
        bar.set_length(all);
        Steps(bar)
    }

    /// So much of it is done, which is called so.
    pub(super) fn see(&self, done: u64, what: &str) {
        let (done, all) = (done, self.0.length().unwrap_or(done));
        see_at(&self.0, done, all, what);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says what is done, and for how long, as long as this is there: where there is nothing to count.
pub(super) struct Busy {
    ends: Option<Sender<()>>,
    shows: Option<JoinHandle<()>>,
}

impl Busy {
    pub(super) fn with(quiet: bool, what: &'static str) -> Self {
        if quiet || bar(false).is_hidden() {
            let (ends, shows) = (None, None);
            return Busy { ends, shows };
        }
        let (ends, ended) = channel::<()>();
        let shows = thread::spawn(move || {
            let goes_on = |wait| ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
            if !goes_on(PATIENCE) {
                return;
            }
            let bar = bar(false);
            style(&bar, "{spinner} {msg}, {elapsed}");
            bar.set_message(what);
            while goes_on(STEP) {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Busy {
            ends: Some(ends),
            shows: Some(shows),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        drop(self.ends.take());
        if let Some(shows) = self.shows.take() {
            // The line is cleared before anything else is written.
            let _ = shows.join();
        }
    }
}

fn bar(quiet: bool) -> ProgressBar {
    let target = if quiet || is_dumb() {
        ProgressDrawTarget::hidden()
    } else {
        // Draws nothing where it is no terminal.
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    style(
        &bar,
        "{spinner} [{wide_bar}] {pos}/{len} {msg}, {elapsed}{prefix}",
    );
    bar
}

/// If a template were wrong, the bar would keep the crate's own style.
fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

fn see(bar: &ProgressBar, done: usize, all: usize, what: &str) {
    see_at(bar, number(done), number(all), what);
}

fn see_at(bar: &ProgressBar, done: u64, all: u64, what: &str) {
    bar.set_length(all);
    bar.set_position(done);
    bar.set_message(what.to_owned());
    let is_known = done > 0 && done < all && bar.elapsed() >= TELLS_NOTHING_FOR;
    bar.set_prefix(match is_known {
        true => format!(", about {} left", HumanDuration(bar.eta())),
        false => String::new(),
    });
    bar.tick();
}

/// Whether the terminal says that it can only write one line after the other.
#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the environment and passes values in"
)]
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|it| it == "dumb")
}

fn number(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
