//! A resource pattern, read part by part.
//!
//! `*` and `?` stay inside one of the six parts of an ARN, a final `*` takes all that follows, and inside
//! the last part `*` spans `/` and `:`
//! ([IAM user guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)).

use super::template::Template;
use super::tokens::tokens_match;
use super::variable::Token;

/// A resource pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    tokens: Vec<Token>,
    /// Where each part but the first begins: one after the colon.
    begins: Vec<usize>,
}

/// The parts of tokens, six at most.
pub(super) fn split(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.splitn(6, |token| *token == Token::Letter(':'))
}

/// What a pattern's first parts leave open, for ARNs with a given head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left<'a> {
    /// They do not match.
    Nothing,
    /// They match, and the rest does whatever it is.
    Everything,
    /// The last part must match these.
    Last(&'a [Token]),
}

impl Parts {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
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
    pub(super) fn of_own_api(api: &str, rest: &[Token]) -> Self {
        let head = "arn:*:execute-api:*:*:".chars().map(|letter| match letter {
            '*' => Token::Many,
            letter => Token::Letter(letter),
        });
        let api = api.chars().chain(['/']).map(Token::Letter);
        Parts::new(head.chain(api).chain(rest.iter().copied()).collect())
    }

    /// The whole pattern.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    fn parts(&self) -> impl Iterator<Item = &[Token]> {
        let begins = [0].into_iter().chain(self.begins.iter().copied());
        let ends = self.begins.iter().map(|begin| begin - 1);
        let ends = ends.chain([self.tokens.len()]);
        begins
            .zip(ends)
            .map(|(begin, end)| self.tokens.get(begin..end).unwrap_or_default())
    }

    /// The sixth part, where there is one.
    pub(super) fn last(&self) -> Option<&[Token]> {
        self.parts().nth(5)
    }

    fn count(&self) -> usize {
        self.begins.len() + 1
    }

    fn ends_in_star(&self) -> bool {
        self.tokens.last() == Some(&Token::Many)
    }

    /// What is left to match of ARNs that begin with these five parts.
    pub(super) fn left<'a>(&'a self, head: &[String; 5]) -> Left<'a> {
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
    pub(super) fn matches(&self, text: &str) -> bool {
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
    pub(super) fn across(&self, template: &Template) -> Option<&[Token]> {
        let last = self.begins.get(4).copied().unwrap_or(self.tokens.len());
        let before = self.tokens.get(..last)?;
        let runs = before.contains(&Token::Many) && self.left(&template.head) == Left::Nothing;
        runs.then_some(self.tokens.as_slice())
    }
}
