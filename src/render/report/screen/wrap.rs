//! Lines that fit a terminal.

use unicode_width::UnicodeWidthStr as _;

/// The columns that a text takes on a terminal.
pub(in crate::render) fn columns(text: &str) -> usize {
    text.width()
}

/// A text in lines of at most `width` columns, broken at spaces. The first line is indented by `first` columns, all
/// others by `hang`. A word that is longer than a line stands on a line of its own and is not broken: it may be an
/// ARN or a URL that somebody copies.
pub(in crate::render) fn wrapped(
    text: &str,
    width: usize,
    first: usize,
    hang: usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(hang)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_lose_no_word() {
        let text = "set AWS_IAM on the method, then deploy arn:aws:iam::111122223333:role/longer-than-a-line";
        let lines = wrapped(text, 20, 0, 2);
        assert_eq!(
            lines,
            [
                "set AWS_IAM on the",
                "  method, then",
                "  deploy",
                "  arn:aws:iam::111122223333:role/longer-than-a-line"
            ]
        );
        let words: Vec<&str> = lines.iter().flat_map(|it| it.split_whitespace()).collect();
        assert_eq!(words.join(" "), text);
    }

    #[test]
    fn a_wide_letter_takes_two_columns() {
        assert_eq!(wrapped("犬犬犬 犬犬犬", 8, 0, 0), ["犬犬犬", "犬犬犬"]);
    }
}
