//! A difference for an issue, a wiki or a comment.

use super::sections::{sections, subject, summary};
use crate::audit::difference::Difference;
use crate::render::plural;
use crate::render::report::escape;

/// As many bytes as whoever takes a comment takes.
const LIMIT: usize = 60_000;

/// What changed, as Markdown. What does not fit is counted.
pub fn difference_markdown(difference: &Difference) -> String {
    let mut text = format!("## {}\n\n", escape::text(&subject(difference)));
    let mut sections = sections(difference);
    text += &format!("{}\n", escape::text(&summary(&sections)));
    let mut left_out = 0;
    // What is not known is said, whatever is left out.
    sections.sort_by_key(|it| !it.is_unknown);
    for section in sections {
        let heading = format!("\n### {} ({})\n\n", section.heading, section.entries.len());
        let mut is_headed = false;
        for entry in &section.entries {
            let item = escape::item(entry);
            if text.len() + heading.len() + item.len() > LIMIT {
                left_out += 1;
                continue;
            }
            if !is_headed {
                text += &heading;
                is_headed = true;
            }
            text += &item;
        }
    }
    if left_out > 0 {
        text += &format!(
            "\n{} left out: `--format json` has all\n",
            plural(left_out, "entry")
        );
    }
    text
}
