//! Why many files are not checked.

use crate::inventory::listed;
use crate::template::Problem;

/// So many names stand for all that were named.
const NAMED: usize = 3;

/// Why files are not checked.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A path that was named cannot be looked at.
    #[error("{path} cannot be read: {error}")]
    Path {
        /// The path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Files that were named are none that can be checked.
    #[error("{} cannot be checked", listed(.0.iter().map(|it| it.file.clone()), NAMED))]
    Refused(Vec<Refused>),
    /// A file that was named is an inventory.
    #[error("{0} is an inventory: check it by itself")]
    Inventory(String),
    /// A parameter that was given is one of none of the files.
    #[error("--parameter {0}: none of the files has a parameter of this name")]
    Parameter(String),
    /// Nothing was there to be checked.
    #[error("nothing in {named} can be checked; passed over: {why}")]
    Nothing {
        /// What was asked for.
        named: String,
        /// Why each was passed over, counted.
        why: String,
    },
    /// Standard input is one file.
    #[error("`-` is standard input, which is checked by itself")]
    Input,
}

/// A file that was named and cannot be checked.
#[derive(Debug)]
pub struct Refused {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}
