//! What files change of an account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Overlay;
use super::stay::Stay;
use crate::audit::difference::{Difference, FindingChange, NotComparable, Outcome};
use crate::audit::files::CheckedFiles;
use crate::audit::finding::Severity;
use crate::audit::report::Report;
use crate::inventory::{Inventory, Location};
use crate::policy_file::PolicyFile;
use crate::template::{Laid, Translated};

/// What files change of an account, once they are deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// What changes.
    pub difference: Difference,
    /// The files.
    pub files: CheckedFiles,
    /// Their APIs, and which ones of the account these are.
    pub apis: Vec<Laid>,
    /// Findings on what the files make that are there today, and stay as they are.
    pub standing: Vec<FindingChange>,
    /// What of the account is taken to stay.
    pub stays: Vec<Stay>,
    /// What else was taken for granted, and where.
    pub assumed: Vec<(String, Location)>,
}

impl Projection {
    /// Lays files over an account, and compares it with what it is. Both are judged by the same policy file on the same day.
    ///
    /// # Errors
    /// Where the inventory is of a template.
    pub fn new(
        account: &Inventory,
        (read, files): (Vec<Translated>, CheckedFiles),
        policy: &PolicyFile,
        (today, now): (Date, Timestamp),
    ) -> Result<Self, NotComparable> {
        let overlay = Overlay::new(account, read, policy, now);
        let before = Report::new(account, policy, today);
        let mut after = Report::new(&overlay.inventory, policy, today);
        overlay.tell(&mut after, policy, today);
        let inventories = (account, &overlay.inventory);
        let mut difference = Difference::between(inventories, (&before, &after))?;
        overlay.locate(&mut difference);
        Ok(Projection {
            standing: standing(&before, &after),
            difference,
            files,
            apis: overlay.apis,
            stays: overlay.stays,
            assumed: overlay.assumed,
        })
    }

    /// The worst finding that the files bring, make worse or leave as it is. `None`: there is none.
    pub fn worst(&self) -> Option<Severity> {
        let all = self.difference.findings.iter().chain(&self.standing);
        let after = all.filter_map(|it| Some((it.before, it.after?)));
        // One that gets less severe is no news to fail by.
        let counts = after.filter(|(before, after)| {
            !after.exempted && before.is_none_or(|it| it.exempted || it.severity <= after.severity)
        });
        counts.map(|(_, after)| after.severity).max()
    }

    /// Whether nothing changes, everything could be told, and nothing is wrong with what the files make.
    pub fn is_clean(&self) -> bool {
        self.difference.outcome() == Outcome::Unchanged && self.standing.is_empty()
    }
}

/// The findings on what the files make that are there today, and stay as they are.
fn standing(before: &Report, after: &Report) -> Vec<FindingChange> {
    let known: BTreeMap<String, Severity> = before
        .evaluation
        .findings
        .iter()
        .map(|it| (it.fingerprint().to_string(), it.severity))
        .collect();
    let own = after.evaluation.findings.iter();
    let own = own.filter(|it| it.place.location.is_some());
    let mut standing: Vec<FindingChange> = own
        .filter_map(|it| {
            let id = it.fingerprint().to_string();
            let severity = known
                .get(&id)
                .filter(|severity| **severity == it.severity)?;
            Some(FindingChange::standing(id, it, *severity))
        })
        .collect();
    standing.sort_by(FindingChange::order);
    standing
}
