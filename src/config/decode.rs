//! From the YAML tree to a validated policy, collecting every mistake.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Mistake;
use super::policy_file::{
    Exemption, GroupExpectation, PolicyFile, Preflight, Requirement, WhichPolicy,
};
use super::reader::Reader;
use super::selector::{Selector, takes_everything};
use super::yaml::{self, Node, Value};
use crate::finding::RuleId;
use crate::model::{AuthorizationType, VERBS};

/// The version of the policy file's format.
const VERSION: &str = "1";

/// Reads a policy file, or says everything that is wrong with it.
pub(super) fn policy_file(text: &str) -> Result<PolicyFile, Vec<Mistake>> {
    let mut reader = Reader::default();
    let root = match yaml::parse(text, &mut reader.mistakes) {
        Ok(root) => root,
        Err(fatal) => {
            reader.mistakes.push(fatal);
            None
        }
    };
    let policy = root.as_ref().and_then(|root| reader.policy_file(root));
    if root.is_none() && reader.mistakes.is_empty() {
        reader.mistakes.push(Mistake {
            line: 1,
            column: 1,
            message: "the policy file is empty: begin with `version: 1`".to_owned(),
        });
    }
    match policy {
        Some(policy) if reader.mistakes.is_empty() => Ok(policy),
        _ => Err(reader.mistakes),
    }
}

impl Reader {
    fn policy_file(&mut self, root: &Node) -> Option<PolicyFile> {
        let [version, require, groups, exemptions, preflight] = self.fields(
            root,
            "the policy file",
            ["version", "require", "groups", "exemptions", "preflight"],
        )?;
        self.version(root, version);
        Some(PolicyFile {
            require: self.items(require, Self::requirement),
            groups: self.items(groups, Self::group),
            exemptions: self.items(exemptions, Self::exemption),
            preflight: preflight
                .and_then(|node| self.preflight(node))
                .unwrap_or_default(),
        })
    }

    fn version(&mut self, root: &Node, version: Option<&Node>) {
        let Some(node) = version else {
            self.add(root, format!("no `version`: write `version: {VERSION}`"));
            return;
        };
        if let Some(found) = self.text(node, "`version`")
            && found != VERSION
        {
            self.add(
                node,
                format!(
                    "version `{found}` of the policy file is not known here: this gatewatch reads version {VERSION}"
                ),
            );
        }
    }

    fn preflight(&mut self, node: &Node) -> Option<Preflight> {
        match self.text(node, "`preflight`")?.as_str() {
            "accept-mock" => Some(Preflight::AcceptMock),
            "accept-all" => Some(Preflight::AcceptAll),
            "accept-none" => Some(Preflight::AcceptNone),
            other => self.refuse(
                node,
                format!(
                    "unknown preflight `{other}`; known here: accept-mock, accept-all, accept-none"
                ),
            ),
        }
    }

    fn requirement(&mut self, node: &Node) -> Option<Requirement> {
        let [selector, authorization] =
            self.fields(node, "an entry of `require`", ["match", "authorization"])?;
        let selector = self.selector(selector);
        let Some(authorization) = authorization else {
            return self.refuse(
                node,
                "no `authorization`: list the accepted types, such as [AWS_IAM]",
            );
        };
        let accepted = self.authorization(authorization)?;
        Some(Requirement {
            selector: selector?,
            accepted,
            line: node.line,
        })
    }

    fn authorization(&mut self, node: &Node) -> Option<BTreeSet<AuthorizationType>> {
        let mut accepted = BTreeSet::new();
        for (text, at) in self.texts(node, "`authorization`")? {
            match AuthorizationType::from(text) {
                AuthorizationType::Other(other) => {
                    let known = AuthorizationType::KNOWN;
                    let known: Vec<&str> = known.iter().map(AuthorizationType::as_str).collect();
                    self.add(
                        at,
                        format!(
                            "unknown authorization type `{other}`; known here: {}",
                            known.join(", ")
                        ),
                    );
                }
                known => {
                    accepted.insert(known);
                }
            }
        }
        Some(accepted)
    }

    fn group(&mut self, node: &Node) -> Option<GroupExpectation> {
        let [name, managed, inline] =
            self.fields(node, "an entry of `groups`", ["name", "policies", "inline"])?;
        let name_node = name;
        let name = self.mandatory(node, name, "name", "the group's name");
        if let (Some(name), Some(at)) = (&name, name_node)
            && let Some(earlier) = self.groups.insert(name.to_lowercase(), node.line)
        {
            self.add(
                at,
                format!("group `{name}` stands on line {earlier} already"),
            );
        }
        let mut policies = Vec::new();
        if let Some(managed) = managed {
            for (text, at) in self.texts(managed, "`policies`").unwrap_or_default() {
                policies.extend(self.managed_policy(at, text));
            }
        }
        if let Some(inline) = inline {
            let names = self.texts(inline, "`inline`").unwrap_or_default();
            policies.extend(names.into_iter().map(|(name, _)| WhichPolicy::Inline(name)));
        }
        if managed.is_none() && inline.is_none() {
            return self.refuse(
                node,
                "no `policies` and no `inline`: say what the group must carry",
            );
        }
        Some(GroupExpectation {
            name: name?,
            policies,
            line: node.line,
        })
    }

    fn managed_policy(&mut self, node: &Node, text: String) -> Option<WhichPolicy> {
        if !text.starts_with("arn:") {
            return Some(WhichPolicy::ManagedName(text));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            [_, _, "iam", "", _, policy] if policy.starts_with("policy/") => {
                Some(WhichPolicy::ManagedArn(text))
            }
            _ => self.refuse(
                node,
                format!(
                    "`{text}` is no managed policy's ARN: they look like arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"
                ),
            ),
        }
    }

    fn exemption(&mut self, node: &Node) -> Option<Exemption> {
        let [id, rule, selector, principal, reason, owner, expires] = self.fields(
            node,
            "an entry of `exemptions`",
            [
                "id",
                "rule",
                "match",
                "principal",
                "reason",
                "owner",
                "expires",
            ],
        )?;
        let ids = id.map(|id| self.ids(id)).unwrap_or_default();
        let rules = rule.map(|rule| self.rules(rule)).unwrap_or_default();
        if let (Some(_), Some(principal)) = (selector, principal) {
            self.add(
                principal,
                "`match` speaks of methods and `principal` of groups: no finding is about both"
                    .to_owned(),
            );
        }
        let selector = self.selector(selector);
        let principals = self.optional_texts(principal, "`principal`");
        let reason = self.mandatory(node, reason, "reason", "why the exception is allowed");
        let owner = self.mandatory(node, owner, "owner", "who answers for it");
        let expires = match expires {
            Some(expires) => self.date(expires),
            None => self.refuse(
                node,
                "no `expires`: the last day of the exception, YYYY-MM-DD",
            ),
        };
        let selector = selector?;
        if id.is_none() && selector.meets_everything() && takes_everything(&principals) {
            return self.refuse(
                node,
                "this exemption would hide everything: narrow it with `id`, `match` or `principal`",
            );
        }
        Some(Exemption {
            ids,
            rules,
            selector,
            principals,
            reason: reason?,
            owner: owner?,
            expires: expires?,
            line: node.line,
        })
    }

    fn ids(&mut self, node: &Node) -> Vec<String> {
        let mut ids = Vec::new();
        for (text, at) in self.texts(node, "`id`").unwrap_or_default() {
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
        for (text, at) in self.texts(node, "`rule`").unwrap_or_default() {
            match RuleId::from_name(&text) {
                Some(RuleId::UnreadApi) => self.add(
                    at,
                    "`unread-api` cannot be exempted: what was not read is never clean".to_owned(),
                ),
                Some(rule) => rules.push(rule),
                None => {
                    let known: Vec<&str> = RuleId::ALL.iter().map(|rule| rule.as_str()).collect();
                    self.add(
                        at,
                        format!("unknown rule `{text}`; known here: {}", known.join(", ")),
                    );
                }
            }
        }
        rules
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let text = self.text(node, "`expires`")?;
        match text.parse::<Date>() {
            Ok(date) => Some(date),
            Err(_) => self.refuse(
                node,
                format!("`{text}` is no day of the calendar: write YYYY-MM-DD"),
            ),
        }
    }

    /// A `match`. Without one, a selector that asks for nothing.
    fn selector(&mut self, node: Option<&Node>) -> Option<Selector> {
        let Some(node) = node else {
            return Some(Selector::default());
        };
        let [region, api, stage, verb, path, tags] = self.fields(
            node,
            "`match`",
            ["region", "api", "stage", "verb", "path", "tags"],
        )?;
        Some(Selector {
            region: self.optional_texts(region, "`region`"),
            api: self.optional_texts(api, "`api`"),
            stage: self.optional_texts(stage, "`stage`"),
            verb: verb.map(|verb| self.verbs(verb)).unwrap_or_default(),
            path: path.map(|path| self.paths(path)).unwrap_or_default(),
            tags: tags.map(|tags| self.tags(tags)).unwrap_or_default(),
        })
    }

    fn verbs(&mut self, node: &Node) -> Vec<String> {
        let mut verbs = Vec::new();
        for (text, at) in self.texts(node, "`verb`").unwrap_or_default() {
            let verb = text.to_ascii_uppercase();
            if VERBS.contains(&verb.as_str()) || verb.contains(['*', '?']) {
                verbs.push(verb);
            } else {
                self.add(
                    at,
                    format!("unknown verb `{text}`; known here: {}", VERBS.join(", ")),
                );
            }
        }
        verbs
    }

    fn paths(&mut self, node: &Node) -> Vec<String> {
        let mut paths = Vec::new();
        for (text, at) in self.texts(node, "`path`").unwrap_or_default() {
            if text.starts_with(['/', '*', '?', '$']) {
                paths.push(text);
            } else {
                self.add(
                    at,
                    format!("the path `{text}` does not begin with `/` (or, as a route, with `$`)"),
                );
            }
        }
        paths
    }

    fn tags(&mut self, node: &Node) -> BTreeMap<String, Vec<String>> {
        let mut tags = BTreeMap::new();
        let Value::Map(entries) = &node.value else {
            self.add(
                node,
                "`tags` must be a mapping, such as {team: payments}".to_owned(),
            );
            return tags;
        };
        for (key, value) in entries {
            if let Some(key) = self.text(key, "a tag's key") {
                let values = self.optional_texts(Some(value), &format!("the tag `{key}`"));
                tags.insert(key, values);
            }
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn mistakes(text: &str) -> String {
        PolicyFile::from_yaml("gatewatch.yaml", text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_whole_file_is_read() {
        let policy = PolicyFile::from_yaml(
            "gatewatch.yaml",
            r"
version: 1
preflight: accept-all
require:
  - authorization: AWS_IAM
  - match: {api: [Public*, a1b2c3d4e5], verb: get, path: /health, tags: {team: web}}
    authorization: [NONE, JWT]
groups:
  - name: api-callers
    policies: [AmazonAPIGatewayInvokeFullAccess, 'arn:aws:iam::aws:policy/ReadOnlyAccess']
    inline: extra
exemptions:
  - rule: open-method
    match: {path: '/legacy/*'}
    reason: the partner cannot sign yet
    owner: api-team@example.com
    expires: 2027-03-31
",
        )
        .unwrap();
        assert_eq!(policy.require.len(), 2);
        assert_eq!(policy.require[1].selector.verb, ["GET"]);
        assert_eq!(policy.groups[0].policies.len(), 3);
        assert_eq!(policy.exemptions[0].expires, jiff::civil::date(2027, 3, 31));
        assert_eq!(policy.preflight, Preflight::AcceptAll);
    }

    #[test]
    fn all_mistakes_are_reported_at_once_with_their_places() {
        assert_snapshot!(mistakes(
            r"
version: 3
requires: []
require:
  - match: {paths: /x, verb: FETCH, path: pets}
    authorization: [AWS_IAM, IAM]
  - match: {}
groups:
  - name: a
    policies: [arn:aws:s3:::bucket]
  - policies: []
  - {name: A, inline: x}
exemptions:
  - {rule: open-methods, match: {stage: dev}, owner: '', expires: 2027-02-30}
  - {rule: unread-api, id: abc, match: {path: '*'}, principal: x, reason: r, owner: o, expires: 2027-01-01}
  - {rule: open-method, reason: r, owner: o, expires: 2027-01-01}
  - {match: {path: '*', region: '**'}, reason: r, owner: o, expires: 2027-01-01}
preflight: yes
"
        ), @r"
        gatewatch.yaml:2:10: version `3` of the policy file is not known here: this gatewatch reads version 1
        gatewatch.yaml:3:1: unknown key `requires` in the policy file; known here: version, require, groups, exemptions, preflight
        gatewatch.yaml:5:13: unknown key `paths` in `match`; known here: region, api, stage, verb, path, tags
        gatewatch.yaml:5:30: unknown verb `FETCH`; known here: ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT
        gatewatch.yaml:5:43: the path `pets` does not begin with `/` (or, as a route, with `$`)
        gatewatch.yaml:6:30: unknown authorization type `IAM`; known here: AWS_IAM, CUSTOM, COGNITO_USER_POOLS, JWT, NONE
        gatewatch.yaml:7:5: no `authorization`: list the accepted types, such as [AWS_IAM]
        gatewatch.yaml:10:16: `arn:aws:s3:::bucket` is no managed policy's ARN: they look like arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess
        gatewatch.yaml:11:5: no `name`: the group's name
        gatewatch.yaml:11:15: `policies` is an empty list
        gatewatch.yaml:12:12: group `A` stands on line 9 already
        gatewatch.yaml:14:5: no `reason`: why the exception is allowed
        gatewatch.yaml:14:12: unknown rule `open-methods`; known here: open-method, open-canary, undeployed-fix, api-key-only, unread-api, missing-group-policy, foreign-authorizer, pending-opening, empty-group
        gatewatch.yaml:14:54: `owner` is empty
        gatewatch.yaml:14:67: `2027-02-30` is no day of the calendar: write YYYY-MM-DD
        gatewatch.yaml:15:12: `unread-api` cannot be exempted: what was not read is never clean
        gatewatch.yaml:15:28: `abc` is no finding's id: reports print them, 32 hexadecimal digits
        gatewatch.yaml:15:64: `match` speaks of methods and `principal` of groups: no finding is about both
        gatewatch.yaml:16:5: this exemption would hide everything: narrow it with `id`, `match` or `principal`
        gatewatch.yaml:17:5: this exemption would hide everything: narrow it with `id`, `match` or `principal`
        gatewatch.yaml:18:12: unknown preflight `yes`; known here: accept-mock, accept-all, accept-none
        ");
    }

    #[test]
    fn what_is_not_one_plain_document_is_refused() {
        assert_snapshot!(mistakes(""), @"gatewatch.yaml:1:1: the policy file is empty: begin with `version: 1`");
        assert_snapshot!(mistakes("# only a comment\n"), @"gatewatch.yaml:1:1: the policy file is empty: begin with `version: 1`");
        assert_snapshot!(mistakes("[1, 2]"), @"gatewatch.yaml:1:1: the policy file must be a mapping with the keys version, require, groups, exemptions, preflight");
        assert_snapshot!(mistakes("version: 1\n\"version\": 1\n"), @"gatewatch.yaml:2:1: the same key stands on line 1 already");
        assert_snapshot!(mistakes("version: &a 1\npreflight: *a\n"), @r"
        gatewatch.yaml:1:10: an anchor (`&name`) is not supported here: write the value out
        gatewatch.yaml:2:12: an alias (`*name`) is not supported here: write the value out
        ");
        assert_snapshot!(mistakes("version: 1\n---\nversion: 1\n"), @"gatewatch.yaml:2:1: a second YAML document: only one is read");
        assert_snapshot!(mistakes("version: 1\nrequire: [\n"), @"gatewatch.yaml:3:1: not valid YAML: while parsing a node, did not find expected node content");
        assert_snapshot!(mistakes(&format!("version: 1\nrequire: {}", "[".repeat(5_000))), @"gatewatch.yaml:2:265: not valid YAML: recursion limit exceeded");
    }
}
