//! The figures of an answer as CloudWatch metrics.

use jiff::Timestamp;
use serde_json::json;

use crate::render::metrics::line;

/// The figures of one answer to a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookMetrics {
    /// The Lambda's name: the one dimension.
    pub function: String,
    /// Whether the operation was refused for what it would bring.
    pub refused: bool,
    /// Whether what it would bring could not be told completely.
    pub undecided: bool,
    /// Whether gatewatch could not judge it at all: by a fault of its own, of its settings or of the network.
    pub failed: bool,
    /// How long it took, in milliseconds.
    pub duration: u64,
}

/// The figures as one line of JSON, without a line break. `at`: when the answer was given.
///
/// ```
/// use gatewatch::render::{HookMetrics, hook_metrics};
///
/// let figures = HookMetrics { function: "hook".to_owned(), refused: false, undecided: false, failed: true, duration: 9 };
/// let line = hook_metrics(&figures, jiff::Timestamp::UNIX_EPOCH);
/// assert!(line.ends_with(r#""HookRefused":0,"HookUndecided":0,"HookFailures":1,"HookDuration":9}"#), "{line}");
/// ```
pub fn hook_metrics(figures: &HookMetrics, at: Timestamp) -> String {
    let flag = |holds: bool| json!(u8::from(holds));
    let metrics = [
        ("HookRefused", "Count", flag(figures.refused)),
        ("HookUndecided", "Count", flag(figures.undecided)),
        ("HookFailures", "Count", flag(figures.failed)),
        ("HookDuration", "Milliseconds", json!(figures.duration)),
    ];
    line(&figures.function, &metrics, at)
}
