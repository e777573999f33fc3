//! One report of many files: each is judged by itself, as the same names in two of them mean different things.

use jiff::civil::Date;

use super::bound::Bound;
use super::files::CheckedFiles;
use super::finding::Finding;
use super::report::Report;
use super::rules::{self, Coverage, Evaluation, ExemptionUse, RequirementUse, RuleTally, Subject};
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;
use crate::template::Translated;

/// A report in the making, file by file.
pub struct FilesReport<'p> {
    policy: &'p PolicyFile,
    today: Date,
    /// What stands for all of the files: it has no API.
    whole: Inventory,
    report: Report,
}

impl<'p> FilesReport<'p> {
    /// A report of no file yet. `whole` says what was asked for, and has nothing in it. `today` is the day, in UTC, by which
    /// exemptions expire.
    pub fn new(whole: Inventory, policy: &'p PolicyFile, today: Date) -> Self {
        FilesReport {
            report: Report::new(&whole, policy, today),
            policy,
            today,
            whole,
        }
    }

    /// Judges a file by itself, and adds what it came to.
    pub fn add(&mut self, template: Translated) {
        let so_far = self.report.evaluation.all_findings().count();
        let bound = Bound {
            findings: Bound::default().findings.saturating_sub(so_far),
        };
        let mut one = Report::of_template_within(template, self.policy, self.today, bound);
        // What the policy file exempts is asked once, over all files: a file's own answer speaks of what that file has.
        let findings = &mut one.evaluation.findings;
        findings.retain(|it| !is_of_policy_file(it));
        let report = &mut self.report;
        for region in one.scope.regions {
            if !report.scope.regions.contains(&region) {
                report.scope.regions.push(region);
            }
        }
        report.apis.extend(one.apis);
        report.deployments.extend(one.deployments);
        merge(&mut report.evaluation, one.evaluation);
    }

    /// The whole, which says which files it is about. What the policy file exempts is asked once, over all of them.
    pub fn finished(self, files: CheckedFiles) -> Report {
        let FilesReport {
            policy,
            whole,
            mut report,
            ..
        } = self;
        let evaluation = &mut report.evaluation;
        // Each file's own answer speaks of what that file has, and of nothing else.
        evaluation.findings.retain(|it| !is_of_policy_file(it));
        let of_policy_file = evaluation
            .exemptions
            .iter()
            .filter(|it| it.comment.is_none());
        let of_policy_file: Vec<ExemptionUse> = of_policy_file.cloned().collect();
        let own = rules::about_exemptions(&whole, policy, &evaluation.gaps, &of_policy_file);
        evaluation.findings.extend(own);
        for tally in &mut evaluation.rules {
            if tally.subject == Subject::Exemptions {
                tally.looked_at = evaluation.exemptions.len();
                let of_rule = evaluation.findings.iter();
                let of_rule = of_rule.filter(|it| it.rule == tally.rule).count();
                tally.findings = of_rule;
                tally.passed = tally.looked_at.saturating_sub(of_rule + tally.undecided);
            }
        }
        evaluation.findings.sort_by(Finding::order);
        evaluation
            .exempted
            .sort_by(|one, other| one.finding.order(&other.finding));
        evaluation.gaps.sort();
        evaluation.gaps.dedup();
        evaluation.warnings.sort();
        evaluation.warnings.dedup();
        report.files = Some(files);
        report
    }
}

/// Whether a finding is about an entry of the policy file.
fn is_of_policy_file(finding: &Finding) -> bool {
    let exemption = finding.place.exemption.as_ref();
    exemption.is_some() && finding.place.location.is_none()
}

fn merge(all: &mut Evaluation, one: Evaluation) {
    let Evaluation {
        findings,
        exempted,
        exemptions,
        gaps,
        assumptions,
        coverage,
        rules,
        requirements,
        preflights,
        surfaces,
        // Only the ledger asks for them, and it knows no files.
        own_verbs: _,
        warnings,
        accepted_by_name,
    } = one;
    all.findings.extend(findings);
    all.exempted.extend(exempted);
    let (comments, of_policy_file): (Vec<ExemptionUse>, Vec<ExemptionUse>) =
        (exemptions.into_iter()).partition(|it| it.comment.is_some());
    for (all, one) in all.exemptions.iter_mut().zip(of_policy_file) {
        add_use(all, &one);
    }
    all.exemptions.extend(comments);
    all.gaps.extend(gaps);
    all.assumptions.extend(assumptions);
    add_coverage(&mut all.coverage, coverage);
    for (all, one) in all.rules.iter_mut().zip(rules) {
        add_tally(all, one);
    }
    for (all, one) in all.requirements.iter_mut().zip(requirements) {
        add_decided(all, &one);
    }
    all.preflights += preflights;
    all.surfaces.extend(surfaces);
    all.warnings.extend(warnings);
    all.accepted_by_name.extend(accepted_by_name);
}

fn add_use(all: &mut ExemptionUse, one: &ExemptionUse) {
    all.covers += one.covers;
    all.too_severe += one.too_severe;
    all.meets += one.meets;
}

fn add_decided(all: &mut RequirementUse, one: &RequirementUse) {
    all.decides += one.decides;
    all.accepts_open += one.accepts_open;
}

fn add_coverage(all: &mut Coverage, one: Coverage) {
    let Coverage {
        apis,
        undeployed_apis,
        stages,
        undeployed_stages,
        methods,
        groups,
        users,
        roles,
        // The trust policies of a template are in it.
        lacks_trust_policies: _,
    } = one;
    all.apis += apis;
    all.undeployed_apis += undeployed_apis;
    all.stages += stages;
    all.undeployed_stages += undeployed_stages;
    all.methods += methods;
    all.groups += groups;
    all.users += users;
    all.roles += roles;
}

/// The entries of the policy file are the same for each file.
fn add_tally(all: &mut RuleTally, one: RuleTally) {
    if all.subject == Subject::Exemptions {
        all.undecided = all.undecided.max(one.undecided);
        return;
    }
    all.looked_at += one.looked_at;
    all.findings += one.findings;
    all.exempted += one.exempted;
    all.undecided += one.undecided;
    all.passed += one.passed;
}
