//! Files laid over an account: what will be there once they are deployed.
//!
//! - In: an inventory, and files that were read for its account.
//! - Out: an inventory with their APIs, principals and policies in the place of those that it has, and what had to be taken for
//!   granted. A [`Projection`] compares it with the account as it is.
//! - What no file speaks of stays as it is. What a file no longer has goes, where it is known to have had it: all methods of an
//!   API that it makes, and whatever a Terraform plan's state or an earlier version of the file says.

mod api;
mod domains;
mod layer;
mod principals;
mod projection;
mod stay;

pub use projection::Projection;
pub use stay::Stay;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::comments;
use super::difference::Difference;
use super::finding::Place;
use super::report::Report;
use crate::inventory::{Gap, GapKind, Inventory, Location, Reason, quoted};
use crate::policy_file::PolicyFile;
use crate::template::{Identity, Laid, Translated};
use layer::Layer;

/// Files laid over an account.
pub(super) struct Overlay {
    pub(super) inventory: Inventory,
    pub(super) apis: Vec<Laid>,
    pub(super) stays: Vec<Stay>,
    /// What was taken for granted, and where.
    pub(super) assumed: Vec<(String, Location)>,
    layers: Vec<Layer>,
}

impl Overlay {
    /// Lays the files over the account, in their order. `now` is when.
    pub(super) fn new(
        account: &Inventory,
        files: Vec<Translated>,
        policy: &PolicyFile,
        now: Timestamp,
    ) -> Self {
        let layers = files.into_iter().map(|it| Layer::new(it, policy));
        let mut overlay = Overlay {
            inventory: Inventory {
                taken_at: now,
                ..account.clone()
            },
            apis: Vec::new(),
            stays: Vec::new(),
            assumed: Vec::new(),
            layers: Vec::new(),
        };
        let layers: Vec<Layer> = layers.collect();
        overlay.apis(&layers);
        for layer in &layers {
            if let Some(iam) = &mut overlay.inventory.iam {
                let stays = principals::lay(iam, layer);
                overlay.stays.extend(stays);
            }
            if let Some(all) = &mut overlay.inventory.domains {
                domains::lay(all, layer);
            }
            overlay.inventory.gaps.extend(layer.gaps());
            overlay.assumed.extend(layer.assumed());
        }
        overlay.stays.sort();
        overlay.stays.dedup();
        overlay.inventory.gaps.sort();
        overlay.inventory.gaps.dedup();
        overlay.layers = layers;
        overlay
    }

    /// The APIs that files make first: those of which other files have methods are laid over what they are then.
    fn apis(&mut self, layers: &[Layer]) {
        let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
        for is_partial in [false, true] {
            for layer in layers {
                for laid in layer.laid.iter().filter(|it| it.is_partial == is_partial) {
                    let key = (laid.region.clone(), laid.id.clone());
                    let other = taken.get(&key).filter(|_| !is_partial);
                    if let Some(other) = other {
                        let why = format!(
                            "{} and {} are both taken for this API: say which ones they are with --api",
                            quoted(other),
                            quoted(&laid.name)
                        );
                        self.inventory.gaps.push(gap(laid, &why));
                        continue;
                    }
                    if !is_partial {
                        taken.insert(key, laid.name.clone());
                    }
                    self.api(layer, laid);
                }
            }
        }
        for layer in layers {
            self.taken_away(layer);
        }
        self.inventory
            .apis
            .sort_by(|one, other| (&one.region, &one.id).cmp(&(&other.region, &other.id)));
    }

    fn api(&mut self, layer: &Layer, laid: &Laid) {
        self.apis.push(laid.clone());
        let Some(own) = layer.api(laid) else {
            return;
        };
        let own = &api::with_untold(own, &layer.inventory.gaps);
        let apis = &mut self.inventory.apis;
        let is_it = |it: &&mut crate::inventory::Api| it.region == laid.region && it.id == laid.id;
        let found = apis.iter_mut().find(is_it);
        match (found, &laid.identity) {
            (Some(account), Identity::Known { .. }) => {
                let stays = api::merge(account, own, layer.earlier_api(laid), laid);
                let stays = stays.into_iter().map(|what| Stay {
                    what,
                    at: Some(laid.at.clone()),
                });
                self.stays.extend(stays);
                let is_taken_for_deployed = laid.stages.is_empty();
                if is_taken_for_deployed {
                    let says = "the file says of no stage of the API: it is taken to be deployed to all that the account has";
                    self.assumed.push((says.to_owned(), laid.at.clone()));
                }
            }
            (None, _) => apis.push(own.clone()),
            (Some(_), Identity::New { .. }) => {
                let why = format!(
                    "the file calls an API {}, which is the id of another one in the account",
                    quoted(&laid.name)
                );
                self.inventory.gaps.push(gap(laid, &why));
            }
        }
    }

    /// The APIs that a file had and does not have any more.
    fn taken_away(&mut self, layer: &Layer) {
        let gone: Vec<(&str, &str)> = layer.gone_apis().collect();
        self.inventory
            .apis
            .retain(|it| !gone.contains(&(it.region.as_str(), it.id.as_str())));
    }

    /// Where in the files a place is. `None`: it is in none of them.
    fn location(&self, place: &Place) -> Option<Location> {
        let mut layers = self.layers.iter();
        layers.find_map(|it| it.location(place))
    }

    /// Says of findings where in the files they are, and takes out what the files exempt themselves.
    pub(super) fn tell(&self, report: &mut Report, policy: &PolicyFile, today: Date) {
        let evaluation = &mut report.evaluation;
        let exempted = evaluation.exempted.iter_mut().map(|it| &mut it.finding);
        for finding in evaluation.findings.iter_mut().chain(exempted) {
            finding.place.location = self.location(&finding.place).map(Box::new);
        }
        for layer in &self.layers {
            let excused = layer.excused.clone();
            let mut said = comments::comments(excused, &layer.inventory, (policy, today));
            comments::cover(evaluation, &mut said, &layer.origins);
            comments::finish(evaluation, said, &layer.inventory, policy);
        }
    }

    /// Says of changes where in the files they are made.
    pub(super) fn locate(&self, difference: &mut Difference) {
        for change in &mut difference.changes {
            let of_api = || {
                let api = change.place.api.as_ref()?;
                let place = Place {
                    region: change.place.region.clone(),
                    api: Some(Arc::clone(api)),
                    ..Place::default()
                };
                self.location(&place)
            };
            let at = self.location(&change.place).or_else(of_api);
            change.place.location = at.map(Box::new);
        }
    }
}

/// That something of an API of a file cannot be laid over the account.
fn gap(laid: &Laid, why: &str) -> Gap {
    Gap {
        region: Some(laid.region.clone()),
        api: Some(laid.id.clone()),
        reason: Reason::Unresolved,
        ..Gap::malformed(GapKind::Api, format!("{}: {why}", laid.at))
    }
}
