//! From the YAML of an entry of `invokers` to who may call some methods.

use super::file::Invokers;
use super::keys;
use super::reader::Reader;
use crate::iam::document::{is_account_id, is_own_organization};
use crate::yaml::Node;

impl Reader {
    pub(super) fn invokers(&mut self, node: &Node) -> Option<Invokers> {
        let [selector, groups, users, roles, accounts, organizations] =
            self.fields(node, "an entry of `invokers`", keys::INVOKER)?;
        let selector = self.selector(selector);
        let all = [groups, users, roles, accounts, organizations];
        if all.iter().all(Option::is_none) {
            return self.refuse(
                node,
                "no `groups`, `users`, `roles`, `accounts` or `organizations`: say who may call the methods",
            );
        }
        Some(Invokers {
            groups: self.optional_names(groups, "`groups`"),
            users: self.optional_names(users, "`users`"),
            roles: self.optional_names(roles, "`roles`"),
            accounts: self.caller_ids(
                accounts,
                "`accounts`",
                is_account,
                "account's id: twelve digits, in quotes",
            ),
            organizations: self.units(organizations),
            selector: selector?,
            line: node.line,
        })
    }

    /// Organizations and units of them, each with all that is in it: as a policy writes the paths of a unit, or without what
    /// follows the last slash.
    fn units(&mut self, node: Option<&Node>) -> Vec<String> {
        let wanted = "organization's id: they look like o-a1b2c3d4e5, and a unit of one like \
                      o-a1b2c3d4e5/r-ab12/ou-ab12-11111111";
        let units = self.caller_ids(node, "`organizations`", is_organization, wanted);
        let bare = |it: String| {
            let whole = it.strip_suffix('*').filter(|it| it.ends_with('/'));
            let unit = whole.unwrap_or(&it).trim_end_matches('/');
            unit.to_owned()
        };
        units.into_iter().map(bare).collect()
    }

    /// Ids, or patterns of them. What no id can match is refused: an entry that lists nobody looks as if it did.
    pub(super) fn caller_ids(
        &mut self,
        node: Option<&Node>,
        what: &str,
        is_id: fn(&str) -> bool,
        wanted: &str,
    ) -> Vec<String> {
        let names = self.names(node, what);
        let mut ids = Vec::with_capacity(names.len());
        for (text, node) in names {
            if !is_id(&text) {
                self.add(node, format!("`{text}` is no {wanted}"));
            }
            ids.push(text);
        }
        ids
    }
}

pub(super) fn is_account(pattern: &str) -> bool {
    let has_wildcards = pattern.contains(['*', '?']);
    let is_part = |it: u8| it.is_ascii_digit() || it == b'*' || it == b'?';
    is_account_id(pattern) || (has_wildcards && pattern.bytes().all(is_part))
}

fn is_organization(pattern: &str) -> bool {
    let id = pattern.split('/').next().unwrap_or_default();
    is_own_organization(id) || id.starts_with("o-") || id.starts_with(['*', '?'])
}
