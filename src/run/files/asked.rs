//! What is asked of a check of many files, and what it comes to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::Report;
use crate::inventory::{Inventory, Location};
use crate::template::Options;

/// Texts that are read in place of those of files, by the files' real paths: what would be found if they were there.
pub type Instead = Arc<BTreeMap<PathBuf, String>>;

/// How files are looked for and read.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is known of the deployment to come.
    pub options: Options,
    /// Whether files outside a folder are read, too, where a link or a template leads there.
    pub follow_outside: bool,
    /// What is read in place of files. Empty: nothing.
    pub instead: Instead,
    /// Whether what was read of each file is kept: a folder may hold much.
    pub keeps_inventories: bool,
}

/// What many files came to.
#[derive(Debug)]
pub struct Looked {
    /// The report.
    pub report: Report,
    /// What could not be understood, with the text of its file where that is at hand.
    pub unclear: Vec<Unclear>,
    /// What was read of each file, in the order of the reading, where that was asked for.
    pub inventories: Vec<Inventory>,
}

/// What could not be understood of one file.
#[derive(Debug)]
pub struct Unclear {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What, and where.
    pub places: Vec<(Location, String)>,
}
