//! What the scenarios' remedies print is pasted into a shell: none of it may do harm.

mod deployments;
mod parts;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use gatewatch::audit::Report;
use gatewatch::audit::access::{Estate, Holder};
use gatewatch::audit::finding::{Finding, RuleId};
use gatewatch::iam::{Document, Verdict};
use gatewatch::inventory::{
    Api, AttachedPolicy, AuthorizationType, Group, InlinePolicy, Inventory, Reason,
};
use gatewatch::policy_file::{PolicyFile, WhichPolicy};
use jiff::civil::date;
use serde_json::Value;

use crate::support::blessed::folders;
use crate::support::package;

/// AWS's policy that lets its holder call every API.
const FULL: &str = ":policy/AmazonAPIGatewayInvokeFullAccess";

/// What is asked of a command: the inventory, the policy file, the finding and the command's words.
type Look<'l> = dyn FnMut(&Inventory, &PolicyFile, &Finding, &[String]) + 'l;

/// Every command of every scenario, split into words as a shell does, with what it stands in.
fn each(look: &mut Look<'_>) {
    for (_, inventory, policy, report) in scenarios() {
        for finding in report.evaluation.all_findings() {
            for command in &finding.remedy.commands {
                let words = shlex::split(command).unwrap();
                assert_eq!(words[0], "aws", "{command}");
                look(inventory, policy, finding, &words);
            }
        }
    }
}

/// Every scenario with its report. Some take seconds, so that each is judged once for all tests.
pub(crate) fn scenarios() -> &'static [(String, Inventory, PolicyFile, Report)] {
    static ALL: OnceLock<Vec<(String, Inventory, PolicyFile, Report)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let folders = folders(&package("tests/scenarios")).into_iter();
        let all = folders.map(|folder| {
            let (inventory, policy) = read(&folder);
            let report = Report::new(&inventory, &policy, date(2026, 6, 15));
            let name = folder.file_name().unwrap().to_str().unwrap();
            (name.to_owned(), inventory, policy, report)
        });
        all.collect()
    })
}

fn read(folder: &Path) -> (Inventory, PolicyFile) {
    let inventory = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let policy = fs::read_to_string(folder.join("gatewatch.yaml"));
    let policy = policy.map(|text| PolicyFile::from_yaml("gatewatch.yaml", &text).unwrap());
    (
        Inventory::from_json(&inventory).unwrap(),
        policy.unwrap_or_default(),
    )
}

fn option<'w>(words: &'w [String], name: &str) -> &'w str {
    let at = words.iter().position(|it| it == name);
    at.map_or("", |at| &words[at + 1])
}

#[test]
fn no_deployment_is_printed_that_opens_another_method() {
    let mut seen = 0;
    each(&mut |inventory, policy, finding, words| {
        if words[2] != "create-deployment" {
            return;
        }
        seen += 1;
        let summary = &finding.remedy.summary;
        let says = [
            "changes no other method",
            "the same deployment also",
            "all that the deployment does",
        ];
        assert!(says.iter().any(|it| summary.contains(it)), "{summary}");
        // What is accepted to be open is for the policy file to say.
        if policy.require.is_empty() {
            let id = &finding.place.api.as_ref().unwrap().id;
            let mut apis = inventory.apis.iter();
            let region = finding.place.region.as_deref();
            let api = apis.find(|it| it.id == *id && Some(it.region.as_str()) == region);
            assert_opens_nothing_else(api.unwrap(), finding);
        }
    });
    assert!(seen > 30, "{seen}");
}

/// Every open method of the draft, but for the finding's own and OPTIONS, is served as open already.
fn assert_opens_nothing_else(api: &Api, finding: &Finding) {
    let (verb, path) = (finding.place.verb.as_deref(), finding.place.path.as_deref());
    let mut stages = api.stages.iter().flatten();
    let stage = stages.find(|it| Some(it.name.as_str()) == finding.place.stage.as_deref());
    for draft in api.draft.iter().flatten() {
        let is_route = draft.route_key.is_some() && draft.route_key == finding.place.route_key;
        let is_own = is_route
            || (Some(draft.path.as_str()) == path
                && (Some(draft.verb.as_str()) == verb || draft.verb == "ANY"));
        let is_open = draft.authorization == Some(AuthorizationType::None);
        if is_own || !is_open || draft.verb == "OPTIONS" {
            continue;
        }
        for id in stage.unwrap().served() {
            let methods = api.deployment(id).unwrap().methods.iter().flatten();
            let mut answering = methods
                .filter(|it| it.path == draft.path && (it.verb == draft.verb || it.verb == "ANY"));
            let as_open = answering.any(|it| {
                let drops_key = it.api_key_required && !draft.api_key_required;
                it.authorization == Some(AuthorizationType::None) && !drops_key
            });
            assert!(as_open, "{} {} of {}", draft.verb, draft.path, api.id);
        }
    }
}

#[test]
fn no_grant_is_printed_that_is_a_blanket_grant() {
    let mut seen = 0;
    each(&mut |inventory, policy, _, words| match words[2].as_str() {
        "attach-group-policy" => {
            let (group, arn) = (option(words, "--group-name"), option(words, "--policy-arn"));
            let mut groups = policy.groups.iter().filter(|it| it.name == group);
            let demanded = groups.any(|group| {
                group.policies.iter().any(|it| match it {
                    WhichPolicy::ManagedArn(it) => it == arn,
                    WhichPolicy::ManagedName(name) => {
                        let known = arn
                            .to_lowercase()
                            .ends_with(&format!("/{name}").to_lowercase());
                        known || arn == "POLICY_ARN"
                    }
                    WhichPolicy::Inline(_) => false,
                })
            });
            assert!(demanded, "{words:?}");
        }
        "put-group-policy" => {
            let document = option(words, "--policy-document");
            if document.starts_with("file://") {
                return;
            }
            seen += 1;
            let document: Value = serde_json::from_str(document).unwrap();
            let statements = document["Statement"].as_array().unwrap();
            assert_eq!(statements.len(), 1, "{document}");
            assert_eq!(statements[0]["Action"], "execute-api:Invoke");
            for arn in statements[0]["Resource"].as_array().unwrap() {
                let arn = arn.as_str().unwrap();
                let parts: Vec<&str> = arn.splitn(6, ':').collect();
                assert_eq!(parts[2..5], ["execute-api", parts[3], &inventory.account]);
                let (api, rest) = parts[5].split_once('/').unwrap();
                assert!(inventory.apis.iter().any(|it| it.id == api), "{arn}");
                assert!(!rest.starts_with('*') && !arn.contains('{'), "{arn}");
            }
        }
        _ => assert!(
            !words
                .iter()
                .any(|it| it.ends_with(FULL) && words[2].starts_with("attach"))
        ),
    });
    assert!(seen > 30, "{seen}");
}

#[test]
fn nothing_is_taken_away_that_does_more_than_allow_calls() {
    let mut seen = 0;
    each(&mut |inventory, _, _, words| {
        let iam = inventory.iam.as_ref();
        let kind = words[2].split('-').nth(1).unwrap_or_default();
        let holder = option(words, &format!("--{kind}-name"));
        let document: &Document = match words[2].split('-').next() {
            Some("detach") => {
                let arn = option(words, "--policy-arn");
                &iam.unwrap().policy(arn).unwrap().document
            }
            Some("delete") => {
                let iam = iam.unwrap();
                let groups = iam.groups.iter().map(|it| ("group", &it.name, &it.inline));
                let users = iam.users.iter().map(|it| ("user", &it.name, &it.inline));
                let roles = iam.roles.iter().map(|it| ("role", &it.name, &it.inline));
                let mut all = groups.chain(users).chain(roles);
                let found = all.find(|it| it.0 == kind && it.1 == holder);
                let mut inline = found.unwrap().2.iter();
                let name = option(words, "--policy-name");
                &inline.find(|it| it.name == name).unwrap().document
            }
            _ => return,
        };
        seen += 1;
        let Document::Json(document) = document else {
            panic!("{words:?}");
        };
        let statements = match &document["Statement"] {
            Value::Array(list) => list.clone(),
            single => vec![single.clone()],
        };
        for statement in statements {
            assert_eq!(statement["Effect"], "Allow", "{words:?}");
            let actions = match &statement["Action"] {
                Value::Array(list) => list.clone(),
                single => vec![single.clone()],
            };
            for action in actions {
                let action = action.as_str().unwrap().to_lowercase();
                assert!(action.starts_with("execute-api:"), "{words:?}: {action}");
            }
        }
    });
    assert!(seen > 5, "{seen}");
}

/// The document of the policy that a command takes from its holder. `None`: it takes none.
fn taken<'i>(inventory: &'i Inventory, words: &[String]) -> Option<&'i Value> {
    let iam = inventory.iam.as_ref()?;
    let kind = words[2].split('-').nth(1)?;
    let name = option(words, &format!("--{kind}-name"));
    let document = match words[2].split('-').next()? {
        "detach" => &iam.policy(option(words, "--policy-arn"))?.document,
        "delete" => {
            let inline = match kind {
                "group" => &iam.groups.iter().find(|it| it.name == name)?.inline,
                "user" => &iam.users.iter().find(|it| it.name == name)?.inline,
                _ => &iam.roles.iter().find(|it| it.name == name)?.inline,
            };
            let policy = option(words, "--policy-name");
            &inline.iter().find(|it| it.name == policy)?.document
        }
        _ => return None,
    };
    let Document::Json(document) = document else {
        panic!("{words:?}");
    };
    Some(document)
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().map(|it| it.as_str().unwrap()).collect(),
        single => vec![single.as_str().unwrap()],
    }
}

#[test]
fn nothing_is_taken_away_that_reaches_beyond_what_was_read() {
    let mut seen = 0;
    each(&mut |inventory, _, _, words| {
        let Some(document) = taken(inventory, words) else {
            return;
        };
        seen += 1;
        assert!(inventory.scope.apis.is_empty(), "{words:?}");
        let statements = match &document["Statement"] {
            Value::Array(list) => list.iter().collect(),
            single => vec![single],
        };
        for statement in statements {
            assert_eq!(
                list(&statement["Action"]),
                ["execute-api:Invoke"],
                "{words:?}"
            );
            for resource in list(&statement["Resource"]) {
                let parts: Vec<&str> = resource.splitn(6, ':').collect();
                assert_eq!(parts.len(), 6, "{words:?}");
                let id = parts[5].split('/').next().unwrap();
                let mut apis = inventory.apis.iter();
                let is_read =
                    apis.any(|it| it.id == id && it.region == parts[3] && it.stages.is_some());
                assert!(is_read && parts[4] == inventory.account, "{words:?}");
            }
        }
    });
    assert!(seen > 5, "{seen}");
}

#[test]
fn nothing_is_taken_away_that_lets_a_listed_member_or_anything_else_in() {
    let mut taken = Vec::new();
    let folder = package("tests/scenarios/nothing-unread-is-taken-away");
    let (inventory, policy) = read(&folder);
    let report = Report::new(&inventory, &policy, date(2026, 6, 15));
    for finding in &report.evaluation.findings {
        let commands = finding.remedy.commands.iter();
        taken.extend(commands.map(|it| it.strip_prefix("aws iam ").unwrap().to_owned()));
    }
    let role = |name: &str| format!("delete-role-policy --role-name {name} --policy-name own");
    let mut expected = vec![
        "delete-group-policy --group-name others --policy-name own".to_owned(),
        role("of-this-method"),
        role("of-an-api-elsewhere-in-its-policies"),
        role("of-two-policies"),
    ];
    taken.sort();
    expected.sort();
    assert_eq!(taken, expected);
}

/// Does to the account what a command would do.
fn paste(inventory: &mut Inventory, words: &[String]) {
    let ours = |it: &Api| {
        let ids = [option(words, "--rest-api-id"), option(words, "--api-id")];
        ids.contains(&it.id.as_str()) && it.region == option(words, "--region")
    };
    match words[2].as_str() {
        "update-method" | "update-route" => {
            let resource = [option(words, "--resource-id"), option(words, "--route-id")];
            let verb = option(words, "--http-method");
            for api in inventory.apis.iter_mut().filter(|it| ours(it)) {
                for method in api.draft.iter_mut().flatten() {
                    let is_it = verb.is_empty() || method.verb == verb;
                    if is_it && resource.contains(&method.resource_id.as_str()) {
                        method.authorization = Some(AuthorizationType::AwsIam);
                    }
                }
            }
        }
        "create-deployment" => {
            for api in inventory.apis.iter_mut().filter(|it| ours(it)) {
                let draft = serde_json::to_value(&api.draft).unwrap();
                let mut methods: Vec<Value> = draft.as_array().unwrap().clone();
                for method in &mut methods {
                    let method = method.as_object_mut().unwrap();
                    method.retain(|key, _| {
                        !["resource_id", "integration", "authorizer_id"].contains(&key.as_str())
                    });
                }
                for deployment in &mut api.deployments {
                    deployment.methods =
                        serde_json::from_value(Value::from(methods.clone())).unwrap();
                }
            }
        }
        _ => paste_iam(inventory, words),
    }
}

fn paste_iam(inventory: &mut Inventory, words: &[String]) {
    let Some(iam) = inventory.iam.as_mut() else {
        return;
    };
    let mut parts = words[2].split('-');
    let (verb, kind) = (parts.next().unwrap(), parts.next().unwrap());
    // A user of the reader's choice becomes a member.
    if verb == "add" {
        return;
    }
    let name = option(words, &format!("--{kind}-name"));
    if kind == "group" && !iam.groups.iter().any(|it| it.name == name) {
        iam.groups.push(Group {
            name: name.to_owned(),
            arn: format!("arn:aws:iam::{}:group/{name}", inventory.account),
            inline: Vec::new(),
            attached: Vec::new(),
        });
    }
    let (inline, attached) = match kind {
        "group" => {
            let group = iam.groups.iter_mut().find(|it| it.name == name).unwrap();
            (&mut group.inline, &mut group.attached)
        }
        "user" => {
            let user = iam.users.iter_mut().find(|it| it.name == name).unwrap();
            (&mut user.inline, &mut user.attached)
        }
        _ => {
            let role = iam.roles.iter_mut().find(|it| it.name == name).unwrap();
            (&mut role.inline, &mut role.attached)
        }
    };
    let policy = option(words, "--policy-name");
    let arn = option(words, "--policy-arn");
    match verb {
        "put" => {
            let document = option(words, "--policy-document");
            if !document.starts_with("file://") {
                let taken = |it: &InlinePolicy| it.name.eq_ignore_ascii_case(policy);
                assert!(!inline.iter().any(taken), "it replaces one: {words:?}");
                inline.push(InlinePolicy {
                    name: policy.to_owned(),
                    document: gatewatch::iam::parse_document(document),
                });
            }
        }
        "attach" if arn.contains(':') => attached.push(AttachedPolicy {
            name: arn.rsplit('/').next().unwrap().to_owned(),
            arn: arn.to_owned(),
        }),
        "delete" => inline.retain(|it| it.name != policy),
        "detach" => attached.retain(|it| it.arn != arn),
        _ => {}
    }
}

/// What is found about groups, users, roles and who can call what.
fn about_access(inventory: &Inventory, policy: &PolicyFile) -> Vec<(RuleId, String, String)> {
    let report = Report::new(inventory, policy, date(2026, 6, 15));
    let about = [
        RuleId::UnlistedInvoker,
        RuleId::BlanketGrant,
        RuleId::MissingGroupPolicy,
        RuleId::PowerlessGroup,
        RuleId::UncallableMethod,
    ];
    let findings = report.evaluation.findings.into_iter();
    let findings = findings.filter(|it| about.contains(&it.rule));
    let in_short = findings.map(|it| {
        let who = it.place.principal.as_ref();
        let place = match who {
            Some(who) => format!("{} {}", who.kind.as_str(), who.name),
            None => format!("{:?}", it.place),
        };
        match it.rule {
            // What one says of a group that cannot call what it should becomes the other with its first grant.
            RuleId::MissingGroupPolicy | RuleId::PowerlessGroup => {
                (RuleId::PowerlessGroup, place, String::new())
            }
            rule => (rule, place, it.message.into_owned()),
        }
    });
    in_short.collect()
}

#[test]
fn what_is_pasted_makes_no_finding_of_its_own() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (name, inventory, policy, report) in scenarios() {
        // What is undecided takes seconds each time.
        let mut gaps = report.evaluation.gaps.iter();
        if gaps.any(|it| it.reason == Reason::TooMuchWork) {
            continue;
        }
        for finding in &report.evaluation.findings {
            let commands = finding.remedy.commands.iter();
            let commands: Vec<Vec<String>> = commands.map(|it| shlex::split(it).unwrap()).collect();
            if !commands.iter().any(|it| it[1] == "iam") {
                continue;
            }
            seen += 1;
            // What the method's own change brings about is not the grant's doing.
            let mut without = inventory.clone();
            for words in commands.iter().filter(|it| it[1] != "iam") {
                paste(&mut without, words);
            }
            let mut with = without.clone();
            for words in commands.iter().filter(|it| it[1] == "iam") {
                paste(&mut with, words);
            }
            let takes = commands.iter().any(|it| it[2].starts_with("de"));
            let before = about_access(&without, policy);
            for new in about_access(&with, policy) {
                let is_known = before.iter().any(|it| {
                    let says_as_much = it.2 == new.2 || takes;
                    it.0 == new.0 && it.1 == new.1 && says_as_much
                });
                if !is_known {
                    wrong.push(format!(
                        "{name}: {:?} makes {new:?}",
                        finding.remedy.commands
                    ));
                }
            }
            if takes && finding.rule != RuleId::UnlistedInvoker {
                assert_keeps_its_access(&without, &with, finding);
            }
        }
    }
    assert!(seen > 30, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The holder of a finding may call what it could.
fn assert_keeps_its_access(before: &Inventory, after: &Inventory, finding: &Finding) {
    let name = &finding.place.principal.as_ref().unwrap().name;
    let verdicts = |inventory: &Inventory| -> Vec<Verdict> {
        let estate = Estate::new(inventory).unwrap();
        let kind = finding.place.principal.as_ref().unwrap().kind;
        let is_it = |it: &&Holder| it.name == *name && it.kind.as_str() == kind.as_str();
        let holder = estate.holders().iter().find(is_it).unwrap();
        let methods = estate.methods().iter();
        methods
            .map(|it| estate.decide(holder, it).access.verdict)
            .collect()
    };
    assert_eq!(
        verdicts(before),
        verdicts(after),
        "{:?}",
        finding.remedy.commands
    );
}

#[test]
fn no_group_of_the_readers_choice_is_granted_what_is_for_others() {
    for (folder, rule) in [
        ("methods-for-roles-alone", RuleId::UncallableMethod),
        ("methods-for-roles-alone", RuleId::OpenMethod),
    ] {
        let (inventory, policy) = read(&package("tests/scenarios").join(folder));
        let report = Report::new(&inventory, &policy, date(2026, 6, 15));
        let mut findings = report.evaluation.findings.iter();
        let of_pets = |it: &&Finding| {
            let api = it.place.api.as_ref();
            it.rule == rule && api.is_some_and(|it| it.name == "Pets")
        };
        let finding = findings.find(of_pets).unwrap();
        let mut commands = finding.remedy.commands.iter();
        assert!(!commands.any(|it| it.contains(" iam ")), "{finding:?}");
        assert!(finding.remedy.summary.contains("ci"), "{finding:?}");
    }
}

#[test]
fn a_grant_that_takes_in_another_method_is_withheld() {
    let (inventory, policy) = read(&package(
        "tests/scenarios/a-grant-that-takes-in-another-method",
    ));
    let report = Report::new(&inventory, &policy, date(2026, 6, 15));
    let mut granted = Vec::new();
    for finding in &report.evaluation.findings {
        let api = finding.place.api.as_ref();
        let name = api.map_or("of a group", |it| it.name.as_str());
        for command in &finding.remedy.commands {
            let words = shlex::split(command).unwrap();
            let document: Option<Value> =
                serde_json::from_str(option(&words, "--policy-document")).ok();
            let Some(document) = document else { continue };
            let arns = list(&document["Statement"][0]["Resource"]).into_iter();
            let arns: Vec<&str> = arns.map(|it| it.split_once("/prod/").unwrap().1).collect();
            let group = option(&words, "--group-name");
            granted.push(format!("{name}, {group}: {}", arns.join(" ")));
        }
    }
    granted.sort();
    let expected = [
        "Both, a: GET/pets/*",
        "Both, a: GET/pets/*/toys",
        "Post, a: GET/pets/*",
        "Preflight, a: */pets/*",
        "Proxy, GROUP_NAME: */?*",
        "Proxy, GROUP_NAME: DELETE/ GET/ HEAD/ OPTIONS/ PATCH/ POST/ PUT/",
        "Verbs, a: GET/pets HEAD/pets OPTIONS/pets PATCH/pets POST/pets PUT/pets",
    ];
    assert_eq!(granted, expected);
}
