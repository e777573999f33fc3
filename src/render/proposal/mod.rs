//! A policy file that says what is there today, with what is to be decided commented out.

mod apis;
mod callers;
mod exceptions;
mod file;
mod groups;
mod lines;

pub use file::{bare_policy_file, proposed_policy_file};
