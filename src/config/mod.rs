//! The policy file (`gatewatch.yaml`): what is required where, what each group must carry, and which
//! exceptions are allowed until when.
//!
//! Read in two steps: the first keeps the place of every value, the second turns it into a validated
//! [`PolicyFile`] and collects every mistake on the way, so that all are reported at once. A file with
//! a mistake gives no policy at all: the defaults never stand in for what somebody wrote.

mod decode;
mod exemption;
mod keys;
mod policy_file;
mod read_exemption;
mod reader;
mod schema;
mod selector;
mod specificity;
mod suggest;

pub use exemption::{Exemption, Standing};
pub use policy_file::{
    GroupExpectation, Invokers, PolicyFile, Preflight, Required, Requirement, StageRequirements,
    WhichPolicy,
};
pub use schema::SCHEMA;
pub use selector::{Selector, Specificity, StagePlace};
pub(crate) use suggest::nearest;

pub use crate::yaml::Mistake;

use std::fmt;

/// All mistakes of one policy file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes {
    /// How the file is called in the messages.
    pub file: String,
    /// The mistakes, at least one.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "{}:{}:{}: {}",
                self.file, mistake.line, mistake.column, mistake.message
            )?;
        }
        Ok(())
    }
}
