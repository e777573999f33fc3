//! A resource pattern, read part by part.
//!
//! `*` and `?` stay inside one of the six parts of an ARN, a final `*` takes all that follows, and inside
//! the last part `*` spans `/` and `:`
//! ([IAM user guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)).

use crate::iam::condition::variable::{Hole, Token, wildcards};
use crate::iam::pattern::template::Template;
use crate::iam::pattern::tokens::tokens_match;

/// A resource pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::iam) struct Parts {
    tokens: Vec<Token>,
    /// Where each part but the first begins: one after the colon.
    begins: Vec<usize>,
}

/// The parts of tokens, six at most.
pub(in crate::iam) fn split(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.splitn(6, |token| *token == Token::Letter(':'))
}

/// What a pattern's first parts leave open, for ARNs with a given head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Left<'a> {
    /// They do not match.
    Nothing,
    /// They match, and the rest does whatever it is.
    Everything,
    /// The last part must match these.
    Last(&'a [Token]),
}

impl Parts {
    pub(in crate::iam) fn new(tokens: Vec<Token>) -> Self {
        let colons = tokens.iter().enumerate();
        let begins = colons
            .filter(|(_, token)| **token == Token::Letter(':'))
            .map(|(at, _)| at + 1)
            .take(5)
            .collect();
        Parts { tokens, begins }
    }

    /// `execute-api:/…`, which in a resource policy is short for the API's own ARN.
    ///
    /// Source: [resource policy examples](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html).
    pub(in crate::iam) fn of_own_api(api: &str, rest: &[Token]) -> Self {
        let head = wildcards("arn:*:execute-api:*:*:");
        let id = api.chars().chain(['/']).map(Token::Letter);
        Parts::new(head.chain(id).chain(rest.iter().copied()).collect())
    }

    /// The whole pattern.
    pub(in crate::iam) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    fn parts(&self) -> impl Iterator<Item = &[Token]> {
        let begins = [0].into_iter().chain(self.begins.iter().copied());
        let colons = self.begins.iter().map(|begin| begin - 1);
        let ends = colons.chain([self.tokens.len()]);
        let ranges = begins.zip(ends).map(|(begin, end)| begin..end);
        ranges.map(|range| self.tokens.get(range).unwrap_or(&[]))
    }

    /// The sixth part, where there is one.
    pub(in crate::iam) fn last(&self) -> Option<&[Token]> {
        self.parts().nth(5)
    }

    /// Where the last part begins. `None`: there are fewer than six.
    pub(in crate::iam) fn last_begins(&self) -> Option<usize> {
        self.begins.get(4).copied()
    }

    /// A part by its number, and where among the tokens it begins.
    pub(in crate::iam) fn part(&self, number: usize) -> Option<(usize, &[Token])> {
        let begin = match number.checked_sub(1) {
            None => 0,
            Some(colon) => self.begins.get(colon).copied()?,
        };
        Some((begin, self.parts().nth(number)?))
    }

    /// The number of the part that a token is in, and what is before it and behind it in that part.
    pub(in crate::iam) fn around(&self, at: usize) -> Option<(usize, &[Token], &[Token])> {
        let number = self.begins.iter().take_while(|it| **it <= at).count();
        let (begin, part) = self.part(number)?;
        let at = at.checked_sub(begin)?;
        Some((number, part.get(..at)?, part.get(at + 1..)?))
    }

    /// The pattern with these values of its variables, by their keys. `None`: one has none, and matches nothing.
    pub(in crate::iam) fn filled<'v>(
        &self,
        holes: &'v [Hole],
        value: &dyn Fn(&str) -> Option<&'v str>,
    ) -> Option<Parts> {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        let mut holes = holes.iter().peekable();
        for (at, token) in self.tokens.iter().enumerate() {
            match holes.next_if(|it| it.at == at) {
                None => tokens.push(*token),
                Some(hole) => {
                    let text = value(&hole.key).or(hole.default.as_deref())?;
                    tokens.extend(text.chars().map(Token::Letter));
                }
            }
        }
        Some(Parts::new(tokens))
    }

    fn count(&self) -> usize {
        self.begins.len() + 1
    }

    fn ends_in_star(&self) -> bool {
        self.tokens.last() == Some(&Token::Many)
    }

    /// What is left to match of ARNs that begin with these five parts.
    pub(in crate::iam) fn left<'a>(&'a self, head: &[String; 5]) -> Left<'a> {
        if self.count() < 6 && !self.ends_in_star() {
            return Left::Nothing;
        }
        let mut parts = self.parts();
        let matching = head
            .iter()
            .zip(&mut parts)
            .all(|(wanted, part)| tokens_match(part, wanted));
        match (matching, self.count() < 6) {
            (false, _) => Left::Nothing,
            (true, true) => Left::Everything,
            (true, false) => parts.next().map_or(Left::Nothing, Left::Last),
        }
    }

    /// Whether the pattern matches one ARN, or a text that is none.
    pub(in crate::iam) fn matches(&self, text: &str) -> bool {
        let count = text.splitn(6, ':').count();
        if self.count() > count || (self.count() < count && !self.ends_in_star()) {
            return false;
        }
        self.parts()
            .zip(text.splitn(6, ':'))
            .all(|(part, text)| tokens_match(part, text))
    }

    /// The pattern, as one that runs across colons, for ARNs of this template. `None`: it has no `*`
    /// before its last part that could.
    pub(in crate::iam) fn across(&self, template: &Template) -> Option<&[Token]> {
        let last = self.begins.get(4).copied().unwrap_or(self.tokens.len());
        let before = self.tokens.get(..last)?;
        let runs = before.contains(&Token::Many) && self.left(&template.head) == Left::Nothing;
        runs.then_some(self.tokens.as_slice())
    }
}
