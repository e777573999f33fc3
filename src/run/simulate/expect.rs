//! What an answer should be, as a case says it: a test of one's own policies.

use super::output::Answer;
use crate::iam::{Decision, Verdict};

/// Either of the two denials, for those who do not mind which.
const DENIED: &str = "Denied";

/// Whether an answer is what was expected: of a request its decision, or `Denied`; of a method its verdict, with a `*`
/// where it is conditional.
///
/// # Errors
/// Where no answer to such a question could be that: the test would fail for ever, or be thought to test something.
pub(super) fn is_met(expect: &str, answer: &Answer) -> Result<bool, String> {
    let (wanted, is) = match answer {
        Answer::Request { decision } => {
            let decisions = [
                Decision::Allowed,
                Decision::ExplicitlyDenied,
                Decision::ImplicitlyDenied,
            ];
            let mut wanted = vec![DENIED.to_owned()];
            wanted.extend(decisions.map(|it| it.as_str().to_owned()));
            let denials = [Decision::ExplicitlyDenied, Decision::ImplicitlyDenied];
            let is_denied = expect == DENIED && denials.iter().any(|it| it.as_str() == *decision);
            (wanted, is_denied || expect == *decision)
        }
        Answer::Method {
            verdict,
            conditional,
            ..
        } => {
            let verdicts = [Verdict::All, Verdict::Some, Verdict::None];
            let each = verdicts.into_iter().map(Verdict::as_str);
            let wanted = each.flat_map(|it| [it.to_owned(), format!("{it}*")]);
            let star = if *conditional { "*" } else { "" };
            (wanted.collect(), expect == format!("{verdict}{star}"))
        }
        Answer::Error { .. } => return Ok(false),
    };
    if wanted.iter().any(|it| it == expect) {
        return Ok(is);
    }
    Err(format!(
        "expect: `{expect}` is no answer to this request: known are {}",
        wanted.join(", ")
    ))
}
