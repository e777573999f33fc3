//! From the YAML tree to a validated policy, collecting every mistake.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::file::{GroupExpectation, PolicyFile, Preflight, Requirement, WhichPolicy};
use super::reader::Reader;
use super::suggest::unknown;
use super::{Mistake, keys};
use crate::inventory::AuthorizationType;
use crate::yaml::{self, Allowed, Node, Value};

/// The version of the policy file's format.
const VERSION: &str = "1";

/// What a policy file may have: it needs six levels.
const ALLOWED: Allowed = Allowed {
    depth: 32,
    short_forms: false,
    repetition: false,
    comments: None,
};

/// Reads a policy file, or says everything that is wrong with it. `today`: the day from which lifetimes
/// are counted; without one they are not judged.
pub(super) fn policy_file(text: &str, today: Option<Date>) -> Result<PolicyFile, Vec<Mistake>> {
    let mut reader = Reader::on(today);
    let root = match yaml::parse(text, ALLOWED, &mut reader.mistakes) {
        Ok(document) => document.map(|document| document.root),
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
        let [
            version,
            require,
            groups,
            invokers,
            exemptions,
            notify,
            preflight,
            days,
        ] = self.fields(root, "the policy file", keys::POLICY_FILE)?;
        self.version(root, version);
        // Before the exemptions, which are held against it.
        if let Some(days) = days.and_then(|node| self.max_exemption_days(node)) {
            self.max_exemption_days = days;
        }
        Some(PolicyFile {
            require: self.items(require, Self::requirement),
            groups: self.items(groups, Self::group),
            invokers: self.items(invokers, Self::invokers),
            exemptions: self.items(exemptions, Self::exemption),
            notify: self.items(notify, Self::notify),
            preflight: preflight
                .and_then(|node| self.preflight(node))
                .unwrap_or_default(),
            max_exemption_days: self.max_exemption_days,
            text: String::new(),
            origin: None,
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
                unknown(&format!("preflight `{other}`"), &keys::PREFLIGHT, other),
            ),
        }
    }

    fn requirement(&mut self, node: &Node) -> Option<Requirement> {
        let [selector, authorization] =
            self.fields(node, "an entry of `require`", keys::REQUIREMENT)?;
        let selector = self.selector(selector);
        let Some(authorization) = authorization else {
            return self.refuse(
                node,
                "no `authorization`: list the accepted types, such as [AWS_IAM]",
            );
        };
        Some(Requirement {
            accepted: self.authorization(authorization),
            selector: selector?,
            line: node.line,
        })
    }

    fn authorization(&mut self, node: &Node) -> BTreeSet<AuthorizationType> {
        let mut accepted = BTreeSet::new();
        for (text, at) in self.texts(node, "`authorization`") {
            match AuthorizationType::from(text) {
                AuthorizationType::Other(other) => {
                    let types = AuthorizationType::KNOWN;
                    let known: Vec<&str> = types.iter().map(AuthorizationType::as_str).collect();
                    let what = format!("authorization type `{other}`");
                    self.add(at, unknown(&what, &known, &other));
                }
                known => {
                    accepted.insert(known);
                }
            }
        }
        accepted
    }

    fn group(&mut self, node: &Node) -> Option<GroupExpectation> {
        let [name, managed, inline, invoke, blanket] =
            self.fields(node, "an entry of `groups`", keys::GROUP)?;
        let own_name = self.mandatory(node, name, "name", "the group's name");
        if let (Some(name), Some(at)) = (&own_name, name)
            && let Some(earlier) = self.groups.insert(name.to_lowercase(), node.line)
        {
            self.add(
                at,
                format!("group `{name}` stands on line {earlier} already"),
            );
        }
        let mut policies = Vec::new();
        if let Some(managed) = managed {
            for (text, at) in self.texts(managed, "`policies`") {
                policies.extend(self.managed_policy(at, text));
            }
        }
        if let Some(inline) = inline {
            let names = self.texts(inline, "`inline`").into_iter();
            policies.extend(names.map(|(name, _)| WhichPolicy::Inline(name)));
        }
        let must_invoke = match invoke {
            Some(list) if matches!(&list.value, Value::List(items) if items.is_empty()) => {
                self.refuse(list, "`invoke` is an empty list")?
            }
            list => self.items(list, |reader, node| reader.selector(Some(node))),
        };
        let accepted = blanket.and_then(|node| Some((node, self.text(node, "`blanket`")?)));
        if let Some((node, word)) = &accepted
            && word != "accepted"
        {
            self.add(
                node,
                unknown(&format!("word `{word}`"), &["accepted"], word),
            );
        }
        if managed.is_none() && inline.is_none() && invoke.is_none() {
            return self.refuse(
                node,
                "no `policies`, no `inline` and no `invoke`: say what the group must carry, or be able \
                 to call",
            );
        }
        Some(GroupExpectation {
            name: own_name?,
            policies,
            invoke: must_invoke,
            blanket_accepted: accepted.is_some(),
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
    severity: high
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
    fn an_id_of_an_api_is_exact() {
        let of_id = |id: &str| {
            let text = format!(
                "version: 1\nrequire:\n  - match: {{api-id: {id}}}\n    authorization: [NONE]\n"
            );
            PolicyFile::from_yaml("gatewatch.yaml", &text)
        };
        let policy = of_id("[a1b2c3d4e5, 0123456789]").unwrap();
        assert_eq!(
            policy.require[0].selector.api_id,
            ["a1b2c3d4e5", "0123456789"]
        );
        for id in ["PetStore", "'a1b2*'", "'a1b2c3d4e5/prod'", "[]", "''"] {
            assert!(of_id(id).is_err(), "{id}");
        }
        assert!(mistakes("version: 1\nrequire:\n  - match: {api-id: PetStore}\n    authorization: [NONE]\n").contains(
            "gatewatch.yaml:3:21: `PetStore` is no id of an API, such as a1b2c3d4e5: patterns and names stand in `api`"
        ));
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
notify:
  - {match: {api: Pet*, path: /x}, topic: alerts}
  - {match: {account: '*'}, topic: 'arn:aws:sns:eu-west-1:111122223333:a'}
  - {topic: 'arn:aws:sns:eu-west-1:111122223333:a', format: slack}
  - {match: {tags: {team: a}}, topic: 'arn:aws:sns:eu-west-1:111122223333:b'}
  - {match: {account: 1111}, topic: 'arn:aws:sns:eu-west-1:111122223333:b', format: chat}
exemptions:
  - {rule: open-methods, match: {stage: dev}, owner: '', expires: 2027-02-30}
  - {rule: unread-api, id: abc, match: {path: '*'}, principal: x, reason: r, owner: o, expires: 2027-01-01}
  - {rule: open-method, reason: r, owner: o, severity: high, expires: 2027-01-01}
  - {match: {path: '*', region: '**'}, reason: r, owner: o, severity: high, expires: 2027-01-01}
preflight: yes
"
        ), @r"
        gatewatch.yaml:2:10: version `3` of the policy file is not known here: this gatewatch reads version 1
        gatewatch.yaml:3:1: unknown key `requires` in the policy file; did you mean `require`? known here: version, require, groups, invokers, exemptions, notify, preflight, max_exemption_days
        gatewatch.yaml:5:13: unknown key `paths` in `match`; did you mean `path`? known here: region, api, api-id, stage, verb, path, exposure, tags
        gatewatch.yaml:5:30: unknown verb `FETCH`; known here: ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT
        gatewatch.yaml:5:43: the path `pets` does not begin with `/` (or, as a route, with `$`)
        gatewatch.yaml:6:30: unknown authorization type `IAM`; known here: AWS_IAM, CUSTOM, COGNITO_USER_POOLS, JWT, NONE
        gatewatch.yaml:7:5: no `authorization`: list the accepted types, such as [AWS_IAM]
        gatewatch.yaml:10:16: `arn:aws:s3:::bucket` is no managed policy's ARN: they look like arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess
        gatewatch.yaml:11:5: no `name`: the group's name
        gatewatch.yaml:11:15: `policies` is an empty list
        gatewatch.yaml:12:12: group `A` stands on line 9 already
        gatewatch.yaml:14:25: unknown key `path` in `match` of `notify`; known here: account, region, api, api-id, tags
        gatewatch.yaml:14:43: `alerts` is no topic's ARN: they look like arn:aws:sns:eu-west-1:111122223333:payments
        gatewatch.yaml:15:13: this entry would send an owner everything: narrow it, or subscribe to the topic of the digests
        gatewatch.yaml:16:5: no `match`: say what is theirs, by `tags`, `api`, `api-id`, `region` or `account`
        gatewatch.yaml:16:61: unknown format `slack`; known here: digest, chat
        gatewatch.yaml:18:5: the topic `arn:aws:sns:eu-west-1:111122223333:b` has the format `digest` on line 17: a topic has one
        gatewatch.yaml:18:23: `1111` is no account's id: twelve digits, in quotes
        gatewatch.yaml:20:5: no `severity`: the worst severity it may cover, as the report prints it
        gatewatch.yaml:20:5: no `reason`: why the exception is allowed
        gatewatch.yaml:20:12: unknown rule `open-methods`; did you mean `open-method`? known here: open-method, open-connect, open-canary, undeployed-fix, api-key-only, world-signed, open-to-all-vpcs, foreign-authorizer, pending-opening, probe-disagrees, missing-group-policy, powerless-group, guest-invoker, unlisted-invoker, direct-user-grant, dangling-grant, empty-group, blanket-grant, uncallable-method
        gatewatch.yaml:20:54: `owner` is empty
        gatewatch.yaml:20:67: `2027-02-30` is no day of the calendar: write YYYY-MM-DD
        gatewatch.yaml:21:5: no `severity`: the worst severity it may cover, as the report prints it
        gatewatch.yaml:21:12: `unread-api` cannot be exempted: what was not read is never clean
        gatewatch.yaml:21:28: `abc` is no finding's id: reports print them, 32 hexadecimal digits
        gatewatch.yaml:21:64: `match` speaks of methods and `principal` of groups: no finding is about both
        gatewatch.yaml:22:5: this exemption would hide everything: narrow it with `id`, `match` or `principal`
        gatewatch.yaml:23:5: no `rule`: name what is allowed, such as open-method (or the `id` of a finding)
        gatewatch.yaml:23:5: this exemption would hide everything: narrow it with `id`, `match` or `principal`
        gatewatch.yaml:24:12: unknown preflight `yes`; known here: accept-mock, accept-all, accept-none
        ");
    }

    #[test]
    fn an_exemption_says_what_it_allows_and_until_when() {
        let on = |text: &str| {
            let read = PolicyFile::from_yaml_on("p.yaml", text, jiff::civil::date(2026, 6, 15));
            read.map_or_else(|mistakes| mistakes.to_string(), |_| "read".to_owned())
        };
        assert_snapshot!(on(r"
version: 1
exemptions:
  - {rule: api-key-only, match: {path: /a}, severity: hihg, reason: r, owner: o, expires: 2026-12-31}
  - {rule: [unused-exemption, expired-exemption], match: {path: /b}, reason: r, owner: o, severity: high, expires: 2026-12-31}
  - {rule: [open-method, api-key-only], match: {path: /c, verb: [GET, HEAD]}, reason: r, owner: o, severity: high, expires: 2027-06-15}
  - {rule: [api-key-only, open-method], match: {verb: [head, get], path: /c}, reason: s, owner: p, severity: high, expires: 2026-08-15}
  - {rule: open-method, match: {path: /d}, reason: r, owner: o, severity: high, expires: 2027-06-16}
  - {id: 833cd204a62efbf550eb540d5af88df4, reason: r, owner: o, severity: high, expires: 20261231}
max_exemption_days: 10000
"), @r"
        p.yaml:4:55: unknown severity `hihg`; did you mean `high`? known here: critical, high, medium, low, informational
        p.yaml:5:13: `unused-exemption` cannot be exempted: mend or delete the entry it names
        p.yaml:5:31: `expired-exemption` cannot be exempted: mend or delete the entry it names
        p.yaml:7:5: an exemption for the same stands on line 6 already
        p.yaml:8:90: 2027-06-16 lies 366 days ahead, and an exemption may last 365: choose an earlier day, or set `max_exemption_days`
        p.yaml:9:90: `20261231` is no day of the calendar: write YYYY-MM-DD
        p.yaml:10:21: `10000` is no number of days: write a whole number from 1 to 3650
        ");
        let nearer = |days: u16| {
            on(&format!(
                "version: 1\nexemptions: [{{rule: open-method, match: {{path: /d}}, reason: r, \
                 owner: o, severity: high, expires: 2026-07-15}}]\nmax_exemption_days: {days}\n"
            ))
        };
        assert_eq!(nearer(30), "read");
        assert!(nearer(29).contains("30 days ahead"), "{}", nearer(29));
    }

    #[test]
    fn what_is_not_one_plain_document_is_refused() {
        assert_snapshot!(mistakes(""), @"gatewatch.yaml:1:1: the policy file is empty: begin with `version: 1`");
        assert_snapshot!(mistakes("# only a comment\n"), @"gatewatch.yaml:1:1: the policy file is empty: begin with `version: 1`");
        assert_snapshot!(mistakes("[1, 2]"), @"gatewatch.yaml:1:1: the policy file must be a mapping with the keys version, require, groups, invokers, exemptions, notify, preflight, max_exemption_days");
        assert_snapshot!(mistakes("version: 1\n\"version\": 1\n"), @"gatewatch.yaml:2:1: the same key stands on line 1 already");
        assert_snapshot!(mistakes("version: &a 1\npreflight: *a\n"), @r"
        gatewatch.yaml:1:13: an anchor (`&name`) is not supported here: write the value out
        gatewatch.yaml:2:12: an alias (`*name`) is not supported here: write the value out
        ");
        assert_snapshot!(mistakes("version: 1\n---\nversion: 1\n"), @"gatewatch.yaml:2:1: a second YAML document: only one is read");
        assert_snapshot!(mistakes("version: 1\nrequire: [\n"), @"gatewatch.yaml:2:10: not valid YAML: unclosed bracket '['");
        assert_snapshot!(mistakes(&format!("version: 1\nrequire: {}", "[".repeat(5_000))), @"gatewatch.yaml:2:265: not valid YAML: recursion limit exceeded");
    }
}
