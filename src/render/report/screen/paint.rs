//! Colors. They are put around words that are [plain](crate::render::plain) already, so that every escape sequence on
//! the screen is one of these.

use anstyle::{AnsiColor, Effects, Style};

use crate::audit::finding::Severity;

/// Colors, or none.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Paint(pub(in crate::render) bool);

impl Paint {
    /// What a reader looks for: an API, the last line.
    pub(in crate::render) fn strong(self, text: &str) -> String {
        self.with(Style::new().effects(Effects::BOLD), text)
    }

    /// A word, or the beginning of a line, in the color of a severity.
    pub(super) fn severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical => AnsiColor::Red.on_default() | Effects::BOLD,
            Severity::High => AnsiColor::Red.on_default(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => AnsiColor::Cyan.on_default(),
            Severity::Informational => Style::new(),
        };
        self.with(style, text)
    }

    /// That every request is allowed.
    pub(in crate::render) fn all(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default() | Effects::BOLD, text)
    }

    /// That some requests are.
    pub(in crate::render) fn some(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// That it is not known.
    pub(in crate::render) fn undecided(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default() | Effects::BOLD, text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.0 {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
