//! The report as a page for a browser: what is in it, what no name can do to it, and that it asks nothing of the network.

use std::fs;

use gatewatch::audit::Report;
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{PageAccess, PageAccount, PageBound, write_html};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::access::DECIDED;
use crate::support::command::{Run, Shell, undated};
use crate::support::package;
use crate::support::testbed::Testbed;

fn petstore() -> Value {
    let text = fs::read_to_string(package("examples/petstore.inventory.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn check(inventory: &Value, more: &[&str]) -> Run {
    let arguments = [&["check", "-", "--format", "html"], more].concat();
    Shell::bare().run_with_input(&arguments, &inventory.to_string())
}

/// The data of the page's script.
pub(crate) fn data(page: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(begin).unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

/// What stands before the data: all that is seen without a script.
fn head(page: &str) -> &str {
    page.split_once("<main").unwrap().0
}

#[test]
fn the_page_has_the_report_for_programs() {
    let inventory = petstore();
    let page = check(&inventory, &[]);
    assert_eq!(page.status, 1, "{}", page.stderr);
    let data = data(&page.stdout);
    let report =
        Shell::bare().run_with_input(&["check", "-", "--format", "json"], &inventory.to_string());
    assert_eq!(
        at_any_time(data["accounts"][0]["report"].clone()),
        at_any_time(report.report())
    );
    assert_eq!(data["status"], "findings");
    let rules = Shell::bare().run(&["rules", "--format", "json"]);
    let rules: Value = serde_json::from_str(&rules.stdout).unwrap();
    let (shown, rules) = (data["rules"].as_array().unwrap(), rules.as_array().unwrap());
    assert_eq!(shown.len(), rules.len());
    for (shown, rule) in shown.iter().zip(rules) {
        assert_eq!(
            (&shown["rule"], &shown["summary"]),
            (&rule["rule"], &rule["summary"])
        );
        // Each with its manual, as the command prints it.
        let manual = Shell::bare().run(&["explain", rule["rule"].as_str().unwrap()]);
        let lines: Vec<&str> = manual.stdout.lines().collect();
        assert_eq!(shown["manual"], json!(lines));
    }
    // What is counted stands in the head, for whoever has no script.
    assert!(
        head(&page.stdout).contains("1 critical, 3 high"),
        "{}",
        head(&page.stdout)
    );
}

#[test]
fn the_same_report_is_the_same_page() {
    let pages = [(); 2].map(|()| check(&petstore(), &[]).stdout);
    let [one, other] = pages.map(|page| {
        let mut data = data(&page);
        let report = data["accounts"][0]["report"].take();
        (head(&page).to_owned(), data, at_any_time(report))
    });
    assert!(one == other);
}

/// A report without the time at which it was judged, which is another one each time.
fn at_any_time(mut report: Value) -> Value {
    assert!(report["judged_at"].is_string(), "{report}");
    report["judged_at"].take();
    report
}

/// What was not read is in the head, and nothing there looks clean.
#[test]
fn a_gap_is_said_before_anything_else() {
    let mut inventory = petstore();
    inventory["apis"] = json!([]);
    inventory["gaps"] = json!([{"kind": "region", "region": "eu-west-1", "api": null, "stage": null, "subject": null,
        "operation": "apigateway:GetRestApis", "reason": "access-denied", "message": "the APIs could not be listed"}]);
    let page = check(&inventory, &[]);
    assert_eq!(page.status, 3, "{}", page.stderr);
    let head = head(&page.stdout);
    assert!(
        head.contains("data-status=\"incomplete\">Incomplete<"),
        "{head}"
    );
    assert!(
        head.contains("1 gap in what was read, and so nothing is clean"),
        "{head}"
    );
    assert!(!head.contains("Everything was read"), "{head}");
    // Without principals, nobody can say who can call what.
    inventory["iam"] = Value::Null;
    let page = check(&inventory, &[]);
    assert_eq!(
        data(&page.stdout)["accounts"][0]["without_access"],
        "no-principals"
    );
}

const HOSTILE: [&str; 5] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'\"><img src=x onerror=alert(1)>",
    "{{data}}{{script}}",
    "Pet \u{202e}erotS\u{200b}\u{85}\u{3164}\n\t\u{0}",
];

#[test]
fn no_name_is_markup() {
    let sound = check(&petstore(), &[]).stdout;
    for name in HOSTILE {
        let mut inventory = petstore();
        let api = &mut inventory["apis"][0];
        api["name"] = json!(name);
        api["tags"] = json!({name: name, "Owner": name});
        api["stages"][0]["name"] = json!(name);
        let method = |list: &mut Value| list[0]["path"] = json!(format!("/{name}"));
        method(&mut api["deployments"][0]["methods"]);
        inventory["iam"]["groups"][0]["name"] = json!(name);
        let shell = Shell::bare();
        fs::write(shell.folder().join("policy.yaml"), policy(name)).unwrap();
        let arguments = ["check", "-", "--format", "html", "--config", "policy.yaml"];
        let page = shell.run_with_input(&arguments, &inventory.to_string());
        assert!([1, 3].contains(&page.status), "{}", page.stderr);
        // As many elements as without any of it: nothing was made of a name.
        for mark in ["<script", "</script", "<img", "<!--"] {
            let count = |page: &str| page.matches(mark).count();
            assert_eq!(count(&page.stdout), count(&sound), "{mark} {name}");
        }
        let hidden =
            |it: char| it != '\n' && (it.is_control() || "\u{202e}\u{200b}\u{3164}".contains(it));
        assert!(!page.stdout.contains(hidden), "{name}");
        let shown = data(&page.stdout)["accounts"][0]["apis"][0]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(shown, gatewatch::render::plain(name));
    }
}

fn policy(name: &str) -> String {
    let text = serde_json::to_string(name).unwrap();
    format!(
        "version: 1\nexemptions:\n  - rule: open-method\n    match: {{ path: /pets, verb: POST }}\n    reason: {text}\n    \
         owner: {text}\n    severity: critical\n    expires: 2027-06-30\n"
    )
}

/// The page loads nothing, sends nothing, and runs no script but its own.
#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = check(&petstore(), &[]).stdout;
    let policy = page
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"")
        .unwrap()
        .1;
    let policy = policy.split_once('"').unwrap().0;
    for said in [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(said), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    let (before, data_and_rest) = page
        .split_once("<script type=\"application/json\"")
        .unwrap();
    let (_, script) = data_and_rest.split_once("</script>").unwrap();
    for own in [before, script] {
        let lower = own.to_lowercase();
        for never in [
            "src=",
            "<link",
            "@import",
            "url(http",
            "fetch(",
            "xmlhttprequest",
            "websocket(",
            "sendbeacon",
            "eval(",
            "innerhtml",
            "outerhtml",
            "insertadjacenthtml",
            "document.write",
            " onclick=",
            " onload=",
            " style=",
        ] {
            assert!(!lower.contains(never), "{never}");
        }
    }
    // The only addresses of the page itself are the name of a picture's format and what an address begins with.
    let addresses = [before, script].map(|it| it.matches("://").count());
    assert_eq!(addresses.iter().sum::<usize>(), 2);
}

#[test]
fn who_can_call_what_is_as_the_access_command_says() {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    let inventory: Value = serde_json::from_str(&text).unwrap();
    let page = check(&inventory, &[]);
    let matrix = &data(&page.stdout)["accounts"][0]["access"];
    let access = ["access", "-", "--why", "--format", "json"];
    let verdicts = [&DECIDED[..], &["--verdict", "undecided"]].concat();
    let access = [&access[..], &verdicts].concat();
    let access = Shell::bare().run_with_input(&access, &text);
    let access: Value = serde_json::from_str(&access.stdout).unwrap();
    let (rows, methods) = (
        matrix["rows"].as_array().unwrap(),
        access["methods"].as_array().unwrap(),
    );
    assert_eq!(rows.len(), methods.len());
    assert!(!rows.is_empty());
    for (row, method) in rows.iter().zip(methods) {
        let cells: String = method["callers"]
            .as_array()
            .unwrap()
            .iter()
            .map(letter)
            .collect();
        assert_eq!(row["cells"], json!(cells), "{row} {method}");
        for (place, caller) in method["callers"].as_array().unwrap().iter().enumerate() {
            let why = &row["why"][place.to_string()];
            let none = caller["verdict"] == "NONE";
            assert_eq!(why.is_null(), none, "{row}");
            if !none {
                assert_eq!(why["allowed"], caller["allowed"]);
                assert_eq!(
                    why["statements"].as_array().unwrap().len(),
                    caller["statements"].as_array().unwrap().len()
                );
            }
        }
    }
}

fn letter(caller: &Value) -> char {
    let letter = match caller["verdict"].as_str().unwrap() {
        "ALL" => 'a',
        "SOME" => 's',
        "NONE" => 'n',
        _ => 'u',
    };
    if caller["conditional"] == true {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}

/// The data of a page about the pet store that lists so much.
fn bounded(bound: PageBound) -> (Value, String) {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    let inventory = Inventory::from_json(&text).unwrap();
    let report = Report::new(&inventory, &PolicyFile::default(), date(2026, 6, 15));
    let access = PageAccess::of(&inventory, bound);
    let account = PageAccount {
        access: Some(&access),
        bound,
        ..PageAccount::of(&report)
    };
    let mut page = Vec::new();
    write_html(&[account], &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    (data(&page), head(&page).to_owned())
}

/// What a page leaves out for its size is counted in it, first of all where no script runs.
#[test]
fn a_page_that_is_cut_says_so_and_counts_everything() {
    let (whole, whole_head) = bounded(PageBound::default());
    let all = whole["accounts"][0]["report"]["findings"]
        .as_array()
        .unwrap();
    assert!(all.len() > 1, "{whole}");
    assert_eq!(whole["accounts"][0]["report"]["left_out"], Value::Null);
    assert!(!whole_head.contains("listed here"), "{whole_head}");
    let (cut, cut_head) = bounded(PageBound {
        findings: 1,
        answers: 1,
        reasons: 0,
    });
    let account = &cut["accounts"][0];
    let report = &account["report"];
    assert_eq!(report["findings"], json!([all[0]]));
    assert_eq!(report["counts"]["total"], all.len());
    assert_eq!(report["left_out"]["findings"], all.len() - 1);
    let words = format!("; the worst are listed here, and {} finding", all.len() - 1);
    assert!(cut_head.contains(&words), "{cut_head}");
    // An answer that is left out is no answer.
    assert_eq!(
        (&account["access"], &account["without_access"]),
        (&Value::Null, &json!("too-many"))
    );
    let (some, _) = bounded(PageBound {
        reasons: 1,
        ..PageBound::default()
    });
    let rows = some["accounts"][0]["access"]["rows"].as_array().unwrap();
    let why = rows.iter().map(|it| it["why"].as_object().unwrap().len());
    assert_eq!(why.sum::<usize>(), 1);
}

/// A file is written as a whole, and standard output stays empty.
#[test]
fn a_report_goes_to_a_file() {
    for format in ["html", "json", "table"] {
        let shell = Shell::bare();
        let run = shell.run_with_input(
            &["check", "-", "--format", format, "-o", "report"],
            &petstore().to_string(),
        );
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{}", run.stderr);
        assert!(
            run.stderr.contains("wrote the report to report"),
            "{}",
            run.stderr
        );
        let written = fs::read_to_string(shell.folder().join("report")).unwrap();
        let printed =
            shell.run_with_input(&["check", "-", "--format", format], &petstore().to_string());
        assert!(undated(&written) == undated(&printed.stdout), "{format}");
        let nowhere = shell.run_with_input(
            &["check", "-", "--format", format, "-o", "no/such/folder"],
            &petstore().to_string(),
        );
        assert_eq!(nowhere.status, 3, "{}", nowhere.stderr);
    }
}

#[test]
fn a_template_has_no_principals_and_no_page_in_the_console() {
    let template = json!({"openapi": "3.0.1", "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": {"get": {"responses": {}}}}});
    let page = check(&template, &[]);
    let account = &data(&page.stdout)["accounts"][0];
    assert_eq!(account["without_access"], "no-principals");
    assert_eq!(account["apis"][0]["console"], Value::Null);
    assert_eq!(
        account["apis"][0]["methods"][0]["protection"], "open",
        "{account}"
    );
}

/// With a ledger, the page says since when a finding has been there, which are new, how many there were, and what ended.
#[test]
fn the_page_of_a_scan_has_what_the_ledger_remembers() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let shell = aws.shell();
    let mut scan = |to: Option<&str>| {
        if let Some(to) = to {
            aws.set_authorization(&api, "GET", "/pets", to);
            aws.deploy(&api, Some("prod"));
        }
        let run = shell.run(&["scan", "--state", "state", "--format", "html"]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        data(&run.stdout)
    };
    // What the trend ends with is what the report has.
    let ends = |page: &Value, scans: usize| {
        let open = page["accounts"][0]["report"]["findings"]
            .as_array()
            .unwrap();
        let total = total(page);
        assert_eq!((total.len(), total.last()), (scans, Some(&open.len())));
        open.len()
    };
    let first = scan(None);
    let account = &first["accounts"][0];
    let open = ends(&first, 1);
    assert_eq!(account["has_ledger"], true);
    assert_eq!(account["new"], json!([]));
    assert_eq!(account["since"].as_object().unwrap().len(), open);
    // Who can call what is there as well: what was read is at hand.
    assert!(account["access"]["rows"].is_array(), "{account}");
    let second = scan(Some("AWS_IAM"));
    ends(&second, 2);
    let ended = |page: &Value| -> Vec<Value> {
        let ended = page["accounts"][0]["ended"].as_array().unwrap().iter();
        let opened = ended.filter(|it| it["rule"] == "open-method");
        opened.map(|it| it["standing"].clone()).collect()
    };
    assert_eq!(ended(&second), ["resolved"]);
    // It is back: new, and no longer among what ended.
    let third = scan(Some("NONE"));
    ends(&third, 3);
    let account = &third["accounts"][0];
    assert_eq!(account["new"].as_array().unwrap().len(), 1);
    assert!(ended(&third).is_empty(), "{account}");
}

/// How many findings were open at each moment of the trend.
fn total(data: &Value) -> Vec<usize> {
    let points = data["trend"].as_array().unwrap().iter();
    let sum = |point: &Value| -> u64 {
        point["open"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .sum()
    };
    points.map(|it| usize::try_from(sum(it)).unwrap()).collect()
}
