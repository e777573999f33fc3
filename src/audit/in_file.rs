//! Judging a template: as an inventory, by the same rules.

use std::sync::Arc;

use jiff::civil::Date;

use super::alternatives::{self, Beside};
use super::bound::Bound;
use super::comments;
use super::finding::{ApiRef, Place};
use super::located::{locate, retell_all};
use super::method::{About, Assumption};
use super::report::Report;
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;
use crate::template::{Alternative, Assumed, Doubt, Excused, Origins, Selected, Translated};

/// A template as an inventory, for a policy file.
pub(super) struct InFile {
    pub(super) inventory: Inventory,
    pub(super) origins: Origins,
    /// The methods that may be made in the place of those of the inventory.
    pub(super) alternatives: Vec<Alternative>,
    pub(super) assumed: Vec<Assumed>,
    pub(super) excused: Vec<Excused>,
}

impl InFile {
    /// What cannot be told of a name is a gap where the policy file selects by it.
    pub(super) fn new(template: Translated, policy: &PolicyFile) -> Self {
        let stacks = template.stacks_not_read();
        let Translated {
            mut inventory,
            origins,
            mut assumed,
            doubts,
            excused,
            alternatives,
            ..
        } = template;
        inventory.gaps.extend(stacks);
        for doubt in doubts {
            if matters(&doubt, policy) {
                inventory.gaps.push(doubt.gap);
            } else {
                assumed.extend(doubt.assumed);
            }
        }
        InFile {
            inventory,
            origins,
            alternatives,
            assumed,
            excused,
        }
    }
}

impl Report {
    /// Judges a template, by the same rules as an inventory. Of the groups that the policy file names, those are judged that
    /// are in the template. `today` is the day, in UTC, by which exemptions expire.
    pub fn of_template(template: Translated, policy: &PolicyFile, today: Date) -> Self {
        Report::of_template_within(template, policy, today, Bound::default())
    }

    /// The same, and keeps as many findings as the bound allows.
    pub(super) fn of_template_within(
        template: Translated,
        policy: &PolicyFile,
        today: Date,
        bound: Bound,
    ) -> Self {
        let mut file = InFile::new(template, policy);
        let mut report = Report::within(&file.inventory, policy, today, bound);
        let evaluation = &mut report.evaluation;
        retell_all(evaluation, &file.origins);
        let excused = std::mem::take(&mut file.excused);
        let mut comments = comments::comments(excused, &file.inventory, (policy, today));
        comments::cover(evaluation, &mut comments, &file.origins);
        let beside = Beside {
            inventory: &file.inventory,
            origins: &file.origins,
            alternatives: &file.alternatives,
        };
        alternatives::judge(evaluation, beside, &mut comments, (policy, today, bound));
        let InFile {
            inventory,
            origins,
            assumed,
            ..
        } = file;
        comments::finish(evaluation, comments, &inventory, policy);
        for assumption in &mut evaluation.assumptions {
            locate(&mut assumption.place, &origins);
        }
        let assumed = assumed.into_iter();
        let assumptions = assumed.map(|it| assumption(it, &inventory));
        evaluation.assumptions.extend(assumptions);
        report
    }
}

/// Whether a policy file selects by a name that cannot be told: its demands could be others.
fn matters(doubt: &Doubt, policy: &PolicyFile) -> bool {
    let mut selectors = policy.require.iter().map(|it| &it.selector);
    selectors.any(|selector| match doubt.about {
        Selected::Region => !selector.region.is_empty(),
        Selected::Api => !selector.api.is_empty() || !selector.api_id.is_empty(),
        Selected::Stage => !selector.stage.is_empty(),
        Selected::Tags => !selector.tags.is_empty(),
        Selected::Path => !selector.path.is_empty(),
    })
}

fn assumption(assumed: Assumed, inventory: &Inventory) -> Assumption {
    let Assumed { api, at, says } = assumed;
    let mut apis = inventory.apis.iter();
    let api = api.and_then(|id| apis.find(|it| it.id == id));
    Assumption {
        place: Place {
            account: inventory.account.as_str().into(),
            region: api.map(|it| it.region.as_str().into()),
            api: api.map(|it| Arc::new(ApiRef::from(it))),
            location: Some(Box::new(at)),
            ..Place::default()
        },
        says,
        about: About::Place,
    }
}
