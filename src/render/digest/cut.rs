//! Texts that are cut to fit.

/// A text of at most `most` characters; one that is cut ends in an ellipsis.
pub(in crate::render) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}
