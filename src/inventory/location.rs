//! Where something stands in a file.

use std::fmt;

/// A place in a file that was checked before its deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, as it was named to gatewatch.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What stands there, where line and column say little: the address of a resource of a Terraform plan, the path of a
    /// construct of the CDK.
    pub resource: Option<String>,
    /// Where in the sources that is made, where a tool that wrote the file noted it: file, line and column.
    pub source: Option<String>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = (&self.file, self.line, self.column);
        match (&self.resource, &self.source) {
            (Some(resource), Some(source)) => {
                write!(f, "{resource} ({source}; {file}:{line}:{column})")
            }
            (Some(resource), None) => write!(f, "{resource} ({file}:{line}:{column})"),
            (None, _) => write!(f, "{file}:{line}:{column}"),
        }
    }
}
