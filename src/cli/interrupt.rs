//! SIGINT and SIGTERM while an account is read, or deployed URLs are asked.
//!
//! The first one ends the reading, and what was read is kept. At any other time, and for the second one, the command
//! ends at once, as it does where nobody listens: all that is written is written as a whole or not at all.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewatch::aws::collect::Interrupt;

/// Does something that a signal interrupts. A command does that once.
pub(super) async fn during<T>(interrupt: &Interrupt, done: impl Future<Output = T>) -> T {
    let goes_on = Arc::new(AtomicBool::new(true));
    // Where signals cannot be heard, they do what they always do.
    if let Ok(signals) = Signals::new() {
        tokio::spawn(listen(signals, interrupt.clone(), Arc::clone(&goes_on)));
    }
    let done = done.await;
    goes_on.store(false, Ordering::SeqCst);
    done
}

async fn listen(mut signals: Signals, interrupt: Interrupt, goes_on: Arc<AtomicBool>) {
    loop {
        let number = signals.next().await;
        if interrupt.is_raised() || !goes_on.load(Ordering::SeqCst) {
            // What a shell says of a command that a signal ended.
            process::exit(128 + number);
        }
        interrupt.raise();
    }
}

/// The number of SIGINT.
const INTERRUPT: i32 = 2;

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The number of the next signal.
    async fn next(&mut self) -> i32 {
        const TERMINATE: i32 = 15;
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => TERMINATE,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> i32 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}
