//! `gatewatch access`, on the inventory that the guide uses.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::command::{Run, Shell};
use crate::support::package;

/// Asks for every answer that is decided.
pub(crate) const DECIDED: [&str; 6] =
    ["--verdict", "all", "--verdict", "some", "--verdict", "none"];

fn access(arguments: &[&str]) -> Run {
    let inventory = package("examples/access.inventory.json")
        .display()
        .to_string();
    let mut all = vec!["access", inventory.as_str()];
    all.extend(arguments);
    Shell::bare().run(&all)
}

/// Without the spaces that fill the table's lines.
fn table(arguments: &[&str]) -> String {
    let run = access(arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().map(str::trim_end).collect();
    lines.join("\n")
}

#[test]
fn the_groups_and_the_methods_make_a_matrix() {
    assert_snapshot!(table(&[]), @r"
     METHOD                API                    STAGE  REGION     group callers  group clerks  group office  group readers  group typists
     ANY /admin/{proxy+}   PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL            -             SOME*         -              -
     GET /pets             PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL            ALL           ALL*          ALL            -
     POST /pets            PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL            ALL           -             -              -
     DELETE /pets/{petId}  PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL            ALL           -             -              -
     GET /pets/{petId}     PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL            ALL           ALL*          ALL            SOME
    * depends on what is not known before the request is made, such as the keys of a condition
    1 method with CUSTOM: IAM does not decide
    1 method with NONE: no IAM decision: unsigned requests pass (see `gatewatch check`)
    ");
}

#[test]
fn many_are_listed_and_a_method_names_its_callers_with_examples() {
    assert_snapshot!(table(&["--who-can", "ANY /admin/{proxy+}"]), @r"
     METHOD               API                    STAGE  REGION     WHO CAN CALL IT
     ANY /admin/{proxy+}  PetStore (a1b2c3d4e5)  prod   eu-west-1  ALL: group callers, user alice, role ci; SOME: group office*, user bob, user carol*
    * depends on what is not known before the request is made, such as the keys of a condition

    group callers on ANY /admin/{proxy+} of PetStore, stage prod: ALL
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x

    group office on ANY /admin/{proxy+} of PetStore, stage prod: SOME*
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/admin/x
      refused: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x

    user alice on ANY /admin/{proxy+} of PetStore, stage prod: ALL
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x

    user bob on ANY /admin/{proxy+} of PetStore, stage prod: SOME
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/pets
      refused: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x

    user carol on ANY /admin/{proxy+} of PetStore, stage prod: SOME*
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/admin/x
      refused: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x

    role ci on ANY /admin/{proxy+} of PetStore, stage prod: ALL
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x
    ");
}

#[test]
fn a_principal_names_its_methods_with_the_statements_that_decide() {
    assert_snapshot!(table(&["--what-can", "group/clerks", "--verdict", "none", "--verdict", "some", "--why"]), @r"
     METHOD               API                    STAGE  REGION     group clerks
     ANY /admin/{proxy+}  PetStore (a1b2c3d4e5)  prod   eu-west-1  NONE
    1 method with CUSTOM: IAM does not decide
    1 method with NONE: no IAM decision: unsigned requests pass (see `gatewatch check`)

    group clerks on ANY /admin/{proxy+} of PetStore, stage prod: NONE
      refused: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x
      Deny by `NoAdmin` of inline policy `no-admin` of group `clerks`
      Allow by `Statement[0]` of policy `AmazonAPIGatewayInvokeFullAccess` of group `clerks`
    ");
    assert_snapshot!(table(&["--what-can", "bob", "--why", "--verdict", "some"]), @r"
     METHOD               API                    STAGE  REGION     user bob
     ANY /admin/{proxy+}  PetStore (a1b2c3d4e5)  prod   eu-west-1  SOME
    1 method with CUSTOM: IAM does not decide
    1 method with NONE: no IAM decision: unsigned requests pass (see `gatewatch check`)

    user bob on ANY /admin/{proxy+} of PetStore, stage prod: SOME
      allowed: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/pets
      refused: arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/DELETE/admin/x
      Allow by `Statement[0]` of inline policy `own` of user `bob`
      Allow by `Statement[0]` of permissions boundary `OnlyPets`
    ");
}

#[test]
fn csv_has_a_line_a_method_and_principal() {
    let run = access(&[
        "--format",
        "csv",
        "--principals",
        "roles",
        "--principals",
        "users",
        "--verdict",
        "some",
    ]);
    assert_snapshot!(run.stdout.replace('\r', ""), @r"
    region,api_id,api_name,stage,method,principal_kind,principal,verdict,conditional,admitted_only
    eu-west-1,a1b2c3d4e5,PetStore,prod,ANY /admin/{proxy+},user,bob,SOME,false,false
    eu-west-1,a1b2c3d4e5,PetStore,prod,ANY /admin/{proxy+},user,carol,SOME,true,false
    ");
}

#[test]
fn json_says_whether_everything_was_read() {
    let run = access(&["--format", "json", "--principals", "all"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["complete"], true);
    assert_eq!(document["methods"].as_array().unwrap().len(), 5);
    assert_eq!(document["not_decided_by_iam"]["NONE"], 1);
    assert!(
        document["methods"][0]["callers"][0]
            .get("statements")
            .is_none()
    );
}

#[test]
fn what_is_not_there_is_said_with_what_is_near() {
    for (arguments, expected) in [
        (
            ["--who-can", "GET /pet"],
            "no deployed method `GET /pet`; did you mean `GET /pets`?",
        ),
        (
            ["--what-can", "caller"],
            "no group, user, role, account or organization `caller`; did you mean `callers`?",
        ),
        (
            ["--api", "PetStor"],
            "no API `PetStor` has a deployed method; did you mean `PetStore`?",
        ),
        (
            ["--stage", "prd"],
            "no stage `prd` has a deployed method; did you mean `prod`?",
        ),
    ] {
        let run = access(&arguments);
        assert_eq!(run.status, 2);
        assert_eq!(run.stderr, format!("gatewatch: {expected}\n"));
    }
}

#[test]
fn where_nothing_is_what_was_asked_for_it_says_so() {
    let without_users = |arguments: &[&str]| {
        let nobody =
            |inventory: &mut Value| inventory["iam"]["users"] = Value::from(Vec::<Value>::new());
        changed(nobody, arguments)
    };
    let nobody = "nobody of the kinds that were asked for was read\n";
    let no_answer = "no answer is one of those that were asked for\n";
    let no_method = "no method that IAM decides about was asked for\n";
    for (run, said) in [
        (without_users(&["--principals", "users"]), nobody),
        (
            without_users(&["--principals", "users", "--verdict", "all"]),
            nobody,
        ),
        (access(&["--verdict", "undecided"]), no_answer),
        (
            changed(
                |inventory| inventory["apis"] = Value::from(Vec::<Value>::new()),
                &[],
            ),
            no_method,
        ),
    ] {
        assert_eq!(run.status, 0, "{}", run.stderr);
        for other in [nobody, no_answer, no_method] {
            assert_eq!(
                run.stdout.contains(other),
                other == said,
                "{said}: {}",
                run.stdout
            );
        }
    }
    let run = access(&["--principals", "groups"]);
    assert!(!run.stdout.contains(nobody), "{}", run.stdout);
}

/// The inventory with one change, and what `access` says of it.
fn changed(change: impl FnOnce(&mut Value), arguments: &[&str]) -> Run {
    let text = std::fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    let mut inventory: Value = serde_json::from_str(&text).unwrap();
    change(&mut inventory);
    let mut all = vec!["access", "-"];
    all.extend(arguments);
    Shell::bare().run_with_input(&all, &inventory.to_string())
}

#[test]
fn what_could_not_be_read_is_undecided_and_never_none() {
    let unknown = |inventory: &mut Value| {
        inventory["iam"]["groups"][3]["inline"][0]["document"]["json"]["Statement"][0]["Condition"] =
            serde_json::json!({"StringEqualz": {"a": "b"}});
    };
    let run = changed(unknown, &["--what-can", "readers"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("UNDECIDED"), "{}", run.stdout);
    assert!(!run.stdout.contains("NONE\n"), "{}", run.stdout);
    assert!(
        run.stderr
            .contains("Statement[0].Condition.StringEqualz: there is no such operator"),
        "{}",
        run.stderr
    );

    let no_boundary = |inventory: &mut Value| {
        let policies = inventory["iam"]["policies"].as_array_mut().unwrap();
        policies.retain(|it| it["name"] != "OnlyPets");
    };
    let run = changed(no_boundary, &["--what-can", "bob"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("UNDECIDED"), "{}", run.stdout);

    let run = changed(|inventory| inventory["iam"] = Value::Null, &[]);
    assert_eq!(run.status, 3);
    assert!(
        run.stderr.contains("nobody can say who can call what"),
        "{}",
        run.stderr
    );
}

/// The quick way to the matrix says what deciding each cell says.
#[test]
fn the_matrix_and_the_single_decisions_agree() {
    let of_all = [&["--format", "json", "--principals", "all"], &DECIDED[..]].concat();
    let matrix = access(&of_all);
    let single = access(&[of_all.as_slice(), &["--why"]].concat());
    let answers = |run: &Run| -> Vec<String> {
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let methods = document["methods"].as_array().unwrap().iter();
        methods
            .flat_map(|method| method["callers"].as_array().unwrap())
            .map(|caller| {
                let examples = (caller["allowed"].is_string(), caller["denied"].is_string());
                if caller.get("statements").is_some() {
                    let expected = match examples {
                        (true, false) => "ALL",
                        (true, true) => "SOME",
                        (false, _) => "NONE",
                    };
                    assert_eq!(caller["verdict"], expected, "{caller}");
                }
                format!(
                    "{} {} {}",
                    caller["arn"], caller["verdict"], caller["conditional"]
                )
            })
            .collect()
    };
    let all = answers(&matrix);
    assert_eq!(all.len(), 5 * 9);
    assert_eq!(all, answers(&single));
}

#[test]
fn what_is_not_decided_is_incomplete_whatever_answers_are_shown() {
    let inventory = package("tests/scenarios/undecided-whether-anybody-can-call/inventory.json");
    let inventory = inventory.display().to_string();
    let access = |arguments: &[&str]| {
        let mut all = vec!["access", inventory.as_str(), "--principals", "roles"];
        all.extend(arguments);
        Shell::bare().run(&all)
    };
    for arguments in [
        [].as_slice(),
        &["--verdict", "all"],
        &["--format", "csv"],
        &["--format", "json"],
        &["--who-can", "GET /pets/{id}"],
    ] {
        let run = access(arguments);
        assert_eq!(run.status, 3, "{arguments:?}: {}", run.stdout);
        for named in [
            "not decided: ",
            "role `ci`",
            "GET /pets/{id}",
            "inline policy `p`",
        ] {
            assert!(run.stderr.contains(named), "{arguments:?}: {}", run.stderr);
        }
    }
    let json: Value = serde_json::from_str(&access(&["--format", "json"]).stdout).unwrap();
    assert_eq!(json["complete"], false);
    assert_eq!(json["gaps"][0]["kind"], "access");
    assert_eq!(json["gaps"][0]["reason"], "too-much-work");
    // What was asked about is decided, and nothing else counts.
    let run = access(&["--who-can", "GET /pets", "--verdict", "none"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn a_group_that_was_not_read_leaves_its_members_undecided_and_incomplete() {
    let inventory = package("tests/scenarios/a-group-of-a-user-that-was-not-read/inventory.json");
    let inventory = inventory.display().to_string();
    for arguments in [
        ["--principals", "all"].as_slice(),
        &["--principals", "all", "--format", "json"],
        &["--who-can", "GET /a"],
        &["--what-can", "user/u"],
        &["--principals", "all", "--verdict", "all"],
    ] {
        let mut all = vec!["access", inventory.as_str()];
        all.extend(arguments);
        let run = Shell::bare().run(&all);
        assert_eq!(run.status, 3, "{arguments:?}: {}", run.stdout);
        assert!(run.stderr.contains("group `ghost`"), "{}", run.stderr);
    }
}

/// A grant that nearly fits is named where it is asked why somebody may not call a method, and only there.
#[test]
fn a_grant_that_nearly_fits_is_named_with_its_mistake() {
    let lower_case = |inventory: &mut Value| {
        inventory["iam"]["groups"][3]["inline"][0]["document"]["json"]["Statement"] = serde_json::json!([
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [
                "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/post/pets",
                "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/delete/orders"]}
        ]);
    };
    let question = [
        "--what-can",
        "readers",
        "--who-can",
        "POST /pets",
        "--verdict",
        "none",
    ];
    let with = |more: &[&str]| changed(lower_case, &[&question[..], more].concat());
    let why = with(&["--why"]);
    let expected = "  `Statement[0]` of inline policy `read` of group `readers` misses it: \
                    `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/post/pets` has the verb as `post`, and \
                    case counts there: requests have `POST`\n";
    assert!(why.stdout.contains(expected), "{}", why.stdout);
    assert_eq!(why.stdout.matches("misses it").count(), 1, "{}", why.stdout);
    assert!(!with(&[]).stdout.contains("misses it"));

    let json: Value = serde_json::from_str(&with(&["--why", "--format", "json"]).stdout).unwrap();
    let near = &json["methods"][0]["callers"][0]["near_misses"];
    assert_eq!(near[0]["mistakes"][0]["code"], "verb-case");
    assert_eq!(near[1], Value::Null);
}

/// The JSON has a word of its own for it, and says nothing of all other callers, so that older readers see what they did.
#[test]
fn roles_that_anyone_can_become_are_marked() {
    let inventory = package("tests/scenarios/roles-that-anyone-can-become/inventory.json");
    let inventory = inventory.display().to_string();
    let of = |arguments: &[&str]| {
        let mut all = vec!["access", inventory.as_str(), "--principals", "roles"];
        all.extend(arguments);
        let run = Shell::bare().run(&all);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        run.stdout
    };
    let table = of(&[]);
    for marked in [
        "role amplify-app-unauthRole (anyone)",
        "role anybody (anyone)",
        "(anyone): by its trust policy",
    ] {
        assert!(table.contains(marked), "{table}");
    }
    assert!(!table.contains("another-account (anyone)"), "{table}");
    let document: Value = serde_json::from_str(&of(&["--format", "json"])).unwrap();
    let callers = document["methods"].as_array().unwrap().iter();
    let callers = callers.flat_map(|it| it["callers"].as_array().unwrap());
    let mut open: Vec<&str> = callers
        .filter(|it| it.get("open_to_guests").is_some_and(|it| it == true))
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    open.sort_unstable();
    open.dedup();
    assert_eq!(
        open,
        [
            "amplify-app-unauthRole",
            "anybody",
            "deploy-of-any-repository",
            "staff-without-audience"
        ]
    );
}

/// The table of the example as a terminal of so many columns shows it.
fn on_screen(columns: &str, arguments: &[&str]) -> String {
    let shell = Shell::bare().with("COLUMNS", columns);
    let example = package("examples/access.inventory.json");
    let mut all = vec!["access", example.to_str().unwrap()];
    all.extend(arguments);
    let run = shell.run(&all);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.stdout
}

/// Without its escape sequences of color.
fn uncolored(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|it| it.split_once('m').unwrap().1);
    rest.fold(first, |all, it| all + it)
}

#[test]
fn the_table_fits_the_terminal_and_loses_nothing() {
    let words = |text: &str| {
        let mut words: Vec<String> = text
            .split_whitespace()
            .map(|it| it.trim_end_matches([',', ':']).to_owned())
            .collect();
        words.sort();
        words.dedup();
        words
    };
    for arguments in [
        &[][..],
        &["--principals", "all"],
        &["--principals", "all", "--verdict", "none"],
    ] {
        for columns in ["1", "60", "80", "120", "200", "9999"] {
            let text = on_screen(columns, arguments);
            let width: usize = columns.parse::<usize>().unwrap().clamp(60, 200);
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{columns}: {line}");
            }
            for name in [
                "GET /pets/{petId}",
                "ANY /admin/{proxy+}",
                "PetStore (a1b2c3d4e5)",
            ] {
                assert!(
                    text.contains(name) || arguments.contains(&"none"),
                    "{columns}: {text}"
                );
            }
            let colored = on_screen(columns, &[arguments, &["--color", "always"]].concat());
            assert_eq!(uncolored(&colored), text);
            assert_ne!(colored, text);
        }
        // Every caller is there, however narrow.
        let narrow = words(&on_screen("60", arguments));
        for word in words(&on_screen("9999", arguments)) {
            let is_heading =
                word.chars().all(|it| it.is_ascii_uppercase()) || word == "-" || word == "SOME*";
            assert!(is_heading || narrow.contains(&word), "{word}: {narrow:?}");
        }
    }
}

#[test]
fn what_is_no_terminal_is_neither_colored_nor_cut() {
    let example = package("examples/access.inventory.json");
    let example = example.to_str().unwrap();
    let plain = Shell::bare().run(&["access", example]).stdout;
    assert!(
        !plain.contains('\u{1b}') && plain.lines().any(|it| it.len() > 120),
        "{plain}"
    );
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let run = Shell::bare().with(name, value).run(&["access", example]);
        assert_eq!(run.stdout, plain, "{name}");
    }
    let forced = Shell::bare()
        .with("CLICOLOR_FORCE", "1")
        .run(&["access", example]);
    assert!(forced.stdout.contains('\u{1b}'), "{}", forced.stdout);
    let never = Shell::bare()
        .with("CLICOLOR_FORCE", "1")
        .run(&["access", example, "--color", "never"]);
    assert_eq!(never.stdout, plain);
}

#[test]
fn a_name_colors_nothing() {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    let mut inventory: Value = serde_json::from_str(&text).unwrap();
    inventory["iam"]["groups"][0]["name"] = "a\u{1b}[31mALL".into();
    inventory["apis"][0]["name"] = "SOME\u{1b}[0m".into();
    let shell = Shell::bare().with("COLUMNS", "80");
    fs::write(shell.folder().join("i.json"), inventory.to_string()).unwrap();
    for color in ["always", "never"] {
        let run = shell.run(&["access", "i.json", "--color", color]);
        assert!(!run.stdout.contains("\u{1b}[31mALL"), "{}", run.stdout);
        assert!(run.stdout.contains("\\u{1b}[31mALL"), "{}", run.stdout);
    }
}
