//! A policy file to begin with.

use jiff::Timestamp;

use super::scan::judge;
use crate::audit::Report;
use crate::audit::proposal::Proposal;
use crate::inventory::Inventory;
use crate::policy_file::{Mistakes, PolicyFile};
use crate::render::proposed_policy_file;

/// A policy file for an account, and what is found by it.
#[derive(Debug)]
pub struct Initial {
    /// The file.
    pub text: String,
    /// What a check of the same inventory with the file comes to.
    pub report: Report,
}

/// Proposes the policy file that says what is there today. `now` says which day it is.
///
/// The exceptions that it offers are comments: with them and without, the file demands the same.
///
/// # Errors
/// Where what is proposed is no valid policy file, which a name of the inventory may bring about that nobody thought of.
pub fn propose(inventory: &Inventory, now: Timestamp) -> Result<Initial, Mistakes> {
    let read = |text: &str| PolicyFile::from_yaml("the proposed policy file", text);
    let proposal = Proposal::new(inventory);
    let policy = read(&proposed_policy_file(&proposal, None))?;
    let report = judge(inventory, &policy, now);
    let text = proposed_policy_file(&proposal, Some(&report));
    let policy = read(&text)?;
    let report = judge(inventory, &policy, now);
    Ok(Initial { text, report })
}
