//! Addresses and references: `module.shop["a"].aws_api_gateway_rest_api.this[0].id`.
//!
//! Source: [resource addressing](https://developer.hashicorp.com/terraform/cli/state/resource-addressing).

use serde_json::Value;

/// Which of the instances that `count` or `for_each` makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(u64),
    Text(String),
}

/// One part of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Name(String),
    Key(Key),
}

/// A module instance in another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) key: Option<Key>,
}

impl Key {
    /// A key as JSON has it. `None`: it is no key.
    pub(super) fn of(value: &Value) -> Option<Key> {
        match value {
            Value::Number(number) => number.as_u64().map(Key::Number),
            Value::String(text) => Some(Key::Text(text.clone())),
            _ => None,
        }
    }
}

/// The parts of an address or a reference. `None`: it is neither.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return None;
        }
        parts.push(Part::Name(name.to_owned()));
        rest = after;
        while let Some(inside) = rest.strip_prefix('[') {
            let (key, after) = key(inside)?;
            parts.push(Part::Key(key));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(parts),
            None => return None,
        }
    }
}

/// The key that a text begins with, and what follows its bracket.
fn key(text: &str) -> Option<(Key, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (number, after) = text.split_once(']')?;
        return Some((Key::Number(number.parse().ok()?), after));
    };
    let mut made = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let after = quoted.get(at + 1..)?.strip_prefix(']')?;
                return Some((Key::Text(unmarked(&made)), after));
            }
            '\\' => made.push(escaped(letters.next()?.1, &mut letters)?),
            letter => made.push(letter),
        }
    }
    None
}

/// The character that an escape sequence stands for.
///
/// Source: [strings](https://developer.hashicorp.com/terraform/language/expressions/strings).
fn escaped(letter: char, letters: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits = match letter {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + letters.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}

/// In quotes, `$${` stands for `${`, and `%%{` for `%{`.
fn unmarked(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{")
}

/// The module instances that an address begins with, the outermost first, and the parts behind them. `None`: a module in it
/// has no name.
pub(super) fn modules(parts: &[Part]) -> Option<(Vec<Step>, &[Part])> {
    let mut steps = Vec::new();
    let mut rest = parts;
    while let [Part::Name(word), after @ ..] = rest {
        if word != "module" {
            break;
        }
        let [Part::Name(name), after @ ..] = after else {
            return None;
        };
        let (key, after) = keyed(after);
        steps.push(Step {
            name: name.clone(),
            key: key.cloned(),
        });
        rest = after;
    }
    Some((steps, rest))
}

/// The key that stands first, if one does, and the rest.
pub(super) fn keyed(parts: &[Part]) -> (Option<&Key>, &[Part]) {
    match parts {
        [Part::Key(key), rest @ ..] => (Some(key), rest),
        rest => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Option<(Vec<Step>, usize)> {
        let parts = parts(text)?;
        let (steps, rest) = modules(&parts)?;
        Some((steps, rest.len()))
    }

    fn step(name: &str, key: Key) -> Step {
        Step {
            name: name.to_owned(),
            key: Some(key),
        }
    }

    #[test]
    fn keys_may_hold_what_addresses_are_made_of() {
        let text = |text: &str| Some(Key::Text(text.to_owned()));
        assert_eq!(
            steps(r#"module.a["x.y[\"0\"].module.b"].module.b[12].aws_x.y"#),
            Some((
                vec![
                    step("a", Key::Text(r#"x.y["0"].module.b"#.to_owned())),
                    step("b", Key::Number(12))
                ],
                2
            ))
        );
        for (written, key) in [
            (r#"["GET /a\tb\\"]"#, "GET /a\tb\\"),
            (r#"["$${x} %%{y} $z"]"#, "${x} %{y} $z"),
            (r#"["\u00e9\U0001F600"]"#, "é😀"),
            (r#"[""]"#, ""),
            (r#"["]"]"#, "]"),
        ] {
            let parts = parts(&format!("a.b{written}")).unwrap();
            assert_eq!(parts.last(), text(key).map(Part::Key).as_ref(), "{written}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            ".",
            "a.",
            "a..b",
            "a[",
            "a[0",
            "a[x]",
            "a[\"x]",
            "a[\"x\"",
            "a[0]b",
            "[0]",
            r#"a["\u12"]"#,
            r#"a["\uD800"]"#,
            "a[*].b",
            "a[-1]",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
        assert_eq!(steps("module"), None);
        assert_eq!(steps("module[0]"), None);
        assert!(parts("a[99999999999999999999]").is_none());
    }
}
