//! A progress bar on standard error, where that is a terminal.

use std::time::Duration;

use gatewatch::aws::collect::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the bar moves.
const STEP: Duration = Duration::from_millis(100);

/// Shows how many APIs have been read, of those that have been listed, while something is done. `accounts` says
/// how many accounts are over, where there are several.
pub(super) async fn shown<T>(
    progress: &Progress,
    accounts: impl Fn() -> Option<(usize, usize)>,
    done: impl Future<Output = T>,
) -> T {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // If the template were wrong, the bar would keep the crate's own style.
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} [{wide_bar}] {pos}/{len} APIs{msg}, {elapsed}")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    let moving = async {
        loop {
            bar.set_length(number(progress.listed()));
            bar.set_position(number(progress.read()));
            if let Some((over, all)) = accounts() {
                bar.set_message(format!(", {over}/{all} accounts"));
            }
            bar.tick();
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

fn number(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
