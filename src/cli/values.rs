//! The values of options, as they are written.

use std::time::Duration;

use gatewatch::inventory::{ANY, VERBS};

/// A name and its value, tied by `=`.
pub(super) fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a parameter looks like NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A verb of requests, in upper case.
pub(super) fn verb(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    if upper != ANY && VERBS.contains(&upper.as_str()) {
        Ok(upper)
    } else {
        let known: Vec<&str> = VERBS.into_iter().filter(|it| *it != ANY).collect();
        Err(format!("a request has one of {}", known.join(", ")))
    }
}

/// A time between a tenth of a second and five minutes.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "a time looks like 10s or 500ms, and lies between 100ms and 300s".to_owned();
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(text), 1000),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = number.saturating_mul(unit);
    if (100..=300_000).contains(&milliseconds) {
        Ok(Duration::from_millis(milliseconds))
    } else {
        Err(wrong())
    }
}
