//! Callers of other accounts whom resource policies let in: who they are, and what they may call.

use gatewatch::audit::access::Estate;
use gatewatch::iam::document::{INVOKE, Policy};
use gatewatch::iam::{
    Admission, Admissions, Caller, Context, OtherAccount, Outsider, Policies, Question, Template,
    Truth, Verdict, access, may,
};
use gatewatch::inventory::Inventory;
use insta::assert_snapshot;
use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::package;

const OWN: &str = "111122223333";

/// An account with one API, whose resource policy has these statements. `Resource`, where one has none, is the whole API.
pub(crate) fn inventory(partition: &str, statements: &Value) -> Value {
    let mut statements = statements.clone();
    for statement in statements.as_array_mut().unwrap() {
        let statement = statement.as_object_mut().unwrap();
        let defaults = [
            ("Action", "execute-api:Invoke"),
            ("Resource", "execute-api:/*"),
        ];
        for (key, value) in defaults {
            if !statement.contains_key(&format!("Not{key}")) {
                statement.entry(key).or_insert_with(|| value.into());
            }
        }
    }
    let method = |verb: &str, path: &str| json!({"verb": verb, "path": path, "authorization": "AWS_IAM", "api_key_required": false});
    let methods = [method("GET", "/x"), method("POST", "/y/{id}")];
    let draft = methods.clone().map(|mut it| {
        it["resource_id"] = "r0".into();
        it["integration"] = "AWS_PROXY".into();
        it
    });
    json!({
        "schema_version": 1, "account": OWN, "partition": partition,
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"], "apis": []},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "Orders", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
            "resource_policy": {"json": {"Version": "2012-10-17", "Statement": statements}},
            "stages": [{"name": "prod", "deployment_id": "dep1"}],
            "deployments": [{"id": "dep1", "created_at": "2026-06-01T08:00:00Z", "methods": methods}],
            "draft": draft,
        }],
        "domains": [], "gaps": [],
        "iam": {"groups": [], "roles": [], "policies": [], "users": [
            {"name": "bob", "arn": "arn:aws:iam::111122223333:user/bob", "groups": [], "inline": [], "attached": []},
        ]},
    })
}

/// Every caller of another account, with what it may call of `GET /x` and of `POST /y/{id}`.
fn answers_in(partition: &str, statements: &Value) -> Vec<String> {
    answers_about(&inventory(partition, statements), statements)
}

/// The same of an API that is private, or not.
pub(crate) fn answers_of(statements: &Value, is_private: bool) -> Vec<String> {
    let mut inventory = inventory("aws", statements);
    if is_private {
        inventory["apis"][0]["endpoint_types"] = json!(["PRIVATE"]);
    }
    answers_about(&inventory, statements)
}

fn answers_about(inventory: &Value, statements: &Value) -> Vec<String> {
    let inventory = Inventory::from_json(&inventory.to_string()).unwrap();
    let estate = Estate::new(&inventory).unwrap();
    let all = estate.holders().iter().chain(estate.outside());
    let rows = estate.matrix(all).into_iter();
    let mut answers = Vec::new();
    for (holder, cells) in rows {
        let mut words = Vec::new();
        for (method, cell) in estate.methods().iter().zip(cells) {
            let decided = estate.decide(holder, method).access;
            let alone = (decided.verdict, decided.conditional);
            assert_eq!((cell.verdict, cell.conditional), alone, "{statements}");
            let star = if cell.conditional { "*" } else { "" };
            words.push(format!("{}{star}", cell.verdict.as_str()));
        }
        if holder.kind.is_outside() {
            answers.push(format!("{}: {}", holder.in_words(), words.join(" ")));
        }
    }
    answers
}

pub(crate) fn answers(statements: &Value) -> Vec<String> {
    answers_in("aws", statements)
}

#[test]
fn an_account_is_admitted_by_its_id_its_root_and_its_principals() {
    for principal in ["999988887777", "arn:aws:iam::999988887777:root"] {
        let allowed = json!([{"Effect": "Allow", "Principal": {"AWS": principal}}]);
        assert_eq!(answers(&allowed), ["account 999988887777: ALL ALL"]);
    }
    let several = json!([
        {"Effect": "Allow", "Resource": "execute-api:/prod/GET/*", "Principal": {"AWS": [
            "arn:aws:iam::999988887777:root", "arn:aws:iam::111122223333:root"]}},
        {"Effect": "Allow", "Resource": "execute-api:/prod/POST/y/1", "Principal": {"AWS": [
            "arn:aws:iam::999988887777:role/service/partner", "arn:aws:iam::444455556666:user/ann"]}},
    ]);
    assert_eq!(
        answers(&several),
        [
            "account 444455556666 (user/ann): NONE SOME",
            "account 999988887777: ALL NONE",
            "account 999988887777 (role/service/partner): ALL SOME",
        ]
    );
}

#[test]
fn the_own_account_is_not_outside_and_a_bare_statement_for_both_gives_each_its_own() {
    let own = json!([{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:user/bob"]}}]);
    assert_eq!(answers(&own), Vec::<String>::new());
    // Of the own account it leaves the decision to `bob`'s policies, who has none; of the other nobody else is asked.
    // The matrix must not take the one answer for the other.
    let both = json!([{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "999988887777"]},
        "Resource": ["execute-api:/*/GET/x*", "execute-api:/*/POST/y/?", "execute-api:/*/POST/y/??*"]}]);
    assert_eq!(answers(&both), ["account 999988887777: ALL ALL"]);
}

#[test]
fn another_partition_is_read_in_its_own_names() {
    let principal = json!({"AWS": "arn:aws-cn:iam::999988887777:role/partner"});
    let allowed = json!([{"Effect": "Allow", "Principal": principal}]);
    assert_eq!(
        answers_in("aws-cn", &allowed),
        ["account 999988887777 (role/partner): ALL ALL"]
    );
}

#[test]
fn conditions_on_whose_principal_it_is_admit_too() {
    for (condition, expected) in [
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            &["organization o-a1b2c3d4e5: ALL ALL"][..],
        ),
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-f6f6f6f6f6"]}}),
            &[
                "organization o-a1b2c3d4e5: ALL ALL",
                "organization o-f6f6f6f6f6: ALL ALL",
            ],
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
            &["organization o-a1b2c3d4e5: ALL ALL"],
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-1/*", "o-f6f6f6f6f6/*"]}}),
            &[
                "organization o-a1b2c3d4e5/r-ab12/ou-ab12-1: ALL ALL",
                "organization o-f6f6f6f6f6: ALL ALL",
            ],
        ),
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
            &["organization ${aws:ResourceOrgID}: ALL ALL"],
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "${aws:ResourceOrgID}/*"}}),
            &["organization ${aws:ResourceOrgID}: ALL ALL"],
        ),
        (
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777*"}}),
            &["account 999988887777: ALL* ALL*"],
        ),
        (
            json!({"StringLike": {"aws:PrincipalAccount": "999988887777*"}}),
            &["account 999988887777: ALL ALL"],
        ),
        (
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:999988887777:rule/*"}}),
            &["account 999988887777: ALL* ALL*"],
        ),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:ResourceAccount}:role/*"}}),
            &[],
        ),
        (
            json!({"StringEquals": {"aws:PrincipalAccount": ["999988887777", "111122223333"]}}),
            &["account 999988887777: ALL ALL"],
        ),
        (
            json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
            &[],
        ),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/partner-*"}}),
            &["account 999988887777: ALL* ALL*"],
        ),
        (
            json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/partner"}}),
            &["account 999988887777 (role/partner): ALL ALL"],
        ),
        (
            json!({"StringEquals": {"aws:SourceAccount": "999988887777"}}),
            &["account 999988887777: ALL* ALL*"],
        ),
        // An account that may be of the organization, and an organization that may have the account.
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": "999988887777"}}),
            &["account 999988887777: ALL* ALL*"],
        ),
    ] {
        let allowed = json!([{"Effect": "Allow", "Principal": "*", "Condition": condition}]);
        assert_eq!(answers(&allowed), expected, "{condition}");
    }
}

#[test]
fn whom_a_deny_spares_is_admitted_by_what_speaks_of_everybody() {
    let everybody = json!({"Effect": "Allow", "Principal": "*"});
    for (deny, expected) in [
        (
            json!({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}),
            &["organization o-a1b2c3d4e5: ALL ALL"][..],
        ),
        (
            json!({"Principal": "*", "Condition": {"StringNotEquals": {
                "aws:PrincipalAccount": ["111122223333", "999988887777"]}}}),
            &["account 999988887777: ALL ALL"],
        ),
        (
            json!({"NotPrincipal": {"AWS": "arn:aws:iam::999988887777:role/partner"}}),
            &["account 999988887777 (role/partner): ALL* ALL*"],
        ),
        // A user and its account are spared. Of the account nobody else is, but perhaps its root user.
        (
            json!({"NotPrincipal": {"AWS": ["arn:aws:iam::999988887777:user/partner", "999988887777"]}}),
            &[
                "account 999988887777: ALL* ALL*",
                "account 999988887777 (user/partner): ALL ALL",
            ],
        ),
        (
            json!({"NotPrincipal": {"AWS": ["arn:aws:iam::999988887777:user/partner", "444455556666"]}}),
            &[
                "account 444455556666: ALL* ALL*",
                "account 999988887777 (user/partner): ALL* ALL*",
            ],
        ),
        (
            json!({"Principal": {"AWS": "999988887777"}, "Resource": "execute-api:/*/POST/*"}),
            &["account 999988887777: ALL NONE"],
        ),
        // Who is in the organization and in the Deny may not, whatever organization the account is of.
        (
            json!({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}}),
            &["account 999988887777: NONE NONE"],
        ),
    ] {
        let mut deny = deny;
        deny["Effect"] = "Deny".into();
        let statements = json!([everybody, deny]);
        assert_eq!(answers(&statements), expected, "{deny}");
    }
    let of_the_organization = json!([
        {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Effect": "Deny", "Principal": {"AWS": "999988887777"}, "Resource": "execute-api:/*/POST/*"},
    ]);
    assert_eq!(
        answers(&of_the_organization),
        [
            "account 999988887777: ALL* NONE",
            "organization o-a1b2c3d4e5: ALL ALL",
        ]
    );
}

#[test]
fn whom_no_statement_allows_is_no_caller() {
    for statements in [
        json!([{"Effect": "Deny", "Principal": {"AWS": "999988887777"}}]),
        json!([{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "execute-api:ManageConnections"}]),
        json!([{"Effect": "Allow", "Principal": {"AWS": "111122223333"}},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "999988887777"}}]),
        json!([{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}]),
    ] {
        assert_eq!(answers(&statements), Vec::<String>::new(), "{statements}");
    }
}

/// What the command says of these statements.
pub(crate) fn said(statements: &Value, arguments: &[&str]) -> Run {
    let inventory = inventory("aws", statements).to_string();
    let mut all = vec!["access", "-"];
    all.extend(arguments);
    Shell::bare().run_with_input(&all, &inventory)
}

pub(crate) fn table(statements: &Value, arguments: &[&str]) -> String {
    let run = said(statements, arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn partners() -> Value {
    json!([
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Resource": "execute-api:/prod/GET/x"},
        {"Effect": "Allow", "Principal": "*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Sid": "Events", "Effect": "Allow", "Principal": {
            "Service": "events.amazonaws.com", "Federated": "arn:aws:iam::111122223333:saml-provider/staff",
            "AWS": "AIDACKCEVSQ6C2EXAMPLE"}},
    ])
}

#[test]
fn the_table_says_that_their_own_accounts_decide_too_and_who_is_not_asked_about() {
    assert_snapshot!(table(&partners(), &[]), @r"
     METHOD        API                  STAGE  REGION     account 999988887777  organization o-a1b2c3d4e5
     GET /x        Orders (a1b2c3d4e5)  prod   eu-west-1  ALL (admitted)        ALL* (admitted)
     POST /y/{id}  Orders (a1b2c3d4e5)  prod   eu-west-1  ALL* (admitted)       ALL* (admitted)
    * depends on what is not known before the request is made, such as the keys of a condition
    (admitted): let in by the API's resource policy; the caller's own account must allow the call, too, and its policies are not read
    not asked about: the resource policy of Orders also lets in the service `events.amazonaws.com` (Events)
    not asked about: the resource policy of Orders also lets in the identity provider `arn:aws:iam::111122223333:saml-provider/staff` (Events)
    not asked about: the resource policy of Orders also lets in the unique id `AIDACKCEVSQ6C2EXAMPLE` (Events)
    ");
    assert_snapshot!(table(&partners(), &["--who-can", "GET /x", "--why"]), @r"
     METHOD  API                  STAGE  REGION     user bob  account 999988887777  organization o-a1b2c3d4e5
     GET /x  Orders (a1b2c3d4e5)  prod   eu-west-1  ALL*      ALL (admitted)        ALL* (admitted)
    * depends on what is not known before the request is made, such as the keys of a condition
    (admitted): let in by the API's resource policy; the caller's own account must allow the call, too, and its policies are not read
    not asked about: the resource policy of Orders also lets in the service `events.amazonaws.com` (Events)
    not asked about: the resource policy of Orders also lets in the identity provider `arn:aws:iam::111122223333:saml-provider/staff` (Events)
    not asked about: the resource policy of Orders also lets in the unique id `AIDACKCEVSQ6C2EXAMPLE` (Events)

    user bob on GET /x of Orders, stage prod: ALL*
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/x
      Allow by `Statement[1]` of the API's resource policy, if its condition holds
      Allow by `Events` of the API's resource policy, if its condition holds

    account 999988887777 on GET /x of Orders, stage prod: ALL (admitted)
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/x
      Allow by `Statement[0]` of the API's resource policy
      Allow by `Statement[1]` of the API's resource policy, if its condition holds
      Allow by `Events` of the API's resource policy, if its condition holds

    organization o-a1b2c3d4e5 on GET /x of Orders, stage prod: ALL* (admitted)
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/x
      Allow by `Statement[1]` of the API's resource policy, if its condition holds
    ");
    let of_the_account = table(&partners(), &["--what-can", "account/999988887777"]);
    assert!(
        of_the_account
            .contains("account 999988887777 on GET /x of Orders, stage prod: ALL (admitted)")
    );
    let groups = table(&partners(), &["--principals", "groups"]);
    assert!(!groups.contains("999988887777  "), "{groups}");
}

#[test]
fn the_json_says_that_a_verdict_is_what_the_resource_policy_admits() {
    let run = said(&partners(), &["--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let callers = &document["methods"][0]["callers"];
    assert_eq!(
        callers,
        &json!([
            {"kind": "account", "name": "999988887777", "arn": "arn:aws:iam::999988887777:root",
             "verdict": "ALL", "conditional": false, "admitted_only": true},
            {"kind": "organization", "name": "o-a1b2c3d4e5", "arn": null,
             "verdict": "ALL", "conditional": true, "admitted_only": true},
        ])
    );
    assert_eq!(
        document["not_asked_about"][0],
        json!({"region": "eu-west-1", "api": {"id": "a1b2c3d4e5", "name": "Orders", "kind": "REST"},
            "statement": "Events", "kind": "service", "principal": "events.amazonaws.com"})
    );
    let run = said(&partners(), &["--format", "csv"]);
    assert!(
        run.stdout.contains(",account,999988887777,ALL,"),
        "{}",
        run.stdout
    );
}

#[test]
fn who_is_not_asked_about_is_said_by_check_too() {
    let inventory = inventory("aws", &partners()).to_string();
    let run = Shell::bare().run_with_input(&["check", "-", "--format", "json"], &inventory);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let assumptions = report["coverage"]["assumptions"].as_array().unwrap();
    let says = assumptions.iter().filter_map(|it| it["says"].as_str());
    let services: Vec<&str> = says
        .filter(|it| it.contains("events.amazonaws.com"))
        .collect();
    assert_snapshot!(services.join("\n"), @"the resource policy also lets in the service `events.amazonaws.com` (Events), the identity provider `arn:aws:iam::111122223333:saml-provider/staff` (Events), the unique id `AIDACKCEVSQ6C2EXAMPLE` (Events), of whom nothing is asked: no rule says whether they should be let in");
}

/// The findings of `unlisted-invoker`, each with its place and its message, and the warnings, by a policy file.
pub(crate) fn unlisted(entries: &str, statements: &Value) -> (Vec<String>, Vec<String>) {
    let shell = Shell::bare();
    let file = shell.folder().join("gatewatch.yaml");
    std::fs::write(&file, format!("version: 1\n{entries}\n")).unwrap();
    let inventory = inventory("aws", statements).to_string();
    let file = file.display().to_string();
    let arguments = ["check", "-", "--config", &file, "--format", "json"];
    let report = shell.run_with_input(&arguments, &inventory).report();
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|it| it["rule"] == "unlisted-invoker");
    let own = own.filter(|it| it["principal"] != "arn:aws:iam::111122223333:user/bob");
    let own = own.map(|it| it["message"].as_str().unwrap().to_owned());
    let warnings = report["warnings"].as_array().unwrap().iter();
    let warnings = warnings.map(|it| {
        let text = it.as_str().unwrap();
        text.rsplit_once("policy file: ").unwrap().1.to_owned()
    });
    (own.collect(), warnings.collect())
}

#[test]
fn who_is_not_listed_is_found_and_a_pattern_lists() {
    let statements = json!([
        {"Effect": "Allow", "Principal": {"AWS": ["999988887777", "arn:aws:iam::999988887777:role/r"]}},
        {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
    ]);
    let of = |entry: &str| unlisted(&format!("invokers: [{{{entry}}}]"), &statements);
    let account = "the account is not listed, and may call GET /x of `Orders` stage prod, POST /y/{id} of `Orders` stage \
                   prod: resource policies let callers from there in";
    let role = account
        .replace("the account", "`role/r` of the account")
        .replace("callers from there", "it");
    let organization = account.replace("the account is", "accounts of the organization are");
    let [role, organization] = [&role, &organization].map(String::as_str);
    assert_eq!(of("groups: x").0, [account, role, organization]);
    for listing in [
        "accounts: '999988887777'",
        "accounts: '9999*'",
        "accounts: ['444455556666', '*7777']",
    ] {
        assert_eq!(of(listing).0, [organization], "{listing}");
    }
    for listing in ["organizations: o-a1b2c3d4e5", "organizations: 'o-*'"] {
        assert_eq!(of(listing).0, [account, role], "{listing}");
    }
    assert!(of("accounts: '*', organizations: '*'").0.is_empty());
    // Where no entry speaks of a method, nobody is asked about there.
    assert!(of("match: {path: /z}, groups: x").0.is_empty());
    assert_eq!(
        of("match: {verb: GET}, groups: x").0[0],
        "the account is not listed, and may call GET /x of `Orders` stage prod: resource policies let callers from there in"
    );
}

#[test]
fn an_entry_that_lists_whom_nothing_lets_in_is_a_warning() {
    let statements = json!([{"Effect": "Allow", "Principal": {"AWS": "999988887777"}}]);
    let entry = "invokers: [{accounts: ['999988887778', '9999*'], organizations: o-a1b2c3d4e5}]";
    assert_eq!(
        unlisted(entry, &statements).1,
        [
            "this entry of `invokers` names the account `999988887778`, which no resource policy names and lets in; did \
             you mean `999988887777`?",
            "this entry of `invokers` names the organization `o-a1b2c3d4e5`, which no resource policy names and lets in",
        ]
    );
}

#[test]
fn an_exemption_names_the_account() {
    let statements = json!([{"Effect": "Allow", "Principal": {"AWS": "999988887777"}}]);
    let file = "invokers: [{groups: x}]\nexemptions: [{rule: unlisted-invoker, principal: '999988887777', severity: medium, \
                reason: r, owner: o, expires: 2999-01-01}]\nmax_exemption_days: 3650";
    let of = |file: &str| unlisted(&file.replace("2999-01-01", &in_a_year()), &statements).0;
    assert!(of(file).is_empty());
    assert_eq!(
        of(&file.replace("'999988887777'", "'999988887778'")).len(),
        1
    );
}

/// A day that an exemption may last until.
fn in_a_year() -> String {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    today
        .saturating_add(jiff::Span::new().days(300))
        .to_string()
}

#[test]
fn an_id_that_nobody_can_have_is_a_mistake() {
    let mistakes = |entry: &str| {
        let text = format!("version: 1\ninvokers:\n  - {entry}\n");
        let read = gatewatch::policy_file::PolicyFile::from_yaml("p.yaml", &text);
        read.map_or_else(|mistakes| mistakes.to_string(), |_| "read".to_owned())
    };
    assert_eq!(mistakes("{accounts: 012345678901}"), "read");
    assert_eq!(mistakes("{organizations: '${aws:ResourceOrgID}'}"), "read");
    assert_eq!(
        mistakes("{organizations: 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*'}"),
        "read"
    );
    assert_snapshot!(mistakes("{accounts: [partner, '1234', '12*'], organizations: [a1b2c3d4e5]}"), @r"
    p.yaml:3:17: `partner` is no account's id: twelve digits, in quotes
    p.yaml:3:26: `1234` is no account's id: twelve digits, in quotes
    p.yaml:3:58: `a1b2c3d4e5` is no organization's id: they look like o-a1b2c3d4e5, and a unit of one like o-a1b2c3d4e5/r-ab12/ou-ab12-11111111
    ");
    assert_snapshot!(mistakes("{match: {path: /x}}"), @"p.yaml:3:5: no `groups`, `users`, `roles`, `accounts` or `organizations`: say who may call the methods");
}

#[test]
fn who_is_told_by_a_unique_id_or_as_a_service_is_not_asked_about() {
    let asked_for = |operator: &str, key: &str, value: &str| json!({operator: {key: value}});
    for (statements, expected) in [
        (
            json!([{"Effect": "Allow", "Principal": "*",
                "Condition": asked_for("StringLike", "aws:userid", "AROAEXAMPLE:*")}]),
            Some("lets in the unique id `AROAEXAMPLE:*` (Statement[0])"),
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*"}, {"Effect": "Deny", "Principal": "*",
                "Condition": asked_for("StringNotLike", "aws:userId", "AROAEXAMPLE:*")}]),
            Some("lets in the unique id `AROAEXAMPLE:*` (Statement[1])"),
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*",
                "Condition": asked_for("StringEquals", "aws:PrincipalServiceName", "events.amazonaws.com")}]),
            Some("lets in the service `events.amazonaws.com` (Statement[0])"),
        ),
        (
            json!([{"Effect": "Deny", "Principal": "*",
                "Condition": asked_for("StringLike", "aws:userid", "AROAEXAMPLE:*")}]),
            None,
        ),
        (
            json!([{"Effect": "Deny", "Principal": {"Service": "events.amazonaws.com"}}]),
            None,
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*"}, {"Effect": "Deny",
                "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root", "Service": "events.amazonaws.com"}}]),
            Some("lets in the service `events.amazonaws.com` (Statement[1])"),
        ),
        (
            json!([{"Effect": "Deny", "NotPrincipal": {"Service": "events.amazonaws.com"}}]),
            None,
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*",
                "Condition": asked_for("Bool", "aws:PrincipalIsAWSService", "true")}]),
            Some(
                "lets in the callers that are AWS services, by `aws:principalisawsservice` (Statement[0])",
            ),
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*"}, {"Effect": "Deny", "Principal": "*",
                "Condition": asked_for("BoolIfExists", "aws:PrincipalIsAWSService", "false")}]),
            Some(
                "lets in the callers that are AWS services, by `aws:principalisawsservice` (Statement[1])",
            ),
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*"}, {"Effect": "Deny", "Principal": "*",
                "Condition": asked_for("Bool", "aws:PrincipalIsAWSService", "true")}]),
            None,
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*",
                "Condition": asked_for("StringEquals", "aws:VpceAccount", "999988887777")}]),
            Some(
                "lets in the callers through VPC endpoints of account `999988887777` (Statement[0])",
            ),
        ),
        (
            json!([{"Effect": "Allow", "Principal": "*",
                "Condition": asked_for("StringEquals", "aws:VpceAccount", "111122223333")}]),
            None,
        ),
    ] {
        let said = said(&statements, &[]).stdout;
        match expected {
            Some(expected) => assert!(said.contains(expected), "{statements}: {said}"),
            None => assert!(!said.contains("not asked about"), "{statements}: {said}"),
        }
    }
}

#[test]
fn a_principal_of_a_form_that_iam_does_not_take_is_a_gap() {
    for effect in ["Allow", "Deny"] {
        for principal in [
            "arn:aws:iam::999988887777:role/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::${aws:PrincipalAccount}:root",
        ] {
            let statements = json!([{"Effect": effect, "Principal": {"AWS": principal}}]);
            let run = said(&statements, &["--principals", "users"]);
            assert_eq!(run.status, 3, "{principal}");
            assert!(run.stdout.contains("UNDECIDED"), "{}", run.stdout);
            let inventory = inventory("aws", &statements).to_string();
            let run = Shell::bare().run_with_input(&["check", "-", "--format", "json"], &inventory);
            assert_eq!(run.status, 3, "{principal}");
            let gap = format!(
                "the principal `{principal}` of `Statement[0]` has a form that IAM does not take"
            );
            assert!(run.stdout.contains(&gap), "{}", run.stdout);
        }
    }
}

#[test]
fn what_is_not_decided_of_another_account_is_a_gap() {
    // A policy that takes more work than the bound allows, and speaks of another account.
    let path = package("tests/scenarios/undecided-by-a-resource-policy/inventory.json");
    let text = std::fs::read_to_string(path).unwrap();
    let mut inventory: Value = serde_json::from_str(&text).unwrap();
    let api = &mut inventory["apis"][0];
    for statement in api["resource_policy"]["json"]["Statement"]
        .as_array_mut()
        .unwrap()
    {
        statement["Principal"] = json!({"AWS": "999988887777"});
    }
    api["deployments"][0]["methods"][0]["authorization"] = "AWS_IAM".into();
    let run = Shell::bare().run_with_input(&["access", "-"], &inventory.to_string());
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("UNDECIDED"), "{}", run.stdout);
    let gap = "it is not decided whether account 999988887777 may call GET /pets/{id}";
    assert!(run.stderr.contains(gap), "{}", run.stderr);
}

const ACCOUNTS: [&str; 3] = ["444455556666", "999988887777", "123456789012"];

/// The organizations that an account may be of: none, those that statements name, another, and that of the API's account.
const ORGANIZATIONS: [Option<&str>; 5] = [
    None,
    Some("o-one"),
    Some("o-two"),
    Some("o-other"),
    Some("${aws:ResourceOrgID}"),
];

fn of_organization(mut context: Context, id: Option<&str>) -> Context {
    match id {
        Some(id) => {
            let ours = if id.starts_with('$') { id } else { "o-ours" };
            context.set("aws:ResourceOrgID", vec![ours.to_owned()]);
            context.set("aws:PrincipalOrgID", vec![id.to_owned()]);
            context.set("aws:PrincipalOrgPaths", vec![format!("{id}/r-1/ou-1/")]);
        }
        None => {
            context.set_absent("aws:PrincipalOrgID");
            context.set_absent("aws:PrincipalOrgPaths");
        }
    }
    context
}

/// All that can be told apart of the requests of a caller of another account.
fn known(one: &OtherAccount) -> Vec<Context> {
    let OtherAccount::Account { account, arn } = one else {
        panic!("an organization");
    };
    let mut all = Vec::new();
    for resource in ["role/x", "user/x"] {
        for address in ["203.0.113.7", "198.51.100.7"] {
            for organization in ORGANIZATIONS {
                let mut context = of_organization(one.context(OWN), organization);
                context.set("aws:SourceIp", vec![address.to_owned()]);
                if arn.is_none() {
                    let arn = format!("arn:aws:iam::{account}:{resource}");
                    context.set("aws:PrincipalArn", vec![arn]);
                }
                all.push(context);
            }
        }
    }
    all
}

/// Random statements about who calls.
fn statements() -> impl Strategy<Value = Vec<Value>> {
    let principals = select(vec![
        json!({"Principal": "*"}),
        json!({"Principal": "*"}),
        json!({"Principal": {"AWS": ["444455556666", "arn:aws:iam::111122223333:root"]}}),
        json!({"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}),
        json!({"Principal": {"AWS": ["arn:aws:iam::999988887777:role/r", "arn:aws:iam::444455556666:user/u"]}}),
        json!({"Principal": {"AWS": "arn:aws:sts::999988887777:assumed-role/r/s"}}),
        json!({"NotPrincipal": {"AWS": "arn:aws:iam::999988887777:root"}}),
        json!({"NotPrincipal": {"AWS": ["arn:aws:iam::444455556666:user/u", "arn:aws:iam::444455556666:root"]}}),
    ]);
    let conditions = select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"aws:PrincipalAccount": "999988887777"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": ["444455556666", "999988887777"]}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": ["o-one", "o-two"]}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-one"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-two/*", "o-one/r-1/*"]}}),
        json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-two/*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/*"}}),
        json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/u"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    ]);
    let resources = select(vec![
        "execute-api:/*",
        "execute-api:/prod/GET/*",
        "execute-api:/*/POST/a*",
        "arn:aws:execute-api:*:*:a1b2c3d4e5/*/*/?",
    ]);
    let statement = (any::<bool>(), principals, conditions, resources).prop_map(
        |(allow, mut statement, condition, resource)| {
            statement["Effect"] = if allow { "Allow" } else { "Deny" }.into();
            statement["Action"] = "execute-api:Invoke".into();
            statement["Resource"] = resource.into();
            if condition != json!({}) {
                statement["Condition"] = condition;
            }
            statement
        },
    );
    collection::vec(statement, 1..4)
}

/// What one decision after the other comes to, of all requests with an id of one or two letters.
fn tried(policy: &Policy, caller: &Caller, context: &Context) -> Vec<Truth> {
    let policies = Policies {
        resource: Some(policy),
        ..Policies::default()
    };
    let question = Question {
        caller,
        action: INVOKE,
        resource_account: OWN,
        api: "a1b2c3d4e5",
        context,
    };
    let ids = ["a", "b", "aa", "ab", "ba", "bb"];
    let requests = ["GET", "POST"].iter().flat_map(|verb| {
        ids.map(|id| format!("arn:aws:execute-api:eu-west-1:{OWN}:a1b2c3d4e5/prod/{verb}/{id}"))
    });
    requests.map(|it| may(&policies, question, &it)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_who_may_call_is_named_or_is_anybody(statements in statements()) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let policy = Policy::from_value(&document).unwrap();
        let admitted = OtherAccount::admitted(&policy, OWN, "a1b2c3d4e5");
        let place = ["aws", "eu-west-1", OWN];
        let template = |verb: &str| Template::of_method(place, ["a1b2c3d4e5", "prod"], &[verb], "/{id}");
        // All requests at once say what each says.
        for one in &admitted {
            let (caller, context) = (one.caller(), one.context(OWN));
            let policies = Policies { resource: Some(&policy), ..Policies::default() };
            let question = Question {
                caller: &caller, action: INVOKE, resource_account: OWN, api: "a1b2c3d4e5", context: &context,
            };
            let tried = tried(&policy, &caller, &context);
            for (verb, each) in [("GET", &tried[..6]), ("POST", &tried[6..])] {
                let answer = access(&policies, question, &template(verb));
                let allowed = each.iter().filter(|it| **it != Truth::False).count();
                let expected = match allowed {
                    0 => Verdict::None,
                    6 => Verdict::All,
                    _ => Verdict::Some,
                };
                prop_assert_eq!(answer.verdict, expected, "{:?} {}", one, verb);
            }
        }
        // Whoever may call something is among them, unless anybody may.
        let strangers = Admissions::new(&policy, Outsider::Stranger, OWN, "a1b2c3d4e5");
        let anybody = ["GET", "POST"].map(|it| strangers.of(&template(it)) != Admission::Refused);
        let arn = |text: &str| Some(text.to_owned());
        let everybody = ACCOUNTS.iter().map(|it| (*it, None)).chain([
            ("999988887777", arn("arn:aws:iam::999988887777:role/r")),
            ("444455556666", arn("arn:aws:iam::444455556666:user/u")),
        ]);
        for (account, arn) in everybody {
            let one = OtherAccount::Account { account: account.to_owned(), arn };
            // A role calls through its sessions, and an account may be of any organization.
            let is_it = |it: &OtherAccount| match it {
                OtherAccount::Account { account: named, .. } => named == account,
                OtherAccount::Organization { .. } => true,
            };
            let is_named = admitted.iter().any(is_it);
            // What is not known of an account is the same wherever a policy asks for it.
            let contexts = known(&one);
            let tried: Vec<Vec<Truth>> = contexts.iter().map(|it| tried(&policy, &one.caller(), it)).collect();
            let may_call = |at: std::ops::Range<usize>| {
                tried.iter().any(|it| it[at.clone()].iter().any(|it| *it != Truth::False))
            };
            for (at, anybody) in [(0..6, anybody[0]), (6..12, anybody[1])] {
                prop_assert!(
                    !may_call(at) || is_named || anybody,
                    "{:?} is not among {:?}", one, admitted
                );
            }
        }
    }
}
