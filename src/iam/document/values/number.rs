//! Numbers, as decimals of any length: a float would call two large ones the same.

use std::cmp::Ordering;

/// A decimal, with its text.
pub(in crate::iam) struct Decimal<'a> {
    negative: bool,
    /// Without zeros at its begin.
    whole: &'a str,
    /// Without zeros at its end.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Reads a number. `None`: the text is none.
    pub(in crate::iam) fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let sound = |digits: &str| digits.bytes().all(|it| it.is_ascii_digit());
        if !sound(whole) || !sound(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        Some(Decimal {
            // There is one zero.
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        })
    }

    /// Which of two numbers is the larger.
    pub(in crate::iam) fn order(&self, other: &Decimal<'_>) -> Ordering {
        let size = |it: &Decimal<'_>| (it.whole.len(), it.whole.to_owned(), it.fraction.to_owned());
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
        }
    }
}
