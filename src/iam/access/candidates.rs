//! The values of a policy variable that are tried, to find one with which every request is allowed.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::access::alignment::{Bit, Found, Kind, Row};
use crate::iam::condition::variable::{Hole, Token};
use crate::iam::decide::weigh::Weighed;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::{Piece, Template};

/// How many values of one variable are tried.
const MOST_VALUES: usize = 32;

/// A value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value<'k> {
    /// The request does not have the key.
    Absent,
    /// These letters, and the values of other keys.
    Made(Vec<Bit<'k>>),
}

/// Keys whose values have no slash, and at least one letter.
pub(super) const NAMES: [&str; 4] = [
    "aws:username",
    "aws:userid",
    "aws:principalaccount",
    "cognito-identity.amazonaws.com:sub",
];

/// Whether a key can have this value.
fn can_be(key: &str, text: &str) -> bool {
    !NAMES.contains(&key) || (!text.is_empty() && !text.contains('/'))
}

/// The texts of values that are chosen together, by key. `None`: one is made of itself, or of one that is absent, or its key
/// cannot have it.
pub(super) fn texts<'k>(
    chosen: &BTreeMap<&'k str, &Value<'k>>,
) -> Option<BTreeMap<&'k str, Option<String>>> {
    let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
    // Each round tells one more, as long as none is made of itself.
    for _ in 0..chosen.len() {
        for (key, value) in chosen {
            let bits = match value {
                Value::Absent => {
                    known.insert(key, None);
                    continue;
                }
                Value::Made(bits) => bits,
            };
            let waits = |bit: &Bit<'_>| matches!(bit, Bit::Of(other) if !known.contains_key(other));
            if !bits.iter().any(waits) {
                let text = spelled(bits, &known).filter(|it| can_be(key, it))?;
                known.insert(key, Some(text));
            }
        }
    }
    (known.len() == chosen.len()).then_some(known)
}

/// A value, spelled out by those of other keys. `None`: one of them is absent.
fn spelled(bits: &[Bit<'_>], known: &BTreeMap<&str, Option<String>>) -> Option<String> {
    let mut text = String::new();
    for bit in bits {
        match bit {
            Bit::Letter(letter) => text.push(*letter),
            Bit::Of(other) => text.push_str(known.get(other)?.as_deref()?),
        }
    }
    Some(text)
}

/// Where the values are looked for.
pub(super) struct Candidates<'s> {
    pub(super) weighed: &'s Weighed,
    pub(super) patterns: &'s Patterns,
    pub(super) template: &'s Template,
    /// The numbers of the patterns with unknown variables.
    pub(super) open: &'s [usize],
}

impl<'s> Candidates<'s> {
    /// The values of a key to try, and whether these are all.
    pub(super) fn of(
        &self,
        key: &str,
        budget: &mut usize,
    ) -> Result<(Vec<Value<'s>>, bool), TooMuch> {
        let fresh_letter = self.fresh_letter();
        let fresh = |times: usize| Value::Made(vec![Bit::Letter(fresh_letter); times]);
        // A value that no pattern names, short or long, comes first: as an example of what is refused, it is the clearest.
        let mut values: Vec<Value<'s>> = vec![fresh(1), fresh(40)];
        let mut may_be_absent = false;
        let mut spelled_out = Vec::new();
        for number in self.open {
            let holes = self.patterns.holes(*number).iter();
            for hole in holes.filter(|it| it.key == key) {
                may_be_absent |= hole.may_be_absent;
                spelled_out.extend(self.spelled_out(*number, hole));
                let found = self.laid_over(*number, hole, budget)?;
                values.extend(found.values().map(Value::Made));
            }
        }
        if may_be_absent {
            values.insert(2, Value::Absent);
        }
        if key.starts_with("aws:principaltag/") {
            let slashed = [fresh_letter, '/', fresh_letter].map(Bit::Letter);
            values.extend([fresh(0), Value::Made(slashed.to_vec())]);
        }
        values.extend(spelled_out.into_iter().map(Value::Made));
        values.retain(|it| !is_never(key, it));
        let mut seen = BTreeSet::new();
        values.retain(|it| seen.insert(it.clone()));
        let are_all = values.len() <= MOST_VALUES;
        values.truncate(MOST_VALUES);
        Ok((values, are_all))
    }

    /// A letter that no pattern names in its last part, and no request has to have.
    fn fresh_letter(&self) -> char {
        let mut named = Letters::default();
        for (number, _) in self.weighed.uses() {
            let pattern = self.patterns.all.get(number);
            // A pattern without a last part names no letter there.
            let last = pattern.and_then(|it| it.parts.last());
            for token in last.into_iter().flatten() {
                if let Token::Letter(letter) = token {
                    named.insert(*letter);
                }
            }
        }
        for piece in self.template.verbs.iter().flatten() {
            if let Piece::Letter(letter) = piece {
                named.insert(*letter);
            }
        }
        named.other()
    }

    /// The values of a variable with which its pattern takes in what requests have in common, or what another pattern takes
    /// in.
    fn laid_over(
        &self,
        number: usize,
        hole: &Hole,
        budget: &mut usize,
    ) -> Result<Found<'s>, TooMuch> {
        let mut found = Found::default();
        let parts = self.patterns.all.get(number).map(|it| &it.parts);
        let Some((part, before, behind)) = parts.and_then(|it| it.around(hole.at)) else {
            return Ok(found);
        };
        let (before, behind) = (Ready::new(before), Ready::new(behind));
        let around = (&before, &behind);
        // Where a pattern only denies, a value that meets it allows nothing more.
        if self.is_used(number, true) {
            for row in self.of_requests(part, &hole.key) {
                row.align(around, Kind::Requests, &mut found, budget)?;
            }
        }
        for row in self.of_others(number, part, &hole.key, budget)? {
            row.align(around, Kind::Pattern, &mut found, budget)?;
        }
        Ok(found)
    }

    /// What the requests have in common in one part, with the value of each other variable at the parameters: `GET/${tag}`
    /// and `NotResource: GET/*/${username}` of `a/{id}` allow everything together where the tag is `a/` and the name.
    fn of_requests(&self, part: usize, key: &str) -> Vec<Row<'s>> {
        // Behind the parts of the head is the last one.
        if let Some(text) = self.template.head.get(part) {
            return vec![Row::of_text(text)];
        }
        let mut at_parameters: Vec<Option<&str>> = self.others(key).map(Some).collect();
        if at_parameters.is_empty() {
            at_parameters.push(None);
        }
        let verbs = self.template.verbs.iter();
        let rows = verbs.flat_map(|verb| {
            at_parameters
                .iter()
                .map(move |it| Row::of_requests(verb, *it))
        });
        rows.collect()
    }

    /// The other keys, each once.
    fn others(&self, key: &str) -> impl Iterator<Item = &'s str> {
        let holes = self.open.iter().flat_map(|it| self.patterns.holes(*it));
        let others: BTreeSet<&'s str> = holes
            .map(|it| it.key.as_str())
            .filter(|it| *it != key)
            .collect();
        others.into_iter()
    }

    /// The patterns that this one would have to take in or to stay within, if several variables are in these two: what one
    /// variable stands for alone is spelled out by the others.
    fn of_others(
        &self,
        number: usize,
        part: usize,
        key: &str,
        budget: &mut usize,
    ) -> Result<Vec<Row<'s>>, TooMuch> {
        let mut rows = Vec::new();
        if self.others(key).next().is_none() {
            return Ok(rows);
        }
        let own = self.patterns.all.get(number);
        let Some((_, tokens)) = own.and_then(|it| it.parts.part(part)) else {
            return Ok(rows);
        };
        let ready = Ready::new(tokens);
        let has_others = |it: usize| self.patterns.holes(it).iter().any(|it| it.key != key);
        let numbers: BTreeSet<(usize, bool)> = self.weighed.uses().collect();
        for (other, helps) in &numbers {
            let (other, helps) = (*other, *helps);
            let is_opposite = other != number && numbers.contains(&(number, !helps));
            if !is_opposite || !(has_others(number) || has_others(other)) {
                continue;
            }
            let Some(pattern) = self.patterns.all.get(other) else {
                continue;
            };
            let Some(tokens) = pattern.parts.part(part) else {
                continue;
            };
            let row = Row::of_pattern(tokens, &pattern.holes, key);
            if ready.cover(row.pieces(), budget)? != Cover::None {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn is_used(&self, number: usize, helps: bool) -> bool {
        self.weighed.uses().any(|it| it == (number, helps))
    }

    /// The texts that other patterns have where this one has a variable.
    fn spelled_out(&self, number: usize, hole: &Hole) -> Vec<Vec<Bit<'s>>> {
        let tokens = |number: usize| self.patterns.all.get(number).map(|it| it.parts.tokens());
        // A `*` stands for the variable.
        let around = tokens(number).and_then(|own| {
            let (before, from) = own.split_at_checked(hole.at)?;
            Some((before, from.split_first()?.1))
        });
        let Some((before, behind)) = around else {
            return Vec::new();
        };
        let texts = self.weighed.uses().filter_map(|(other, _)| {
            let text = tokens(other)?.strip_prefix(before)?.strip_suffix(behind)?;
            let letters = text.iter().map(|token| match token {
                Token::Letter(letter) => Some(Bit::Letter(*letter)),
                Token::One | Token::Many => None,
            });
            letters.collect::<Option<Vec<_>>>()
        });
        texts.filter(|it| !it.is_empty()).collect()
    }
}

/// Whether no caller has this value of a key, whatever other keys hold.
fn is_never(key: &str, value: &Value<'_>) -> bool {
    let slash = Bit::Letter('/');
    matches!(value, Value::Made(bits) if NAMES.contains(&key) && bits.contains(&slash))
}
