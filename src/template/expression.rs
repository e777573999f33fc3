//! How a value is written, in one line: what names a thing that only a deployment knows.

use super::tree::name_of;
use crate::yaml::{Node, Value};

/// The longest that is spelled out, in bytes.
const LONGEST: usize = 200;

/// A value as YAML's short forms write it, such as `!ImportValue shared-api-id`. One that is too long is cut off, and
/// its place in the file stands behind it: two such values never read the same.
pub(super) fn in_words(node: &Node) -> String {
    let mut words = String::new();
    write(node, &mut words);
    if words.len() <= LONGEST {
        return words;
    }
    let mut end = LONGEST;
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    words.truncate(end);
    let place = match node.file {
        0 => format!("{}:{}", node.line, node.column),
        other => format!("{}:{} of file {other}", node.line, node.column),
    };
    format!("{words}... (at {place})")
}

/// Writes a value. What is too long already is not written on.
fn write(node: &Node, out: &mut String) {
    if out.len() > LONGEST {
        return;
    }
    match &node.value {
        Value::Scalar { text, .. } => out.push_str(text.trim()),
        Value::List(items) => write_list(items, out),
        Value::Map(entries) => match entries.as_slice() {
            [(key, argument)] if is_function(name_of(key)) => {
                write_function(name_of(key), argument, out);
            }
            entries => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if out.len() > LONGEST {
                        return;
                    }
                    if index > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(name_of(key));
                    out.push_str(": ");
                    write(value, out);
                }
                out.push('}');
            }
        },
    }
}

fn write_list(items: &[Node], out: &mut String) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if out.len() > LONGEST {
            return;
        }
        if index > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
    out.push(']');
}

fn write_function(name: &str, argument: &Node, out: &mut String) {
    out.push('!');
    out.push_str(name.strip_prefix("Fn::").unwrap_or(name));
    out.push(' ');
    match (name, &argument.value) {
        ("Fn::GetAtt", Value::List(parts)) => {
            let parts: Vec<&str> = parts.iter().map(name_of).collect();
            out.push_str(&parts.join("."));
        }
        _ => write(argument, out),
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{self, Allowed};

    fn of(text: &str) -> String {
        let allowed = Allowed {
            depth: 100,
            short_forms: true,
            repetition: true,
            comments: None,
        };
        let document = yaml::parse(text, allowed, &mut Vec::new()).unwrap();
        in_words(&document.unwrap().root)
    }

    #[test]
    fn short_and_long_forms_read_the_same() {
        for (short, long) in [
            ("!ImportValue api", "{'Fn::ImportValue': api}"),
            ("!Ref Api", "{Ref: Api}"),
            (
                "!GetAtt Nested.Outputs.Api",
                "{'Fn::GetAtt': [Nested, Outputs.Api]}",
            ),
            (
                "!Join ['', [a, !Ref B]]",
                "{'Fn::Join': ['', [a, {Ref: B}]]}",
            ),
        ] {
            assert_eq!(of(short), of(long));
        }
        assert_eq!(
            of("{'Fn::GetAtt': [Nested, Outputs.Api]}"),
            "!GetAtt Nested.Outputs.Api"
        );
        assert_eq!(
            of("!ImportValue {'Fn::Sub': '${Stack}-api'}"),
            "!ImportValue !Sub ${Stack}-api"
        );
    }

    #[test]
    fn what_is_cut_off_keeps_its_place() {
        let long = format!("[!ImportValue {0}, !ImportValue {0}]", "é".repeat(300));
        let said = of(&long);
        assert!(said.len() < 300 && said.ends_with("... (at 1:1)"), "{said}");
    }
}
