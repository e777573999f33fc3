//! What deployed URLs answer, as a file says it: `answers.json` in a folder, by request.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gatewatch::audit::probe::{Heard, Outcome, Probed, Questions, plan};
use gatewatch::inventory::{Inventory, Reason};
use serde::Deserialize;

/// An answer, or why there is none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    status: u16,
    error_type: Option<String>,
    #[serde(default)]
    body: String,
    failed: Option<Reason>,
}

/// Whether a folder says what the deployed URLs answer.
pub(crate) fn has_answers(folder: &Path) -> bool {
    folder.join("answers.json").exists()
}

/// A probe of an inventory that got the answers of a folder, one for each request. `None`: the folder says none.
pub(crate) fn probed(inventory: &Inventory, folder: &Path) -> Option<Probed> {
    let text = fs::read_to_string(folder.join("answers.json")).ok()?;
    let mut answers: BTreeMap<String, Answer> = serde_json::from_str(&text).unwrap();
    let plan = plan(inventory, &Questions::default()).unwrap();
    let outcomes: Vec<Outcome> = plan
        .requests
        .iter()
        .map(|planned| {
            let request = planned.in_words();
            let answer = answers.remove(&request);
            outcome(answer.unwrap_or_else(|| panic!("{request} has no answer")))
        })
        .collect();
    assert!(answers.is_empty(), "nobody asks {answers:?}");
    Some(Probed::new(plan, outcomes))
}

fn outcome(answer: Answer) -> Outcome {
    match answer.failed {
        Some(reason) => Outcome::Failed {
            reason,
            message: "no answer came".to_owned(),
        },
        None => {
            let heard = Heard {
                status: answer.status,
                error_type: answer.error_type,
                has_request_id: true,
                body: answer.body.into_bytes(),
                ..Heard::default()
            };
            Outcome::Answered(heard.into())
        }
    }
}
