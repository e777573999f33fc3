//! Exemptions that a template says itself: by a comment on or above a resource, a path or a method, or, where there are no
//! comments, by a text in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::resolve::written;
use super::tree::Spot;
use crate::inventory::Location;
use crate::policy_file::{Exemption, MARK, exemption_of_comment};
use crate::yaml::{Document, Node, Value};

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
    /// The places of the file, line and column, that an alias (`*name`) repeats elsewhere. What stands at one of them is not
    /// covered: nothing tells it from what the alias makes.
    pub aliased: Arc<BTreeSet<(usize, usize)>>,
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
    /// What it is for, or why that cannot be told.
    part: Result<Part, &'static str>,
    /// The places of the file that an alias repeats elsewhere.
    aliased: Arc<BTreeSet<(usize, usize)>>,
}

const NOWHERE: &str =
    "the exemption stands at no resource, path or method: put it on the line of one, or above";

const REPEATED: &str = "an alias (`*name`) or a merge key repeats this exemption elsewhere, where it exempts nothing: it is only for where it is written. Write the part out there, with an exemption of its own";

#[derive(Debug, Clone)]
struct Part {
    path: Vec<String>,
    from: (usize, usize),
    until: (usize, usize),
}

/// All that a file says to gatewatch.
pub(super) fn said(document: &Document) -> Vec<Said> {
    let root = &document.root;
    let mut parts = Parts::default();
    parts.of_file(root);
    parts.all.sort_by_key(|part| part.from);
    let comments = document.comments.iter();
    let comments = comments.filter(|it| it.text.trim().starts_with(MARK));
    let comments = comments.map(|comment| {
        let at = Spot {
            file: root.file,
            line: comment.line,
            column: comment.column,
        };
        let part = parts.at(comment.line, comment.column);
        (at, comment.text.clone(), part.ok_or(NOWHERE))
    });
    let comments: Vec<_> = comments.collect();
    let aliased = Arc::new(document.aliased.clone());
    let all = comments.into_iter().chain(parts.said);
    all.map(|(at, text, part)| Said {
        at,
        text,
        part,
        aliased: Arc::clone(&aliased),
    })
    .collect()
}

impl Said {
    /// What it allows where. `None`: it says nothing to gatewatch.
    pub(super) fn excused(&self, at: Location) -> Option<Result<Excused, String>> {
        let owner = format!("the comment at {}:{}", at.file, at.line);
        let exemption = exemption_of_comment(&self.text, &owner, at.line).transpose()?;
        Some(exemption.and_then(|exemption| {
            let part = self.part.as_ref().map_err(|why| (*why).to_owned())?;
            Ok(Excused {
                at,
                from: part.from,
                until: part.until,
                aliased: Arc::clone(&self.aliased),
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
    /// What is said in texts, and where.
    said: Vec<(Spot, String, Result<Part, &'static str>)>,
    /// The texts that aliases repeat: each is said once.
    repeated: BTreeSet<Spot>,
}

impl Part {
    fn has(&self, place: (usize, usize)) -> bool {
        self.from <= place && place < self.until
    }
}

const START: (usize, usize) = (0, 0);
const END: (usize, usize) = (usize::MAX, 0);

/// The texts of a resource, a path or a method that say what a comment would.
fn texts(value: &Node) -> impl Iterator<Item = &Node> {
    let metadata = written(value, "Metadata").and_then(|it| written(it, METADATA));
    [metadata, written(value, EXTENSION)].into_iter().flatten()
}

fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Scalar { .. } | Value::Map(_) => std::slice::from_ref(node),
    }
}

fn words(item: &Node) -> String {
    format!("{MARK} {}", item.name().unwrap_or_default())
}

fn place(node: &Node) -> (usize, usize) {
    (node.line, node.column)
}

/// The entries of a mapping that stand between two places, each with the place where it ends. What an alias or a merge key
/// brings stands elsewhere, and is left out.
fn entries(
    node: &Node,
    from: (usize, usize),
    until: (usize, usize),
) -> Vec<(&Node, &Node, (usize, usize))> {
    let Value::Map(entries) = &node.value else {
        return Vec::new();
    };
    let is_here = |key: &Node| from <= place(key) && place(key) < until;
    let mut each: Vec<_> = entries
        .iter()
        .filter(|(key, _)| is_here(key))
        .map(|(key, value)| (key, value, until))
        .collect();
    each.sort_by_key(|(key, ..)| place(key));
    let next: Vec<(usize, usize)> = each.iter().skip(1).map(|(key, ..)| place(key)).collect();
    for (entry, next) in each.iter_mut().zip(next) {
        entry.2 = next;
    }
    each
}

impl Parts {
    fn of_file(&mut self, root: &Node) {
        for (key, section, until) in entries(root, START, END) {
            let name = key.name().unwrap_or_default();
            if name != "Resources" && name != "paths" {
                continue;
            }
            self.sections.push((place(key), until));
            self.all_in(&[name.to_owned()], section, place(key), until);
        }
        // A part that a template takes in has no sections.
        if self.sections.is_empty() && root.file > 0 {
            self.sections.push((START, END));
            self.all_in(&[], root, START, END);
        }
    }

    /// The entries of a mapping that stands between two places.
    fn all_in(
        &mut self,
        path: &[String],
        node: &Node,
        from: (usize, usize),
        until: (usize, usize),
    ) {
        for (key, value, until) in entries(node, from, until) {
            self.add(path.to_vec(), key, value, until);
        }
        self.repeated_in(node, from, until);
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
        for text in texts(value) {
            self.text(text, &part);
        }
        self.all_in(&part.path, value, part.from, part.until);
        self.all.push(part);
    }

    /// What a value says in texts that an alias or a merge key brings, which stand elsewhere.
    fn repeated_in(&mut self, node: &Node, from: (usize, usize), until: (usize, usize)) {
        let Value::Map(entries) = &node.value else {
            return;
        };
        let elsewhere = |key: &Node| place(key) < from || until <= place(key);
        for (_, value) in entries.iter().filter(|(key, _)| elsewhere(key)) {
            for text in texts(value) {
                items(text).iter().for_each(|it| self.elsewhere(it));
            }
            self.repeated_in(value, END, END);
        }
    }

    /// A text that says what a comment would, or a list of them.
    fn text(&mut self, node: &Node, part: &Part) {
        for item in items(node) {
            match part.has(place(item)) {
                true => (self.said).push((Spot::of(item), words(item), Ok(part.clone()))),
                false => self.elsewhere(item),
            }
        }
    }

    /// A text that stands elsewhere.
    fn elsewhere(&mut self, item: &Node) {
        if self.repeated.insert(Spot::of(item)) {
            (self.said).push((Spot::of(item), words(item), Err(REPEATED)));
        }
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
