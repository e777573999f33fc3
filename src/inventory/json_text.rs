//! Values as JSON in a text that is as large as it has to be.

use std::io;

use serde::Serialize;
use serde::ser::Error as _;

/// A value as JSON, indented or in one line, ending in a line break.
///
/// It is written twice, and counted first: a text that grows while it is written is moved when it is full, and takes up to three
/// times its size in between. Inventories and ledgers have a hundred megabytes where an account is large.
///
/// # Errors
/// Where the value has no JSON.
pub(crate) fn json_text<T: Serialize>(
    value: &T,
    is_indented: bool,
) -> Result<String, serde_json::Error> {
    let mut counted = Counted(0);
    write(value, is_indented, &mut counted)?;
    let mut text = Vec::with_capacity(counted.0 + 1);
    write(value, is_indented, &mut text)?;
    text.push(b'\n');
    String::from_utf8(text).map_err(serde_json::Error::custom)
}

fn write<T: Serialize>(
    value: &T,
    is_indented: bool,
    out: impl io::Write,
) -> Result<(), serde_json::Error> {
    match is_indented {
        true => serde_json::to_writer_pretty(out, value),
        false => serde_json::to_writer(out, value),
    }
}

/// Counts bytes.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_that_of_serde_json_and_has_no_room_left() {
        let value = serde_json::json!({"a": [1, 2.5, null, "\u{e4}\"\n"], "b": {}});
        for (is_indented, expected) in [
            (true, serde_json::to_string_pretty(&value).unwrap()),
            (false, serde_json::to_string(&value).unwrap()),
        ] {
            let text = json_text(&value, is_indented).unwrap();
            assert_eq!(text, expected + "\n");
            assert_eq!(text.capacity(), text.len());
        }
    }

    #[test]
    fn what_has_no_json_is_an_error() {
        let keys = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(json_text(&keys, false).is_err());
    }
}
