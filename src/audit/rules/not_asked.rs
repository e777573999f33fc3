//! Principals whom resource policies let in and of whom nothing is asked, as something that was accepted without proof.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::audit::access::{KeptOut, NotAsked};
use crate::audit::context::Context;
use crate::audit::finding::{ApiRef, Place};
use crate::audit::method::{About, Assumption};
use crate::inventory::{Api, listed};

/// As many principals are named of one API.
const NAMED: usize = 3;

/// One for each API whose resource policy lets somebody in who is no caller that can be asked about.
pub(super) fn assumptions(context: Context<'_>) -> Vec<Assumption> {
    let mut by_api: BTreeMap<(&str, &str), Vec<NotAsked<'_>>> = BTreeMap::new();
    let not_asked = context
        .access
        .into_iter()
        .flat_map(|it| it.estate.not_asked());
    for it in not_asked {
        let api = (it.api.region.as_str(), it.api.id.as_str());
        by_api.entry(api).or_default().push(it);
    }
    let assumptions = by_api.into_values().filter_map(|of_api| {
        let api = of_api.first()?.api;
        let who = listed(of_api.iter().map(NotAsked::in_words), NAMED);
        Some(Assumption {
            place: place(context, api),
            says: format!(
                "the resource policy also lets in {who}, of whom nothing is asked: no rule says whether they should be let in"
            ),
            about: About::Place,
        })
    });
    assumptions.chain(kept_out(context)).collect()
}

/// One for each API with statements that let nobody in, or not everybody whom they name.
fn kept_out(context: Context<'_>) -> Vec<Assumption> {
    let mut by_api: BTreeMap<(&str, &str), Vec<KeptOut<'_>>> = BTreeMap::new();
    let kept_out = context
        .access
        .into_iter()
        .flat_map(|it| it.estate.kept_out());
    for it in kept_out {
        let api = (it.api.region.as_str(), it.api.id.as_str());
        by_api.entry(api).or_default().push(it);
    }
    let assumptions = by_api.into_values().filter_map(|of_api| {
        let api = of_api.first()?.api;
        let says = listed(of_api.iter().map(KeptOut::in_words), NAMED);
        Some(Assumption {
            place: place(context, api),
            says: format!("taken to keep out whom statements of the resource policy name: {says}"),
            about: About::Place,
        })
    });
    assumptions.collect()
}

fn place(context: Context<'_>, api: &Api) -> Place {
    Place {
        region: Some(api.region.as_str().into()),
        api: Some(Arc::new(ApiRef::from(api))),
        ..Place::of_account(&context.inventory.account)
    }
}
