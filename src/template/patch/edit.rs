//! Changes of a text.

use std::ops::Range;

/// One change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub at: Range<usize>,
    /// What comes in their place.
    pub text: String,
    /// How deep in the text's values it stands. Of two that insert at one place, the deeper one comes first: what it adds to
    /// ends there, and so does what that is in.
    pub depth: usize,
}

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// What mends one method.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mend {
    /// The changes of the text.
    pub edits: Vec<Edit>,
    /// The values that they set or add: whatever else the text says stays the same.
    pub(super) sets: Vec<Vec<Step>>,
    /// What whoever takes it should know.
    pub notes: Vec<String>,
}

impl Mend {
    /// The same in a text that has so many more bytes at its beginning.
    pub(super) fn moved(mut self, by: usize) -> Mend {
        for edit in &mut self.edits {
            edit.at = edit.at.start + by..edit.at.end + by;
        }
        self
    }

    /// With what another one does.
    pub(super) fn and(mut self, other: Mend) -> Mend {
        self.edits.extend(other.edits);
        self.sets.extend(other.sets);
        self.notes.extend(other.notes);
        self
    }
}

/// A text with all these changes. Two that are the same are one, such as a security scheme that several methods need.
///
/// # Errors
/// Where two of them change the same bytes.
pub fn patched<'m>(
    text: &str,
    mends: impl Iterator<Item = &'m Mend>,
) -> Result<String, &'static str> {
    let mut edits: Vec<&Edit> = mends.flat_map(|it| &it.edits).collect();
    edits.sort_by(|one, other| {
        let key = |it: &Edit| (it.at.start, it.at.end, usize::MAX - it.depth);
        (key(one), &one.text).cmp(&(key(other), &other.text))
    });
    edits.dedup();
    let mut changed = String::with_capacity(text.len() + edits.len() * 64);
    let mut done = 0;
    for edit in edits {
        let kept = text.get(done..edit.at.start);
        changed += kept.ok_or("two changes meet at one place of the text")?;
        changed += &edit.text;
        done = edit.at.end;
    }
    changed += text.get(done..).ok_or("a change is outside the text")?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(at: Range<usize>, text: &str, depth: usize) -> Mend {
        let text = text.to_owned();
        Mend {
            edits: vec![Edit { at, text, depth }],
            ..Mend::default()
        }
    }

    #[test]
    fn changes_come_in_the_order_of_the_text() {
        let all = [mend(3..3, "+", 0), mend(0..1, "A", 0), mend(0..1, "A", 0)];
        assert_eq!(patched("abc", all.iter()).unwrap(), "Abc+");
    }

    #[test]
    fn the_deeper_of_two_that_add_at_one_place_comes_first() {
        let all = [mend(3..3, " shallow", 1), mend(3..3, " deep", 5)];
        assert_eq!(patched("abc", all.iter()).unwrap(), "abc deep shallow");
    }

    #[test]
    fn changes_of_the_same_bytes_are_none() {
        let all = [mend(0..2, "x", 0), mend(1..3, "y", 0)];
        assert!(patched("abc", all.iter()).is_err());
        assert!(patched("abc", [mend(7..9, "x", 0)].iter()).is_err());
    }
}
