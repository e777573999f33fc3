//! `expired-exemption`

use crate::audit::context::Context;
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::rules::{ExemptionUse, Look, Rule, Subject, documented};
use crate::policy_file::Validity;

documented! {
    /// # `expired-exemption`
    ///
    /// Fires when an exemption of the policy file is past its last day, whether or not there is anything that it would
    /// cover.
    ///
    /// ## Severity
    /// medium
    ///
    /// ## Why this is bad
    /// What somebody allowed until a day was to be over by then. The exemption hides nothing any more: if the finding
    /// is back, nobody has decided on it; if it is not, the entry is dead, and would hide the next finding as soon as
    /// somebody moves its date.
    ///
    /// ## What it looks at
    /// The `expires` of every [exemption](../exemptions.md), and the day of the run, in UTC.
    ///
    /// ## Examples
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-method
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     severity: high
    ///     expires: 2026-03-31
    /// ```
    ///
    /// ### Good
    /// It holds until a day that is still to come, and meets a finding:
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-method
    ///     match: {api: PetStore, path: /prices, verb: GET}
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     severity: high
    ///     expires: 2026-12-31
    /// ```
    ///
    /// ## How to fix
    /// Take the entry out, or have its owner decide anew and set another day.
    ///
    /// ## Exemption
    /// None covers it: an exemption that needs another one is a mistake of its own.
    ///
    /// ## References
    /// - [Exemptions](../exemptions.md)
    pub struct ExpiredExemption;
}

impl Rule for ExpiredExemption {
    fn id(&self) -> RuleId {
        RuleId::ExpiredExemption
    }

    fn summary(&self) -> &'static str {
        "an exemption is past its last day, and hides nothing"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Exemptions
    }

    fn exemption(&self, context: Context<'_>, entry: &ExemptionUse) -> Option<Violation> {
        if entry.standing != Validity::Expired {
            return None;
        }
        let again = match entry.meets {
            0 => "there is nothing left that it speaks of".to_owned(),
            1 => "the finding that it was for is reported again".to_owned(),
            many => format!("the {many} findings that it was for are reported again"),
        };
        let remedy = Remedy::new(format!(
            "mend what it was for and delete {}, or have {} allow it for another time",
            entry.named(),
            match entry.comment {
                Some(_) => "whoever wrote it",
                None => entry.exemption.owner.as_str(),
            }
        ));
        Some(Violation::new(
            Severity::Medium,
            entry.place(context.inventory),
            format!(
                "the exemption expired on {}: {again}",
                entry.exemption.expires
            ),
            entry.evidence(),
            remedy,
        ))
    }
}
