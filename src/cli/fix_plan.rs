//! What the forms of `gatewatch fix` share: which plan is asked for, and how it is written.

use std::path::Path;

use anyhow::Context as _;
use gatewatch::audit::fix::{CanaryChoice, Options, Plan, Selection};
use gatewatch::render::{fix_document, pretty};

use super::args::{Canary, FixArgs};
use super::common::Stop;
use super::output::{note, replace};

pub(super) fn selection(args: &FixArgs) -> Selection {
    Selection {
        ids: args.finding.clone(),
        rules: args.rule.clone(),
        apis: args.account.api.clone(),
        stage: args.stage.clone(),
        method: args.method.clone(),
        methods: Vec::new(),
    }
}

pub(super) fn options(args: &FixArgs) -> Options {
    Options {
        deploy_everything: args.deploy_everything,
        even_if_managed: args.even_if_managed,
        allow_lockout: args.allow_lockout,
        group: args.group.clone(),
        canary: args.canary.map(|it| match it {
            Canary::Keep => CanaryChoice::Keep,
            Canary::Promote => CanaryChoice::Promote,
        }),
    }
}

pub(super) fn as_json(plan: &Plan) -> Result<String, Stop> {
    let text = pretty(&fix_document(plan)).context("the plan could not be written as JSON");
    text.map_err(Stop::Incomplete)
}

/// Writes a plan to a file, as JSON.
pub(super) fn write(path: &Path, plan: &Plan) -> Result<(), Stop> {
    replace(path, &as_json(plan)?)?;
    note(format_args!("wrote the plan to {}", path.display()));
    Ok(())
}
