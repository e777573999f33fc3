//! Sources that other tests have: whatever is mended of them holds, and whatever is not says why.

use std::fs;
use std::path::PathBuf;

use super::{apply, fix, ids, read, says_the_same, write};
use crate::support::blessed::folders;
use crate::support::command::Shell;
use crate::support::package;

/// How many of them are mended at least, in part or as a whole. The others have nothing that is open, or nothing that is written
/// out.
const MENDED: usize = 30;

fn sources() -> Vec<PathBuf> {
    let is_source = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|it| it.to_str()).unwrap_or("");
        let kind = path.extension().and_then(|it| it.to_str()).unwrap_or("");
        ["yaml", "json"].contains(&kind) && ["template", "openapi"].contains(&stem)
    };
    let in_folder = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let templates = folders(&package("tests/templates")).into_iter();
    let templates = templates.flat_map(in_folder).filter(is_source);
    let mut all: Vec<PathBuf> = templates
        .chain(in_folder(package("tests/sam/cases")))
        .collect();
    all.sort();
    all
}

#[test]
fn sources_of_other_tests_are_mended_as_far_as_they_tell() {
    let mut mended = Vec::new();
    for source in sources() {
        let name = source.file_name().unwrap().to_str().unwrap();
        let shown = source.display();
        let shell = Shell::bare();
        let text = fs::read_to_string(&source).unwrap();
        write(&shell, name, &text);
        if let Ok(policy) = fs::read(source.with_file_name("gatewatch.yaml")) {
            write(&shell, "gatewatch.yaml", policy);
        }
        let (before, open) = ids(&shell, &[name]);
        let run = fix(&shell, &[name]);
        assert!([0, 1, 3].contains(&run.status), "{shown}: {}", run.stderr);
        if run.status == 1 {
            assert!(!open.is_empty(), "{shown}");
        }
        let refused = run.stderr.matches("no edit for").count();
        if run.stdout.is_empty() {
            assert_eq!(
                run.status == 0,
                refused == 0 && !run.stderr.contains("not read or decided"),
                "{shown}: {}",
                run.stderr
            );
            continue;
        }
        apply(&shell, &run.stdout).unwrap_or_else(|why| panic!("{shown}: {why}\n{}", run.stdout));
        let (after, left) = ids(&shell, &[name]);
        assert!(after.is_subset(&before), "{shown}: {}", run.stdout);
        assert!(left.len() < open.len(), "{shown}: {}", run.stdout);
        if run.status == 1 {
            assert!(left.is_empty(), "{shown}");
        }
        let is_json_enough = !text.contains("*") && !text.contains("? ");
        if is_json_enough {
            says_the_same(name, &text, &read(&shell, name));
        }
        // What was mended stays so, and nothing more is found to do.
        let again = fix(&shell, &[name]);
        assert_eq!(again.stdout, "", "{shown}: {}", again.stderr);
        mended.push(source);
    }
    assert!(mended.len() >= MENDED, "{}: {mended:?}", mended.len());
}
