//! The mistakes of a file, each with its line, marked where it is.

use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use gatewatch::inventory::Location;
use gatewatch::policy_file::{Mistake, Mistakes};
use gatewatch::render::plain;

/// So many mistakes are shown with their lines; all others are said alone.
const SHOWN: usize = 20;

/// A line that is longer is not shown: a file may be one line.
const WIDEST: usize = 200;

/// What is wrong at places of several files, each with its line where it is in this one, whose text is at hand.
pub(super) fn located(places: Vec<(Location, String)>, file: &str, text: &str) -> String {
    // What marks the beginning of a text is no part of its first line.
    let text = text.trim_start_matches('\u{feff}');
    let mut by_file: BTreeMap<String, Vec<Mistake>> = BTreeMap::new();
    for (at, message) in places {
        by_file.entry(at.file).or_default().push(Mistake {
            line: at.line,
            column: at.column,
            message,
        });
    }
    let shown = by_file.into_iter().map(|(name, mistakes)| {
        let text = if name == file { text } else { "" };
        let file = name;
        with_lines(&Mistakes { file, mistakes }, text)
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// All mistakes in the order of the file, as `FILE:LINE:COLUMN: MESSAGE`, which editors know how to follow, and below each its
/// line of the text.
pub(super) fn with_lines(mistakes: &Mistakes, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = String::new();
    for (number, mistake) in mistakes.mistakes.iter().enumerate() {
        let Mistake {
            line,
            column,
            message,
        } = mistake;
        shown += &format!("{}:{line}:{column}: {message}\n", mistakes.file);
        let source = line.checked_sub(1).and_then(|it| lines.get(it));
        let source = source.filter(|it| number < SHOWN && it.chars().count() <= WIDEST);
        if let Some(source) = source {
            shown += &snippet(source, *line, *column);
            shown.push('\n');
        }
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// The line, and a mark below the word that begins at the column.
fn snippet(source: &str, line: usize, column: usize) -> String {
    let (before, at) = match source.char_indices().nth(column.saturating_sub(1)) {
        Some((at, _)) => source.split_at(at),
        None => (source, ""),
    };
    // What is not seen is written out, and moves what comes behind it.
    let (before, at) = (plain(before), plain(at));
    let ends = |letter: char| letter.is_whitespace() || ",:]}[{\"'".contains(letter);
    let length = at.find(ends).filter(|it| *it > 0).unwrap_or_else(|| {
        let first = at.chars().next();
        first.map_or(0, char::len_utf8)
    });
    let span = before.len()..before.len() + length;
    let source = before + &at;
    let snippet = Snippet::source(source)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(span));
    let group = Group::with_level(Level::ERROR).element(snippet);
    Renderer::plain().render(&[group])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, mistakes: &[(usize, usize)]) -> String {
        let mistakes = mistakes.iter().map(|(line, column)| Mistake {
            line: *line,
            column: *column,
            message: "wrong".to_owned(),
        });
        let mistakes = Mistakes {
            file: "f.yaml".to_owned(),
            mistakes: mistakes.collect(),
        };
        with_lines(&mistakes, text)
    }

    #[test]
    fn a_mistake_stands_over_its_line() {
        let text = "version: 1\nrequire:\n  - verb: [GIT, GET]\n";
        let lines = shown(text, &[(3, 12)]);
        let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
        assert_eq!(
            lines,
            [
                "f.yaml:3:12: wrong",
                "  |",
                "3 |   - verb: [GIT, GET]",
                "  |            ^^^",
            ]
        );
    }

    #[test]
    fn a_place_that_is_not_there_and_a_line_that_is_too_long_are_said_alone() {
        assert_eq!(
            shown("a", &[(0, 0), (7, 1)]),
            "f.yaml:0:0: wrong\nf.yaml:7:1: wrong"
        );
        let long = "x".repeat(500);
        assert_eq!(shown(&long, &[(1, 1)]), "f.yaml:1:1: wrong");
        // Behind the end of a line, and in an empty one.
        for (text, column) in [("a:", 9), ("", 1), ("ö: ü", 4)] {
            assert!(shown(&format!("{text}\n"), &[(1, column)]).starts_with("f.yaml:1:"));
        }
    }

    #[test]
    fn what_is_not_seen_is_written_out() {
        let lines = shown("a\u{202e}b: c", &[(1, 2)]);
        assert!(lines.contains("a\\u{202e}b: c"), "{lines}");
    }
}
