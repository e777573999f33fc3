//! The pages for readers: every link leads somewhere, and every page can be found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::package;

/// The pages beside `README.md`, and all below `docs/`.
pub(crate) fn pages() -> Vec<PathBuf> {
    let mut pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(package)
        .to_vec();
    let mut folders = vec![package("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The commands that a text shows in blocks that are indented, each in one line, without the prompt.
pub(crate) fn shown(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|it| it.strip_prefix("    "));
    let lines = lines.map(|it| it.trim_start().trim_start_matches("$ ").to_owned());
    lines.collect()
}

/// The lines outside blocks that are fenced or indented, where links and headings stand.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        !fenced && !line.starts_with("    ")
    })
}

/// What follows `](` in the text, up to the bracket that closes it.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<&str> = prose(text).collect();
    let prose = prose.join("\n");
    let parts = prose.split("](").skip(1);
    parts
        .map(|it| it.split(')').next().unwrap().to_owned())
        .collect()
}

/// The anchors of a page's headings, as GitHub and mdBook make them: lower case, words joined by hyphens, and all other
/// signs left out.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|it| it.starts_with('#'));
    let anchor = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter_map(|it| match it {
            ' ' => Some('-'),
            it if it.is_alphanumeric() || it == '-' || it == '_' => Some(it),
            _ => None,
        });
        kept.collect()
    };
    headings.map(anchor).collect()
}

/// What is wrong with a link of this page.
fn broken(page: &Path, link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.to_owned(),
        file => page.parent().unwrap().join(file),
    };
    let told = || format!("{}: {link}", page.display());
    if !target.exists() {
        return Some(told());
    }
    let is_there =
        anchor.is_empty() || anchors(&fs::read_to_string(target).unwrap()).contains(anchor);
    (!is_there).then(told)
}

#[test]
fn every_link_leads_to_a_file_and_to_a_heading() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for page in pages() {
        let links = links(&fs::read_to_string(&page).unwrap());
        seen += links.len();
        wrong.extend(links.iter().filter_map(|link| broken(&page, link)));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 100, "{seen}");
}

#[test]
fn a_link_to_nowhere_is_seen() {
    let page = package("docs/README.md");
    for link in ["no-such-page.md", "reports.md#no-such-heading", "#nowhere"] {
        assert!(broken(&page, link).is_some(), "{link}");
    }
    assert_eq!(broken(&page, "reports.md#remedies"), None);
}

/// The index of the guide, and the table of contents of the book, name all of them, and nothing that is not there.
#[test]
fn every_page_of_the_guide_can_be_found() {
    let docs = package("docs");
    let of_rules = docs.join("rules");
    let written: BTreeSet<PathBuf> = pages()
        .into_iter()
        .filter(|it| it.starts_with(&docs) && !it.ends_with("docs/SUMMARY.md"))
        .collect();
    for index in ["README.md", "SUMMARY.md"] {
        let index = docs.join(index);
        let links = links(&fs::read_to_string(&index).unwrap());
        let named: BTreeSet<PathBuf> = links.iter().map(|it| docs.join(it)).collect();
        // The page of a rule is found from the list of the rules.
        let missing = written.difference(&named).find(|it| {
            **it != docs.join("README.md")
                && (!it.starts_with(&of_rules) || it.ends_with("README.md"))
        });
        assert_eq!(missing, None, "{}", index.display());
    }
}
