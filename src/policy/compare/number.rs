//! Numbers, as decimals of any length: a float would call two large ones the same.

use std::cmp::Ordering;

use crate::policy::language::Comparison;

/// Whether the request's number compares to the condition's as asked. What is no number does not.
pub(super) fn compare(comparison: Comparison, wanted: &str, found: &str) -> bool {
    let (Some(wanted), Some(found)) = (Decimal::read(wanted), Decimal::read(found)) else {
        return false;
    };
    let order = found.order(&wanted);
    match comparison {
        Comparison::NumericEquals => order.is_eq(),
        Comparison::NumericLessThan => order.is_lt(),
        Comparison::NumericLessThanEquals => order.is_le(),
        Comparison::NumericGreaterThan => order.is_gt(),
        Comparison::NumericGreaterThanEquals => order.is_ge(),
        _ => false,
    }
}

struct Decimal<'a> {
    negative: bool,
    /// Without zeros at its begin.
    whole: &'a str,
    /// Without zeros at its end.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a str) -> Option<Self> {
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

    fn order(&self, other: &Decimal<'_>) -> Ordering {
        let size = |it: &Decimal<'_>| (it.whole.len(), it.whole.to_owned(), it.fraction.to_owned());
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
        }
    }
}
