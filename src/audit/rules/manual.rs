//! The manual of a rule: the doc comment of its type, which is its page in `docs/rules/` as well.

/// A rule whose doc comment can be read by a program.
pub trait Documented {
    /// The lines of the doc comment: Markdown, with the first line the rule's name as a heading.
    const LINES: &'static [&'static str];
}

/// Declares the type of a rule, and keeps its doc comment for its page and for `gatewatch explain RULE`.
///
/// The comment has these sections, in this order, and a test holds each rule to them: what makes the rule fire,
/// `Severity` (its first paragraph is a few words without a full stop), `Why this is bad`, `What it looks at`, `Examples`
/// with `Bad` and `Good`, `How to fix`, `Exemption`, `Related controls` where there are any, and `References`.
macro_rules! documented {
    ($(#[doc = $line:literal])* pub struct $Rule:ident;) => {
        $(#[doc = $line])*
        #[derive(Debug)]
        pub struct $Rule;

        impl $crate::audit::rules::Documented for $Rule {
            const LINES: &'static [&'static str] = &[$($line),*];
        }
    };
}
pub(crate) use documented;

/// The doc comment as text: each line without the blank that follows the slashes.
pub(super) fn text(lines: &[&str]) -> String {
    let lines = lines
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}
