//! The first line of a journal: what a plan is about to do.

use jiff::Timestamp;

use crate::audit::fix::journal::{Begun, JournalMethod, JournalStep, VERSION};
use crate::audit::fix::plan::Plan;
use crate::audit::fix::seal::sealed;

impl Begun {
    /// What a plan is about to do. `run`: what tells this run from others.
    pub fn of(plan: &Plan, run: &str, caller: &str, at: Timestamp) -> Self {
        let steps = plan.steps.iter().map(|it| JournalStep {
            action: it.action.clone(),
            findings: it.findings.iter().map(ToString::to_string).collect(),
            expects: it.expects.clone(),
            freezes: it.freezes.clone(),
        });
        let methods = plan.methods.iter().filter_map(|it| {
            let (verb, path) = it.place.method()?;
            Some(JournalMethod {
                finding: it.finding.to_string(),
                region: it.place.region.as_ref()?.as_str().to_owned(),
                api: it.place.api.as_ref()?.id.clone(),
                stage: it.place.stage.as_ref()?.as_str().to_owned(),
                verb: verb.to_owned(),
                path: path.to_owned(),
                route_key: it.place.route_key.as_ref().map(ToString::to_string),
            })
        });
        let begun = Begun {
            journal_version: VERSION,
            run: run.to_owned(),
            at,
            account: plan.account.clone(),
            partition: plan.partition.clone(),
            caller: caller.to_owned(),
            judged_by: plan.judged_by.clone(),
            asked: plan.options.clone(),
            steps: steps.collect(),
            methods: methods.collect(),
        };
        sealed(begun)
    }
}
