//! YAML as a tree in which every value keeps its place.
//!
//! The grammar is the crate's (`granit-parser`), which takes what PyYAML takes, and AWS's own tools read templates with
//! that. This adds the tree, and what a kind of file may have: a file that judges has no duplicate keys (the later would
//! silently win) and no anchors and aliases; one that is judged is read as AWS reads it. Who changes a text reads it as it is
//! written, with the bytes of every value.

mod anchors;
mod mapping;
mod mistakes;
mod node;
mod parse;
mod syntax;

pub use mistakes::{Mistake, Mistakes};
pub(crate) use node::{Node, Value};
pub(crate) use parse::{Allowed, Document, parse};
pub(crate) use syntax::{Part, Quotes, Shape, Syntax, syntax};
