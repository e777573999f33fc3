//! One request that a short pattern takes in: the first of few sets of positions along a template that leads to the end.

use super::automaton::Ready;
use super::template::Piece;

/// As many sets of positions are looked through for each piece of a template.
const FEW: usize = 64;

/// A set of positions, and how it was reached.
#[derive(Clone, Copy)]
struct Node {
    state: u64,
    /// The place of the node before. The first leads to itself.
    before: usize,
    letter: char,
}

impl Ready {
    /// The letters, from these positions on, of a request that the pattern takes in. `other` is a letter that it does not
    /// name. `None`: none is found among few sets of positions.
    pub(in crate::iam) fn example_from(
        &self,
        state: u64,
        template: &[Piece],
        other: char,
    ) -> Option<String> {
        let mut nodes = vec![Node {
            state,
            before: 0,
            letter: other,
        }];
        let mut begin = 0;
        let mut left = template;
        loop {
            let mut layer = nodes.iter().enumerate().skip(begin);
            // Whatever follows is taken in, or nothing follows.
            let is_end =
                |it: &Node| self.is_open(it.state) || left.is_empty() && self.is_met(it.state);
            if let Some((end, _)) = layer.find(|(_, it)| is_end(it)) {
                let rest = left.iter().map(|piece| match piece {
                    Piece::Letter(letter) => *letter,
                    Piece::Parameter | Piece::Greedy => other,
                });
                return Some(letters(&nodes, end).into_iter().chain(rest).collect());
            }
            let (piece, rest) = left.split_first()?;
            begin = self.next_layer(&mut nodes, begin, *piece, other)?;
            left = rest;
        }
    }

    /// Adds the nodes that a piece leads to from those of the last layer, and returns where they begin. `None`: there is
    /// none, or there are many.
    fn next_layer(
        &self,
        nodes: &mut Vec<Node>,
        from: usize,
        piece: Piece,
        other: char,
    ) -> Option<usize> {
        let begin = nodes.len();
        let mut at = from;
        // A parameter goes on from where it came to.
        while at < begin || piece.is_many() {
            let Some(node) = nodes.get(at).copied() else {
                break;
            };
            let add = |letter: char| {
                let state = self.after(node.state, letter);
                let known = nodes.iter().skip(begin).any(|it| it.state == state);
                if state != 0 && !known {
                    nodes.push(Node {
                        state,
                        before: at,
                        letter,
                    });
                }
            };
            match piece {
                Piece::Letter(letter) => [letter].into_iter().for_each(add),
                Piece::Parameter | Piece::Greedy => {
                    let named = self.named_on(node.state, piece);
                    [other].into_iter().chain(named).for_each(add);
                }
            }
            if nodes.len() - begin > FEW {
                return None;
            }
            at += 1;
        }
        (nodes.len() > begin).then_some(begin)
    }
}

/// The letters that lead to a node, in order.
fn letters(nodes: &[Node], end: usize) -> Vec<char> {
    let mut letters = Vec::new();
    let mut at = end;
    while at != 0 {
        let Some(node) = nodes.get(at) else { break };
        letters.push(node.letter);
        at = node.before;
    }
    letters.reverse();
    letters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::condition::variable::{Token, wildcards};
    use crate::iam::pattern::budget::BUDGET;
    use crate::iam::pattern::cover::Cover;
    use crate::iam::pattern::template::Template;
    use crate::iam::pattern::witness::other_letter;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_example_is_found_where_there_is_one(
            pattern in r"a/s/(GET|\*)/[ab/*?]{0,6}",
            path in r"/(a|\{id\}|b)(/(a|\{id\}|\{rest\+\}))?",
        ) {
            let template = Template::of_method(["aws", "eu-west-1", "1"], ["a", "s"], &["GET"], &path);
            let pieces = template.verbs[0].as_slice();
            let tokens: Vec<Token> = wildcards(&pattern).collect();
            let ready = Ready::new(&tokens);
            let found = ready.example_from(ready.start(), pieces, other_letter([&ready]));
            let is_any = ready.cover(pieces, &mut BUDGET.clone()) != Ok(Cover::None);
            prop_assert_eq!(found.is_some(), is_any, "{:?}", found);
            if let Some(last) = found {
                prop_assert!(ready.matches(&last), "{}", last);
                let own = Template { verbs: vec![last.chars().map(Piece::Letter).collect()], ..template.clone() };
                // It is a request of the method: the same letters in the same places, and something for each parameter.
                let text: Vec<Token> = pieces.iter().flat_map(|it| match it {
                    Piece::Letter(letter) => vec![Token::Letter(*letter)],
                    Piece::Parameter | Piece::Greedy => vec![Token::One, Token::Many],
                }).collect();
                prop_assert_eq!(Ready::new(&text).cover(&own.verbs[0], &mut BUDGET.clone()), Ok(Cover::All));
            }
        }
    }
}
