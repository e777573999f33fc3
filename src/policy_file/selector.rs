//! Which methods an entry of the policy file speaks of.

use std::collections::BTreeMap;

use super::Exposure;
use crate::iam::pattern;

/// Where a stage is, as far as a selector asks.
#[derive(Debug, Clone, Copy)]
pub struct StagePlace<'a> {
    /// The Region.
    pub region: &'a str,
    /// The API's id.
    pub api_id: &'a str,
    /// The API's name.
    pub api_name: &'a str,
    /// The API's tags.
    pub tags: &'a BTreeMap<String, String>,
    /// The stage.
    pub stage: &'a str,
}

/// Conditions on a method's place, all of which must hold. An empty list asks for nothing.
///
/// The entries are patterns with IAM's wildcards ([`pattern`]): `*` is any number of characters, `/`
/// included, and `?` is one. An API is met by its id or by its name.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use gatewatch::policy_file::{Selector, StagePlace};
///
/// let of_path = |pattern: &str| Selector {
///     path: vec![pattern.to_owned()],
///     ..Selector::default()
/// };
/// let tags = BTreeMap::new();
/// let place = StagePlace {
///     region: "eu-west-1",
///     api_id: "a1b2c3d4e5",
///     api_name: "PetStore",
///     tags: &tags,
///     stage: "prod",
/// };
/// let meets = |selector: Selector| selector.meets(place, "GET", "/pets/{petId}", None);
/// assert!(meets(of_path("/pets/*")) > meets(of_path("/*")));
/// assert_eq!(meets(of_path("/orders")), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Patterns for the Region.
    pub region: Vec<String>,
    /// Patterns for the API's id or name.
    pub api: Vec<String>,
    /// Ids of APIs, no patterns. An API that is called like one of them is not meant.
    pub api_id: Vec<String>,
    /// Patterns for the stage.
    pub stage: Vec<String>,
    /// Patterns for the verb, in upper case.
    pub verb: Vec<String>,
    /// Patterns for the path template.
    pub path: Vec<String>,
    /// Who reaches the method: one of these.
    pub exposure: Vec<Exposure>,
    /// Patterns for the values of the API's tags.
    pub tags: BTreeMap<String, Vec<String>>,
}

/// How narrow a selector is at a place. The greater wins: first by API, then by stage, path, verb,
/// exposure, tags and Region. Within one of them an exact text is narrower than a pattern, and of two patterns the one
/// with more characters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    pub(super) api: usize,
    pub(super) stage: usize,
    pub(super) path: usize,
    pub(super) verb: usize,
    pub(super) exposure: usize,
    pub(super) tags: usize,
    pub(super) region: usize,
}

impl Selector {
    /// How narrowly this selector meets a stage, its methods left open. `None`: it meets none of them.
    pub fn at_stage(&self, place: StagePlace<'_>) -> Option<Specificity> {
        let api = [
            narrowest(&self.api, place.api_id),
            narrowest(&self.api, place.api_name),
        ];
        let by_id = match self.api_id.as_slice() {
            [] => Some(0),
            ids => ids
                .iter()
                .any(|it| it == place.api_id)
                .then_some(usize::MAX),
        }?;
        let mut tags = 0_usize;
        for (key, patterns) in &self.tags {
            let value = place.tags.get(key)?;
            tags = tags.saturating_add(narrowest(patterns, value)?.max(1));
        }
        Some(Specificity {
            api: api.into_iter().flatten().max()?.max(by_id),
            stage: narrowest(&self.stage, place.stage)?,
            path: 0,
            verb: 0,
            exposure: 0,
            tags,
            region: narrowest(&self.region, place.region)?,
        })
    }

    /// How narrowly this selector meets a method of a stage that it meets. A method whose exposure is not
    /// told meets no selector that asks for one.
    pub fn at_method(
        &self,
        stage: Specificity,
        verb: &str,
        path: &str,
        exposure: Option<Exposure>,
    ) -> Option<Specificity> {
        let exposed = match (self.exposure.as_slice(), exposure) {
            ([], _) => 0,
            (asked, Some(exposure)) if asked.contains(&exposure) => usize::MAX,
            // What could not be told may be public: an entry for public methods is for it, too.
            (asked, Some(Exposure::Unknown)) if asked.contains(&Exposure::Public) => usize::MAX,
            _ => return None,
        };
        Some(Specificity {
            exposure: exposed,
            path: narrowest(&self.path, path)?,
            verb: narrowest(&self.verb, verb)?,
            ..stage
        })
    }

    /// How narrowly this selector meets a method. `None`: it does not.
    pub fn meets(
        &self,
        place: StagePlace<'_>,
        verb: &str,
        path: &str,
        exposure: Option<Exposure>,
    ) -> Option<Specificity> {
        self.at_method(self.at_stage(place)?, verb, path, exposure)
    }

    /// Of which methods it speaks, such as `api PetStore, verb GET or HEAD`.
    pub fn in_words(&self) -> String {
        let conditions = self.conditions().into_iter();
        let conditions =
            conditions.map(|(key, patterns)| format!("{key} {}", patterns.join(" or ")));
        let conditions: Vec<String> = conditions.collect();
        match conditions.as_slice() {
            [] => "all methods".to_owned(),
            some => some.join(", "),
        }
    }

    /// What it asks for, each with its patterns, in the order of the file's keys. What is left open is
    /// left out.
    pub fn conditions<'s>(&'s self) -> Vec<(String, Vec<&'s str>)> {
        let words = |patterns: &'s [String]| patterns.iter().map(String::as_str).collect();
        let mut all: Vec<(String, Vec<&str>)> = vec![
            ("region".to_owned(), words(&self.region)),
            ("api".to_owned(), words(&self.api)),
            ("api-id".to_owned(), words(&self.api_id)),
            ("stage".to_owned(), words(&self.stage)),
            ("verb".to_owned(), words(&self.verb)),
            ("path".to_owned(), words(&self.path)),
        ];
        let tags = self.tags.iter();
        all.extend(tags.map(|(key, patterns)| (format!("tag:{key}"), words(patterns))));
        let exposure = self.exposure.iter().map(|it| it.as_str()).collect();
        all.push(("exposure".to_owned(), exposure));
        all.retain(|(_, words)| !words.is_empty());
        all
    }

    /// Whether it meets every method, because it asks for nothing or only for `*`.
    pub fn meets_everything(&self) -> bool {
        let lists = [&self.region, &self.api, &self.stage, &self.verb, &self.path];
        let narrow = !self.tags.is_empty() || !self.exposure.is_empty() || !self.api_id.is_empty();
        !narrow && lists.into_iter().all(|patterns| takes_everything(patterns))
    }
}

/// Whether a list of patterns asks for nothing, or takes every text.
pub(crate) fn takes_everything(patterns: &[String]) -> bool {
    let everything = |pattern: &String| pattern.chars().all(|letter| letter == '*');
    patterns.is_empty() || patterns.iter().any(everything)
}

/// The rank of the narrowest pattern that the text matches: 0 where none is asked for, `usize::MAX` for
/// the text itself. `None`: patterns are asked for and none matches.
fn narrowest(patterns: &[String], text: &str) -> Option<usize> {
    if patterns.is_empty() {
        return Some(0);
    }
    patterns
        .iter()
        .filter(|pattern| pattern::matches(pattern, text))
        .map(|pattern| {
            if pattern.contains(['*', '?']) {
                pattern.chars().filter(|letter| *letter != '*').count()
            } else {
                usize::MAX
            }
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(selector: &Selector, tags: &BTreeMap<String, String>) -> Option<Specificity> {
        let place = StagePlace {
            region: "eu-west-1",
            api_id: "a1b2c3d4e5",
            api_name: "PetStore",
            tags,
            stage: "prod",
        };
        selector.meets(place, "POST", "/pets/{petId}", None)
    }

    fn path(pattern: &str) -> Selector {
        Selector {
            path: vec![pattern.to_owned()],
            ..Selector::default()
        }
    }

    #[test]
    fn every_condition_must_hold() {
        let tags = BTreeMap::from([("team".to_owned(), "pets".to_owned())]);
        let both = Selector {
            api: vec!["Other".to_owned(), "a1b2*".to_owned()],
            tags: BTreeMap::from([("team".to_owned(), vec!["p*".to_owned()])]),
            ..Selector::default()
        };
        assert!(meets(&both, &tags).is_some());
        assert!(meets(&both, &BTreeMap::new()).is_none());
        let elsewhere = Selector {
            region: vec!["us-*".to_owned()],
            ..both
        };
        assert!(meets(&elsewhere, &tags).is_none());
    }

    /// Whoever makes an API may call it like the id of another.
    #[test]
    fn an_id_is_no_name_and_no_pattern() {
        let tags = BTreeMap::new();
        let by_id = |id: &str| Selector {
            api_id: vec![id.to_owned()],
            ..Selector::default()
        };
        let rank = meets(&by_id("a1b2c3d4e5"), &tags);
        assert!(rank > meets(&path("/pets/{petId}"), &tags));
        for other in ["PetStore", "a1b2c3d4e*", "*", "A1B2C3D4E5", ""] {
            assert_eq!(meets(&by_id(other), &tags), None, "{other}");
        }
        let named_otherwise = Selector {
            api: vec!["Other".to_owned()],
            ..by_id("a1b2c3d4e5")
        };
        assert_eq!(meets(&named_otherwise, &tags), None);
        assert!(!by_id("a1b2c3d4e5").meets_everything());
    }

    #[test]
    fn the_narrower_pattern_ranks_higher() {
        let tags = BTreeMap::new();
        let rank = |pattern: &str| meets(&path(pattern), &tags).unwrap();
        assert!(rank("/pets/{petId}") > rank("/pets/*"));
        assert!(rank("/pets/*") > rank("/*"));
        assert!(rank("/*") > meets(&Selector::default(), &tags).unwrap());
    }

    #[test]
    fn stars_alone_narrow_nothing() {
        assert!(Selector::default().meets_everything());
        assert!(path("**").meets_everything());
        assert!(!path("/*").meets_everything());
    }

    #[test]
    fn the_api_outranks_the_path() {
        let tags = BTreeMap::new();
        let api = Selector {
            api: vec!["Pet*".to_owned()],
            ..Selector::default()
        };
        assert!(meets(&api, &tags) > meets(&path("/pets/{petId}"), &tags));
    }
}
