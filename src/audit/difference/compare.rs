//! Two readings, compared.

use jiff::civil::Date;

use super::changes::{Difference, FindingChange};
use super::saved::SavedReport;
use super::side::Side;
use super::{callers, findings, served, settings};
use crate::audit::Report;
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;

/// Why two readings cannot be compared at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// They are of different accounts.
    #[error("they are of two accounts, {0} and {1}")]
    Accounts(String, String),
    /// One is of a template.
    #[error("one of them is of a template, which has nothing that is deployed")]
    Template,
}

impl Difference {
    /// Compares two inventories, both judged by the same policy file on the same day.
    ///
    /// # Errors
    /// Where they are of two accounts.
    ///
    /// ```
    /// use gatewatch::audit::difference::{ChangeKind, Difference, Outcome};
    /// use gatewatch::inventory::Inventory;
    /// use gatewatch::policy_file::PolicyFile;
    ///
    /// let text = std::fs::read_to_string("examples/petstore.inventory.json").unwrap();
    /// let before = Inventory::from_json(&text).unwrap();
    /// let compare = |after: &Inventory| {
    ///     let today = "2026-06-15".parse().unwrap();
    ///     Difference::of_inventories(&before, after, &PolicyFile::default(), today).unwrap()
    /// };
    /// assert_eq!(compare(&before).outcome(), Outcome::Unchanged);
    ///
    /// // An API that is not there any more is removed; one of a Region that was not read is not.
    /// let mut after = before.clone();
    /// after.apis.clear();
    /// let removed = compare(&after);
    /// assert!(removed.changes.iter().any(|it| it.kind == ChangeKind::ApiRemoved));
    /// after.scope.regions = vec!["eu-central-1".to_owned()];
    /// assert!(compare(&after).changes.is_empty());
    /// assert_eq!(compare(&after).outcome(), Outcome::Unknown);
    /// ```
    pub fn of_inventories(
        before: &Inventory,
        after: &Inventory,
        policy: &PolicyFile,
        today: Date,
    ) -> Result<Self, NotComparable> {
        let [report, later] = [before, after].map(|it| Report::new(it, policy, today));
        Difference::between((before, after), (&report, &later))
    }

    /// Compares two inventories that are judged already.
    ///
    /// # Errors
    /// Where they are of two accounts, or of a template.
    pub(in crate::audit) fn between(
        (before, after): (&Inventory, &Inventory),
        (report, later): (&Report, &Report),
    ) -> Result<Self, NotComparable> {
        let sides = [Side::of_report(report), Side::of_report(later)];
        let mut difference = Difference::begun(sides, [&before.account, &after.account])?;
        served::compare(before, after, &mut difference);
        settings::domains(before, after, &mut difference);
        callers::compare(before, after, &mut difference);
        let [before, after] = [report, later].map(findings::of_report);
        findings::compare(&before, &after, &mut difference);
        Ok(difference.in_order())
    }

    /// Compares two reports that were saved. They list no methods and no callers: only the findings are compared.
    ///
    /// # Errors
    /// Where they are of two accounts, or of a template.
    pub fn of_reports(before: &SavedReport, after: &SavedReport) -> Result<Self, NotComparable> {
        let sides = [before.side(), after.side()];
        let mut difference = Difference::begun(sides, [before.account(), after.account()])?;
        findings::compare(&before.findings(), &after.findings(), &mut difference);
        Ok(difference.in_order())
    }

    /// Nothing compared yet.
    fn begun(sides: [Side; 2], accounts: [&str; 2]) -> Result<Self, NotComparable> {
        let [one, other] = accounts;
        if one != other {
            return Err(NotComparable::Accounts(one.to_owned(), other.to_owned()));
        }
        if sides.iter().any(|it| it.scope.template.is_some()) {
            return Err(NotComparable::Template);
        }
        let [before, after] = sides;
        Ok(Difference {
            account: one.to_owned(),
            before,
            after,
            changes: Vec::new(),
            access: Vec::new(),
            findings: Vec::new(),
            unknown: Vec::new(),
        })
    }

    fn in_order(mut self) -> Self {
        self.changes.sort();
        self.access.sort();
        self.findings.sort_by(FindingChange::order);
        self.unknown.sort();
        self.unknown.dedup();
        self
    }
}
