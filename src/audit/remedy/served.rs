//! Whether it is known what a stage serves, so that it can be told what else would change there.

use crate::audit::method::StageView;
use crate::audit::method::taken_over::open_method;
use crate::audit::remedy::change::Served;
use crate::audit::remedy::changes::Changes;
use crate::inventory::{ApiKind, Deployment};

/// Why what a deployment changes at a stage cannot be told.
pub(super) fn unknown(stage: &StageView<'_>) -> Option<&'static str> {
    let mut served = stage.stage.served();
    if stage.api.draft.is_none() {
        Some("the draft could not be read")
    } else if !stage.is_read() {
        Some("what the stage serves could not be read")
    } else if stage.stage.auto_deploy {
        // Its routes are what it serves.
        None
    } else if served.any(|id| is_untold(stage.api.deployment(id))) {
        Some(match stage.api.kind {
            ApiKind::WebSocket => "what a stage of a WebSocket API serves cannot be read",
            ApiKind::Rest | ApiKind::Http => "its deployment does not tell what the stage serves",
        })
    } else {
        None
    }
}

fn is_untold(deployment: Option<&Deployment>) -> bool {
    deployment.and_then(Deployment::summary).is_none()
}

/// What changes where the stage's own deployment answers all requests. The error says why that cannot be told, or
/// must not be.
pub(super) fn without_canary<'a>(
    stage: &StageView<'a>,
    canary: Option<&'a Deployment>,
    methods: &[Served<'a>],
) -> Result<Changes<'a>, &'static str> {
    let Some(id) = &stage.stage.deployment_id else {
        return Err("the stage has no deployment of its own, and would serve nothing without it");
    };
    let base = stage.api.deployment(id);
    if base.is_none() {
        return Err("what the stage's own deployment serves could not be read");
    }
    let Some(served) = base.and_then(Deployment::summary) else {
        return Err("the stage's own deployment does not tell what it serves");
    };
    if is_untold(canary) {
        return Err("the canary's deployment does not tell what it serves");
    }
    let changes = methods.iter().filter_map(|method| {
        let (path, verb) = method.place();
        let open = || open_method(served, verb, path);
        let taken_over = method.is_of_the_canary_alone().then(open).flatten();
        method.without_canary(taken_over.map(|it| format!("{} {}", it.verb, it.path)))
    });
    Ok(Changes::new(changes))
}
