//! Dates: ISO 8601 as the W3C profiles it, or seconds since 1970.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::policy::language::Comparison;

/// Whether the request's date compares to the condition's as asked. What is no date does not.
pub(super) fn compare(comparison: Comparison, wanted: &str, found: &str) -> bool {
    let (Some(wanted), Some(found)) = (read(wanted), read(found)) else {
        return false;
    };
    match comparison {
        Comparison::DateEquals => found == wanted,
        Comparison::DateLessThan => found < wanted,
        Comparison::DateLessThanEquals => found <= wanted,
        Comparison::DateGreaterThan => found > wanted,
        Comparison::DateGreaterThanEquals => found >= wanted,
        _ => false,
    }
}

/// Source: [date and time formats](https://www.w3.org/TR/NOTE-datetime).
fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // Of four digits, a year.
    if text.len() != 4
        && let Ok(seconds) = text.parse::<i64>()
    {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let day: Date = whole.parse().ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
