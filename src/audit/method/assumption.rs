//! What was accepted without proof.

use std::collections::BTreeSet;

use super::stage::StageView;
use super::view::{MethodView, Snapshot};
use crate::audit::finding::Place;
use crate::inventory::served::{Known, ServedDeployment};
use crate::inventory::{Deployment, DeploymentSource, Inventory};

/// Something that was accepted without proof. The report lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// Where.
    pub place: Place,
    /// What was assumed, and why.
    pub says: String,
    /// What it is about: a finding there that was not made is not known to be mended.
    pub about: About,
}

/// What an assumption is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Its place alone, such as a method that was taken for a preflight.
    Place,
    /// The authorization types of these methods of its stage: the draft was believed, as the deployment does not tell
    /// them.
    Types(BTreeSet<Place>),
    /// Which methods its stage has, and all of their types: the draft was believed, as the deployment came without its
    /// methods.
    Methods,
}

impl Assumption {
    /// What was accepted of a method, where its integration would have told.
    pub(in crate::audit) fn of_method(
        method: &MethodView<'_>,
        inventory: &Inventory,
    ) -> Option<Self> {
        method.open_without_proof().map(|unproven| Assumption {
            place: method.place(inventory),
            says: format!("accepted as a CORS preflight, {unproven}"),
            about: About::Place,
        })
    }

    /// What was accepted of a stage whose deployments do not tell every type: what the draft said in its place may be
    /// newer than what is served. A deployment that was not read at all is a gap, which says so.
    pub(in crate::audit) fn of_stage(
        stage: &StageView<'_>,
        methods: &[MethodView<'_>],
    ) -> Vec<Self> {
        let account = &stage.inventory.account;
        let place = Place::of_stage(account, stage.api, &stage.stage.name);
        let assumptions = stage.served.deployments().filter_map(|it| {
            let deployment = it.read().filter(|_| !it.tells_everything())?;
            Some(Assumption {
                place: place.clone(),
                says: assumed(stage, deployment),
                about: match it.known {
                    Known::Whole(_) => About::Types(untold(stage, it, methods)),
                    Known::WithoutMethods(_) | Known::Nothing => About::Methods,
                },
            })
        });
        assumptions.collect()
    }
}

fn assumed(stage: &StageView<'_>, deployment: &Deployment) -> String {
    match deployment.source {
        DeploymentSource::Export => format!(
            "the export of stage {} does not tell every authorization type: where it does not, and the draft says \
             NONE, it was taken for NONE",
            stage.stage.name
        ),
        DeploymentSource::Summary | DeploymentSource::Routes => format!(
            "deployment {} does not tell every authorization type: where it does not, the draft was \
             believed, which may be newer",
            deployment.id
        ),
    }
}

/// The places of the methods whose types a deployment does not tell.
fn untold(
    stage: &StageView<'_>,
    deployment: ServedDeployment<'_>,
    methods: &[MethodView<'_>],
) -> BTreeSet<Place> {
    let is_untold =
        |it: &Snapshot<'_>| it.deployment.id == deployment.id && !it.authorization.is_deployed();
    let untold = methods
        .iter()
        .filter(|it| it.deployed.iter().chain(&it.canary).any(is_untold));
    untold.map(|it| it.place(stage.inventory)).collect()
}
