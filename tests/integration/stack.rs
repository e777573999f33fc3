//! What template.yaml promises whoever deploys it, and the commands that the docs print for that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::lambda::STACK;
use crate::pages::{pages, shown};
use crate::support::package;
use crate::support::testbed::Testbed;
use crate::support::yaml;

fn text(file: &str) -> String {
    fs::read_to_string(package(file)).unwrap()
}

fn template() -> Value {
    yaml::to_json(&text("template.yaml"))
}

/// Makes a stack of the template's bucket and of these resources, and waits until it is as it stays.
fn stack_of_the_bucket(aws: &mut Testbed, others: &str) -> String {
    let template = text("template.yaml");
    let (_, bucket) = template.split_once("  StateBucket:\n").unwrap();
    let (bucket, _) = bucket.split_once("  StateBucketPolicy:\n").unwrap();
    let body = format!("Resources:\n  StateBucket:\n{bucket}{others}");
    let stack =
        json!({"StackName": STACK, "TemplateBody": body, "Capabilities": ["CAPABILITY_IAM"]});
    aws.call("cloudformation", "create_stack", stack);
    settled(aws)
}

fn settled(aws: &mut Testbed) -> String {
    for _ in 0..300 {
        let stacks = aws.call("cloudformation", "list_stacks", json!({}));
        let stacks = stacks["StackSummaries"].as_array().unwrap();
        let newest = stacks
            .iter()
            .max_by_key(|it| it["CreationTime"].to_string());
        let status = newest.unwrap()["StackStatus"].as_str().unwrap().to_owned();
        if !status.ends_with("_IN_PROGRESS") {
            return status;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the stack does not settle");
}

fn buckets(aws: &mut Testbed) -> Vec<Value> {
    let listed = aws.call("s3", "list_buckets", json!({}));
    listed["Buckets"].as_array().unwrap().clone()
}

#[test]
fn a_first_deployment_that_fails_leaves_no_bucket_and_a_stack_that_goes_leaves_its_own() {
    let mut aws = Testbed::start();
    let broken = "  Broken:\n    Type: AWS::IAM::Policy\n    DependsOn: StateBucket\n    Properties:\n      \
                  PolicyName: p\n      Roles: [no-such-role]\n      PolicyDocument: {Version: 2012-10-17, Statement: []}\n";
    assert_eq!(stack_of_the_bucket(&mut aws, broken), "ROLLBACK_COMPLETE");
    assert_eq!(buckets(&mut aws), Vec::<Value>::new());
    let stack = json!({"StackName": STACK});
    aws.call("cloudformation", "delete_stack", stack.clone());
    settled(&mut aws);

    assert_eq!(stack_of_the_bucket(&mut aws, ""), "CREATE_COMPLETE");
    aws.call("cloudformation", "delete_stack", stack);
    settled(&mut aws);
    assert_eq!(buckets(&mut aws).len(), 1);
}

#[test]
fn nothing_but_the_bucket_outlives_the_stack() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap().iter();
    let kept = resources.filter(|(_, it)| it.get("DeletionPolicy").is_some());
    let kept: Vec<(&str, &Value)> = kept
        .map(|(name, it)| (name.as_str(), &it["DeletionPolicy"]))
        .collect();
    assert_eq!(kept, [("StateBucket", &json!("RetainExceptOnCreate"))]);
    let bucket = &template["Resources"]["StateBucket"];
    assert_eq!(bucket["UpdateReplacePolicy"], "Retain");
}

/// What `make template-check` validates the template by.
#[test]
fn the_sam_cli_that_the_docs_ask_for_is_the_one_that_is_tried() {
    let pins = text("tests/testbed/lint-requirements.txt");
    let mut pins = pins
        .lines()
        .filter_map(|it| it.strip_prefix("aws-sam-cli=="));
    let (least, _) = pins.next().unwrap().rsplit_once('.').unwrap();
    for document in ["README.md", "docs/deploy.md", "docs/stack.md"] {
        let said = format!("{least} or later");
        assert!(text(document).contains(&said), "{document}: {said}");
    }
}

/// CloudFormation takes no larger one but from S3. `sam deploy` puts it there; `aws cloudformation create-stack
/// --template-body`, and tools like it, do not.
///
/// Source: [quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
#[test]
fn every_template_is_taken_without_a_bucket() {
    for file in ["template.yaml", "iam-events.yaml", "member-role.yaml"] {
        let bytes = text(file).len();
        assert!(bytes <= 51_200, "{file}: {bytes} bytes");
    }
}

/// The checkup holds it against the version of the binary.
#[test]
fn the_template_says_of_which_version_it_is() {
    let template = template();
    let function = &template["Resources"]["Function"]["Properties"];
    let variables = &function["Environment"]["Variables"];
    assert_eq!(variables["GATEWATCH_TEMPLATE"], env!("CARGO_PKG_VERSION"));
}

/// Lambda refuses to reserve anything in a new account. The emulator passes over the property.
#[test]
fn nothing_is_reserved_unless_it_is_asked_for() {
    let template = template();
    let asked = &template["Parameters"]["ReserveConcurrency"];
    assert_eq!(asked["Default"], "false");
    let function = &template["Resources"]["Function"]["Properties"];
    let reserved = &function["ReservedConcurrentExecutions"];
    assert_eq!(*reserved, json!(["ConcurrencyReserved", 1, "AWS::NoValue"]));
    let condition = template["Conditions"]["ConcurrencyReserved"].to_string();
    assert!(
        condition.contains(r#"["ReserveConcurrency","true"]"#),
        "{condition}"
    );
    let others = template["Resources"].as_object().unwrap().iter();
    let mut others = others.filter(|(name, _)| *name != "Function");
    assert!(others.all(|(_, it)| !it.to_string().contains("ConcurrentExecutions")));
}

/// After how many days the older versions of what is below each prefix go. Without a prefix: of all else.
fn days_of_older_versions() -> BTreeMap<String, i64> {
    let template = template();
    let bucket = &template["Resources"]["StateBucket"]["Properties"];
    let rules = bucket["LifecycleConfiguration"]["Rules"]
        .as_array()
        .unwrap();
    let days = rules.iter().map(|rule| {
        assert_eq!(rule["Status"], "Enabled");
        let prefix = rule["Prefix"].as_str().unwrap_or_default().to_owned();
        let days = &rule["NoncurrentVersionExpiration"]["NoncurrentDays"];
        (prefix, days.as_i64().unwrap())
    });
    days.collect()
}

/// All that the function may write is told apart here: a new prefix has to say how long its versions are of use.
#[test]
fn older_versions_of_what_the_next_run_makes_anew_are_kept_for_a_day() {
    let template = text("template.yaml");
    let (_, writes) = template.split_once("- Sid: WriteState\n").unwrap();
    let (writes, _) = writes.split_once("- Sid:").unwrap_or((writes, ""));
    let (writes, _) = writes.split_once("- HasPolicyUri").unwrap();
    let written: BTreeSet<&str> = writes
        .split("${StateBucket.Arn}/")
        .skip(1)
        .map(|it| it.split('*').next().unwrap())
        .collect();
    let days = days_of_older_versions();
    let of = |prefix: &str| days.get(prefix).copied().unwrap_or(days[""]);
    let wanted = [
        ("inventory/", 1),
        // What was announced, and since when, no run can find out again.
        ("ledger/", 90),
        ("organization/", 1),
        ("parts/", 1),
        ("reports/", 1),
    ];
    let told: Vec<(&str, i64)> = written.iter().map(|it| (*it, of(it))).collect();
    assert_eq!(told, wanted);
    // The file that judges the account is nobody's to make anew.
    assert_eq!(of("policy/"), 90);
}

/// The commands of a document that begin so, each in one line.
fn commands(document: &str, head: &str) -> Vec<String> {
    let commands = shown(document).into_iter();
    let commands = commands.filter(|it| it.starts_with(head));
    commands
        .map(|it| it.split('#').next().unwrap().trim().to_owned())
        .collect()
}

/// Those that begin with a deployment.
const DOCUMENTS: [&str; 4] = [
    "README.md",
    "docs/deploy.md",
    "docs/stack.md",
    "docs/organization.md",
];

/// What an option of a command is followed by, up to the next option.
fn values<'c>(command: &'c str, option: &str) -> Vec<&'c str> {
    let words = command.split_whitespace().skip_while(|it| *it != option);
    let values = words.skip(1).take_while(|it| !it.starts_with("--"));
    values.collect()
}

#[test]
fn the_commands_of_the_docs_name_parameters_that_there_are() {
    let template = template();
    let parameters = template["Parameters"].as_object().unwrap();
    let mut seen = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let document = page.display();
        let deploys = commands(&text, "sam deploy");
        for command in deploys.iter().chain(&commands(&text, "sam build")) {
            for pair in values(command, "--parameter-overrides") {
                if pair.starts_with("file://") {
                    continue;
                }
                let (name, value) = pair.trim_matches('"').split_once('=').unwrap();
                let declared = parameters.get(name);
                let declared = declared.unwrap_or_else(|| panic!("{document}: {name}"));
                let allowed = declared["AllowedValues"].as_array();
                let is_allowed = allowed.is_none_or(|it| it.iter().any(|it| *it == value));
                assert!(is_allowed, "{document}: {pair}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

/// Without them, `sam deploy` ends with an error, unless an earlier one has saved them. Those of the readme stand each for
/// themselves.
#[test]
fn the_first_deployment_of_a_document_says_all_that_it_needs() {
    for document in DOCUMENTS {
        let deploys = commands(&text(document), "sam deploy");
        let alone = if document == "README.md" { 2 } else { 1 };
        assert!(deploys.len() >= alone, "{document}");
        for option in [
            "--region",
            "--stack-name",
            "--resolve-s3",
            "--capabilities",
            "--save-params",
        ] {
            let lacking = deploys.iter().take(alone).find(|it| !has(it, option));
            assert_eq!(lacking, None, "{document}: {option}");
        }
    }
}

fn has(command: &str, option: &str) -> bool {
    command.split_whitespace().any(|it| it == option)
}

/// `sam build` reads the parameter's default where it is not told: the binary would be one for the other processor.
#[test]
fn an_architecture_is_given_to_both_commands() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let document = page.display();
        let of = |head: &str| -> Vec<String> {
            let all = commands(&text, head);
            let all = all
                .iter()
                .flat_map(|it| values(it, "--parameter-overrides"));
            let named = all.filter(|it| it.starts_with("Architecture="));
            named.map(str::to_owned).collect()
        };
        assert_eq!(of("sam build"), of("sam deploy"), "{document}");
    }
}
