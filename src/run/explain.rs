//! Explanations: of methods and findings, in an inventory, a template or a saved report.

use jiff::Timestamp;

use super::scan::day;
use crate::audit::rules::{
    self, Asked, Explained, ExplainedFinding, NoSuchFinding, NotFound, is_finding_id,
};
use crate::audit::{explain_finding_in_file, explain_in_file};
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;
use crate::template::Translated;

/// What explanations are made of.
#[derive(Debug)]
pub enum Subject {
    /// What was read of an account.
    Inventory(Box<Inventory>),
    /// What will be deployed.
    Template(Box<Translated>),
}

/// What was explained.
#[derive(Debug)]
pub enum Answer {
    /// Methods.
    Methods(Explained),
    /// A finding.
    Finding(Box<ExplainedFinding>),
}

/// Why nothing was explained.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// There is no such method.
    #[error(transparent)]
    Method(#[from] NotFound),
    /// There is no such finding.
    #[error(transparent)]
    Finding(#[from] NoSuchFinding),
}

/// Explains what is asked about: a finding, where it is the id of one, or else methods. `now` says which day it is.
///
/// # Errors
/// Where there is no such finding or method, with what is near.
pub fn explain(
    subject: Subject,
    policy: &PolicyFile,
    asked: &Asked,
    now: Timestamp,
) -> Result<Answer, NoAnswer> {
    let today = day(now);
    let id = Some(asked.method.trim()).filter(|it| is_finding_id(it));
    Ok(match (subject, id) {
        (Subject::Inventory(inventory), Some(id)) => {
            let explained = rules::explain_finding(&inventory, policy, id, today)?;
            Answer::Finding(Box::new(explained))
        }
        (Subject::Template(template), Some(id)) => {
            let explained = explain_finding_in_file(*template, policy, id, today)?;
            Answer::Finding(Box::new(explained))
        }
        (Subject::Inventory(inventory), None) => {
            Answer::Methods(rules::explain(&inventory, policy, asked, today)?)
        }
        (Subject::Template(template), None) => {
            Answer::Methods(explain_in_file(*template, policy, asked, today)?)
        }
    })
}
