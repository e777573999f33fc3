//! An allowed exception.

use jiff::civil::Date;
use strum::IntoStaticStr;

use super::selector::Selector;
use super::{RuleId, Severity};

/// One entry of `exemptions`: an allowed exception, with somebody who answers for it and an end.
///
/// It never covers a worse state than the one it was given for: it speaks of the rules that it names
/// (or of findings by id, which name their rule), up to its severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The findings' ids it speaks of. Empty: any.
    pub ids: Vec<String>,
    /// The rules it speaks of. Empty: those of the ids.
    pub rules: Vec<RuleId>,
    /// Where it holds.
    pub selector: Selector,
    /// Patterns for the principal (a group's name). Empty: any, and none.
    pub principals: Vec<String>,
    /// The worst severity it covers.
    pub severity: Severity,
    /// Why the exception is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds (UTC).
    pub expires: Date,
    /// The line of the policy file it stands on.
    pub line: usize,
}

/// Whether an exemption holds on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Validity {
    /// It holds.
    InForce,
    /// It is past its last day.
    Expired,
    /// Its last day lies further away than the policy file allows.
    TooLong,
}

impl Validity {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Exemption {
    /// Whether it holds on this day (UTC), where exemptions may last `most_days` from today.
    ///
    /// ```
    /// use gatewatch::policy_file::{PolicyFile, Validity};
    /// use jiff::civil::date;
    ///
    /// let policy = PolicyFile::from_yaml(
    ///     "gatewatch.yaml",
    ///     "
    /// version: 1
    /// exemptions:
    ///   - rule: open-method
    ///     match: {path: '/legacy/*'}
    ///     reason: the partner cannot sign yet
    ///     owner: api-team@example.com
    ///     severity: high
    ///     expires: 2027-03-31
    /// ",
    /// )
    /// .unwrap();
    /// let exemption = &policy.exemptions[0];
    /// assert_eq!(exemption.in_words(), "open-method, path /legacy/*");
    /// assert_eq!(exemption.standing(date(2027, 3, 31), 365), Validity::InForce);
    /// assert_eq!(exemption.standing(date(2027, 4, 1), 365), Validity::Expired);
    /// assert_eq!(exemption.standing(date(2026, 3, 30), 365), Validity::TooLong);
    /// ```
    pub fn standing(&self, today: Date, most_days: u16) -> Validity {
        match self.days_left(today) {
            days if days < 0 => Validity::Expired,
            days if days > i32::from(most_days) => Validity::TooLong,
            _ => Validity::InForce,
        }
    }

    /// How many days are left after today (UTC). 0: today is the last. Less: it has expired.
    pub fn days_left(&self, today: Date) -> i32 {
        (self.expires - today).get_days()
    }

    /// What it speaks of, one text for the same content whatever its order and its line: who allows it,
    /// why and until when can change, and it stays the same exemption.
    pub fn identity(&self) -> String {
        let parts = self.parts().into_iter().map(|(label, mut values)| {
            values.sort_unstable();
            values.dedup();
            serde_json::json!([label, values])
        });
        serde_json::Value::from_iter(parts).to_string()
    }

    /// What it speaks of in words, such as `open-method, verb GET, path /legacy/*`.
    pub fn in_words(&self) -> String {
        let parts = self.parts().into_iter().map(|(label, values)| {
            let values = values.join(" or ");
            match label.as_str() {
                "rule" => values,
                _ => format!("{label} {values}"),
            }
        });
        parts.collect::<Vec<_>>().join(", ")
    }

    /// What it asks for, without what it leaves open: a key that a later version adds changes nothing
    /// for the exemptions that do not use it.
    fn parts(&self) -> Vec<(String, Vec<&str>)> {
        let rules = self.rules.iter().map(|rule| rule.as_str()).collect();
        let ids = self.ids.iter().map(String::as_str).collect();
        let principals = self.principals.iter().map(String::as_str).collect();
        let of_findings = [("rule".to_owned(), rules), ("id".to_owned(), ids)];
        let all = of_findings
            .into_iter()
            .chain(self.selector.conditions())
            .chain([("principal".to_owned(), principals)]);
        all.filter(|(_, values)| !values.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn exemption() -> Exemption {
        Exemption {
            ids: Vec::new(),
            rules: vec![RuleId::OpenMethod, RuleId::ApiKeyOnly],
            selector: Selector {
                verb: vec!["HEAD".to_owned(), "GET".to_owned()],
                path: vec!["/legacy/*".to_owned()],
                ..Selector::default()
            },
            principals: Vec::new(),
            severity: Severity::High,
            reason: "r".to_owned(),
            owner: "o".to_owned(),
            expires: date(2027, 3, 31),
            line: 7,
        }
    }

    #[test]
    fn the_identity_is_what_it_speaks_of_and_nothing_else() {
        // Written down: a change of this text would announce every exemption's finding anew.
        let written = r#"[["rule",["api-key-only","open-method"]],["verb",["GET","HEAD"]],["path",["/legacy/*"]]]"#;
        assert_eq!(exemption().identity(), written);
        let mut moved = Exemption {
            severity: Severity::Critical,
            reason: "another".to_owned(),
            owner: "another".to_owned(),
            expires: date(2028, 1, 1),
            line: 70,
            ..exemption()
        };
        moved.rules.reverse();
        moved.selector.verb.reverse();
        assert_eq!(moved.identity(), written);
        moved.principals.push("x".to_owned());
        assert_ne!(moved.identity(), written);
        assert_eq!(
            exemption().in_words(),
            "open-method or api-key-only, verb HEAD or GET, path /legacy/*"
        );
    }

    #[test]
    fn it_holds_from_the_day_that_its_end_is_near_enough_to_its_last_day() {
        let standing = |year, month, day| exemption().standing(date(year, month, day), 365);
        assert_eq!(standing(2026, 3, 30), Validity::TooLong);
        assert_eq!(standing(2026, 3, 31), Validity::InForce);
        assert_eq!(standing(2027, 3, 31), Validity::InForce);
        assert_eq!(standing(2027, 4, 1), Validity::Expired);
        assert_eq!(exemption().days_left(date(2027, 3, 31)), 0);
    }
}
