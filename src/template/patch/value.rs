//! A value that is replaced where it stands, in its own quotes.

use super::edit::{Edit, Mend};
use super::find::Chain;
use super::insert::Writer;
use super::made_by::made_by;
use crate::yaml::{Quotes, Shape};

/// Sets the scalar at the end of a chain, which says `before` now.
///
/// # Errors
/// Where it is no scalar that says so, in words that follow "it".
pub(super) fn set(
    writer: &Writer<'_>,
    chain: &Chain<'_>,
    before: &str,
    after: &str,
) -> Result<Mend, String> {
    let part = chain.value();
    if let Some(made) = made_by(part) {
        return Err(format!("is made by `{made}`"));
    }
    let Shape::Scalar { text, quotes } = &part.shape else {
        return Err("is no single text".to_owned());
    };
    if !text.trim().eq_ignore_ascii_case(before) {
        return Err(format!("is `{}`, and not {before}", text.trim()));
    }
    if part.anchor != 0 {
        return Err("has an anchor (`&name`)".to_owned());
    }
    let written = writer.slice(part);
    // The word alone: blanks and the indicators of a block stay.
    let edit = match (written.find(text.trim()), quotes) {
        (Some(at), _) => {
            let start = part.start + at;
            Edit {
                at: start..start + text.trim().len(),
                text: after.to_owned(),
                depth: chain.depth(),
            }
        }
        // It is written with escapes.
        (None, Quotes::Double) => Edit {
            at: part.start..part.end,
            text: format!("\"{after}\""),
            depth: chain.depth(),
        },
        (None, _) => return Err("is written in a way that is not understood".to_owned()),
    };
    Ok(Mend {
        edits: vec![edit],
        sets: vec![chain.steps()],
        notes: Vec::new(),
    })
}
