//! What the scenarios' remedies print is pasted into a shell: none of it may do harm.

use std::fs;
use std::path::Path;

use gatewatch::config::{PolicyFile, WhichPolicy};
use gatewatch::finding::Finding;
use gatewatch::model::{Api, AuthorizationType, Document, Inventory};
use gatewatch::report::Report;
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
    for folder in folders(&package("tests/scenarios")) {
        let (inventory, policy) = read(&folder);
        let report = Report::new(&inventory, &policy, date(2026, 6, 15));
        let evaluation = &report.evaluation;
        let exempted = evaluation.exempted.iter().map(|it| &it.finding);
        for finding in evaluation.findings.iter().chain(exempted) {
            for command in &finding.remedy.commands {
                let words = shlex::split(command).unwrap();
                assert_eq!(words[0], "aws", "{command}");
                look(&inventory, &policy, finding, &words);
            }
        }
    }
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
        let says = ["changes no other method", "the same deployment also"];
        assert!(says.iter().any(|it| summary.contains(it)), "{summary}");
        // What is accepted to be open is for the policy file to say.
        if policy.require.is_empty() {
            let id = &finding.place.api.as_ref().unwrap().id;
            let mut apis = inventory.apis.iter();
            let region = finding.place.region.as_ref();
            let api = apis.find(|it| it.id == *id && Some(&it.region) == region);
            assert_opens_nothing_else(api.unwrap(), finding);
        }
    });
    assert!(seen > 30, "{seen}");
}

/// Every open method of the draft, but for the finding's own and OPTIONS, is served as open already.
fn assert_opens_nothing_else(api: &Api, finding: &Finding) {
    let (verb, path) = (finding.place.verb.as_deref(), finding.place.path.as_deref());
    let mut stages = api.stages.iter().flatten();
    let stage = stages.find(|it| Some(&it.name) == finding.place.stage.as_ref());
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
