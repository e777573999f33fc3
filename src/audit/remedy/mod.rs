//! How findings are mended: commands to paste, and what else they would change. A command that would open a method,
//! lock somebody out or take away more than it is meant to is withheld, and the remedy says why.

pub(in crate::audit) mod administrators;
mod already;
mod answer;
pub(in crate::audit) mod calls;
pub(in crate::audit) mod change;
pub(in crate::audit) mod changes;
pub(in crate::audit) mod commands;
mod deployment;
pub(in crate::audit) mod draft_changes;
pub(in crate::audit) mod grant;
pub(in crate::audit) mod grantee;
pub(in crate::audit) mod meant;
mod part;
pub(in crate::audit) mod preflight;
pub(in crate::audit) mod protect;
pub(in crate::audit) mod removal;
mod served;
mod shape;
mod taken_in;

/// A remedy's summary with why some commands are not given.
pub(in crate::audit) fn summary(summary: &str, withheld: Option<String>) -> String {
    match withheld {
        Some(why) => format!("{summary}; {why}"),
        None => summary.to_owned(),
    }
}
