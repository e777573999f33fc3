//! Which methods an entry of the policy file speaks of.

use std::collections::BTreeMap;

use crate::policy::pattern;

/// Where a method is, as far as a selector asks.
#[derive(Debug, Clone, Copy)]
pub struct MethodPlace<'a> {
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
    /// The verb, or `ANY`.
    pub verb: &'a str,
    /// The path template.
    pub path: &'a str,
}

/// Conditions on a method's place, all of which must hold. An empty list asks for nothing.
///
/// The entries are patterns with IAM's wildcards ([`pattern`]): `*` is any number of characters, `/`
/// included, and `?` is one. An API is met by its id or by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Patterns for the Region.
    pub region: Vec<String>,
    /// Patterns for the API's id or name.
    pub api: Vec<String>,
    /// Patterns for the stage.
    pub stage: Vec<String>,
    /// Patterns for the verb, in upper case.
    pub verb: Vec<String>,
    /// Patterns for the path template.
    pub path: Vec<String>,
    /// Patterns for the values of the API's tags.
    pub tags: BTreeMap<String, Vec<String>>,
}

/// How narrow a selector is at a place. The greater wins: first by API, then by stage, path, verb, tags
/// and Region. Within one of them an exact text is narrower than a pattern, and of two patterns the one
/// with more characters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    api: usize,
    stage: usize,
    path: usize,
    verb: usize,
    tags: usize,
    region: usize,
}

impl Selector {
    /// How narrowly this selector meets the place. `None`: it does not.
    pub fn meets(&self, place: MethodPlace<'_>) -> Option<Specificity> {
        let api = [
            narrowest(&self.api, place.api_id),
            narrowest(&self.api, place.api_name),
        ];
        let mut tags = 0_usize;
        for (key, patterns) in &self.tags {
            let value = place.tags.get(key)?;
            tags = tags.saturating_add(narrowest(patterns, value)?.max(1));
        }
        Some(Specificity {
            api: api.into_iter().flatten().max()?,
            stage: narrowest(&self.stage, place.stage)?,
            path: narrowest(&self.path, place.path)?,
            verb: narrowest(&self.verb, place.verb)?,
            tags,
            region: narrowest(&self.region, place.region)?,
        })
    }

    /// Whether it asks for nothing, and so meets every method.
    pub fn is_empty(&self) -> bool {
        *self == Selector::default()
    }
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

    fn place<'a>(tags: &'a BTreeMap<String, String>) -> MethodPlace<'a> {
        MethodPlace {
            region: "eu-west-1",
            api_id: "a1b2c3d4e5",
            api_name: "PetStore",
            tags,
            stage: "prod",
            verb: "POST",
            path: "/pets/{petId}",
        }
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
        assert!(both.meets(place(&tags)).is_some());
        assert!(both.meets(place(&BTreeMap::new())).is_none());
        let elsewhere = Selector {
            region: vec!["us-*".to_owned()],
            ..both
        };
        assert!(elsewhere.meets(place(&tags)).is_none());
    }

    #[test]
    fn the_narrower_pattern_ranks_higher() {
        let tags = BTreeMap::new();
        let rank = |pattern: &str| path(pattern).meets(place(&tags)).unwrap();
        assert!(rank("/pets/{petId}") > rank("/pets/*"));
        assert!(rank("/pets/*") > rank("/*"));
        assert!(rank("/*") > Selector::default().meets(place(&tags)).unwrap());
    }

    #[test]
    fn the_api_outranks_the_path() {
        let tags = BTreeMap::new();
        let api = Selector {
            api: vec!["Pet*".to_owned()],
            ..Selector::default()
        };
        assert!(api.meets(place(&tags)) > path("/pets/{petId}").meets(place(&tags)));
    }
}
