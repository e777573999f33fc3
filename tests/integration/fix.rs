//! `gatewatch fix`: what a plan has, and what it refuses.

use std::fs;

use gatewatch::audit::fix::{CanaryChoice, Options, Selection, plan};
use gatewatch::render::fix_document;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::opened::account;
use crate::remedies::scenarios;
use crate::schemas::assert_fits;
use crate::support::command::{Run, Shell};

const OPEN: &[(&str, &str, &str)] = &[("GET", "/a", "NONE")];

/// `gatewatch fix` on an inventory.
fn fix(inventory: &Value, arguments: &[&str]) -> Run {
    let all = [&["fix", "-"], arguments].concat();
    Shell::bare().run_with_input(&all, &inventory.to_string())
}

/// The plan as JSON.
fn planned(inventory: &Value, arguments: &[&str]) -> Value {
    let run = fix(inventory, &[&["--format", "json"], arguments].concat());
    let plan = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_fits("fix", &plan);
    plan
}

fn actions(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|it| it["action"].as_str().unwrap()).collect()
}

/// Why each finding without steps has none, and the option that allows it.
fn refusals(plan: &Value) -> Vec<(&str, Option<&str>)> {
    let refused = plan["refused"].as_array().unwrap().iter();
    let refused = refused.map(|it| (it["why"].as_str().unwrap(), it["lifted_by"].as_str()));
    refused.collect()
}

/// A group with a member, and the API's method that nobody but the role may call.
fn with_group(mut account: Value) -> Value {
    account["iam"]["groups"] = json!([{
        "name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "attached": [], "inline": [],
    }]);
    account["iam"]["users"] = json!([{
        "name": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "groups": ["callers"],
        "attached": [], "inline": [],
    }]);
    account
}

#[test]
fn a_plan_sets_and_deploys_and_says_who_can_call() {
    let account = account(OPEN, "prod/GET/a");
    let run = fix(&account, &[]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let plan = planned(&account, &[]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
    let method = &plan["methods"][0];
    assert_eq!(method["authorization_before"], "NONE");
    assert_eq!(method["authorization_after"], "AWS_IAM");
    assert_eq!(method["callers_after"]["all"], json!(["role/ci"]));
    let id = plan["steps"][0]["findings"][0].as_str().unwrap();
    let command = plan["steps"][1]["command"].as_str().unwrap();
    assert!(
        command.ends_with(&format!("--description 'gatewatch fix: {id}'")),
        "{command}"
    );
    for says in [
        "1. set",
        "2. deploy",
        "now: NONE",
        "role/ci",
        "who does not sign",
    ] {
        assert!(run.stdout.contains(says), "{says}: {}", run.stdout);
    }
}

#[test]
fn commands_wait_for_each_other_and_whom_a_method_is_for_comes_first() {
    let account = with_group(account(OPEN, "prod/GET/a"));
    let run = fix(&account, &["--as", "aws-cli", "--group", "callers"]);
    let commands: Vec<&str> = run.stdout.trim_end().split(" &&\n").collect();
    let verbs: Vec<String> = commands
        .iter()
        .map(|it| shlex::split(it).unwrap()[2].clone())
        .collect();
    assert_eq!(
        verbs,
        ["put-group-policy", "update-method", "create-deployment"]
    );
    let plan = planned(&account, &["--group", "callers"]);
    let callers = json!(["user/alice", "role/ci"]);
    assert_eq!(plan["methods"][0]["callers_after"]["all"], callers);
    // Who needs no grant gets none.
    let mut granted = account;
    granted["iam"]["groups"][0]["inline"] = granted["iam"]["roles"][0]["inline"].clone();
    let plan = planned(&granted, &["--group", "callers"]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
}

#[test]
fn what_nobody_could_call_any_more_is_refused() {
    let account = account(OPEN, "prod/GET/other");
    let plan = planned(&account, &[]);
    assert!(actions(&plan).is_empty());
    let refused = refusals(&plan);
    assert!(refused[0].0.contains("nobody could call it"), "{refused:?}");
    assert_eq!(refused[0].1, Some("--allow-lockout"));
    assert_eq!(fix(&account, &[]).status, 3);
    let plan = planned(&account, &["--allow-lockout"]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
    assert_eq!(
        plan["methods"][0]["callers_after"]["none"],
        json!(["role/ci"])
    );
    // A group without members is nobody.
    let mut empty = with_group(account.clone());
    empty["iam"]["users"] = json!([]);
    assert!(actions(&planned(&empty, &["--group", "callers"])).is_empty());
    let with_member = planned(&with_group(account.clone()), &["--group", "callers"]);
    assert_eq!(
        actions(&with_member),
        ["put-group-policy", "set-authorization", "deploy"]
    );
    // Who is not read may be anybody or nobody.
    let mut unread = account;
    unread["iam"] = Value::Null;
    assert_eq!(
        refusals(&planned(&unread, &[]))[0].1,
        Some("--allow-lockout")
    );
}

#[test]
fn what_others_have_left_in_the_draft_is_not_released_unasked() {
    let two = &[("GET", "/a", "NONE"), ("GET", "/b", "AWS_IAM")];
    let mut account = account(two, "prod/GET/*");
    account["apis"][0]["draft"][1]["api_key_required"] = json!(true);
    let plan = planned(&account, &[]);
    assert!(actions(&plan).is_empty());
    let refused = refusals(&plan);
    assert!(
        refused[0].0.contains("asks for an API key at GET /b"),
        "{refused:?}"
    );
    assert_eq!(refused[0].1, Some("--deploy-everything"));
    let plan = planned(&account, &["--deploy-everything"]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
    let notes = plan["notes"].to_string();
    assert!(
        notes.contains("also asks for an API key at GET /b"),
        "{notes}"
    );
    // What opens another method is never released.
    account["apis"][0]["draft"][1]["authorization"] = json!("NONE");
    let plan = planned(&account, &["--deploy-everything", "--rule", "open-method"]);
    assert!(actions(&plan).is_empty());
    assert_eq!(refusals(&plan)[0].1, None);
}

#[test]
fn what_a_stack_manages_is_left_to_its_source() {
    let mut tagged = account(OPEN, "prod/GET/a");
    for (tags, who) in [
        (
            json!({"aws:cloudformation:stack-name": "shop"}),
            "stack `shop`",
        ),
        (json!({"ManagedBy": "Terraform"}), "Terraform"),
    ] {
        tagged["apis"][0]["tags"] = tags;
        let plan = planned(&tagged, &[]);
        assert!(actions(&plan).is_empty());
        let refused = refusals(&plan);
        assert!(refused[0].0.contains(who), "{refused:?}");
        assert!(
            refused[0].0.contains("AuthorizationType: AWS_IAM"),
            "{refused:?}"
        );
        assert_eq!(refused[0].1, Some("--even-if-managed"));
        let plan = planned(&tagged, &["--even-if-managed"]);
        assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
        assert!(plan["notes"].to_string().contains("drifts from its source"));
    }
    // A tag of the stage alone counts, too.
    let mut account = account(OPEN, "prod/GET/a");
    account["apis"][0]["stages"][0]["tags"] = json!({"aws:cloudformation:logical-id": "Stage"});
    assert_eq!(
        refusals(&planned(&account, &[]))[0].1,
        Some("--even-if-managed")
    );
}

#[test]
fn what_cannot_be_told_is_refused_whatever_is_allowed() {
    let all = &[
        "--deploy-everything",
        "--even-if-managed",
        "--allow-lockout",
    ];
    let account = account(OPEN, "prod/GET/a");
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = account.clone();
        change(&mut changed);
        let run = fix(&changed, &[&["--format", "json"][..], all].concat());
        assert_eq!(run.status, 3);
        let plan: Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(actions(&plan).is_empty(), "{plan}");
        let refused = refusals(&plan).into_iter().map(|it| it.0.to_owned());
        refused.collect::<Vec<_>>().join("\n")
    };
    let draft = refused(&|it| it["apis"][0]["draft"] = Value::Null);
    assert!(draft.contains("draft could not be read"), "{draft}");
    let canary = refused(&|it| {
        it["apis"][0]["stages"][0]["canary"] =
            json!({"deployment_id": "dep111", "percent_traffic": 5.0});
    });
    assert!(canary.contains("has a canary"), "{canary}");
    // Nobody knows what another method would be then.
    let untold = refused(&|it| {
        let mut method = json!({"verb": "GET", "path": "/b", "authorization": "AWS_IAM", "api_key_required": false});
        let deployed = &mut it["apis"][0]["deployments"][0]["methods"];
        deployed.as_array_mut().unwrap().push(method.clone());
        method["authorization"] = Value::Null;
        method["resource_id"] = json!("def456");
        method["integration"] = json!("HTTP");
        it["apis"][0]["draft"].as_array_mut().unwrap().push(method);
    });
    assert!(
        untold.contains("its new authorization type is not told"),
        "{untold}"
    );
}

#[test]
fn one_draft_serves_all_stages_and_those_alone_are_deployed_that_were_asked_for() {
    let mut account = account(OPEN, "*/GET/a");
    account["apis"][0]["stages"] = json!([
        {"name": "dev", "deployment_id": "dep111"}, {"name": "prod", "deployment_id": "dep111"},
    ]);
    let plan = planned(&account, &[]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy", "deploy"]);
    assert_eq!(plan["steps"][0]["findings"].as_array().unwrap().len(), 2);
    let plan = planned(&account, &["--stage", "prod"]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
    assert_eq!(plan["steps"][1]["stage"], "prod");
    assert_eq!(plan["brings"][0]["rule"], "undeployed-fix");
    assert!(
        plan["notes"].to_string().contains("next deployment of dev"),
        "{plan}"
    );
}

#[test]
fn a_stage_that_deploys_by_itself_is_not_deployed() {
    let mut account = account(OPEN, "prod/GET/a");
    let api = &mut account["apis"][0];
    api["kind"] = json!("HTTP");
    api["stages"][0]["auto_deploy"] = json!(true);
    api["deployments"][0]["source"] = json!("routes");
    for at in ["/deployments/0/methods/0", "/draft/0"] {
        api.pointer_mut(at).unwrap()["route_key"] = json!("GET /a");
    }
    let plan = planned(&account, &[]);
    assert_eq!(actions(&plan), ["set-authorization"], "{plan}");
    let command = plan["steps"][0]["command"].as_str().unwrap();
    assert!(
        command.starts_with("aws apigatewayv2 update-route "),
        "{command}"
    );
}

#[test]
fn findings_are_chosen_and_a_mistyped_one_is_a_mistake() {
    let two = &[
        ("GET", "/a", "NONE"),
        ("POST", "/a", "NONE"),
        ("GET", "/b", "NONE"),
    ];
    let account = account(two, "prod/*/*");
    let set = |arguments: &[&str]| {
        let plan = planned(&account, &[arguments, &["--deploy-everything"]].concat());
        let steps = plan["steps"].as_array().unwrap().iter();
        let set = steps.filter(|it| it["action"] == "set-authorization");
        let set = set.map(|it| format!("{} {}", it["verb"], it["path"]).replace('"', ""));
        set.collect::<Vec<String>>()
    };
    assert_eq!(set(&["--method", "get /a"]), ["GET /a"]);
    assert_eq!(set(&["--method", "/a"]), ["POST /a", "GET /a"]);
    assert_eq!(set(&["--api", "PetStore", "--method", "/b"]), ["GET /b"]);
    assert_eq!(set(&["--rule", "api-key-only"]), [""; 0]);
    let plan = planned(&account, &["--method", "/b"]);
    let id = plan["steps"][0]["findings"][0].as_str().unwrap().to_owned();
    assert_eq!(set(&["--finding", &id]), ["GET /b"]);
    let other_rule = fix(&account, &["--rule", "api-key-only"]);
    assert_eq!(other_rule.status, 0, "{}", other_rule.stdout);
    let mistyped = fix(&account, &["--api", "PetStor"]).stderr;
    assert!(mistyped.contains("did you mean `PetStore`?"), "{mistyped}");
    for mistake in [
        &["--finding", "0123"][..],
        &["--group", "nobody"],
        &["--api", "Other"],
        &["--stage", "prd"],
        &["--method", "GET /c"],
        &["--rule", "open-methods"],
        &["--region", "eu-west-1"],
        &["--as", "aws-cli", "--format", "json"],
    ] {
        let run = fix(&account, mistake);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{mistake:?}");
    }
}

#[test]
fn what_was_not_read_is_never_clean() {
    let mut account = account(&[("GET", "/a", "AWS_IAM")], "prod/GET/a");
    assert_eq!(fix(&account, &[]).status, 0);
    account["domains"] = Value::Null;
    let run = fix(&account, &[]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout
            .contains("not read or decided, so that findings may be missing"),
        "{}",
        run.stdout
    );
}

#[test]
fn each_method_has_its_own_callers() {
    let two = &[("GET", "/a", "NONE"), ("GET", "/b", "NONE")];
    let plan = planned(&account(two, "prod/GET/b"), &["--allow-lockout"]);
    let methods = plan["methods"].as_array().unwrap().iter();
    let callers: Vec<String> = methods
        .map(|it| format!("{} {}", it["path"], it["callers_after"]["all"]).replace('"', ""))
        .collect();
    assert_eq!(callers, ["/a []", "/b [role/ci]"]);
    // What nobody could call is left out, and the rest is planned; the draft has no change of it that would be released.
    let plan = planned(&account(two, "prod/GET/b"), &[]);
    assert_eq!(actions(&plan), ["set-authorization", "deploy"]);
    assert_eq!(
        (&plan["steps"][0]["path"], refusals(&plan).len()),
        (&json!("/b"), 1)
    );
}

#[test]
fn a_caller_that_could_not_be_decided_is_a_gap() {
    let mut account = with_group(account(OPEN, "prod/GET/a"));
    let unread = json!([{"name": "p", "arn": "arn:aws:iam::111122223333:policy/p"}]);
    account["iam"]["groups"][0]["attached"] = unread;
    let run = fix(&account, &["--rule", "open-method"]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout.contains("not decided: user/alice"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_policy_that_the_policy_file_demands_of_the_group_is_attached() {
    let mut account = with_group(account(OPEN, "prod/GET/a"));
    let demands = "version: 1\ngroups:\n  - name: callers\n    policies: [AmazonAPIGatewayInvokeFullAccess]\n";
    let shell = Shell::bare();
    fs::write(shell.folder().join("gatewatch.yaml"), demands).unwrap();
    let arguments = ["fix", "-", "--rule", "open-method", "--format", "json"];
    let planned = |account: &Value| {
        let run = shell.run_with_input(&arguments, &account.to_string());
        let plan: Value = serde_json::from_str(&run.stdout).unwrap();
        let all = ["attach-group-policy", "set-authorization", "deploy"];
        assert_eq!(actions(&plan), all, "{plan}");
        (run.status, plan)
    };
    // What the policy allows was not read, as nobody has it.
    let (status, plan) = planned(&account);
    assert_eq!(
        (status, plan["gaps"].as_array().unwrap().is_empty()),
        (3, false)
    );
    assert_eq!(
        plan["methods"][0]["callers_after"]["undecided"],
        json!(["user/alice"])
    );
    let allow = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
    account["iam"]["policies"] = json!([{
        "name": "AmazonAPIGatewayInvokeFullAccess", "version": "v2",
        "arn": "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess",
        "document": {"json": {"Version": "2012-10-17", "Statement": [allow]}},
    }]);
    let (status, plan) = planned(&account);
    assert_eq!((status, &plan["gaps"]), (1, &json!([])));
    let callers = json!(["user/alice", "role/ci"]);
    assert_eq!(plan["methods"][0]["callers_after"]["all"], callers);
}

#[test]
fn a_plan_in_a_file_is_bound_to_the_state_that_it_was_made_from() {
    let mut account = with_group(account(OPEN, "prod/GET/a"));
    let shell = Shell::bare();
    let arguments = [
        "fix",
        "-",
        "--group",
        "callers",
        "--plan-out",
        "plan.json",
        "--format",
        "json",
    ];
    let run = shell.run_with_input(&arguments, &account.to_string());
    let written = fs::read_to_string(shell.folder().join("plan.json")).unwrap();
    assert_eq!(written, run.stdout);
    let bound = |account: &Value| planned(account, &["--group", "callers"])["bound_to"].clone();
    let before = bound(&account);
    assert_eq!(
        before,
        serde_json::from_str::<Value>(&written).unwrap()["bound_to"]
    );
    account["apis"][0]["draft"][0]["integration"] = json!("MOCK");
    let after = bound(&account);
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1], after[1]);
}

/// No plan for any scenario leaves a finding out, has a word that leaves its place, or brings an open method.
#[test]
fn plans_for_all_scenarios_are_whole() {
    let mut steps = 0;
    for (name, inventory, policy, report) in scenarios() {
        for allowed in [false, true] {
            let options = Options {
                canary: allowed.then_some(CanaryChoice::Keep),
                deploy_everything: allowed,
                even_if_managed: allowed,
                allow_lockout: allowed,
                group: None,
            };
            let today = date(2026, 6, 15);
            let made = plan(inventory, policy, today, &Selection::default(), &options);
            let Ok(made) = made else { continue };
            assert_fits("fix", &fix_document(&made));
            assert_eq!(made.selected, report.evaluation.findings.len(), "{name}");
            assert_eq!(
                made.selected,
                made.methods.len() + made.refused.len(),
                "{name}"
            );
            let lifted = made.refused.iter().filter_map(|it| it.lifted_by).count();
            assert!(!allowed || lifted == 0, "{name}");
            for step in &made.steps {
                steps += 1;
                let words = shlex::split(&step.command).unwrap();
                assert_eq!(words[0], "aws", "{name}");
                assert!(!step.findings.is_empty(), "{name}");
            }
        }
    }
    assert!(steps > 20, "{steps}");
}

#[test]
fn preflights_are_not_locked_and_what_a_browser_would_lose_is_said() {
    let preflight = account(&[("OPTIONS", "/a", "NONE")], "prod/*/a");
    let plan = planned(&preflight, &[]);
    assert!(actions(&plan).is_empty(), "{plan}");
    let refused = refusals(&plan);
    assert!(refused[0].0.contains("preflight"), "{refused:?}");
    assert_eq!(refused[0].1, None);
    let any = account(&[("ANY", "/a", "NONE")], "prod/*/a");
    let notes = |account: &Value| planned(account, &[])["notes"].to_string();
    assert!(notes(&any).contains("preflight"), "{}", notes(&any));
    // Where OPTIONS has a method of its own, browsers lose nothing.
    let beside = account(
        &[("ANY", "/a", "NONE"), ("OPTIONS", "/a", "AWS_IAM")],
        "prod/*/a",
    );
    assert!(!notes(&beside).contains("preflight"), "{}", notes(&beside));
    let mut keyed = account(OPEN, "prod/GET/a");
    for list in ["deployments", "draft"] {
        let of = &mut keyed["apis"][0][list];
        let method = if list == "draft" {
            &mut of[0]
        } else {
            &mut of[0]["methods"][0]
        };
        method["api_key_required"] = json!(true);
    }
    assert!(notes(&keyed).contains("API key"), "{}", notes(&keyed));
}

#[test]
fn a_method_that_cannot_be_granted_takes_no_other_grant_with_it() {
    let three = &[
        ("GET", "/a", "NONE"),
        ("GET", "/b/{id}", "NONE"),
        ("GET", "/b/{id}/admin", "AWS_IAM"),
    ];
    let account = with_group(account(three, "prod/GET/other"));
    let plan = planned(&account, &["--group", "callers", "--rule", "open-method"]);
    let all = ["put-group-policy", "set-authorization", "deploy"];
    assert_eq!(actions(&plan), all, "{plan}");
    let document = plan["steps"][0]["document"].as_str().unwrap();
    assert!(document.contains("/GET/a\""), "{document}");
    assert!(!document.contains("/b/"), "{document}");
    assert_eq!(plan["steps"][1]["path"], "/a");
    // Why nobody can call it is that nobody is granted it.
    let refused = refusals(&plan);
    assert_eq!(refused.len(), 1, "{refused:?}");
    for says in [
        "nobody could call it",
        "would also let its members call GET /b/{id}/admin",
    ] {
        assert!(refused[0].0.contains(says), "{refused:?}");
    }
    assert_eq!(refused[0].1, Some("--allow-lockout"));
}

/// The remedies of the report, by method.
fn remedies(account: &Value, policy: &str) -> Vec<(String, String)> {
    let shell = Shell::bare();
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = shell.run_with_input(&["check", "-", "--format", "json"], &account.to_string());
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|it| it["rule"] == "open-method");
    let remedy = |it: &Value| {
        (
            it["verb"].as_str().unwrap().to_owned(),
            it["remedy"].to_string(),
        )
    };
    open.map(remedy).collect()
}

#[test]
fn a_report_advises_nothing_that_a_plan_refuses_or_that_is_there_already() {
    let invokers = "version: 1\ngroups:\n  - name: callers\n    invoke: [{path: /a}]\n";
    let mut granted = with_group(account(OPEN, "prod/GET/other"));
    let before = remedies(&granted, invokers);
    assert!(before[0].1.contains("put-group-policy"), "{before:?}");
    let all = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
    }]});
    granted["iam"]["groups"][0]["inline"] = json!([{"name": "all", "document": {"json": all}}]);
    let remedy = remedies(&granted, invokers);
    assert!(
        remedy[0].1.contains("group `callers` can call it already"),
        "{remedy:?}"
    );
    assert!(!remedy[0].1.contains("-group-policy"), "{remedy:?}");
    let bare = "version: 1\n";
    let preflight = remedies(&account(&[("OPTIONS", "/a", "NONE")], "prod/*/a"), bare);
    assert!(
        preflight[0].1.contains("browsers do not sign"),
        "{preflight:?}"
    );
    assert!(!preflight[0].1.contains("update-method"), "{preflight:?}");
    let any = remedies(&account(&[("ANY", "/a", "NONE")], "prod/*/a"), bare);
    assert!(
        any[0].1.contains("give OPTIONS a method of its own"),
        "{any:?}"
    );
    assert!(any[0].1.contains("update-method"), "{any:?}");
}

#[test]
fn another_stage_that_gets_the_change_is_not_locked_unsaid() {
    let mut account = account(OPEN, "prod/GET/a");
    let api = &mut account["apis"][0];
    api["kind"] = json!("HTTP");
    api["deployments"][0]["methods"][0]["route_key"] = json!("GET /a");
    api["draft"][0]["route_key"] = json!("GET /a");
    api["stages"] = json!([
        {"name": "$default", "deployment_id": "dep111", "auto_deploy": true},
        {"name": "prod", "deployment_id": "dep111"},
    ]);
    let plan = planned(&account, &["--stage", "prod"]);
    assert!(actions(&plan).is_empty(), "{plan}");
    let refused = refusals(&plan);
    assert!(refused[0].0.contains("stage $default"), "{refused:?}");
    assert_eq!(refused[0].1, Some("--allow-lockout"));
    let run = fix(
        &account,
        &["--stage", "prod", "--allow-lockout", "--as", "aws-cli"],
    );
    assert!(run.stderr.contains("uncallable-method"), "{}", run.stderr);
    assert!(run.stderr.contains("2026-06-15"), "{}", run.stderr);
}

#[test]
fn names_that_aws_never_gives_are_in_no_command() {
    let mut account = account(OPEN, "prod/GET/a");
    account["apis"][0]["draft"][0]["resource_id"] = json!("file:///etc/passwd");
    let run = fix(&account, &["--as", "aws-cli"]);
    assert!(!run.stdout.contains("file:"), "{}", run.stdout);
    assert!(run.stderr.contains("none that AWS gives"), "{}", run.stderr);
    assert_eq!(run.status, 3);
}
