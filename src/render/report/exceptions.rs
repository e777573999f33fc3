//! The exemptions of the policy file, in words for people.

use crate::audit::rules::{Exempted, ExemptionUse};
use crate::policy_file::Validity;
use crate::render::plural;

/// An exemption in one line: what it speaks of, who allows it and why, how long, and what it hides.
pub(in crate::render) fn in_words(entry: &ExemptionUse) -> String {
    let exemption = &entry.exemption;
    let mut hides = vec![match entry.standing {
        Validity::Expired | Validity::TooLong => "hides nothing".to_owned(),
        Validity::InForce => format!("covers {}", plural(entry.covers, "finding")),
    }];
    if entry.too_severe > 0 {
        hides.push(format!(
            "not {} worse than {}",
            entry.too_severe, exemption.severity
        ));
    }
    format!(
        "{}: {}: {} ({}{}, {})",
        match &entry.comment {
            Some(comment) => comment.at.to_string(),
            None => format!("line {}", exemption.line),
        },
        exemption.in_words(),
        exemption.reason,
        match entry.comment {
            Some(_) => String::new(),
            None => format!("owner {}, ", exemption.owner),
        },
        lifetime(entry),
        hides.join(", ")
    )
}

/// Why a finding is allowed, by whom and until when.
pub(super) fn exempted_in_words(exempted: &Exempted) -> String {
    let Exempted {
        reason,
        owner,
        expires,
        ..
    } = exempted;
    format!("exempted until {expires} by {owner}: {reason}")
}

/// How long it lasts, such as `107 days left, until 2026-09-30`.
fn lifetime(entry: &ExemptionUse) -> String {
    let expires = entry.exemption.expires;
    let days = usize::try_from(entry.days_left.unsigned_abs()).unwrap_or(usize::MAX);
    let days = plural(days, "day");
    match entry.standing {
        Validity::InForce => format!("{days} left, until {expires}"),
        Validity::Expired => format!("expired {days} ago, on {expires}"),
        Validity::TooLong => format!("longer than allowed, until {expires}"),
    }
}
