//! What a walk found.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file, or why there is none.
#[derive(Debug)]
pub(super) struct Found {
    /// The path, as it is named in the report.
    pub(super) path: PathBuf,
    pub(super) what: What,
}

/// What is known of it before it is read.
#[derive(Debug)]
pub(super) enum What {
    /// Somebody named it.
    Named,
    /// A folder holds it: it is looked at whether it is anything that can be checked.
    Held,
    /// A stack of an assembly that `cdk synth` wrote.
    Stack(Stack),
    /// It is there, and cannot be looked at.
    Unreadable(String),
}

/// What the manifest of an assembly says of a stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    /// What tells it from others that are made of the same template. `None`: there are none.
    pub(super) name: Option<String>,
    /// What the stack is called in the account.
    pub(super) stack_name: String,
    /// The folder of the assembly.
    pub(super) assembly: PathBuf,
    /// The account, where the stack is for one.
    pub(super) account: Option<String>,
    /// The Region, where the stack has one.
    pub(super) region: Option<String>,
    /// The parameters that it is deployed with. `None`: their value is not told.
    pub(super) parameters: BTreeMap<String, Option<String>>,
    /// Where in the sources each resource is made, by its logical id.
    pub(super) sources: BTreeMap<String, String>,
}
