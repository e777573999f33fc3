//! Exemptions that a template says itself: by a comment on or above a resource, a path or a method, or, where there are no
//! comments, by a text in it.

use super::resolve::written;
use super::tree::Spot;
use crate::inventory::Location;
use crate::policy_file::{Exemption, MARK, exemption_of_comment};
use crate::yaml::{Comment, Node, Value};

/// The key in the `Metadata` of a resource, whose text says what a comment would.
const METADATA: &str = "gatewatch";

/// The key of a path or a method of a definition, whose text does.
const EXTENSION: &str = "x-gatewatch";

/// An exemption of a template, and the part of it that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excused {
    /// Where it stands.
    pub at: Location,
    /// Where what it is for begins: line and column.
    pub from: (usize, usize),
    /// Where that ends: the first place behind it.
    pub until: (usize, usize),
    /// The keys that lead to it: what it speaks of, wherever that stands.
    pub path: Vec<String>,
    /// What it allows.
    pub exemption: Exemption,
}

/// What is said, as it is written.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// Where it stands.
    pub(super) at: Spot,
    text: String,
    /// What it is for. `None`: it stands at nothing that it could be for.
    part: Option<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    path: Vec<String>,
    from: (usize, usize),
    until: (usize, usize),
}

/// All that a file says to gatewatch.
pub(super) fn said(root: &Node, comments: &[Comment]) -> Vec<Said> {
    let mut parts = Parts::default();
    parts.of_file(root);
    parts.all.sort_by_key(|part| part.from);
    let comments = comments
        .iter()
        .filter(|it| it.text.trim().starts_with(MARK));
    let comments = comments.map(|comment| Said {
        at: Spot {
            file: root.file,
            line: comment.line,
            column: comment.column,
        },
        text: comment.text.clone(),
        part: parts.at(comment.line, comment.column),
    });
    let mut all: Vec<Said> = comments.collect();
    all.append(&mut parts.said);
    all
}

impl Said {
    /// What it allows where. `None`: it says nothing to gatewatch.
    pub(super) fn excused(&self, at: Location) -> Option<Result<Excused, String>> {
        let owner = format!("the comment at {}:{}", at.file, at.line);
        let exemption = exemption_of_comment(&self.text, &owner, at.line).transpose()?;
        let part = self.part.as_ref().ok_or_else(|| {
            "the exemption stands at no resource, path or method: put it on the line of one, or above".to_owned()
        });
        Some(exemption.and_then(|exemption| {
            let part = part?;
            Ok(Excused {
                at,
                from: part.from,
                until: part.until,
                path: part.path.clone(),
                exemption,
            })
        }))
    }
}

/// The parts of a file that an exemption can be for.
#[derive(Default)]
struct Parts {
    all: Vec<Part>,
    /// Where the sections begin and end that they are in.
    sections: Vec<((usize, usize), (usize, usize))>,
    /// What is said in texts.
    said: Vec<Said>,
}

const END: (usize, usize) = (usize::MAX, 0);

fn place(node: &Node) -> (usize, usize) {
    (node.line, node.column)
}

/// The entries of a mapping, each with the place where it ends.
fn entries(node: &Node, until: (usize, usize)) -> Vec<(&Node, &Node, (usize, usize))> {
    let Value::Map(entries) = &node.value else {
        return Vec::new();
    };
    let mut each: Vec<_> = entries
        .iter()
        .map(|(key, value)| (key, value, until))
        .collect();
    // What a merge key brings in stands elsewhere.
    each.sort_by_key(|(key, ..)| place(key));
    let next: Vec<(usize, usize)> = each.iter().skip(1).map(|(key, ..)| place(key)).collect();
    for (entry, next) in each.iter_mut().zip(next) {
        entry.2 = next;
    }
    each
}

impl Parts {
    fn of_file(&mut self, root: &Node) {
        for (key, section, until) in entries(root, END) {
            let name = key.name().unwrap_or_default();
            if name != "Resources" && name != "paths" {
                continue;
            }
            self.sections.push((place(key), until));
            for (key, value, until) in entries(section, until) {
                self.add(vec![name.to_owned()], key, value, until);
            }
        }
        // A part that a template takes in has no sections.
        if self.sections.is_empty() && root.file > 0 {
            self.sections.push(((0, 0), END));
            for (key, value, until) in entries(root, END) {
                self.add(Vec::new(), key, value, until);
            }
        }
    }

    /// An entry, and all entries in it.
    fn add(&mut self, mut path: Vec<String>, key: &Node, value: &Node, until: (usize, usize)) {
        // Deeper than any method: what is there belongs to it.
        if path.len() > 12 {
            return;
        }
        path.push(key.name().unwrap_or_default().to_owned());
        let part = Part {
            path,
            from: place(key),
            until,
        };
        let metadata = written(value, "Metadata").and_then(|it| written(it, METADATA));
        for text in [metadata, written(value, EXTENSION)].into_iter().flatten() {
            self.text(text, &part);
        }
        for (key, value, until) in entries(value, until) {
            self.add(part.path.clone(), key, value, until);
        }
        self.all.push(part);
    }

    /// A text that says what a comment would, or a list of them.
    fn text(&mut self, node: &Node, part: &Part) {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Scalar { .. } | Value::Map(_) => std::slice::from_ref(node),
        };
        self.said.extend(items.iter().map(|item| Said {
            at: Spot::of(item),
            text: format!("{MARK} {}", item.name().unwrap_or_default()),
            part: Some(part.clone()),
        }));
    }

    /// What a comment is for: the entry that begins on its line, or else the next one.
    fn at(&self, line: usize, column: usize) -> Option<Part> {
        let mut sections = self.sections.iter();
        if !sections.any(|(from, until)| *from < (line, column) && (line, column) < *until) {
            return None;
        }
        let on_line = |it: &&Part| it.from.0 == line && it.from.1 < column;
        let next = self.all.iter().find(|it| it.from > (line, column));
        // A comment that is indented otherwise than what follows may be meant for what comes before.
        let next = next.filter(|it| it.from.1 == column);
        self.all.iter().find(on_line).or(next).cloned()
    }
}
