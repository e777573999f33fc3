//! Changed texts as a unified diff, which `git apply` takes.

use std::fmt::Write as _;

use similar::{Algorithm, TextDiff};

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// The diff of files: each with its path, its text, and what it would be. Paths are those from the folder on in which
/// `git apply` is run.
///
/// Without a line that begins with `diff --git`, git takes paths for relative to the folder that it is run in, and not to the
/// top of the repository.
pub fn unified_diff<'f>(files: impl IntoIterator<Item = (&'f str, &'f str, &'f str)>) -> String {
    let mut diff = String::new();
    for (path, before, after) in files {
        let (before, after) = (lines(before), lines(after));
        let lines = TextDiff::configure()
            .algorithm(Algorithm::Myers)
            .newline_terminated(true)
            .diff_slices(&before, &after);
        let mut hunks = lines.unified_diff();
        hunks.context_radius(CONTEXT);
        let hunks = hunks.to_string();
        if !hunks.is_empty() {
            let _ = write!(
                diff,
                "--- {}\n+++ {}\n{hunks}",
                named("a", path),
                named("b", path)
            );
        }
    }
    diff
}

/// A text's lines as git counts them: a line break is `\n`, and belongs to its line.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A path as git writes it: in quotes where it has control characters, quotes or backslashes, and with a tab behind it where it
/// has a blank.
fn named(side: &str, path: &str) -> String {
    let is_odd = |it: char| it.is_control() || it == '"' || it == '\\';
    if path.contains(is_odd) {
        let mut quoted = format!("\"{side}/");
        for letter in path.chars() {
            match letter {
                '"' => quoted += "\\\"",
                '\\' => quoted += "\\\\",
                it if it.is_control() => {
                    let mut bytes = [0; 4];
                    for byte in it.encode_utf8(&mut bytes).bytes() {
                        let _ = write!(quoted, "\\{byte:03o}");
                    }
                }
                it => quoted.push(it),
            }
        }
        quoted.push('"');
        return quoted;
    }
    let end = if path.contains(' ') { "\t" } else { "" };
    format!("{side}/{path}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_stands_between_three_that_stay() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace('5', "five");
        assert_eq!(
            unified_diff([("x.yaml", before, after.as_str())]),
            "--- a/x.yaml\n+++ b/x.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(unified_diff([("x.yaml", before, before)]), "");
    }

    #[test]
    fn line_breaks_are_those_of_git() {
        let diff = unified_diff([("x", "a\rb\r\nc", "a\rb\r\nd")]);
        assert!(
            diff.ends_with(
                "@@ -1,2 +1,2 @@\n a\rb\r\n-c\n\\ No newline at end of file\n+d\n\\ No newline at end of file\n"
            ),
            "{diff:?}"
        );
    }

    #[test]
    fn odd_names_are_written_as_git_writes_them() {
        assert_eq!(named("a", "infra/api.yaml"), "a/infra/api.yaml");
        assert_eq!(named("a", "my api.yaml"), "a/my api.yaml\t");
        assert_eq!(named("b", "ü/ä.yaml"), "b/ü/ä.yaml");
        assert_eq!(named("a", "x\n\"y\\"), "\"a/x\\012\\\"y\\\\\"");
    }
}
