//! What makes a value that is not written out.

use crate::yaml::{Part, Shape};

/// The function that makes a value: by its tag, or as a mapping from its name. An alias and a merge key make one, too: what
/// they bring stands elsewhere.
pub(super) fn made_by(part: &Part) -> Option<&str> {
    if let Some(function) = &part.function {
        return Some(function);
    }
    match &part.shape {
        Shape::Alias => Some("*alias"),
        Shape::Map { entries, .. } => {
            let mut keys = entries.iter().filter_map(|(key, _)| key.text());
            keys.find(|it| *it == "Ref" || it.starts_with("Fn::") || *it == "<<")
        }
        Shape::Scalar { .. } | Shape::List { .. } => None,
    }
}
