//! Every form of source: each file of `tests/patch` has its patch beside it, which is read by people.

use std::fs;

use super::mended;
use crate::support::blessed::assert_text_blessed;
use crate::support::package;

#[test]
fn every_form_is_mended_in_its_own_style() {
    let folder = package("tests/patch");
    let entries = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
    let is_source = |it: &std::path::PathBuf| it.extension().is_some_and(|it| it != "patch");
    let mut sources: Vec<_> = entries.filter(is_source).collect();
    sources.sort();
    assert!(sources.len() >= 40, "{}", sources.len());
    for source in sources {
        let name = source.file_name().unwrap().to_str().unwrap();
        let (patch, _) = mended(name, &fs::read(&source).unwrap());
        assert_text_blessed(&folder.join(format!("{name}.patch")), &patch);
    }
}
