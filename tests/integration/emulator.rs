//! The command line against an emulated account.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};

use serde_json::{Value, json};

use crate::support::command::{Run, Shell, findings};
use crate::support::testbed::{ACCOUNT, PetStore, REGION, Testbed};

fn scan(shell: &Shell) -> Run {
    shell.run(&["scan", "--format", "json"])
}

/// The findings, without those on methods that stay open throughout a test.
fn on_post(run: &Run) -> Vec<String> {
    let mut findings = run.findings();
    // Whether anybody may call it is another question.
    findings.retain(|finding| finding.contains("POST") && !finding.starts_with("uncallable"));
    findings
}

#[test]
fn the_articles_steps_change_what_is_found() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let shell = aws.shell();
    let run = scan(&shell);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(
        run.findings(),
        [
            "open-method POST /pets",
            "open-method GET /",
            "open-method GET /pets",
            "open-method GET /pets/{petId}",
        ]
    );
    let report = run.report();
    assert_eq!(report["account"], ACCOUNT);
    assert_eq!(
        report["findings"][0]["api"],
        json!({"id": api.id, "name": "PetStore", "kind": "REST"})
    );
    assert_eq!(
        report["findings"][0]["evidence"][0]["reference"],
        api.deployment
    );

    aws.set_authorization(&api, "POST", "/pets", "AWS_IAM");
    assert_eq!(on_post(&scan(&shell)), ["undeployed-fix POST /pets"]);

    aws.deploy(&api, Some("prod"));
    assert_eq!(on_post(&scan(&shell)), Vec::<String>::new());

    aws.set_authorization(&api, "POST", "/pets", "NONE");
    assert_eq!(on_post(&scan(&shell)), ["pending-opening POST /pets"]);
}

#[test]
fn a_canary_that_opens_a_method_is_found() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let open = api.deployment.clone();
    aws.set_authorization(&api, "POST", "/pets", "AWS_IAM");
    aws.deploy(&api, Some("prod"));
    // Without a share: the emulator would give it as text, which AWS does not.
    let canary = json!({"op": "replace", "path": "/canarySettings/deploymentId", "value": open});
    aws.call(
        "apigateway",
        "update_stage",
        json!({"restApiId": api.id, "stageName": "prod", "patchOperations": [canary]}),
    );
    assert_eq!(on_post(&scan(&aws.shell())), ["open-canary POST /pets"]);
}

#[test]
fn without_types_in_the_summary_the_draft_stands_in_and_says_so() {
    let mut aws = Testbed::uncorrected();
    let api = aws.petstore();
    aws.set_authorization(&api, "GET", "/", "AWS_IAM");
    let run = scan(&aws.shell());
    assert_eq!(
        run.findings(),
        [
            "open-method POST /pets",
            "open-method GET /pets",
            "open-method GET /pets/{petId}",
            "uncallable-method GET /",
        ]
    );
    let report = run.report();
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["confidence"], "medium");
        assert_eq!(finding["evidence"][0]["source"], "inferred");
    }
}

/// Group `callers` with the invoke policy and a member, `testers` without either.
fn groups(aws: &mut Testbed) {
    for group in ["callers", "testers"] {
        aws.call("iam", "create_group", json!({"GroupName": group}));
    }
    let invoke = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
    aws.call(
        "iam",
        "attach_group_policy",
        json!({"GroupName": "callers", "PolicyArn": invoke}),
    );
}

#[test]
fn groups_are_held_against_the_policy_file() {
    let mut aws = Testbed::start();
    groups(&mut aws);
    let shell = aws.shell();
    let policy = "version: 1\ngroups:\n  - {name: callers, policies: AmazonAPIGatewayInvokeFullAccess}\n  \
                  - {name: testers, policies: AmazonAPIGatewayInvokeFullAccess}\n  \
                  - {name: nobody, inline: own}\n";
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = scan(&shell);
    assert_eq!(
        run.findings(),
        [
            "missing-group-policy arn:aws:iam::111122223333:group/nobody",
            "missing-group-policy arn:aws:iam::111122223333:group/testers",
            "empty-group arn:aws:iam::111122223333:group/callers",
        ]
    );
    aws.call("iam", "create_user", json!({"UserName": "alice"}));
    aws.call(
        "iam",
        "add_user_to_group",
        json!({"GroupName": "callers", "UserName": "alice"}),
    );
    assert!(
        !scan(&shell)
            .findings()
            .iter()
            .any(|it| it.contains("empty-group"))
    );
}

#[test]
fn a_policy_whose_document_is_unknown_is_a_gap() {
    let mut aws = Testbed::start();
    groups(&mut aws);
    // The emulator attaches AWS's policies, and has no document for this one.
    let unknown = "arn:aws:iam::aws:policy/AmazonBedrockFullAccess";
    aws.call(
        "iam",
        "attach_group_policy",
        json!({"GroupName": "testers", "PolicyArn": unknown}),
    );
    let run = scan(&aws.shell());
    assert_eq!(run.status, 3, "{}", run.stderr);
    let gaps = &run.report()["coverage"]["gaps"];
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!(gaps[0]["kind"], "policy-document");
    assert_eq!(gaps[0]["subject"], unknown);
}

/// What a scan must be allowed, less what a test takes away.
fn reader(denied: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["apigateway:GET", "iam:Get*", "sts:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": denied},
    ]})
}

#[test]
fn what_is_denied_on_one_api_is_a_gap_there_and_nowhere_else() {
    let mut aws = Testbed::start();
    let stages = aws.petstore_named("stages");
    let deployment = aws.petstore_named("deployment");
    let draft = aws.petstore_named("draft");
    let arn =
        |api: &PetStore, rest: &str| format!("arn:aws:apigateway:*::/restapis/{}/{rest}", api.id);
    let denied = json!([
        arn(&stages, "stages"),
        arn(&deployment, "deployments/*"),
        arn(&draft, "resources")
    ]);
    let shell = aws.user("scanner", reader(&denied));
    let run = scan(&shell);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["status"], "incomplete");
    let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
    let gaps: Vec<_> = gaps
        .map(|gap| (gap["kind"].as_str().unwrap(), gap["api"].as_str().unwrap()))
        .collect();
    assert_eq!(
        gaps,
        [
            ("api", stages.id.as_str()),
            ("stage", &deployment.id),
            ("draft", &draft.id)
        ]
    );
    assert!(
        report["coverage"]["gaps"][0]["reason"] == "access-denied",
        "{report}"
    );
    let found = findings(&report);
    let unread = [
        format!("unread-api {}", stages.id),
        format!("unread-api {}", deployment.id),
    ];
    assert!(unread.iter().all(|it| found.contains(it)), "{found:?}");
    // The third API's deployed methods are known, draft or not. For the deployment that was not read, the draft stands in.
    let of = |api: &str| -> Vec<&str> {
        let open = report["findings"].as_array().unwrap().iter();
        let open = open.filter(|it| it["rule"] == "open-method" && it["api"]["id"] == api);
        let sources = open.map(|it| it["evidence"][0]["source"].as_str().unwrap());
        sources.collect()
    };
    assert_eq!(of(&stages.id), Vec::<&str>::new());
    assert_eq!(of(&deployment.id), ["inferred"; 4]);
    assert_eq!(of(&draft.id), ["deployment"; 4]);
}

#[test]
fn a_resource_policy_that_does_not_parse_is_a_gap() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let patch = json!([{"op": "replace", "path": "/policy", "value": "{not json"}]);
    aws.call(
        "apigateway",
        "update_rest_api",
        json!({"restApiId": api.id, "patchOperations": patch}),
    );
    let run = scan(&aws.shell());
    assert_eq!(run.status, 3, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["coverage"]["gaps"][0]["kind"], "resource-policy");
    assert_eq!(run.findings().len(), 4);
}

/// An inventory without the time at which it was read.
fn without_time(inventory: &str) -> Value {
    let mut inventory: Value = serde_json::from_str(inventory).unwrap();
    inventory.as_object_mut().unwrap().remove("taken_at");
    inventory
}

#[test]
fn a_saved_inventory_gives_the_same_report() {
    let mut aws = Testbed::start();
    aws.petstore();
    groups(&mut aws);
    let shell = aws.shell();
    let collected = shell.run(&["collect", "-o", "inventory.json"]);
    assert_eq!(
        (collected.status, collected.stdout.as_str()),
        (0, ""),
        "{}",
        collected.stderr
    );
    // It holds IAM documents: others on the machine have no business with it.
    let mode = fs::metadata(shell.folder().join("inventory.json")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    // A device is written to, and stays one.
    let nowhere = shell.run(&["collect", "-o", "/dev/null"]);
    assert_eq!(nowhere.status, 0, "{}", nowhere.stderr);
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    let streamed = shell.run(&["collect", "-o", "/dev/stdout"]);
    let saved = fs::read_to_string(shell.folder().join("inventory.json")).unwrap();
    assert_eq!(without_time(&streamed.stdout), without_time(&saved));
    let live = scan(&shell).report();
    let offline = Shell::bare();
    fs::copy(
        shell.folder().join("inventory.json"),
        offline.folder().join("inventory.json"),
    )
    .unwrap();
    let checked = offline.run(&["check", "inventory.json", "--format", "json"]);
    assert_eq!(checked.report()["findings"], live["findings"]);
    assert_eq!(checked.report()["coverage"], live["coverage"]);
}

#[test]
fn a_scan_can_be_narrowed_and_a_mistyped_api_is_a_gap() {
    let mut aws = Testbed::start();
    aws.petstore_named("one");
    let two = aws.petstore_named("two");
    let shell = aws.shell();
    let by_name = shell.run(&["scan", "--api", "one", "--format", "json"]);
    assert_eq!(by_name.report()["coverage"]["apis"], 1);
    let by_id = shell.run(&[
        "scan", "--api", &two.id, "--api", "three", "--format", "json",
    ]);
    assert_eq!(by_id.status, 3, "{}", by_id.stderr);
    assert_eq!(by_id.report()["coverage"]["gaps"][0]["api"], "three");
}

#[test]
fn the_wrong_region_is_not_silently_clean() {
    let mut aws = Testbed::start();
    aws.petstore();
    let shell = aws.shell();
    let run = shell.run(&["scan", "--region", "us-east-1"]);
    assert!(run.stdout.contains("no API in us-east-1"), "{}", run.stderr);
    let mistyped = shell.run(&["scan", "--region", "eu-wset-1"]);
    assert_eq!(mistyped.status, 3, "{}", mistyped.stdout);
    assert!(
        mistyped
            .stdout
            .contains("no Region eu-wset-1 is known here"),
        "{}",
        mistyped.stdout
    );
    let both = shell.run(&[
        "scan",
        "--region",
        "us-east-1",
        "--region",
        REGION,
        "--format",
        "json",
    ]);
    assert_eq!(both.report()["coverage"]["apis"], 1);
    assert_eq!(
        both.report()["scope"]["regions"],
        json!(["us-east-1", REGION])
    );
}

#[test]
fn a_report_is_published_with_its_attributes() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let email = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "security@example.com"});
    aws.call("sns", "subscribe", email);
    let run = aws.shell().run(&["scan", "--publish", &topic]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let received = aws.received(&queue);
    assert_eq!(received.len(), 1);
    let notification = &received[0];
    assert_eq!(
        notification["Subject"],
        "gatewatch: 1 critical, 3 high in account 111122223333"
    );
    let report: Value = serde_json::from_str(notification["Message"].as_str().unwrap()).unwrap();
    assert_eq!(findings(&report).len(), 4);
    let attributes = &notification["MessageAttributes"];
    assert_eq!(attributes["severity"]["Value"], "critical");
    assert_eq!(
        attributes["region"],
        json!({"Type": "String.Array", "Value": "[\"eu-west-1\"]"})
    );
    let mails = aws.mails();
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0]["text"]
            .as_str()
            .unwrap()
            .contains("1. CRITICAL open-method"),
        "{mails:?}"
    );
}

#[test]
fn what_is_published_to_a_topic_without_subscribers_is_not_announced() {
    let mut aws = Testbed::start();
    aws.petstore();
    let topic = aws.call("sns", "create_topic", json!({"Name": "lonely"}));
    let topic = topic["TopicArn"].as_str().unwrap().to_owned();
    let (shell, state) = (aws.shell(), ["--state", "state"]);
    let warning = format!("warning: no subscription to {topic} is confirmed");
    for command in [&["scan"][..], &["notify", "--test"]] {
        let run = shell.run(&[command, &["--publish", &topic]].concat());
        assert!(run.stderr.contains(&warning), "{}", run.stderr);
    }
    let scan = [&["scan", "--publish", &topic], &state[..]].concat();
    let history = [&["history"], &state[..]].concat();
    for _ in 0..2 {
        let run = shell.run(&scan);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(run.stderr.contains(&warning), "{}", run.stderr);
        assert!(
            run.stderr.contains("and not announced: 4 change(s)"),
            "{}",
            run.stderr
        );
        let history = shell.run(&history);
        assert_eq!(
            history.stdout.matches("not yet").count(),
            4,
            "{}",
            history.stdout
        );
    }
    let queue = aws.queue_on(&topic);
    let run = shell.run(&scan);
    assert!(
        run.stderr.contains("4 change(s) (baseline)"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert_eq!(aws.received(&queue).len(), 1);
    let history = shell.run(&history);
    assert_eq!(
        history.stdout.matches("not yet").count(),
        0,
        "{}",
        history.stdout
    );
}

#[test]
fn a_topic_that_does_not_exist_fails_the_run_and_keeps_the_report() {
    let mut aws = Testbed::start();
    aws.petstore();
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:nowhere");
    let run = aws
        .shell()
        .run(&["scan", "--publish", &topic, "--format", "json"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(run.findings().len(), 4);
    assert!(run.stderr.contains("was not published"), "{}", run.stderr);
    assert!(
        run.stderr.contains("nowhere") && run.stderr.contains("not found"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_large_mixed_account_has_no_miss_and_no_false_alarm() {
    let mut aws = Testbed::start();
    let seeded = aws.call("gatewatch", "create_mixed_account", json!({}));
    let run = scan(&aws.shell());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let report = run.report();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let path = match &finding["path"] {
                Value::Null => &finding["route_key"],
                path => path,
            };
            [
                &finding["rule"],
                &finding["api"]["id"],
                &finding["verb"],
                path,
            ]
            .map(text)
        });
    let mut found: Vec<[String; 4]> = found.collect();
    // The account has no principals at all: nobody may call what asks for AWS_IAM.
    found.retain(|it| it[0] != "uncallable-method");
    found.sort();
    let truth: Vec<[String; 4]> = serde_json::from_value(seeded["truth"].clone()).unwrap();
    assert!(truth.len() > 400, "{}", truth.len());
    assert_eq!(found, truth);
    assert_eq!(report["coverage"]["apis"], 70);
    assert_eq!(report["coverage"]["undeployed_apis"], 7);
    assert_eq!(report["coverage"]["complete"], true);
}

#[test]
fn http_and_websocket_apis_are_read() {
    let mut aws = Testbed::start();
    let made = |aws: &mut Testbed, name: &str, kind: &str| {
        let selection = "$request.body.action";
        let params =
            json!({"Name": name, "ProtocolType": kind, "RouteSelectionExpression": selection});
        let params = if kind == "HTTP" {
            json!({"Name": name, "ProtocolType": kind})
        } else {
            params
        };
        let made = aws.call("apigatewayv2", "create_api", params);
        made["ApiId"].as_str().unwrap().to_owned()
    };
    let orders = made(&mut aws, "orders", "HTTP");
    for (key, kind) in [
        ("GET /orders", "NONE"),
        ("POST /orders", "AWS_IAM"),
        ("$default", "NONE"),
    ] {
        let route = json!({"ApiId": orders, "RouteKey": key, "AuthorizationType": kind, "Target": "integrations/x"});
        aws.call("apigatewayv2", "create_route", route);
    }
    let stage = json!({"ApiId": orders, "StageName": "$default", "AutoDeploy": true});
    aws.call("apigatewayv2", "create_stage", stage);
    let chat = made(&mut aws, "chat", "WEBSOCKET");
    for key in ["$connect", "$disconnect", "send"] {
        aws.call(
            "apigatewayv2",
            "create_route",
            json!({"ApiId": chat, "RouteKey": key}),
        );
    }
    let deployment = aws.call("apigatewayv2", "create_deployment", json!({"ApiId": chat}));
    let stage =
        json!({"ApiId": chat, "StageName": "live", "DeploymentId": deployment["DeploymentId"]});
    aws.call("apigatewayv2", "create_stage", stage);
    let run = scan(&aws.shell());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let report = run.report();
    let found = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |field: &str| finding[field].as_str().unwrap().to_owned();
            (text("rule"), text("route_key"), text("confidence"))
        });
    let wanted = [
        ("open-method", "$default", "high"),
        ("open-method", "GET /orders", "high"),
        ("open-connect", "$connect", "medium"),
        // The account has no principal that could call it.
        ("uncallable-method", "POST /orders", "high"),
    ];
    let wanted = wanted.map(|(rule, key, sure)| (rule.to_owned(), key.to_owned(), sure.to_owned()));
    assert_eq!(found.collect::<Vec<_>>(), wanted);
    assert_eq!(
        report["findings"][2]["urls"][0],
        format!("wss://{chat}.execute-api.eu-west-1.amazonaws.com/live")
    );
}

#[test]
fn a_stage_that_cannot_be_exported_is_a_gap() {
    let mut aws = Testbed::start();
    let api = aws.call(
        "apigatewayv2",
        "create_api",
        json!({"Name": "orders", "ProtocolType": "HTTP"}),
    );
    let id = &api["ApiId"];
    aws.call(
        "apigatewayv2",
        "create_route",
        json!({"ApiId": id, "RouteKey": "GET /orders"}),
    );
    let deployment = aws.call("apigatewayv2", "create_deployment", json!({"ApiId": id}));
    let stage =
        json!({"ApiId": id, "StageName": "prod", "DeploymentId": deployment["DeploymentId"]});
    aws.call("apigatewayv2", "create_stage", stage);
    // The emulator has no export.
    let run = scan(&aws.shell());
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(
        run.report()["coverage"]["gaps"][0]["operation"],
        "apigateway:ExportApi"
    );
}

#[test]
fn a_custom_domain_is_a_url_of_its_stage() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let certificate = "arn:aws:acm:us-east-1:111122223333:certificate/fake";
    aws.call(
        "apigateway",
        "create_domain_name",
        json!({"domainName": "pets.example.com", "certificateArn": certificate, "endpointConfiguration": {"types": ["EDGE"]}}),
    );
    let mapping = json!({"domainName": "pets.example.com", "basePath": "v1", "restApiId": api.id, "stage": "prod"});
    aws.call("apigateway", "create_base_path_mapping", mapping);
    let finding = scan(&aws.shell()).report()["findings"][0].clone();
    assert_eq!(finding["exposure"], "public");
    let default = format!(
        "https://{}.execute-api.eu-west-1.amazonaws.com/prod",
        api.id
    );
    assert_eq!(
        finding["urls"],
        json!([default, "https://pets.example.com/v1"])
    );
}

#[test]
fn the_requests_are_counted_by_operation() {
    let mut aws = Testbed::start();
    aws.petstore();
    let run = aws.shell().run(&["scan", "--stats"]);
    let count = |operation: &str| -> u64 {
        let line = run.stderr.lines().find(|line| line.ends_with(operation));
        let line = line.unwrap_or_else(|| panic!("{operation}: {}", run.stderr));
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    // One REST API with one deployment: no call is made twice.
    for operation in [
        "API Gateway GetRestApis",
        "API Gateway GetStages",
        "API Gateway GetDeployment",
        "API Gateway GetResources",
        "ApiGatewayV2 GetApis",
        "IAM GetAccountAuthorizationDetails",
        "STS GetCallerIdentity",
    ] {
        assert_eq!(count(operation), 1, "{operation}: {}", run.stderr);
    }
    assert!(run.stderr.contains("0 of them throttled"), "{}", run.stderr);
}
