//! Requests that a pattern takes in or leaves out, guessed and then tried: no search is needed where a guess is right.
//!
//! A guess gives each parameter a letter that the pattern does not name. For one that is to be met, the last parameter
//! gets what the pattern asks for behind its last `*`, but for the letters that the template has there itself.

use super::automaton::Ready;
use super::template::Piece;
use crate::iam::condition::variable::Token;

/// The last part of a request of the template that the pattern takes in. `None`: the guess was wrong, and there may be
/// one. `other` is a letter that the pattern does not name.
pub(in crate::iam) fn met(ready: &Ready, template: &[Piece], other: char) -> Option<String> {
    let many = ready.tokens().iter().rposition(|it| *it == Token::Many)?;
    let behind = ready.tokens().get(many + 1..)?;
    let asked = behind.iter().map(|token| match token {
        Token::Letter(letter) => *letter,
        Token::One | Token::Many => other,
    });
    let last = template.iter().rposition(|it| it.is_many())?;
    let own = template.len().saturating_sub(last + 1);
    let value: String = asked.take(behind.len().saturating_sub(own)).collect();
    let is_allowed = template.get(last) == Some(&Piece::Greedy) || !value.contains('/');
    let text = filled(template, last, Some(&value).filter(|_| is_allowed), other);
    ready.matches(&text).then_some(text)
}

/// The last part of a request of the template that the pattern leaves out. `None`: the guess was wrong, and there may be
/// one.
pub(in crate::iam) fn missed(ready: &Ready, template: &[Piece], other: char) -> Option<String> {
    let text = filled(template, usize::MAX, None, other);
    (!ready.matches(&text)).then_some(text)
}

/// The template with a value at one place, unless that is empty, and the letter in the place of each other parameter.
fn filled(template: &[Piece], at: usize, value: Option<&String>, other: char) -> String {
    let mut text = String::with_capacity(template.len());
    for (place, piece) in template.iter().enumerate() {
        match (piece, value.filter(|it| place == at && !it.is_empty())) {
            (Piece::Letter(letter), _) => text.push(*letter),
            (_, Some(value)) => text.push_str(value),
            (_, None) => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::condition::variable::wildcards;
    use crate::iam::pattern::cover::Cover;
    use crate::iam::pattern::wildcards::matches;
    use crate::iam::pattern::witness::other_letter;

    fn ready(pattern: &str) -> Ready {
        Ready::new(&wildcards(pattern).collect::<Vec<_>>())
    }

    fn template(piece: Piece, end: &str) -> Vec<Piece> {
        let letters = |text: &str| text.chars().map(Piece::Letter).collect::<Vec<_>>();
        [letters("p/"), vec![piece], letters(end)].concat()
    }

    #[test]
    fn patterns_that_are_made_to_take_work_are_guessed() {
        for questions in [10, 62, 200] {
            let pattern = format!("*a{}", "?".repeat(questions));
            for end in ["", "/b"] {
                let template = template(Piece::Parameter, end);
                let ready = ready(&pattern);
                let text = met(&ready, &template, 'x').unwrap();
                assert!(matches(&pattern, &text), "{text}");
                let text = missed(&ready, &template, 'x').unwrap();
                assert!(!matches(&pattern, &text), "{text}");
            }
        }
    }

    #[test]
    fn how_much_they_take_in_is_told_in_little_work() {
        for questions in [10, 62, 200] {
            let ready = ready(&format!("*a{}", "?".repeat(questions)));
            let cover = ready.cover(&template(Piece::Parameter, "/b"), &mut 3_000);
            assert_eq!(cover, Ok(Cover::Some), "{questions}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_guess_is_a_request_of_the_template_and_right(
            pattern in r"(p/|\*)[ab?*/]{0,6}",
            greedy in any::<bool>(),
            end in prop::sample::select(vec!["", "a", "/b"]),
        ) {
            let piece = if greedy { Piece::Greedy } else { Piece::Parameter };
            let (ready, template) = (ready(&pattern), template(piece, end));
            let other = other_letter([&ready]);
            let guesses = [(met(&ready, &template, other), true), (missed(&ready, &template, other), false)];
            for (guess, is_met) in guesses {
                let Some(guess) = guess else { continue };
                prop_assert_eq!(matches(&pattern, &guess), is_met);
                let value = guess.strip_prefix("p/").and_then(|it| it.strip_suffix(end)).unwrap();
                prop_assert!(!value.is_empty() && (greedy || !value.contains('/')), "{}", guess);
            }
        }
    }
}
