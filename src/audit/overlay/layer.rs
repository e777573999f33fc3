//! One file that is laid over an account.

use std::collections::BTreeSet;

use crate::audit::finding::Place;
use crate::audit::in_file::InFile;
use crate::audit::located;
use crate::inventory::{Api, Gap, GapKind, Inventory, Location, Reason};
use crate::policy_file::PolicyFile;
use crate::template::{Assumed, Excused, Identity, Laid, Origins, Translated};

/// One file that is laid over an account.
pub(super) struct Layer {
    /// What the file has.
    pub(super) inventory: Inventory,
    /// The ARNs of the principals that it makes.
    pub(super) made: BTreeSet<String>,
    pub(super) laid: Vec<Laid>,
    pub(super) excused: Vec<Excused>,
    /// What it had before. `None`: that is not known.
    pub(super) earlier: Option<Earlier>,
    pub(super) origins: Origins,
    assumed: Vec<Assumed>,
}

/// What a file had before.
pub(super) struct Earlier {
    pub(super) inventory: Inventory,
    pub(super) made: BTreeSet<String>,
    laid: Vec<Laid>,
}

impl Layer {
    pub(super) fn new(mut file: Translated, policy: &PolicyFile) -> Self {
        let laid = std::mem::take(&mut file.laid);
        let made = std::mem::take(&mut file.made);
        let earlier = file.earlier.take().map(|it| Earlier {
            laid: it.laid,
            made: it.made,
            inventory: it.inventory,
        });
        let InFile {
            mut inventory,
            origins,
            alternatives,
            assumed,
            excused,
        } = InFile::new(file, policy);
        let alternatives = alternatives.iter().filter(|it| it.differs);
        let gaps = alternatives.map(|it| Gap {
            region: laid.iter().find(|laid| laid.id == it.api).map(|it| it.region.clone()),
            api: Some(it.api.clone()),
            reason: Reason::Unresolved,
            ..Gap::malformed(
                GapKind::Method,
                format!(
                    "{}: {} is written more than once, and which one is made only a deployment tells",
                    it.location(),
                    it.name()
                ),
            )
        });
        inventory.gaps.extend(gaps);
        Layer {
            inventory,
            made,
            laid,
            excused,
            earlier,
            origins,
            assumed,
        }
    }

    /// An API as the file has it.
    pub(super) fn api(&self, laid: &Laid) -> Option<&Api> {
        of(&self.inventory, laid)
    }

    /// The same as the file had it before. `None`: that is not known.
    pub(super) fn earlier_api(&self, laid: &Laid) -> Option<&Api> {
        of(&self.earlier.as_ref()?.inventory, laid)
    }

    /// The APIs that the file made and does not make any more, by Region and id.
    pub(super) fn gone_apis(&self) -> impl Iterator<Item = (&str, &str)> {
        let earlier = self.earlier.iter().flat_map(|it| &it.laid);
        let is_there = |it: &&Laid| {
            let mut laid = self.laid.iter();
            laid.any(|own| (&own.region, &own.id) == (&it.region, &it.id))
        };
        let gone = earlier.filter(move |it| {
            !it.is_partial && matches!(it.identity, Identity::Known { .. }) && !is_there(it)
        });
        gone.map(|it| (it.region.as_str(), it.id.as_str()))
    }

    /// What of the file, and of what it had before, cannot be told.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Gap> {
        let earlier = self.earlier.iter().flat_map(|it| &it.inventory.gaps);
        self.inventory.gaps.iter().chain(earlier).cloned()
    }

    /// What was taken for granted.
    pub(super) fn assumed(&self) -> impl Iterator<Item = (String, Location)> {
        let assumed = self.assumed.iter();
        assumed.map(|it| (it.says.clone(), it.at.clone()))
    }

    /// Where in the file a place is. `None`: it is not in it.
    pub(super) fn location(&self, place: &Place) -> Option<Location> {
        if let Some(api) = &place.api {
            let mut laid = self.laid.iter();
            let is_it =
                |it: &Laid| place.region.as_deref() == Some(it.region.as_str()) && it.id == api.id;
            laid.find(|it| is_it(it))?;
        }
        located::location(place, &self.origins)
    }

    /// Where a principal stands, by its ARN.
    pub(super) fn principal(&self, arn: &str) -> Option<Location> {
        self.origins.principal(arn)
    }
}

fn of<'a>(inventory: &'a Inventory, laid: &Laid) -> Option<&'a Api> {
    let mut apis = inventory.apis.iter();
    apis.find(|it| it.region == laid.region && it.id == laid.id)
}
