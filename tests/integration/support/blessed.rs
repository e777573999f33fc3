//! Expectations as files. `GATEWATCH_BLESS=1 cargo test` writes them anew, for a reader to judge by
//! `git diff`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// Holds a value against the file that expects it.
pub(crate) fn assert_blessed(expected: &Path, actual: &Value) {
    let actual = serde_json::to_string_pretty(actual).unwrap() + "\n";
    assert_text_blessed(expected, &actual);
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
