//! The command line, `gatewatch`.
//!
//! The result goes to standard output, everything else to standard error. The exit status is 0 for clean, 1 for findings, 2
//! for a mistake in the call or the configuration, 3 for an incomplete run.

mod cli;

use std::process::ExitCode;

/// Judging many APIs is a tenth faster with it. The Lambda, whose size counts, has the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
