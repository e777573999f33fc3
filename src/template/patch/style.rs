//! New values as text, in block or flow style.

use crate::yaml::Quotes;

/// A value that is added.
#[derive(Debug, Clone)]
pub(super) enum New {
    Text(String),
    /// A truth value, which is never quoted.
    True,
    List(Vec<New>),
    Map(Vec<(String, New)>),
}

impl New {
    pub(super) fn text(text: &str) -> New {
        New::Text(text.to_owned())
    }

    pub(super) fn map<const N: usize>(entries: [(&str, New); N]) -> New {
        New::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

/// How values are written that are added.
pub(super) struct Style {
    /// What every new line begins with. `None`: all stands on one line.
    pub(super) lines: Option<Lines>,
    pub(super) is_flow: bool,
    /// The quotes of keys. Values in double quotes go with keys in double quotes, as in JSON.
    pub(super) keys: Quotes,
    /// What stands between a key and its value.
    pub(super) colon: String,
    /// In block style, how far the dash of a list stands behind its key.
    pub(super) dash: usize,
}

/// New lines.
pub(super) struct Lines {
    /// The blanks that entries begin with.
    pub(super) indent: String,
    /// What is added for those one level deeper.
    pub(super) unit: String,
}

impl Style {
    /// The same for what stands so much further right.
    pub(super) fn deeper(&self, by: &str) -> Style {
        let lines = self.lines.as_ref().map(|it| Lines {
            indent: format!("{}{by}", it.indent),
            unit: it.unit.clone(),
        });
        Style {
            lines,
            is_flow: self.is_flow,
            keys: self.keys,
            colon: self.colon.clone(),
            dash: self.dash,
        }
    }

    fn one_deeper(&self) -> Style {
        let unit = self.lines.as_ref().map_or("", |it| &it.unit);
        self.deeper(unit)
    }

    fn indent(&self) -> &str {
        self.lines.as_ref().map_or("", |it| &it.indent)
    }

    /// Writes one entry of a mapping.
    pub(super) fn entry(&self, key: &str, value: &New, newline: &str, out: &mut String) {
        *out += &self.quoted(key);
        match value {
            New::Map(entries) if !self.is_flow && !entries.is_empty() => {
                let inner = self.one_deeper();
                out.push(':');
                for (key, value) in entries {
                    *out += newline;
                    *out += inner.indent();
                    inner.entry(key, value, newline, out);
                }
            }
            New::List(items) if !self.is_flow && !items.is_empty() => {
                let dash = " ".repeat(self.dash);
                let inner = self.deeper(&format!("{dash}  "));
                out.push(':');
                for item in items {
                    *out += newline;
                    *out += self.indent();
                    *out += &dash;
                    *out += "- ";
                    inner.write(item, newline, out);
                }
            }
            _ => {
                *out += &self.colon;
                self.write(value, newline, out);
            }
        }
    }

    /// Writes a value where the text ends.
    pub(super) fn write(&self, value: &New, newline: &str, out: &mut String) {
        match value {
            New::Text(text) => *out += &self.quoted(text),
            New::True => *out += "true",
            New::List(items) if items.is_empty() => *out += "[]",
            New::Map(entries) if entries.is_empty() => *out += "{}",
            New::List(items) => {
                let each = items.iter();
                self.group(('[', ']'), newline, out, each, |style, item, out| {
                    style.write(item, newline, out);
                });
            }
            New::Map(entries) if self.is_flow => {
                let each = entries.iter();
                self.group(
                    ('{', '}'),
                    newline,
                    out,
                    each,
                    |style, (key, value), out| {
                        style.entry(key, value, newline, out);
                    },
                );
            }
            New::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        *out += newline;
                        *out += self.indent();
                    }
                    self.entry(key, value, newline, out);
                }
            }
        }
    }

    /// Writes what stands in brackets.
    fn group<'v, T: 'v>(
        &self,
        (open, close): (char, char),
        newline: &str,
        out: &mut String,
        each: impl Iterator<Item = &'v T>,
        mut one: impl FnMut(&Style, &'v T, &mut String),
    ) {
        let inner = self.one_deeper();
        out.push(open);
        for (index, it) in each.enumerate() {
            if index > 0 {
                out.push(',');
            }
            match &inner.lines {
                Some(lines) => {
                    *out += newline;
                    *out += &lines.indent;
                }
                None if index > 0 && self.colon.ends_with(' ') => out.push(' '),
                None => {}
            }
            one(&inner, it, out);
        }
        if let Some(lines) = &self.lines {
            *out += newline;
            *out += &lines.indent;
        }
        out.push(close);
    }

    fn quoted(&self, text: &str) -> String {
        match self.keys {
            Quotes::Single => format!("'{}'", text.replace('\'', "''")),
            Quotes::None if is_plain(text) => text.to_owned(),
            // A text of JSON is one of YAML in double quotes, too.
            Quotes::None | Quotes::Double | Quotes::Block => {
                serde_json::Value::from(text).to_string()
            }
        }
    }
}

/// Whether a text needs no quotes wherever it stands, and stays a text.
fn is_plain(text: &str) -> bool {
    let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
    let is_truth = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(is_word)
        && !is_truth.iter().any(|it| it.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(is_flow: bool, keys: Quotes, indent: Option<&str>) -> Style {
        Style {
            lines: indent.map(|indent| Lines {
                indent: indent.to_owned(),
                unit: "  ".to_owned(),
            }),
            is_flow,
            keys,
            colon: ": ".to_owned(),
            dash: 2,
        }
    }

    fn value() -> New {
        let requirement = New::map([("sigv4", New::List(Vec::new()))]);
        New::List(vec![requirement])
    }

    fn written(style: &Style) -> String {
        let mut out = String::new();
        style.entry("security", &value(), "\n", &mut out);
        out
    }

    #[test]
    fn values_are_written_in_every_style() {
        assert_eq!(
            written(&style(false, Quotes::None, Some("  "))),
            "security:\n    - sigv4: []"
        );
        assert_eq!(
            written(&style(true, Quotes::None, None)),
            "security: [{sigv4: []}]"
        );
        assert_eq!(
            written(&style(true, Quotes::Double, Some("  "))),
            "\"security\": [\n    {\n      \"sigv4\": []\n    }\n  ]"
        );
    }

    #[test]
    fn words_that_mean_something_else_are_quoted() {
        let plain = style(false, Quotes::None, None);
        for text in ["on", "1", "a: b", "", "x\ny", "#"] {
            assert_eq!(plain.quoted(text), format!("{text:?}"), "{text}");
        }
        assert_eq!(
            plain.quoted("x-amazon-apigateway-authtype"),
            "x-amazon-apigateway-authtype"
        );
    }
}
