//! A difference for a terminal.

use super::sections::{sections, subject, summary};
use crate::audit::difference::Difference;
use crate::render::plain;

/// What changed, as text.
pub fn difference_text(difference: &Difference) -> String {
    let mut text = String::new();
    let sections = sections(difference);
    let summary = summary(&sections);
    for section in sections {
        text += &format!("{} ({})\n", section.heading, section.entries.len());
        for entry in &section.entries {
            text += &format!("  {}\n", plain(entry));
        }
    }
    text + &plain(&format!("{}: {}", subject(difference), summary)) + "\n"
}
