//! The plan for the findings that are meant.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::audit::Status;
use crate::audit::finding::{Finding, Fingerprint, Place, RuleId};
use crate::audit::fix::attempt::{Attempt, attempt};
use crate::audit::fix::bound::{Bound, bound_to};
use crate::audit::fix::callers::MethodAfter;
use crate::audit::fix::refusal::{Refusal, Refused};
use crate::audit::fix::selection::{Options, Selection};
use crate::audit::fix::step::Step;
use crate::audit::rules::{Evaluation, evaluate};
use crate::inventory::{Gap, Inventory, quoted};
use crate::policy_file::PolicyFile;

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The account's id.
    pub account: String,
    /// The partition.
    pub partition: String,
    /// When the inventory was read.
    pub taken_at: Timestamp,
    /// The [name](PolicyFile::name) of the policy file.
    pub judged_by: String,
    /// What it may do besides.
    pub options: Options,
    /// How many findings were meant.
    pub selected: usize,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The methods that they are for, as they would be.
    pub methods: Vec<MethodAfter>,
    /// The findings that no step is given for.
    pub refused: Vec<Refusal>,
    /// The findings that there would be, and that there are not now.
    pub brings: Vec<Finding>,
    /// What a reader should know, in order.
    pub notes: Vec<String>,
    /// The state that the plan is made from.
    pub bound_to: Vec<Bound>,
    /// What could not be read or decided, as it is and as it would be: it may hide findings.
    pub gaps: Vec<Gap>,
}

impl Plan {
    /// The outcome in one word: findings, where each that is meant has its steps; incomplete, where one was refused, or something
    /// was not read or decided; clean, where none is meant.
    pub fn status(&self) -> Status {
        let mut callers = self.methods.iter().filter_map(|it| it.callers.as_ref());
        let is_undecided = callers.any(|it| !it.undecided.is_empty());
        if !self.refused.is_empty() || !self.gaps.is_empty() || is_undecided {
            Status::Incomplete
        } else if self.selected > 0 {
            Status::Findings
        } else {
            Status::Clean
        }
    }
}

/// Plans how the findings that are meant are mended. `today` is the day, in UTC, by which exemptions expire.
///
/// Findings that an exemption covers are not meant.
///
/// # Errors
/// What is wrong with what was asked for: an id that no finding has; an API, a stage, a method or a group that there is not.
pub fn plan(
    inventory: &Inventory,
    policy: &PolicyFile,
    today: Date,
    selection: &Selection,
    options: &Options,
) -> Result<Plan, String> {
    if inventory.scope.template.is_some() {
        return Err("a template is not deployed: a plan is made for an account".to_owned());
    }
    let before = evaluate(inventory, policy, today);
    check(inventory, &before, selection, options)?;
    let selected = before.findings.iter();
    let selected: Vec<&Finding> = selected.filter(|it| selection.is_met_by(it)).collect();
    let mut left = selected.clone();
    let mut refused = Vec::new();
    // Each round refuses some that are left, or is the last one.
    let (attempt, (brings, unknown)) = loop {
        let mut tried = attempt(inventory, policy, &left, options);
        let brings = match tried.refused.is_empty() && !tried.steps.is_empty() {
            true => judged(
                &mut tried,
                &before,
                (policy, today),
                (&left, options.allow_lockout),
            ),
            false => (Vec::new(), Vec::new()),
        };
        let now: Vec<Refusal> = tried.refused.drain(..).collect();
        if now.is_empty() {
            break (tried, brings);
        }
        let gone = now.iter().map(|it| it.finding.fingerprint());
        let gone: BTreeSet<Fingerprint> = gone.collect();
        left.retain(|it| !gone.contains(&it.fingerprint()));
        refused.extend(now);
    };
    refused.sort_by(|one, other| one.finding.order(&other.finding));
    let bound_to = bound_to(inventory, &attempt.steps);
    Ok(Plan {
        account: inventory.account.clone(),
        partition: inventory.partition.clone(),
        taken_at: inventory.taken_at,
        judged_by: policy.name(),
        options: options.clone(),
        selected: selected.len(),
        bound_to: bound_to.map_err(|it| format!("the state cannot be written as JSON: {it}"))?,
        steps: attempt.steps,
        methods: attempt.methods,
        notes: attempt.notes.into_iter().collect(),
        refused,
        brings,
        gaps: before.gaps.into_iter().chain(unknown).collect(),
    })
}

fn check(
    inventory: &Inventory,
    before: &Evaluation,
    selection: &Selection,
    options: &Options,
) -> Result<(), String> {
    selection.check(inventory)?;
    let known: BTreeSet<String> = before
        .findings
        .iter()
        .map(|it| it.fingerprint().to_string())
        .collect();
    if let Some(id) = selection.ids.iter().find(|it| !known.contains(*it)) {
        return Err(format!(
            "no finding has the id {}; one that an exemption covers is not mended",
            quoted(id)
        ));
    }
    let mut groups = inventory.iam.iter().flat_map(|it| &it.groups);
    match &options.group {
        Some(name) if !groups.any(|it| it.name.eq_ignore_ascii_case(name)) => {
            Err(format!("no group is called {}", quoted(name)))
        }
        _ => Ok(()),
    }
}

/// Judges the account as it would be: what is not mended is refused, and all where a method is found unsafe that is not now.
/// Returns the findings that there would be besides, and what would not be known.
fn judged(
    tried: &mut Attempt,
    before: &Evaluation,
    (policy, today): (&PolicyFile, Date),
    (left, allow_lockout): (&[&Finding], bool),
) -> (Vec<Finding>, Vec<Gap>) {
    let after = evaluate(&tried.after, policy, today);
    let then: BTreeSet<Fingerprint> = after.findings.iter().map(Finding::fingerprint).collect();
    let stays = left.iter().filter(|it| then.contains(&it.fingerprint()));
    let stays = stays.map(|it| Refused::always("the steps would not mend it").of(it));
    tried.refused.extend(stays);
    let now: BTreeSet<Fingerprint> = before.all_findings().map(Finding::fingerprint).collect();
    let troubled: BTreeSet<&Place> = before.all_findings().map(|it| &it.place).collect();
    let new = after.findings.into_iter();
    let new: Vec<Finding> = new.filter(|it| !now.contains(&it.fingerprint())).collect();
    // That nobody can call a method that is set is judged by itself. Others may get the change as well.
    let set: BTreeSet<&Place> = tried.methods.iter().map(|it| &it.place).collect();
    let is_locked = |it: &&Finding| {
        it.rule == RuleId::UncallableMethod && !allow_lockout && !set.contains(&it.place)
    };
    if let Some(locked) = new.iter().find(is_locked) {
        let place = locked.place.in_words();
        let why = format!("nobody could call {place} any more, which gets the change as well");
        let refused = || Refused::unless("--allow-lockout", why.clone());
        let left = left.iter().filter(|it| !then.contains(&it.fingerprint()));
        tried.refused.extend(left.map(|it| refused().of(it)));
    }
    let is_harm = |it: &&Finding| {
        let is_of_a_method = it.place.method().is_some() && it.place.principal.is_none();
        let is_lockout = it.rule == RuleId::UncallableMethod;
        is_of_a_method && !is_lockout && !troubled.contains(&it.place)
    };
    if let Some(harm) = new.iter().find(is_harm) {
        let (rule, place) = (harm.rule, harm.place.in_words());
        let why = || Refused::always(format!("afterwards there would be {rule} at {place}"));
        let left = left.iter().filter(|it| !then.contains(&it.fingerprint()));
        tried.refused.extend(left.map(|it| why().of(it)));
    }
    let gaps = after.gaps.into_iter();
    let unknown = gaps.filter(|it| !before.gaps.contains(it));
    (new, unknown.collect())
}
