//! The tags of the API that a finding is about, and whose it is.

use std::collections::BTreeMap;

use crate::audit::Report;
use crate::audit::finding::Place;
use crate::inventory::owner;

/// As many tags of an API are told with each of its findings: a report may have very many findings.
const MOST: usize = 20;

/// An API: the file that it is in, its Region and its id.
type Key<'r> = (Option<&'r str>, &'r str, &'r str);

/// The tags of the APIs of a report.
#[derive(Debug)]
pub(super) struct Tags<'r>(BTreeMap<Key<'r>, &'r BTreeMap<String, String>>);

/// What the tags of an API say. A place that lies in no API has none.
#[derive(Debug, Default)]
pub(in crate::render) struct Tagged<'r> {
    /// Whose it is.
    pub(in crate::render) owner: Option<&'r str>,
    /// The first ones, in the order of their keys. `None`: there is no API, or its tags were not read.
    pub(in crate::render) tags: Option<BTreeMap<&'r str, &'r str>>,
}

impl<'r> Tags<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let surfaces = report.evaluation.surfaces.iter();
        Tags(
            surfaces
                .map(|it| {
                    let key = (it.file.as_deref(), it.region.as_str(), it.id.as_str());
                    (key, &it.tags)
                })
                .collect(),
        )
    }

    fn of_api(&self, place: &Place) -> Option<&'r BTreeMap<String, String>> {
        let (region, api) = place.region.as_deref().zip(place.api.as_ref())?;
        let key = (place.file.as_deref(), region, api.id.as_str());
        self.0.get(&key).copied()
    }

    /// Whose the API is that a place lies in.
    pub(super) fn owner(&self, place: &Place) -> Option<&'r str> {
        owner(self.of_api(place)?)
    }

    /// The tags of the API that a place lies in.
    pub(super) fn at(&self, place: &Place) -> Tagged<'r> {
        let Some(all) = self.of_api(place) else {
            return Tagged::default();
        };
        let first = all.iter().take(MOST);
        Tagged {
            owner: owner(all),
            tags: Some(
                first
                    .map(|(key, value)| (key.as_str(), value.as_str()))
                    .collect(),
            ),
        }
    }
}
