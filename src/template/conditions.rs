//! The conditions of a template: which hold, as far as the template alone tells.
//!
//! Source: [Condition functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html).

use super::resolve::{Resolver, arguments};
use super::tree::{Spot, Unknown, name_of};
use super::undecided::{Answer, Undecided};
use crate::yaml::{Node, Value};

/// Conditions that ask conditions that ask conditions: more than this is refused.
const DEPTH: usize = 32;

/// How many parts `Fn::And` and `Fn::Or` have.
const PARTS: std::ops::RangeInclusive<usize> = 2..=10;

impl Resolver<'_> {
    /// Whether a resource with this condition is made.
    pub(super) fn condition(&self, name: &str) -> Answer {
        self.ask(name, 0)
    }

    /// Whether the template has a condition of this name.
    pub(super) fn has_condition(&self, name: &str) -> bool {
        self.conditions.contains_key(name)
    }

    /// The conditions that are none, each where it stands.
    pub(super) fn broken_conditions(&self) -> Vec<Unknown> {
        // A loop that is not written out is none of them.
        let named = self
            .conditions
            .iter()
            .filter(|(name, _)| !name.starts_with("Fn::"));
        let broken = named.filter_map(|(name, node)| {
            let undecided = self.decide(node, 0).err()?;
            undecided.is_mistake.then(|| Unknown {
                why: format!("condition `{name}` {}", undecided.why),
                at: Spot::of(node),
            })
        });
        broken.collect()
    }

    pub(super) fn ask(&self, name: &str, depth: usize) -> Answer {
        if let Some(answer) = self.answers.borrow().get(name) {
            let why = format!("depends on condition `{name}`, which asks itself");
            return answer
                .clone()
                .unwrap_or_else(|| Err(Undecided::mistake(why)));
        }
        let Some(condition) = self.conditions.get(name) else {
            return Err(Undecided::mistake(format!(
                "depends on condition `{name}`, which is not in the template"
            )));
        };
        self.answers.borrow_mut().insert(name.to_owned(), None);
        let answer = self
            .decide(condition, depth)
            .map_err(|undecided| Undecided {
                why: format!("depends on condition `{name}`, which {}", undecided.why),
                ..undecided
            });
        let kept = Some(answer.clone());
        self.answers.borrow_mut().insert(name.to_owned(), kept);
        answer
    }

    fn decide(&self, condition: &Node, depth: usize) -> Answer {
        if depth > DEPTH {
            return Err("asks too many others".to_owned().into());
        }
        let Value::Map(entries) = &condition.value else {
            return Err(Undecided::mistake("is no condition"));
        };
        let [(name, argument)] = entries.as_slice() else {
            return Err(Undecided::mistake("is no condition"));
        };
        let parts = arguments(argument);
        let each = |deciding: bool| {
            if !PARTS.contains(&parts.len()) {
                let name = name_of(name);
                let why = format!("is an `{name}` without a list of 2 to 10 conditions");
                return Err(Undecided::mistake(why));
            }
            let answers = parts.iter().map(|part| self.decide(part, depth + 1));
            decided(answers.collect(), deciding)
        };
        match name_of(name) {
            "Condition" => self.ask(name_of(argument), depth + 1),
            "Fn::Equals" => match parts {
                [one, other] => Ok(self.deciding(one)? == self.deciding(other)?),
                _ => Err(Undecided::mistake(
                    "is an `Fn::Equals` without its two parts",
                )),
            },
            "Fn::Not" => match parts {
                [one] => Ok(!self.decide(one, depth + 1)?),
                _ => Err(Undecided::mistake("is an `Fn::Not` without its part")),
            },
            // One part that is false decides, whatever the others cannot tell.
            "Fn::And" => each(false),
            "Fn::Or" => each(true),
            other => Err(format!("uses `{other}`, which is not read here").into()),
        }
    }
}

fn decided(parts: Vec<Answer>, deciding: bool) -> Answer {
    let is_mistake = |part: &Answer| matches!(part, Err(undecided) if undecided.is_mistake);
    if !parts.iter().any(is_mistake) && parts.contains(&Ok(deciding)) {
        return Ok(deciding);
    }
    let mistake = parts.iter().find(|part| is_mistake(part));
    match mistake.or_else(|| parts.iter().find(|part| part.is_err())) {
        Some(unknown) => unknown.clone(),
        None => Ok(!deciding),
    }
}
