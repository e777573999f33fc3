//! The part of a report that is an owner's.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Place;
use super::rules::{Coverage, Evaluation};
use super::{OwnVerbs, Report};
use crate::inventory::Gap;

impl Report {
    /// What of this report is an owner's: their findings, and what of their APIs could not be read. All that would tell
    /// of others is left out, among it every number.
    pub fn of_owner(&self, topic: &str) -> Report {
        let is_theirs = |place: &Place| self.owners.topics_at(place).any(|it| it == topic);
        let all = &self.evaluation;
        let findings = all.findings.iter().filter(|it| is_theirs(&it.place));
        let exempted = all
            .exempted
            .iter()
            .filter(|it| is_theirs(&it.finding.place));
        let gaps = all.gaps.iter().filter(|it| self.is_gap_of(topic, it));
        let mut scope = self.scope.clone();
        scope.apis.clear();
        Report {
            scope,
            apis: BTreeSet::new(),
            deployments: BTreeMap::new(),
            evaluation: Evaluation {
                findings: findings.cloned().collect(),
                exempted: exempted.cloned().collect(),
                exemptions: Vec::new(),
                rules: Vec::new(),
                requirements: Vec::new(),
                preflights: 0,
                gaps: gaps.cloned().collect(),
                assumptions: Vec::new(),
                coverage: Coverage::default(),
                surfaces: Vec::new(),
                own_verbs: OwnVerbs::default(),
                warnings: Vec::new(),
                accepted_by_name: Vec::new(),
            },
            account: self.account.clone(),
            partition: self.partition.clone(),
            judged_by: self.judged_by.clone(),
            owners: self.owners.clone(),
            probed: None,
            files: None,
            known: None,
            policy_file: None,
            ..*self
        }
    }

    /// Whether something that could not be read is of an owner.
    fn is_gap_of(&self, topic: &str, gap: &Gap) -> bool {
        let (region, api) = (gap.region.as_deref(), gap.api.as_deref());
        self.owners.has(topic, region, api)
    }
}
