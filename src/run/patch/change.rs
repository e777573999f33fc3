//! A change of a text that may mend findings, and the text that it is of.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::working_folder::{Named, named};
use crate::audit::finding::Finding;
use crate::template;
use crate::template::patch::Mend;

/// A text that may be changed.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) file: Named,
    pub(super) text: String,
    /// Whether it is YAML or JSON, and not a source of Terraform.
    pub(super) is_yaml: bool,
}

/// A change that may mend findings: those of one method, which may be served by several stages.
#[derive(Debug)]
pub(super) struct Candidate<'f> {
    /// Which of the files it changes.
    pub(super) file: usize,
    pub(super) findings: Vec<&'f Finding>,
    pub(super) mend: Mend,
    /// The resources of a plan that it changes, by the plan's file: their addresses.
    pub(super) planned: Option<(String, BTreeSet<String>)>,
}

/// What may be changed, and why other findings have no change.
#[derive(Debug, Default)]
pub(super) struct Candidates<'f> {
    pub(super) files: Vec<SourceFile>,
    pub(super) all: Vec<Candidate<'f>>,
    pub(super) refused: Vec<(&'f Finding, String)>,
}

impl Candidates<'_> {
    /// The number of a file, which is added where it is not there.
    pub(super) fn file(&mut self, source: SourceFile) -> usize {
        let known = self.files.iter().position(|it| it.file == source.file);
        known.unwrap_or_else(|| {
            self.files.push(source);
            self.files.len() - 1
        })
    }
}

/// The text of a file, byte for byte.
pub(super) fn source(path: &Path, is_yaml: bool) -> Result<SourceFile, String> {
    let file = named(path)?;
    let bytes = fs::read(&file.real).map_err(|error| format!("cannot be read: {error}"))?;
    let text =
        String::from_utf8(bytes).map_err(|_| "is no UTF-8: a patch cannot change it".to_owned())?;
    Ok(SourceFile {
        file,
        text,
        is_yaml,
    })
}

/// The text of a file as a reading gets it.
pub(super) fn as_read(text: String) -> String {
    // It has been read before, and is UTF-8.
    template::decoded(text.into_bytes()).unwrap_or_default()
}
