//! The options by which a command goes on with what an interrupted one read.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub(super) struct ResumeArgs {
    /// Go on where an interrupted command stopped: the file that it wrote. The other options must be the same
    #[arg(long, value_name = "FILE")]
    pub(super) resume: Option<PathBuf>,
    /// With --resume: how many hours old the file may be. Older ones are refused: what they say may have changed
    #[arg(long, value_name = "HOURS", requires = "resume", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) max_age_hours: u32,
}
