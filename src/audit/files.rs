//! Which files a report speaks of, where it speaks of several.

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use crate::template::FileKind;

/// The files of a report about several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedFiles {
    /// Those that were checked, in the order in which they were found. `None`: it could not be read, which is a gap.
    pub checked: Vec<(String, Option<FileKind>)>,
    /// How many others there were, by why they were passed over.
    pub passed_over: BTreeMap<PassedOver, usize>,
}

/// Why a file of a folder is not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum PassedOver {
    /// Its name is not one of those that are looked into.
    OtherName,
    /// It was looked into, and is nothing that can be checked.
    OtherContent,
    /// It defines an API, and has no extension of API Gateway.
    PlainDefinition,
    /// A template has taken it in: it is checked as a part of that.
    TakenIn,
    /// It is a link to what is in the folder anyway.
    Link,
    /// It is the source of something that was checked in its place: a plan, a package or an assembly.
    Source,
}

impl PassedOver {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Why, for people, in words that follow a count.
    pub fn in_words(self) -> &'static str {
        match self {
            PassedOver::OtherName => "by name",
            PassedOver::OtherContent => "by content",
            PassedOver::PlainDefinition => "OpenAPI without API Gateway's extensions",
            PassedOver::TakenIn => "part of a template that was checked",
            PassedOver::Link => "links within the folder",
            PassedOver::Source => "sources of what was checked",
        }
    }
}

impl CheckedFiles {
    /// Notes that a file is not checked.
    pub fn pass_over(&mut self, why: PassedOver) {
        *self.passed_over.entry(why).or_default() += 1;
    }

    /// How many files of each kind were checked.
    pub fn by_kind(&self) -> BTreeMap<FileKind, usize> {
        let mut kinds = BTreeMap::new();
        for kind in self.checked.iter().filter_map(|(_, kind)| *kind) {
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    }

    /// How many files there were that could not be read.
    pub fn not_read(&self) -> usize {
        let checked = self.checked.iter();
        checked.filter(|(_, kind)| kind.is_none()).count()
    }
}
