//! A file that was found and could not be read: nothing of it is known, which is a gap and never clean.

use jiff::Timestamp;

use super::finish::{self, Translated};
use super::options::Options;
use super::reading::Reading;
use super::tree::{Spot, Unknown};

/// A file of which nothing could be read. `why`: in words that follow its name and place.
pub fn unread(file: &str, why: &str, options: &Options, now: Timestamp) -> Translated {
    let gap = Unknown {
        why: why.to_owned(),
        at: Spot::START,
    };
    let reading = Reading {
        gaps: vec![gap],
        ..Reading::default()
    };
    finish::translated(file, reading, options, now)
}
