//! Reading an entry of `exemptions`.

use jiff::civil::Date;

use super::exemption::{Exemption, Validity};
use super::keys;
use super::reader::Reader;
use super::selector::{Selector, takes_everything};
use super::suggest::unknown;
use super::{RuleId, Severity};
use crate::yaml::Node;

/// The longest lifetime that can be asked for, in days: about ten years.
const MOST_DAYS: u16 = 3650;

impl Reader {
    /// The most days that an exemption may last from today.
    pub(super) fn max_exemption_days(&mut self, node: &Node) -> Option<u16> {
        let text = self.text(node, "`max_exemption_days`")?;
        match text.parse::<u16>() {
            Ok(days) if (1..=MOST_DAYS).contains(&days) => Some(days),
            _ => self.refuse(
                node,
                format!(
                    "`{text}` is no number of days: write a whole number from 1 to {MOST_DAYS}"
                ),
            ),
        }
    }

    /// An entry of `exemptions`. `None`: it is mistaken.
    pub(super) fn exemption(&mut self, node: &Node) -> Option<Exemption> {
        let [
            id,
            rule,
            selector,
            principal,
            severity,
            reason,
            owner,
            expires,
        ] = self.fields(node, "an entry of `exemptions`", keys::EXEMPTION)?;
        let (ids, rules) = self.what_is_allowed(node, id, rule);
        let (selector, principals) = self.where_it_holds(selector, principal);
        let severity = self.worst_severity(node, severity);
        let reason = self.mandatory(node, reason, "reason", "why the exception is allowed");
        let owner = self.mandatory(node, owner, "owner", "who answers for it");
        let last_day = self.last_day(node, expires);
        let selector = selector?;
        if id.is_none() && selector.meets_everything() && takes_everything(&principals) {
            return self.refuse(
                node,
                "this exemption would hide everything: narrow it with `id`, `match` or `principal`",
            );
        }
        let exemption = Exemption {
            ids,
            rules,
            selector,
            principals,
            severity: severity?,
            reason: reason?,
            owner: owner?,
            expires: last_day?,
            line: node.line,
        };
        self.lifetime(expires.unwrap_or(node), &exemption);
        if let Some(earlier) = self.exemptions.insert(exemption.identity(), node.line) {
            self.add(
                node,
                format!("an exemption for the same stands on line {earlier} already"),
            );
        }
        Some(exemption)
    }

    /// The findings that an entry names by their ids, and the rules.
    fn what_is_allowed(
        &mut self,
        node: &Node,
        id: Option<&Node>,
        rule: Option<&Node>,
    ) -> (Vec<String>, Vec<RuleId>) {
        let ids = id.map_or_else(Vec::new, |id| self.ids(id));
        if id.is_none() && rule.is_none() {
            // Without one, a method that is exempted for needing only an API key would stay hidden after it needs none.
            self.add(
                node,
                "no `rule`: name what is allowed, such as open-method (or the `id` of a finding)"
                    .to_owned(),
            );
        }
        let rules = rule.map_or_else(Vec::new, |rule| self.rules(rule));
        (ids, rules)
    }

    /// The methods that an entry speaks of, or the groups.
    fn where_it_holds(
        &mut self,
        selector: Option<&Node>,
        principal: Option<&Node>,
    ) -> (Option<Selector>, Vec<String>) {
        if let (Some(_), Some(principal)) = (selector, principal) {
            self.add(
                principal,
                "`match` speaks of methods and `principal` of groups: no finding is about both"
                    .to_owned(),
            );
        }
        let methods = self.selector(selector);
        let groups = self.optional_names(principal, "`principal`");
        (methods, groups)
    }

    fn worst_severity(&mut self, entry: &Node, severity: Option<&Node>) -> Option<Severity> {
        match severity {
            Some(severity) => self.severity(severity),
            // Without one, an exemption for a harmless finding would also cover one that has become dangerous.
            None => self.refuse(
                entry,
                "no `severity`: the worst severity it may cover, as the report prints it",
            ),
        }
    }

    fn last_day(&mut self, entry: &Node, expires: Option<&Node>) -> Option<Date> {
        match expires {
            Some(expires) => self.date(expires),
            None => self.refuse(
                entry,
                "no `expires`: the last day of the exception, YYYY-MM-DD",
            ),
        }
    }

    /// Refuses an exemption that lasts longer than the file allows: what is allowed for good belongs into `require`.
    fn lifetime(&mut self, node: &Node, exemption: &Exemption) {
        let Some(today) = self.today else {
            return;
        };
        let most = self.max_exemption_days;
        if exemption.standing(today, most) == Validity::TooLong {
            self.add(
                node,
                format!(
                    "{} lies {} days ahead, and an exemption may last {most}: choose an earlier day, \
                     or set `max_exemption_days`",
                    exemption.expires,
                    exemption.days_left(today)
                ),
            );
        }
    }

    fn ids(&mut self, node: &Node) -> Vec<String> {
        let mut ids = Vec::new();
        for (text, at) in self.texts(node, "`id`") {
            if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                ids.push(text.to_ascii_lowercase());
            } else {
                self.add(
                    at,
                    format!(
                        "`{text}` is no finding's id: reports print them, 32 hexadecimal digits"
                    ),
                );
            }
        }
        ids
    }

    fn rules(&mut self, node: &Node) -> Vec<RuleId> {
        let mut rules = Vec::new();
        for (text, at) in self.texts(node, "`rule`") {
            match RuleId::from_name(&text) {
                Some(RuleId::UnreadApi) => self.add(
                    at,
                    "`unread-api` cannot be exempted: what was not read is never clean".to_owned(),
                ),
                Some(rule) if !rule.can_be_exempted() => self.add(
                    at,
                    format!("`{rule}` cannot be exempted: mend or delete the entry it names"),
                ),
                Some(rule) => rules.push(rule),
                None => {
                    let exempted = RuleId::ALL.iter().filter(|it| it.can_be_exempted());
                    let known: Vec<&str> = exempted.map(|it| it.as_str()).collect();
                    self.add(at, unknown(&format!("rule `{text}`"), &known, &text));
                }
            }
        }
        rules
    }

    fn severity(&mut self, node: &Node) -> Option<Severity> {
        let text = self.text(node, "`severity`")?;
        match text.parse::<Severity>() {
            Ok(severity) => Some(severity),
            Err(says) => self.refuse(node, says),
        }
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let text = self.text(node, "`expires`")?;
        match text.parse::<Date>() {
            // Other spellings parse too, and an editor that goes by the schema refuses them.
            Ok(date) if date.to_string() == text => Some(date),
            _ => self.refuse(
                node,
                format!("`{text}` is no day of the calendar: write YYYY-MM-DD"),
            ),
        }
    }
}
