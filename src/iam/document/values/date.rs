//! Dates: ISO 8601 as the W3C profiles it, or seconds since 1970.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Reads a date. `None`: the text is none.
///
/// Source: [date and time formats](https://www.w3.org/TR/NOTE-datetime).
pub(in crate::iam) fn read(text: &str) -> Option<Timestamp> {
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
