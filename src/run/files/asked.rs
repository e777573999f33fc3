//! What is asked of a check of many files, and what it comes to.

use crate::audit::Report;
use crate::inventory::Location;
use crate::template::Options;

/// How files are looked for and read.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is known of the deployment to come.
    pub options: Options,
    /// Whether files outside a folder are read, too, where a link or a template leads there.
    pub follow_outside: bool,
}

/// What many files came to.
#[derive(Debug)]
pub struct Looked {
    /// The report.
    pub report: Report,
    /// What could not be understood, with the text of its file where that is at hand.
    pub unclear: Vec<Unclear>,
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
