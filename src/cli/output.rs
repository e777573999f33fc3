//! Where texts go.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use gatewatch::audit::Report;
use gatewatch::audit::rules::Explained;
use gatewatch::aws::client::Clients;
use gatewatch::aws::store;
use gatewatch::render::{View, explanation, explanation_document, json, plain, pretty, screen};

use super::args::Format;

/// The report in the format that was asked for.
pub(super) fn render(report: &Report, format: Format, view: &View) -> anyhow::Result<String> {
    Ok(match format {
        Format::Table => screen(report, view),
        Format::Json => pretty(&json::document(report))?,
    })
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
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("the result cannot be written")
        }
        _ => Ok(()),
    }
}

/// Says something on standard error. Control characters are written out as in the report. An error in writing is
/// ignored.
pub(super) fn note(text: Arguments<'_>) {
    let text = text.to_string();
    let lines: Vec<String> = text.lines().map(plain).collect();
    let _ = writeln!(std::io::stderr(), "{}", lines.join("\n"));
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
