//! Where texts go.

use std::fmt::Arguments;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write as _};
use std::path::Path;

use anyhow::Context as _;
use gatewatch::aws::client::Clients;
use gatewatch::aws::store;
use gatewatch::render::plain;

use super::args::Judging;

/// Has a report written to where it was asked for: to standard output while it is made, or to a file as a whole.
pub(super) fn write_report(
    judging: &Judging,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let file = judging.output.as_deref();
    let Some(path) = file.filter(|path| *path != Path::new("-")) else {
        return written(write);
    };
    let mut text = Vec::new();
    write(&mut text).context("the report could not be made")?;
    let text = String::from_utf8(text).context("the report could not be made")?;
    replace(path, &text)?;
    note(format_args!("wrote the report to {}", path.display()));
    Ok(())
}

/// Writes the result. A reader that has gone away, such as `head`, is no mistake.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    written(|out| out.write_all(text.as_bytes()))
}

/// Has the result written, whether or not the reader stays to its end. It is passed on in large pieces: standard output
/// passes on each line.
fn written(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> anyhow::Result<()> {
    let printed = print_with(|out| {
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        write(&mut out).and_then(|()| out.flush())
    });
    printed.map(|_| ())
}

/// Has the result written. `None`: the reader has gone away, such as `head` does, which is no mistake.
pub(super) fn print_with<T>(
    write: impl FnOnce(&mut StdoutLock<'_>) -> io::Result<T>,
) -> anyhow::Result<Option<T>> {
    match write(&mut io::stdout().lock()) {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(error).context("the result cannot be written"),
    }
}

/// Says something on standard error. Control characters are written out as in the report. An error in writing is
/// ignored.
pub(super) fn note(text: Arguments<'_>) {
    let text = text.to_string();
    let lines: Vec<String> = text.lines().map(plain).collect();
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}

/// Says how many requests were sent, each attempt for itself.
pub(super) fn note_calls(clients: &Clients) {
    for (operation, count) in clients.calls_by_operation() {
        note(format_args!("{count:>6} {operation}"));
    }
    let (calls, throttles) = (clients.calls(), clients.throttles());
    note(format_args!(
        "{calls:>6} requests in all, {throttles} of them throttled"
    ));
}

/// Writes a new file as a whole, where there is none.
pub(super) fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    store::create(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes a file as a whole or not at all.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    store::replace(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
