//! The patterns that can match ARNs with a given head: partition, service, Region and account.

use foldhash::HashMap;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::parts::Left;

/// The patterns that match a head, by what they can match after it.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Those that match whatever follows the head.
    pub(super) everything: Vec<usize>,
    /// Those that match requests of one API only, by its id.
    pub(super) by_api: HashMap<String, Vec<usize>>,
    /// The others.
    pub(super) any_api: Vec<usize>,
}

impl Head {
    pub(super) fn new(patterns: &Patterns, head: &[String; 5]) -> Self {
        let mut own = Head::default();
        for (number, pattern) in patterns.all.iter().enumerate() {
            let last = match pattern.parts.left(head) {
                Left::Nothing => continue,
                Left::Everything => {
                    own.everything.push(number);
                    continue;
                }
                Left::Last(last) => last,
            };
            match one_api(last) {
                Some(api) => own.by_api.entry(api).or_default().push(number),
                None => own.any_api.push(number),
            }
        }
        own
    }
}

/// The id of the only API whose requests a last part can match. `None`: it leaves that open.
fn one_api(last: &[Token]) -> Option<String> {
    let mut api = String::new();
    for token in last {
        match token {
            Token::Letter('/') => return Some(api),
            Token::Letter(letter) => api.push(*letter),
            Token::One | Token::Many => return None,
        }
    }
    None
}
