//! Expectations as files. `GATEWATCH_BLESS=1 cargo test` writes them anew, for a reader to judge by
//! `git diff`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value};

/// Holds a value against the file that expects it.
pub(crate) fn assert_blessed(expected: &Path, actual: &Value) {
    let mut actual = actual.clone();
    leave_out_no_tags(&mut actual);
    let actual = serde_json::to_string_pretty(&actual).unwrap() + "\n";
    assert_text_blessed(expected, &actual);
}

/// Leaves out of each finding that its API has no tags and no owner: few of the APIs here have any.
fn leave_out_no_tags(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(leave_out_no_tags),
        Value::Object(fields) => {
            let says_nothing =
                |it: &Value| it.is_null() || it.as_object().is_some_and(Map::is_empty);
            if fields.contains_key("rule") && fields.get("tags").is_some_and(says_nothing) {
                assert_eq!(fields.get("owner"), Some(&Value::Null));
                fields.retain(|key, _| key != "owner" && key != "tags");
            }
            fields.values_mut().for_each(leave_out_no_tags);
        }
        _ => {}
    }
}

/// Holds a text against the file that expects it.
pub(crate) fn assert_text_blessed(expected: &Path, actual: &str) {
    if env::var_os("GATEWATCH_BLESS").is_some() {
        fs::write(expected, actual).unwrap();
        return;
    }
    let wanted = fs::read_to_string(expected)
        .unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
    assert_eq!(wanted, actual, "{} differs", expected.display());
}

/// The folders below a folder, in order; at least one.
pub(crate) fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "{} is empty", of.display());
    folders
}
