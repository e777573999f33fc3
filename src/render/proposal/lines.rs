//! The lines of a policy file: what counts, what is commented out, and what is said to the reader.

use crate::render::plain::plain;

/// How far the keys of an entry stand in.
const KEYS: usize = 2;

/// A line of an entry, and how far it stands in.
pub(super) struct Line {
    indent: usize,
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It counts.
    Live,
    /// It would count without its mark.
    Off,
    /// It speaks to the reader.
    Said,
}

/// The lines of one entry.
#[derive(Default)]
pub(super) struct Entry(Vec<Line>);

impl Entry {
    pub(super) fn live(&mut self, indent: usize, text: impl Into<String>) {
        self.push(indent, text.into(), Kind::Live);
    }

    pub(super) fn off(&mut self, indent: usize, text: impl Into<String>) {
        self.push(indent, text.into(), Kind::Off);
    }

    /// `text` may hold names from the account: no character of it ends the comment.
    pub(super) fn said(&mut self, indent: usize, text: &str) {
        self.push(indent, plain(text), Kind::Said);
    }

    fn push(&mut self, indent: usize, text: String, kind: Kind) {
        self.0.push(Line { indent, text, kind });
    }

    /// The entry, standing in by two. `counts`: otherwise all of it is commented out.
    pub(super) fn written(&self, counts: bool) -> String {
        let lines = self.0.iter().map(|line| {
            let Line { indent, text, kind } = line;
            let within = " ".repeat(*indent);
            // The marks of an entry stand below each other.
            let deeper = " ".repeat(indent.saturating_sub(KEYS));
            let keys = " ".repeat((*indent).min(KEYS));
            match (counts, kind) {
                (true, Kind::Live) => format!("  {within}{text}\n"),
                (true, Kind::Off) => format!("  {keys}# {deeper}{text}\n"),
                (true, Kind::Said) => format!("  {keys}# {text}\n"),
                (false, Kind::Said) => format!("  # {within}# {text}\n"),
                (false, _) => format!("  # {within}{text}\n"),
            }
        });
        lines.collect()
    }
}

/// A name or id in double quotes.
pub(super) fn in_quotes(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether a name can stand in a list of names, which are patterns, as it is: a wildcard in it would list others, too, and
/// nobody would see a character that draws nothing.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && !name.contains(['*', '?']) && plain(name) == name
}
