//! Who needs a grant that is about to be taken back.

use std::collections::BTreeSet;

use crate::audit::access::{CallableMethod, Cell, Estate, Holder, HolderKind};
use crate::audit::fix::step::Action;
use crate::iam::Verdict;
use crate::inventory::{Gap, GapKind, Inventory, listed, quoted};

/// As many methods are named.
const NAMED: usize = 3;

/// Whether a group may lose what a step granted: no member of it can call less of a method that asks for AWS_IAM than before.
/// A step that grants nothing is none to ask about.
///
/// # Errors
/// Who could not call what any more, or what could not be told.
pub fn needed(inventory: &Inventory, action: &Action) -> Result<(), String> {
    let group = match action {
        Action::PutGroupPolicy { group, .. } | Action::AttachGroupPolicy { group, .. } => group,
        Action::SetAuthorization { .. } | Action::Deploy { .. } => return Ok(()),
    };
    let untold = |why: String| {
        format!("whether somebody needs it cannot be told: {why} (allowed by --allow-lockout)")
    };
    if let Some(gap) = inventory.gaps.iter().find(|it| hides_callers(it)) {
        return Err(untold(gap.in_words()));
    }
    let after = without(inventory, action);
    let (Some(before), Some(then)) = (Estate::new(inventory), Estate::new(&after)) else {
        return Err(untold("the users and groups could not be read".to_owned()));
    };
    let users = inventory.iam.iter().flat_map(|it| &it.users);
    let members = users.filter(|it| it.groups.iter().any(|it| it.eq_ignore_ascii_case(group)));
    let members: BTreeSet<&str> = members.map(|it| it.name.as_str()).collect();
    let now = answers(&before, &members, action);
    let then = answers(&then, &members, action);
    // Some of the requests may be others than before.
    let lost = now.iter().zip(&then).filter(|((_, before), (_, then))| {
        before.verdict != Verdict::None && *then != Cell::certainly(Verdict::All)
    });
    let lost: BTreeSet<&String> = lost.map(|((what, _), _)| what).collect();
    match lost.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{} may not be able to call any more what asks for AWS_IAM now: {} (allowed by --allow-lockout)",
            match members.len() {
                1 => format!("a member of group {}", quoted(group)),
                _ => format!("members of group {}", quoted(group)),
            },
            listed(lost.into_iter().cloned(), NAMED)
        )),
    }
}

/// What the members are answered of each method that asks for AWS_IAM and that a grant may be about, by the method and its
/// place.
fn answers(estate: &Estate<'_>, members: &BTreeSet<&str>, action: &Action) -> Vec<(String, Cell)> {
    let is_meant = |it: &CallableMethod<'_>| match action {
        Action::PutGroupPolicy { document, .. } => document.contains(&format!(":{}/", it.api.id)),
        _ => true,
    };
    let asks = estate.methods().iter();
    let asks = asks.filter(|it| it.asks_iam() && is_meant(it));
    let methods: Vec<&CallableMethod<'_>> = asks.collect();
    let holders = estate.holders().iter();
    let is_member =
        |it: &&Holder| it.kind == HolderKind::User && members.contains(it.name.as_str());
    let holders: Vec<&Holder> = holders.filter(is_member).collect();
    let rows = estate.asking(&holders, &methods).rows(&methods);
    let cells = rows.into_iter().flat_map(|row| {
        let named = methods.iter().zip(row);
        named.map(|(method, cell)| {
            let (api, stage) = (method.api, method.stage);
            let place = format!(
                "{} at stage {} of API {}, {}",
                method.name(),
                stage.name,
                api.id,
                api.region
            );
            (place, cell)
        })
    });
    cells.collect()
}

/// Whether a gap hides methods that ask for AWS_IAM, or what somebody may call.
fn hides_callers(gap: &Gap) -> bool {
    match gap.kind {
        GapKind::Domains
        | GapKind::Draft
        | GapKind::Authorizers
        | GapKind::Probe
        | GapKind::Findings => false,
        GapKind::Regions
        | GapKind::Region
        | GapKind::Api
        | GapKind::Stage
        | GapKind::Method
        | GapKind::ResourcePolicy
        | GapKind::Iam
        | GapKind::PolicyDocument
        | GapKind::Access => true,
    }
}

/// The inventory once a grant is taken back.
fn without(inventory: &Inventory, action: &Action) -> Inventory {
    let mut after = inventory.clone();
    let groups = after.iam.iter_mut().flat_map(|it| &mut it.groups);
    match action {
        Action::PutGroupPolicy { group, policy, .. } => {
            for it in groups.filter(|it| it.name.eq_ignore_ascii_case(group)) {
                it.inline.retain(|it| !it.name.eq_ignore_ascii_case(policy));
            }
        }
        Action::AttachGroupPolicy { group, arn } => {
            for it in groups.filter(|it| it.name.eq_ignore_ascii_case(group)) {
                it.attached.retain(|it| it.arn != *arn);
            }
        }
        Action::SetAuthorization { .. } | Action::Deploy { .. } => {}
    }
    after
}
