//! Methods whose authorization neither the deployment nor the draft tells.

use super::{Authorization, Known, ServedDeployment, ServedMethods, Untold};
use crate::inventory::{Api, DeploymentSource, Gap, GapKind, Stage};

/// A gap for each method of a stage whose authorization is not known. What a deployment that was not read hides is a gap
/// of its own, which is not among these.
pub(in crate::inventory) fn gaps(api: &Api, stage: &Stage) -> Vec<Gap> {
    let own_and_canary = ServedDeployment::of_stage(api, stage);
    let mut deployments = own_and_canary.into_iter().flatten();
    // Most deployments tell every type: nothing has to be put together for them.
    if deployments.all(|it| it.read().is_none() || it.tells_everything()) {
        return Vec::new();
    }
    let served = ServedMethods::of(api, stage);
    let of_each = served.deployments().flat_map(|it| match it.known {
        // A deployment has one method at least: a draft without any says nothing of what is deployed.
        Known::WithoutMethods(_) if api.draft.as_ref().is_none_or(Vec::is_empty) => {
            vec![nothing_to_infer_from(it)]
        }
        _ => untold(&served, it, stage),
    });
    let at_stage = of_each.map(|(subject, kind, message)| {
        let gap = Gap::malformed(kind, message);
        gap.at_stage(api, &stage.name).about(&subject)
    });
    at_stage.collect()
}

/// What a gap is about, its kind, and the message.
type Said = (String, GapKind, String);

fn nothing_to_infer_from(deployment: ServedDeployment<'_>) -> Said {
    let id = deployment.id;
    let message = format!(
        "deployment {id} came without its methods, and there is no draft with methods to infer them from"
    );
    (id.to_owned(), GapKind::Stage, message)
}

/// The methods of a deployment whose types are not known.
fn untold(
    served: &ServedMethods<'_>,
    deployment: ServedDeployment<'_>,
    stage: &Stage,
) -> Vec<Said> {
    let Some(read) = deployment.read() else {
        return Vec::new();
    };
    let untold = served.iter().filter_map(|method| {
        let mut snapshots = method.snapshots();
        // What its `ANY` answers in the place of another method is said of the `ANY`.
        let own = snapshots.find(|it| it.deployment.id == deployment.id && it.verb == method.verb)?;
        let Authorization::Unknown(why) = own.authorization else {
            return None;
        };
        let name = format!("{} {}", method.verb, method.path);
        let message = match (read.source, why) {
            (DeploymentSource::Export, Untold::NotBelieved(drafted)) => format!(
                "the export of stage {} does not tell the authorization type of {name}: the draft says {drafted}, \
                 which may not be deployed",
                stage.name
            ),
            _ => format!(
                "neither deployment {} nor the draft tells the authorization type of {name}",
                read.id
            ),
        };
        Some((name, GapKind::Method, message))
    });
    untold.collect()
}
