//! The report on a terminal: what is put together, what fits, and what is colored.

use std::fs;

use serde_json::{Value, json};

use crate::support::blessed::assert_blessed;
use crate::support::command::{Run, Shell, undated};
use crate::support::package;
use crate::support::testbed::Testbed;

fn petstore() -> String {
    fs::read_to_string(package("examples/petstore.inventory.json")).unwrap()
}

fn check(inventory: &str, columns: usize, more: &[&str]) -> Run {
    let shell = Shell::bare().with("COLUMNS", &columns.to_string());
    // An exemption would say how many days it has left, which changes from day to day.
    let policy = fs::read_to_string(package("examples/gatewatch.yaml")).unwrap();
    let policy = policy.split("\n# Findings that").next().unwrap();
    fs::write(shell.folder().join("policy.yaml"), policy).unwrap();
    let mut arguments = vec!["check", "-", "--config", "policy.yaml"];
    arguments.extend(more);
    shell.run_with_input(&arguments, inventory)
}

/// `apis` REST APIs, each of one stage with `methods` open methods.
fn estate(apis: usize, methods: usize) -> String {
    let api = |api: usize| {
        let methods = (0..methods).map(|method| {
            let verb = ["GET", "POST"][method % 2];
            json!({"verb": verb, "path": format!("/things/{}", method / 2), "authorization": "NONE",
                   "api_key_required": false, "resource_id": format!("res{}", method / 2), "integration": "HTTP"})
        });
        let methods: Vec<Value> = methods.collect();
        let mut deployed = methods.clone();
        for method in &mut deployed {
            let method = method.as_object_mut().unwrap();
            method.remove("resource_id");
            method.remove("integration");
        }
        json!({"region": "eu-west-1", "id": format!("a1b2c3d{api:03}"), "name": format!("Shop {api}"), "kind": "REST",
               "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
               "stages": [{"name": "prod", "deployment_id": "dep111"}],
               "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": deployed}],
               "draft": methods})
    };
    json!({"schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
           "scope": {"regions": ["eu-west-1"]}, "apis": (0..apis).map(api).collect::<Vec<_>>(),
           "domains": [], "gaps": [], "iam": {"users": [], "roles": [], "policies": [], "groups": []}})
    .to_string()
}

/// One API, whose stages serve these deployments.
fn in_stages(stages: &[(&str, &str)]) -> String {
    let mut estate: Value = serde_json::from_str(&estate(1, 1)).unwrap();
    let api = &mut estate["apis"][0];
    let mut deployments = Vec::new();
    for (_, id) in stages {
        let mut deployment = api["deployments"][0].clone();
        deployment["id"] = json!(id);
        if !deployments.contains(&deployment) {
            deployments.push(deployment);
        }
    }
    let stages = stages.iter();
    let stages = stages.map(|(name, id)| json!({"name": name, "deployment_id": id}));
    api["stages"] = stages.collect();
    api["deployments"] = json!(deployments);
    estate.to_string()
}

/// A finding that is the same in several stages is named once with them, whichever deployments they serve.
#[test]
fn stages_are_listed_once() {
    let all = [("dev", "dep1"), ("prod", "dep2"), ("test", "dep1")];
    let run = check(&in_stages(&all), 160, &[]);
    let count = |text: &str| run.stdout.matches(text).count();
    assert_eq!(count("open-method: anyone can"), 1, "{}", run.stdout);
    assert_eq!(count("stages dev, prod, test: GET /things/0"), 1);
    assert_eq!(
        count("deployment in stages dev, test: deployment dep1 serves"),
        1
    );
    assert_eq!(count("deployment in stage prod: deployment dep2 serves"), 1);
    assert_eq!(count("policy-file: AWS_IAM is required"), 1);
    // Where one deployment is behind all of them, it is named once and for all.
    let one = all.map(|(stage, _)| (stage, "dep1"));
    let run = check(&in_stages(&one), 160, &[]);
    assert_eq!(run.stdout.matches("deployment: deployment dep1").count(), 1);
    // Programs get one finding a stage, each with its id.
    let report = check(&in_stages(&all), 160, &["--format", "json"]).report();
    let mut open: Vec<&Value> = report["findings"].as_array().unwrap().iter().collect();
    open.retain(|it| it["rule"] == "open-method");
    assert_eq!(open.len(), 3);
    // What a stage serves otherwise is another finding there.
    let mut other: Value = serde_json::from_str(&in_stages(&all)).unwrap();
    other["apis"][0]["deployments"][1]["methods"][0]["api_key_required"] = json!(true);
    let run = check(&other.to_string(), 160, &[]);
    assert_eq!(
        run.stdout
            .matches("stages dev, test: GET /things/0")
            .count(),
        1
    );
    assert!(
        run.stdout.contains("    stage prod: GET /things/0"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_report_at_every_width_with_and_without_color() {
    let mut shown = serde_json::Map::new();
    for columns in [60, 100, 160] {
        for color in ["never", "always"] {
            let run = check(&petstore(), columns, &["--color", color]);
            assert_eq!(run.status, 1, "{}", run.stderr);
            for line in run.stdout.lines().filter(|_| color == "never") {
                let is_one_word = !line.trim().contains(' ');
                let fits = line.chars().count() <= columns || is_one_word;
                let is_command = line.starts_with("        aws ");
                let is_last = line.starts_with("account ");
                assert!(fits || is_command || is_last, "{columns}: {line}");
            }
            let text = run.stdout.replace('\u{1b}', "ESC");
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            shown.insert(format!("{columns} columns, color {color}"), json!(lines));
        }
    }
    for more in [&["--brief"][..], &["-q"], &["--severity", "critical"]] {
        let run = check(&petstore(), 100, more);
        let lines: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
        shown.insert(more.join(" "), json!(lines));
    }
    assert_blessed(&package("tests/screen.json"), &Value::Object(shown));
}

#[test]
fn two_thousand_findings_of_forty_apis_are_at_most_four_hundred_lines() {
    for columns in [60, 120, 200] {
        let run = check(&estate(40, 50), columns, &[]);
        let lines = run.stdout.lines().count();
        assert!((100..=400).contains(&lines), "{columns}: {lines}");
        let last = run.stdout.lines().last().unwrap();
        assert!(last.contains("(1000 critical, 1002 high)"), "{last}");
        // No API is left out.
        for api in 0..40 {
            let name = format!("Shop {api} (a1b2c3d{api:03})");
            assert!(run.stdout.contains(&name), "{columns}: {name}");
        }
        let verbose = check(&estate(40, 50), columns, &["--verbose"]);
        assert_eq!(
            verbose.stdout.matches("  confidence high, id ").count(),
            2002
        );
    }
    // Very many APIs are counted where they are not named.
    let run = check(&estate(400, 2), 120, &[]);
    assert!(run.stdout.lines().count() <= 400);
    assert!(run.stdout.contains(" more: "), "{}", run.stdout);
}

#[test]
fn one_fix_mends_many_methods_and_deploys_once() {
    let run = check(&estate(1, 4), 120, &[]);
    assert_eq!(
        run.stdout.matches("create-deployment").count(),
        1,
        "{}",
        run.stdout
    );
    assert_eq!(
        run.stdout.matches("update-method").count(),
        4,
        "{}",
        run.stdout
    );
    let deployed = run.stdout.find("create-deployment").unwrap();
    assert!(
        run.stdout.rfind("update-method").unwrap() < deployed,
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("fix for 4 findings: "),
        "{}",
        run.stdout
    );

    // Of many, the commands of a few are whole, and it is said that they are not all.
    let run = check(&estate(1, 20), 120, &[]);
    assert_eq!(
        run.stdout.matches("update-method").count(),
        4,
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("# these mend 4 of the 20"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_filter_changes_neither_counts_nor_status() {
    let all = check(&petstore(), 120, &[]);
    for (filter, hidden) in [
        (
            &["--severity", "critical"][..],
            "not shown: 3 of 4 findings (--severity critical)",
        ),
        (
            &["--rule", "missing-group-policy"],
            "not shown: 3 of 4 findings (--rule missing-group-policy)",
        ),
        (
            &["--show-api", "PetStore"],
            "not shown: 1 of 4 findings (--show-api PetStore)",
        ),
        (
            &["--show-api", "a1b2c3d4e5"],
            "not shown: 1 of 4 findings (--show-api a1b2c3d4e5)",
        ),
        (
            &["--show-api", "none"],
            "not shown: 4 of 4 findings (--show-api none)",
        ),
    ] {
        for detail in [None, Some("--brief"), Some("--verbose")] {
            let arguments: Vec<&str> = filter.iter().copied().chain(detail).collect();
            let run = check(&petstore(), 120, &arguments);
            assert_eq!(run.status, all.status);
            assert!(run.stdout.contains(hidden), "{hidden}: {}", run.stdout);
            assert_eq!(run.stdout.lines().last(), all.stdout.lines().last());
        }
        let json = |more: &[&str]| {
            let run = check(&petstore(), 120, &[&["--format", "json"], more].concat());
            undated(&run.stdout)
        };
        assert_eq!(json(filter), json(&[]));
    }
    for (mistyped, meant) in [
        (["--rule", "open-methods"], "did you mean `open-method`?"),
        (["--severity", "hihg"], "did you mean `high`?"),
    ] {
        let run = check(&petstore(), 120, &mistyped);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains(meant), "{}", run.stderr);
    }
}

/// A filter that no finding meets shows nothing, as one that is mistyped does.
#[test]
fn a_filter_that_matches_nothing_says_so() {
    let unmet = ": no finding is";
    for (filter, said) in [
        (
            ["--show-api", "petstor"],
            "--show-api petstor: no finding is about an API of this id or name; did you mean `PetStore`?",
        ),
        (
            ["--show-api", "a1b2c3d4e6"],
            "--show-api a1b2c3d4e6: no finding is about an API of this id or name; did you mean `a1b2c3d4e5`?",
        ),
        (
            ["--show-api", "invoices"],
            "--show-api invoices: no finding is about an API of this id or name\n",
        ),
        (
            ["--rule", "world-signed"],
            "--rule world-signed: no finding is of this rule\n",
        ),
    ] {
        for detail in [None, Some("--brief"), Some("--verbose")] {
            let arguments: Vec<&str> = filter.iter().copied().chain(detail).collect();
            let run = check(&petstore(), 160, &arguments);
            assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
            assert_eq!(run.stdout.matches(unmet).count(), 1, "{}", run.stdout);
        }
    }
    for met in [
        ["--show-api", "PetStore"],
        ["--rule", "open-method"],
        ["--severity", "critical"],
    ] {
        let run = check(&petstore(), 160, &met);
        assert!(!run.stdout.contains(unmet), "{}", run.stdout);
    }
    let mut mild: Value = serde_json::from_str(&estate(1, 2)).unwrap();
    mild["apis"][0]["endpoint_types"] = json!(["PRIVATE"]);
    let run = check(&mild.to_string(), 160, &["--severity", "critical"]);
    let said = "--severity critical: no finding is as severe\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    // Without any finding, an API of the name may be there: nothing tells but that none is about it.
    let mut clean: Value = serde_json::from_str(&estate(1, 1)).unwrap();
    clean["apis"] = json!([]);
    let run = check(
        &clean.to_string(),
        160,
        &["--show-api", "Shop", "--severity", "high"],
    );
    assert_eq!(run.stdout.matches(unmet).count(), 1, "{}", run.stdout);
}

/// Whichever of the methods that one deployment mends a finding is about, the deployment is the same.
#[test]
fn one_deployment_mends_many_methods() {
    let mut estate: Value = serde_json::from_str(&estate(1, 3)).unwrap();
    for method in estate["apis"][0]["draft"].as_array_mut().unwrap() {
        method["authorization"] = json!("AWS_IAM");
    }
    let run = check(&estate.to_string(), 160, &[]);
    let severities = [
        "critical undeployed-fix: anyone",
        "high undeployed-fix: anyone",
    ];
    for severity in severities {
        assert_eq!(run.stdout.matches(severity).count(), 1, "{}", run.stdout);
    }
    assert_eq!(
        run.stdout.matches("create-deployment").count(),
        1,
        "{}",
        run.stdout
    );
    // However its lines are broken.
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for method in ["GET /things/0", "POST /things/0", "GET /things/1"] {
        let change = format!("changes {method} from NONE to AWS_IAM");
        assert_eq!(said.matches(&change).count(), 1, "{}", run.stdout);
    }
}

#[test]
fn color_is_for_terminals_and_for_those_who_ask() {
    for (name, value) in [
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("TERM", "xterm-256color"),
    ] {
        let shell = Shell::bare().with(name, value);
        let pipe = shell.run_with_input(&["check", "-"], &petstore());
        assert!(!pipe.stdout.contains('\u{1b}'), "{name}: {}", pipe.stdout);
        let asked = shell.run_with_input(&["check", "-", "--color", "always"], &petstore());
        assert!(asked.stdout.contains('\u{1b}'), "{name}: {}", asked.stdout);
    }
}

#[test]
fn the_only_escape_sequences_are_those_of_the_report() {
    let hostile = "critical\\u001b[2J\\u001b[32mclean\\n\\u202e";
    let inventory = petstore().replace("\"PetStore\"", &format!("\"{hostile}\""));
    let inventory = inventory.replace("\"/pets\"", "\"/\\u001b]0;critical\\u0007\"");
    for detail in [None, Some("--brief"), Some("--verbose"), Some("--quiet")] {
        let arguments: Vec<&str> = ["--color", "always"].into_iter().chain(detail).collect();
        let run = check(&inventory, 100, &arguments);
        let mut bare = run.stdout.clone();
        for ours in ["0", "1", "31", "33", "36"] {
            bare = bare.replace(&format!("\u{1b}[{ours}m"), "");
        }
        assert!(
            !bare.contains('\u{1b}') && !bare.contains('\u{202e}'),
            "{bare}"
        );
        assert!(bare.contains("\\u{1b}"), "{bare}");
        // What is colored is the same text.
        let plain = check(
            &inventory,
            100,
            &["--color", "never"]
                .into_iter()
                .chain(detail)
                .collect::<Vec<_>>(),
        );
        assert_eq!(bare, plain.stdout);
    }
}

#[test]
fn a_scan_with_a_ledger_marks_what_the_last_report_did_not_have() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let shell = aws.shell();
    let seen = |detail: &[&str]| {
        let scan = ["scan", "--state", "state"];
        shell.run(&[&scan, detail].concat()).stdout
    };
    let scan = || seen(&[]);
    let set = |aws: &mut Testbed, to: &str| {
        aws.set_authorization(&api, "GET", "/pets", to);
        aws.deploy(&api, Some("prod"));
    };
    // Of a first report, nothing is newer than the rest.
    let first = scan();
    assert!(
        first.contains("open-method") && !first.contains("NEW"),
        "{first}"
    );
    set(&mut aws, "AWS_IAM");
    assert!(!scan().contains("NEW high open-method"));
    set(&mut aws, "NONE");
    let third = scan();
    assert!(third.contains("NEW high open-method"), "{third}");
    assert_eq!(third.matches("NEW").count(), 1, "{third}");
    let new = third.split("NEW ").nth(1).unwrap();
    assert!(
        new.lines()
            .nth(1)
            .unwrap()
            .ends_with("stage prod: GET /pets"),
        "{third}"
    );
    assert!(!scan().contains("NEW"));
    // Whatever is shown of it.
    for (detail, begins) in [
        ("--brief", "NEW high  open-method  GET /pets "),
        ("--verbose", "NEW high open-method: GET /pets, "),
    ] {
        set(&mut aws, "AWS_IAM");
        scan();
        set(&mut aws, "NONE");
        let shown = seen(&[detail]);
        let marked = shown.lines().filter(|it| it.contains("NEW"));
        assert_eq!(marked.clone().count(), 1, "{shown}");
        assert!(
            marked.clone().all(|it| it.trim_start().starts_with(begins)),
            "{shown}"
        );
    }
}

#[test]
fn no_name_looks_like_a_command() {
    let name = format!("{} aws iam create-access-key", "x".repeat(50));
    let inventory = petstore().replace("\"PetStore\"", &format!("\"{name}\""));
    for detail in [None, Some("--verbose")] {
        for columns in 60..=110 {
            let arguments: Vec<&str> = detail.into_iter().collect();
            let run = check(&inventory, columns, &arguments);
            let mut commands = run.stdout.lines().filter(|it| it.starts_with("        "));
            assert!(
                commands.all(|it| !it.contains("create-access-key")),
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn the_verbs_of_a_path_and_the_stages_of_a_method_are_named_together() {
    let mut inventory: Value = serde_json::from_str(&estate(1, 6)).unwrap();
    let stages = ["prod", "beta"].map(|it| json!({"name": it, "deployment_id": "dep111"}));
    inventory["apis"][0]["stages"] = json!(stages);
    for method in ["deployments", "draft"] {
        let list = &mut inventory["apis"][0][method];
        let list = if method == "draft" {
            list
        } else {
            &mut list[0]["methods"]
        };
        for method in list.as_array_mut().unwrap() {
            let verb = method["verb"].as_str().unwrap().replace("GET", "PUT");
            method["verb"] = json!(verb);
        }
    }
    let run = check(&inventory.to_string(), 120, &[]);
    let wanted =
        "    stages beta, prod: POST PUT /things/0, POST PUT /things/1, POST PUT /things/2\n";
    assert!(run.stdout.contains(wanted), "{}", run.stdout);
    // The fix of a stage speaks of the other one.
    for fix in [
        "    fix 1, fix 2\n",
        "fix 1 for 6 findings in stage beta: ",
        "fix 2 for 6 findings in stage prod: ",
    ] {
        assert_eq!(run.stdout.matches(fix).count(), 1, "{fix}: {}", run.stdout);
    }
}

/// What the pages show of a command on the examples is what it prints: each of the lines between two `[…]` in its place,
/// and those that end with it as far as they go.
#[test]
fn the_pages_show_what_is_printed() {
    for (page, count) in [
        ("README.md", 1),
        ("docs/access.md", 3),
        ("docs/policy-file.md", 1),
        ("docs/reports.md", 3),
    ] {
        let text = fs::read_to_string(package(page)).unwrap();
        let blocks = text.split("\n    $ ").skip(1);
        let blocks = blocks.filter(|it| it.lines().next().unwrap().contains(" examples/"));
        let mut seen = 0;
        for block in blocks {
            seen += 1;
            let mut lines = block.lines();
            let call = lines.next().unwrap();
            let (_, arguments) = call
                .split_once("gatewatch ")
                .or(call.split_once("cargo run -- "))
                .unwrap();
            let arguments =
                arguments.replace("examples/", &format!("{}/", package("examples").display()));
            let arguments = shlex::split(&arguments).unwrap();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let printed = Shell::bare().run(&arguments).stdout;
            let mut printed = printed.lines();
            for line in lines.take_while(|it| it.is_empty() || it.starts_with("    ")) {
                let line = line.strip_prefix("    ").unwrap_or(line);
                let mut parts = line.split("[…]").map(str::trim_end);
                let begin = parts.next().unwrap();
                let rest: Vec<&str> = parts.collect();
                let is_shown =
                    |it: &str| it.starts_with(begin) && rest.iter().all(|part| it.contains(part));
                let found = line.is_empty() || printed.any(is_shown);
                assert!(found, "{page} shows what is not printed: {line}");
            }
        }
        assert_eq!(seen, count, "{page}");
    }
}

#[test]
fn sixty_groups_are_put_together_by_what_they_can_call() {
    let mut inventory: Value = serde_json::from_str(&estate(1, 6)).unwrap();
    for list in ["/apis/0/deployments/0/methods", "/apis/0/draft"] {
        for method in inventory.pointer_mut(list).unwrap().as_array_mut().unwrap() {
            method["authorization"] = json!("AWS_IAM");
        }
    }
    let group = |number: usize| {
        let name = format!("team-{number}");
        let verb = ["GET", "POST", "*"][number % 3];
        let resource =
            format!("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d000/prod/{verb}/*");
        let document = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}});
        json!({"name": name, "arn": format!("arn:aws:iam::111122223333:group/{name}"), "attached": [],
               "inline": [{"name": "call", "document": {"json": document}}]})
    };
    inventory["iam"]["groups"] = json!((0..60).map(group).collect::<Vec<_>>());
    let run = Shell::bare().run_with_input(&["access", "-"], &inventory.to_string());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stdout.lines().all(|it| it.chars().count() <= 120),
        "{}",
        run.stdout
    );
    assert!(run.stdout.lines().count() <= 40, "{}", run.stdout);
    // Nobody is left out, and nobody stands in two sets.
    for number in 0..60 {
        let name = format!("group team-{number}");
        let named = run.stdout.match_indices(&name).filter(|(at, _)| {
            let next = run.stdout[at + name.len()..].chars().next();
            next.is_none_or(|it| !it.is_ascii_digit())
        });
        assert_eq!(named.count(), 1, "{name}: {}", run.stdout);
    }
    // For one method alone, those who can call it are named, in as many lines as they need.
    let one = ["access", "-", "--who-can", "GET /things/0"];
    let run = Shell::bare().run_with_input(&one, &inventory.to_string());
    assert!(
        run.stdout.lines().all(|it| it.chars().count() <= 160),
        "{}",
        run.stdout
    );
    assert_eq!(run.stdout.matches("team-").count(), 80, "{}", run.stdout);
}
