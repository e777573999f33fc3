//! YAML as a tree in which every value keeps its place.
//!
//! The grammar is the crate's (`saphyr-parser`); this adds the tree, and refuses what a file that judges,
//! or is judged, must not have: duplicate keys (the later would silently win), anchors and aliases (a
//! small file could grow without bound), several documents, and tags where they mean nothing.

mod mistakes;
mod node;
mod parse;

pub use mistakes::{Mistake, Mistakes};
pub(crate) use node::{Node, Value};
pub(crate) use parse::{Allowed, parse};
