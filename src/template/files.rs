//! Files that a template takes parts of itself from.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::comments::{self, Said};
use super::source::{ALLOWED, LARGEST};
use super::tree::Spot;
use crate::yaml::{self, Node, Value};

/// How many files one template may name.
const MOST: usize = 100;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// How it is called in gaps and findings.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Reads the files that a template names.
pub trait Files {
    /// The file at a location, which is relative to the template.
    ///
    /// # Errors
    /// Why it is not read, in words that follow "it".
    fn file(&self, location: &str) -> Result<File, String>;
}

/// No files: what a template keeps in one is a gap.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn file(&self, _: &str) -> Result<File, String> {
        Err("is a file of its own: check it too".to_owned())
    }
}

/// The files of one template. Places in them carry their number, from 1; 0 is the template.
pub(super) struct Library<'f> {
    files: &'f dyn Files,
    read: RefCell<Read>,
}

#[derive(Default)]
struct Read {
    names: Vec<String>,
    /// The number of each file, and what it holds.
    parsed: BTreeMap<String, Result<(usize, Node), String>>,
    /// What all uses of files come to, in bytes: a small template that names one file often must not grow without bound.
    bytes: usize,
    /// Keys that stand twice.
    repeated: Vec<(String, Spot)>,
    /// What they say to gatewatch.
    said: Vec<Said>,
}

/// What was taken in.
pub(super) struct TakenIn {
    /// The names of the files.
    pub(super) names: Vec<String>,
    /// The keys in them that stand twice.
    pub(super) repeated: Vec<(String, Spot)>,
    /// What they say to gatewatch.
    pub(super) said: Vec<Said>,
}

impl<'f> Library<'f> {
    pub(super) fn new(files: &'f dyn Files) -> Self {
        Library {
            files,
            read: RefCell::default(),
        }
    }

    /// What a file holds, which is a mapping.
    ///
    /// # Errors
    /// Why it cannot be told, in words that follow "it".
    pub(super) fn mapping(&self, location: &str) -> Result<Node, String> {
        if location.contains("://") {
            return Err(format!("is at `{location}`, which is not read here"));
        }
        let known = self.read.borrow().parsed.get(location).cloned();
        let parsed = match known {
            Some(parsed) => parsed,
            None => {
                let parsed = self.parsed(location);
                let mut read = self.read.borrow_mut();
                read.parsed.insert(location.to_owned(), parsed.clone());
                parsed
            }
        };
        let (size, node) = parsed?;
        let mut read = self.read.borrow_mut();
        read.bytes = read.bytes.saturating_add(size);
        if read.bytes > LARGEST {
            return Err(format!(
                "is one file too many: together they have more than {LARGEST} bytes"
            ));
        }
        Ok(node)
    }

    fn parsed(&self, location: &str) -> Result<(usize, Node), String> {
        let mut read = self.read.borrow_mut();
        if read.names.len() >= MOST {
            return Err(format!("is one file too many: at most {MOST} are read"));
        }
        let File { name, text } = self.files.file(location)?;
        if text.len() > LARGEST {
            return Err(format!("is in {name}, which has more than {LARGEST} bytes"));
        }
        let mut mistakes = Vec::new();
        let document = match yaml::parse(&text, ALLOWED, &mut mistakes) {
            Ok(document) => document,
            Err(fatal) => {
                mistakes.push(fatal);
                None
            }
        };
        if let Some(mistake) = mistakes.first() {
            return Err(format!(
                "is in {name}, which cannot be read: {}:{}: {}",
                mistake.line, mistake.column, mistake.message
            ));
        }
        let document = document.filter(|it| matches!(it.root.value, Value::Map(_)));
        let Some(mut document) = document else {
            return Err(format!("is in {name}, which is no mapping"));
        };
        read.names.push(name);
        let file = u16::try_from(read.names.len()).unwrap_or(u16::MAX);
        document.root.put_in_file(file);
        let said = comments::said(&document);
        read.said.extend(said);
        read.repeated.extend(document.repeated.iter().map(|key| {
            let at = Spot {
                file,
                line: key.line,
                column: key.column,
            };
            (key.message.clone(), at)
        }));
        Ok((text.len(), document.root))
    }

    /// What was taken in.
    pub(super) fn finished(self) -> TakenIn {
        let read = self.read.into_inner();
        TakenIn {
            names: read.names,
            repeated: read.repeated,
            said: read.said,
        }
    }
}
