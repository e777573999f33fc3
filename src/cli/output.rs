//! Where texts go.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, StdoutLock, Write as _};
use std::path::Path;

use anyhow::Context as _;
use gatewatch::audit::Report;
use gatewatch::audit::rules::Explained;
use gatewatch::aws::client::Clients;
use gatewatch::aws::store;
use gatewatch::render::{
    View, explanation, explanation_document, json, markdown, plain, pretty, screen, write_csv,
    write_ocsf, write_pretty,
};

use super::args::{Format, ReportFormat};

/// Writes the report in the format that was asked for.
pub(super) fn print_report(
    report: &Report,
    format: ReportFormat,
    view: &View,
) -> anyhow::Result<()> {
    match format {
        ReportFormat::Table => print(&screen(report, view)),
        ReportFormat::Markdown => print(&markdown(report)),
        ReportFormat::Json => written(|out| write_pretty(&json::document(report), out)),
        ReportFormat::Csv => written(|out| write_csv(report, out)),
        ReportFormat::Ocsf => written(|out| write_ocsf(report, out)),
    }
}

/// The explanation in the format that was asked for.
pub(super) fn render_explained(explained: &Explained, format: Format) -> anyhow::Result<String> {
    Ok(match format {
        Format::Table => explanation(explained),
        Format::Json => pretty(&explanation_document(explained))?,
    })
}

/// Writes the result. A reader that has gone away, such as `head`, is no mistake.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    written(|out| out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Has the result written, whether or not the reader stays to its end.
pub(super) fn written(
    write: impl FnOnce(&mut StdoutLock<'_>) -> io::Result<()>,
) -> anyhow::Result<()> {
    print_with(write).map(|_| ())
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

/// Writes a file as a whole or not at all.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    store::replace(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
