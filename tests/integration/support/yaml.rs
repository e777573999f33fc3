//! YAML as JSON, as an editor hands it to a JSON Schema.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The one document of a text.
pub(crate) fn to_json(text: &str) -> Value {
    let events = Parser::new_from_str(text).map(|event| event.unwrap().0);
    let mut events = events.filter(|event| !matches!(event, Event::Comment(..)));
    let first = events.by_ref().find(|event| {
        matches!(
            event,
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..)
        )
    });
    first.map_or(Value::Null, |first| value(first, &mut events))
}

fn value<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
        Event::Scalar(text, ..) => Value::from(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::SequenceEnd => return Value::from(items),
                    event => items.push(value(event, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Map::new();
            loop {
                let key = match events.next().unwrap() {
                    Event::MappingEnd => return Value::from(entries),
                    Event::Scalar(text, ..) => text.into_owned(),
                    event => panic!("no key of JSON: {event:?}"),
                };
                let event = events.next().unwrap();
                entries.insert(key, value(event, events));
            }
        }
        event => panic!("no value of JSON: {event:?}"),
    }
}

/// A scalar without quotes, by the core schema of YAML 1.2.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::from(true),
        "false" => Value::from(false),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => Value::from(number),
            (_, Ok(number)) if number.is_finite() => Value::from(number),
            _ => Value::from(text),
        },
    }
}
