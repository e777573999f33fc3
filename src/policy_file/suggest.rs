//! What to say of a word that is not known: the known ones, and the one that was probably meant.

/// A message about an unknown word, such as ``unknown verb `GTE`; did you mean `GET`? known here: …``.
/// `what` names the word with its place.
pub(super) fn unknown(what: &str, known: &[&str], found: &str) -> String {
    let known_here = known.join(", ");
    match nearest(found, known) {
        Some(meant) => format!("unknown {what}; did you mean `{meant}`? known here: {known_here}"),
        None => format!("unknown {what}; known here: {known_here}"),
    }
}

/// The known word that needs the fewest edits, whatever the case: at most one in three letters, or the
/// guess would be worse than none.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase();
    let distances = known.iter().map(|word| {
        let distance = strsim::osa_distance(&found, &word.to_lowercase());
        (distance, *word)
    });
    let near = distances.filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1));
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_recognised_and_another_word_is_not() {
        let known = ["require", "exemptions", "preflight", "id"];
        assert_eq!(nearest("requires", &known), Some("require"));
        assert_eq!(nearest("Exceptions", &known), Some("exemptions"));
        assert_eq!(nearest("perflight", &known), Some("preflight"));
        assert_eq!(nearest("ids", &known), Some("id"));
        assert_eq!(nearest("owner", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }
}
