//! Scans of an organization's accounts, from the schedule to the digest and from the command line; and what
//! a scan of one account owes to them: enabled Regions, going on where the time was up, few calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::governance::output;
use crate::html_report::data;
use crate::lambda::{Stack, deploy, invoke, published, published_in_parts, set_variables};
use crate::schemas::assert_fits;
use crate::support::command::{Run, Shell, findings};
use crate::support::testbed::{ACCOUNT, REGION, Recorder, Testbed};
use crate::support::{package, yaml};

/// What the role of member-role.yaml asks for.
const EXTERNAL_ID: &str = "fake-external-id";

/// The Regions that the organization has APIs in.
const REGIONS: [&str; 3] = [REGION, "us-east-1", "ap-southeast-2"];

/// The id of a member by its number.
fn member(number: u64) -> String {
    format!("2{number:011}")
}

/// A finding: account, Region, rule, API, verb and path.
type Place = [String; 6];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn place(finding: &Value) -> Place {
    let of = |name: &str| text(&finding[name]);
    let api = text(&finding["api"]["id"]);
    [
        of("account"),
        of("region"),
        of("rule"),
        api,
        of("verb"),
        of("path"),
    ]
}

/// The changes of a digest, in order of their places: `new`, `resolved`, and where.
fn changes(digest: &Value) -> BTreeSet<(Place, String)> {
    let changes = digest["changes"].as_array().unwrap().iter();
    let changes = changes.map(|it| (place(it), text(&it["change"])));
    changes.collect()
}

struct Organization {
    members: Vec<String>,
    /// What must be found where an account is read.
    truth: BTreeSet<Place>,
}

impl Organization {
    fn create(aws: &mut Testbed, params: Value) -> Self {
        let made = aws.call("gatewatch", "create_organization", params);
        Organization {
            members: serde_json::from_value(made["members"].clone()).unwrap(),
            truth: serde_json::from_value(made["truth"].clone()).unwrap(),
        }
    }

    /// Deploys member-role.yaml in all members but some.
    fn let_in(&self, aws: &mut Testbed, but: &[String], hub: &str, operator: &str) {
        let accounts = self.members.iter().filter(|it| !but.contains(it));
        let_in(aws, &accounts.cloned().collect::<Vec<_>>(), hub, operator);
    }

    /// The truth of all accounts but some.
    fn truth_without(&self, unread: &[String]) -> BTreeSet<Place> {
        let truth = self.truth.iter().filter(|it| !unread.contains(&it[0]));
        truth.cloned().collect()
    }
}

fn let_in(aws: &mut Testbed, accounts: &[String], hub: &str, operator: &str) {
    let parameters = json!({"HubRoleArn": hub, "OperatorArn": operator, "ExternalId": EXTERNAL_ID});
    aws.call(
        "gatewatch",
        "deploy_member_roles",
        json!({"accounts": accounts, "template": package("member-role.yaml"), "parameters": parameters}),
    );
}

/// Lets the function's time be up soon.
fn hurry(aws: &mut Testbed, stack: &Stack, seconds: u32) {
    let params = json!({"FunctionName": stack.function, "Timeout": seconds});
    aws.call("lambda", "update_function_configuration", params);
}

/// Asks until there is an answer.
fn awaited<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let answer = (0..500).find_map(|_| {
        let answer = ask();
        if answer.is_none() {
            thread::sleep(Duration::from_millis(200));
        }
        answer
    });
    answer.unwrap()
}

/// Lets the schedule start the state machine, and gives the execution's ARN.
fn scheduled(aws: &mut Testbed, machine: &str) -> String {
    let name = json!({"Name": crate::lambda::STACK});
    let target = aws.call("scheduler", "get_schedule", name)["Target"].clone();
    assert_eq!(target["Arn"], machine);
    aws.call(
        "scheduler",
        "update_schedule",
        json!({
            "Name": crate::lambda::STACK,
            "ScheduleExpression": "at(2020-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": target["Arn"], "RoleArn": target["RoleArn"]},
        }),
    );
    awaited(|| {
        let of = json!({"stateMachineArn": machine});
        let begun = aws.call("stepfunctions", "list_executions", of);
        begun["executions"][0]["executionArn"]
            .as_str()
            .map(str::to_owned)
    })
}

fn started(aws: &mut Testbed, machine: &str) -> String {
    let of = json!({"stateMachineArn": machine});
    text(&aws.call("stepfunctions", "start_execution", of)["executionArn"])
}

/// What an execution came to, which must succeed.
fn succeeded(aws: &mut Testbed, execution: &str) -> Value {
    let ended = awaited(|| {
        let of = json!({"executionArn": execution});
        let execution = aws.call("stepfunctions", "describe_execution", of);
        (execution["status"] != "RUNNING").then_some(execution)
    });
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    serde_json::from_str(ended["output"].as_str().unwrap()).unwrap()
}

/// The accounts of a digest that were not read: the reason, and the words.
fn unread(digest: &Value) -> BTreeMap<String, (String, String)> {
    let accounts = digest["accounts"].as_array().unwrap().iter();
    let unread = accounts.filter(|it| it["status"] == "not-read");
    let unread = unread.map(|it| {
        let why = (text(&it["reason"]), text(&it["message"]));
        (text(&it["account"]), why)
    });
    unread.collect()
}

/// What a ledger remembers.
fn remembered(shell: &Shell, state: &str) -> Vec<Value> {
    let run = shell.run(&["history", "--state", state, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.report()["findings"].as_array().unwrap().clone()
}

#[test]
fn an_organization_is_read_from_schedule_to_digest() {
    let mut aws = Testbed::start();
    let parameters = json!({
        "Organization": "true", "ExternalId": EXTERNAL_ID, "AccountsAtOnce": 10,
        "Regions": REGIONS.join(","), "Schedule": "at(2099-01-01T00:00:00)",
    });
    let stack = deploy(&mut aws, parameters, json!({}));
    let machine = output(&mut aws, "StateMachineArn");
    let bucket = output(&mut aws, "StateBucket");
    let email = json!({
        "TopicArn": stack.topic, "Protocol": "email", "Endpoint": "security@example.com",
    });
    aws.call("sns", "subscribe", email);

    let (hanging, suspended) = (member(3), member(7));
    let refusing = [5, 15, 25, 35, 45].map(member);
    let size = json!({"members": 50, "suspended": [7], "regions": REGIONS});
    let organization = Organization::create(&mut aws, size);
    let without_role = [refusing.as_slice(), std::slice::from_ref(&suspended)].concat();
    let hub = output(&mut aws, "RoleArn");
    organization.let_in(&mut aws, &without_role, &hub, "");
    let tag = json!({
        "RoleName": "gatewatch-member", "Tags": [{"Key": "testbed", "Value": "hangs"}],
    });
    aws.call_in(&hanging, REGION, "iam", "tag_role", tag);
    // Whoever waits for the account that hangs runs into this.
    hurry(&mut aws, &stack, 12);

    let execution = scheduled(&mut aws, &machine);
    let first = succeeded(&mut aws, &execution);
    assert_eq!(first["status"], "incomplete", "{first}");
    assert_eq!(first["announced"], json!(["baseline", "incomplete"]));
    let digest = published_in_parts(&mut aws, &stack);
    assert_eq!(digest["status"], "incomplete");
    let coverage = &digest["coverage"];
    assert_eq!(coverage["complete"], false);
    let count = |name: &str| coverage[name].as_u64().unwrap();
    // The hub itself is read, too.
    let counts = ["accounts", "read", "not_read", "not_active"].map(count);
    assert_eq!(counts, [51, 44, 6, 1]);

    let told = unread(&digest);
    let not_read = [without_role.as_slice(), std::slice::from_ref(&hanging)].concat();
    let wanted: BTreeSet<&String> = not_read.iter().filter(|it| **it != suspended).collect();
    assert_eq!(told.keys().collect::<BTreeSet<_>>(), wanted);
    let why = |account: &str| {
        let (reason, message) = &told[account];
        (reason.as_str(), message.as_str())
    };
    let (reason, message) = why(&hanging);
    assert_eq!(reason, "timeout");
    assert!(message.contains("did not end in time"), "{message}");
    let mut accounts = digest["accounts"].as_array().unwrap().iter();
    let inactive = accounts.find(|it| it["account"] == suspended).unwrap();
    assert_eq!(inactive["status"], "not-active");
    assert_eq!(inactive["reason"], "not-active");
    let message = inactive["message"].as_str().unwrap();
    assert!(message.contains("SUSPENDED"), "{message}");
    for account in &refusing {
        let (reason, message) = why(account);
        assert_eq!(reason, "access-denied");
        assert!(message.contains("sts:AssumeRole"), "{message}");
    }

    let truth = organization.truth_without(&not_read);
    assert!(truth.len() > 120, "{}", truth.len());
    let changed = changes(&digest);
    let listed = digest["changes"].as_array().unwrap().len();
    let wrong = changed
        .iter()
        .find(|(place, change)| change != "new" || !truth.contains(place));
    assert!(wrong.is_none(), "{wrong:?}");
    assert_eq!(changed.len(), listed);
    // What is left out for size is of the least severity.
    let left_out = digest["left_out"]["changes"].as_u64().unwrap_or_default();
    assert_eq!(listed + usize::try_from(left_out).unwrap(), truth.len());
    let open = truth.iter().filter(|it| it[2] == "open-method");
    let missed = open
        .map(|it| (it.clone(), "new".to_owned()))
        .find(|it| !changed.contains(it));
    assert!(missed.is_none(), "{missed:?}");
    let ledger = remembered(&aws.shell(), &format!("s3://{bucket}"));
    assert!(ledger.iter().all(|it| it["standing"] == "open"));
    let in_ledger = ledger.iter().map(|it| {
        let mut of = it["place"].clone();
        of["rule"] = it["rule"].clone();
        place(&of)
    });
    assert_eq!(in_ledger.collect::<BTreeSet<_>>(), truth);
    assert_eq!(ledger.len(), truth.len());

    assert_the_pages_are_there(&mut aws, &bucket, &digest, &not_read);

    // A mail for each message of the digest; the first has what was not read.
    let mails = aws.mails();
    assert!((1..=2).contains(&mails.len()), "{}", mails.len());
    let mut texts = mails.iter().map(|it| text(&it["text"]));
    let mail = texts.find(|it| it.contains("NOT READ")).unwrap();
    assert!(
        mail.contains("NOT READ, AND SO NOT CLEAN (6 accounts)"),
        "{mail}"
    );
    let inactive = format!("NOT ACTIVE, AND NOT READ (1 account)\n- {suspended} ");
    assert!(mail.contains(&inactive), "{mail}");
    for number in (1..=50).filter(|it| !not_read.contains(&member(*it))) {
        let row = format!("{}  member-{number:03}  findings ", member(number));
        assert!(mail.lines().any(|it| it.starts_with(&row)), "{row}\n{mail}");
    }

    // Nothing has changed; that not all was read is said again.
    let execution = started(&mut aws, &machine);
    let second = succeeded(&mut aws, &execution);
    assert_eq!(second["announced"], json!(["incomplete"]), "{second}");
    let digest = published(&mut aws, &stack);
    assert_eq!(digest["changes"], json!([]));
    assert_eq!(unread(&digest), told);

    // One is mended. That nobody may call it is another finding in its place.
    let mended = truth
        .iter()
        .find(|it| it[2] == "open-method" && it[5] == "/")
        .unwrap();
    let [account, region, _, api, ..] = mended;
    let mut gateway = |operation: &str, params: Value| {
        aws.call_in(account, region, "apigateway", operation, params)
    };
    let resources = gateway("get_resources", json!({"restApiId": api}));
    gateway(
        "update_method",
        json!({
            "restApiId": api, "resourceId": resources["items"][0]["id"], "httpMethod": "GET",
            "patchOperations": [{"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"}],
        }),
    );
    gateway(
        "create_deployment",
        json!({"restApiId": api, "stageName": "prod"}),
    );
    let execution = started(&mut aws, &machine);
    let third = succeeded(&mut aws, &execution);
    assert_eq!(third["status"], "incomplete", "{third}");
    let mut uncallable = mended.clone();
    uncallable[2] = "uncallable-method".to_owned();
    let wanted = [
        (mended.clone(), "resolved".to_owned()),
        (uncallable, "new".to_owned()),
    ];
    let digest = published(&mut aws, &stack);
    assert_eq!(changes(&digest), BTreeSet::from(wanted));
    assert_eq!(unread(&digest), told);
}

/// The APIs that some operations asked about.
fn asked(recorder: &Recorder, operations: &[&str]) -> BTreeSet<String> {
    let requests = recorder.requests();
    let requests = requests.iter().filter(|it| {
        let operation = it["operation"].as_str().unwrap();
        operations.contains(&operation)
    });
    let apis = requests.map(|it| {
        let target = it["target"].as_str().unwrap().trim_start_matches("/v2");
        target.split('/').nth(2).unwrap().to_owned()
    });
    apis.collect()
}

/// The APIs that a digest has gaps of one kind about, all of them for want of time.
fn not_yet(digest: &Value, kind: &str) -> BTreeSet<String> {
    let gaps = digest["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().all(|it| it["reason"] == "not-read-yet"),
        "{digest}"
    );
    assert!(digest["left_out"].is_null(), "{digest}");
    let gaps = gaps.iter().filter(|it| it["kind"] == kind);
    gaps.map(|it| text(&it["api"])).collect()
}

/// A finding of a ledger apart from times.
fn timeless(mut finding: Value) -> Value {
    let times = [
        "first_seen",
        "last_seen",
        "seen_until",
        "open_since",
        "resolved_at",
        "exempt_since",
        "told",
        "events",
    ];
    let fields = finding.as_object_mut().unwrap();
    fields.retain(|name, _| !times.contains(&name.as_str()));
    finding
}

#[test]
fn an_account_that_is_not_finished_goes_on_where_it_stopped() {
    let mut aws = Testbed::start();
    // The drafts alone take longer than one run has.
    let size = json!({"rest_apis": 30, "resources": 3, "http_apis": 3});
    aws.call("gatewatch", "create_mixed_account", size);
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let email = json!({
        "TopicArn": stack.topic, "Protocol": "email", "Endpoint": "security@example.com",
    });
    aws.call("sns", "subscribe", email);
    let recorder = aws.recorded();
    let endpoint = recorder.endpoint.as_str();
    let read = [
        ("AWS_ENDPOINT_URL_API_GATEWAY", endpoint),
        ("AWS_ENDPOINT_URL_APIGATEWAYV2", endpoint),
    ];
    set_variables(&mut aws, &stack, &read);
    // Three seconds of them are left for what comes after the reading.
    hurry(&mut aws, &stack, 8);

    let (mut served, mut frozen) = (BTreeSet::new(), BTreeSet::new());
    let mut drafts = BTreeSet::new();
    let mut runs = 0;
    loop {
        recorder.reset();
        let answer = invoke(&mut aws, &stack, "{}");
        assert!(!answer.failed, "{}", answer.payload);
        let answer = answer.payload;
        runs += 1;
        // What was read is not asked again. What was cut short is, and the stages of an API without its draft:
        // something else may be deployed there by now.
        let of_api = ["GetStages", "v2 GetStages", "v2 GetRoutes"];
        let of_api = asked(&recorder, &of_api);
        let of_deployment = asked(&recorder, &["GetDeployment"]);
        let of_draft = asked(&recorder, &["GetResources"]);
        assert_eq!(of_api.intersection(&served).next(), None, "run {runs}");
        let again = of_deployment.intersection(&frozen).next();
        assert_eq!(again, None, "run {runs}");
        assert_eq!(of_draft.intersection(&drafts).next(), None, "run {runs}");
        if answer["unfinished"] == false {
            assert_eq!(answer["status"], "findings", "{answer}");
            assert_eq!(answer["coverage"]["complete"], true, "{answer}");
            break;
        }
        assert_eq!(answer["status"], "incomplete", "{answer}");
        let digest = published(&mut aws, &stack);
        assert_eq!(digest["status"], "incomplete");
        // A method is told as open until its draft is read, and says that the fix is only not deployed.
        let wrong = digest["changes"].as_array().unwrap().iter().find(|it| {
            let is_resolved = it["change"] == "resolved" && it["replaced_by"].is_null();
            is_resolved || it["rule"] == "unread-api"
        });
        assert_eq!(wrong, None, "run {runs}");
        let (cut, lacking) = (not_yet(&digest, "api"), not_yet(&digest, "draft"));
        let is_whole = |it: &String| !cut.contains(it) && !lacking.contains(it);
        served.extend(of_api.into_iter().filter(is_whole));
        frozen.extend(of_deployment.into_iter().filter(|it| !cut.contains(it)));
        drafts.extend(of_draft.into_iter().filter(|it| !lacking.contains(it)));
        assert!(!served.is_empty());
        assert!(runs < 10, "{answer}");
    }
    assert!(runs > 1);
    let mail = text(&aws.mails()[0]["text"]);
    assert!(mail.contains("not read yet"), "{mail}");

    // Of the last run there may be one as well.
    aws.received(&stack.queue);
    let shell = aws.shell();
    let undisturbed = shell.run(&["scan", "--region", REGION, "--state", "whole"]);
    assert_eq!(undisturbed.status, 1, "{}", undisturbed.stderr);
    let by_id = |ledger: Vec<Value>| -> BTreeMap<String, Value> {
        // A method without its draft is told as open, until its draft says more.
        let entries = ledger.into_iter();
        let entries =
            entries.filter(|it| it["standing"] != "resolved" && it["standing"] != "became");
        let entries = entries.map(|it| (text(&it["id"]), timeless(it)));
        entries.collect()
    };
    let wanted = by_id(remembered(&shell, "whole"));
    assert!(wanted.len() > 80, "{}", wanted.len());
    let place = format!("s3://{bucket}");
    let found = by_id(remembered(&shell, &place));
    let apart = found.iter().find(|(id, it)| wanted.get(*id) != Some(*it));
    assert_eq!(apart, None, "only when it went on");
    assert_eq!(found.len(), wanted.len());

    // The next one has not the time to see again all that is known: nothing is resolved for that.
    let answer = invoke(&mut aws, &stack, "{}").payload;
    assert_eq!(answer["unfinished"], true, "{answer}");
    assert_eq!(answer["announced"], json!(["incomplete"]), "{answer}");
    assert_eq!(published(&mut aws, &stack)["changes"], json!([]));
    let now = by_id(remembered(&shell, &place));
    // What to do about a method is told by its draft, too.
    assert!(now.keys().eq(found.keys()));
}

/// The delegated administrator.
const SECURITY: &str = "200000000099";

/// Somebody of an account who may do what the command line does, as the operator of member-role.yaml.
fn operator(aws: &mut Testbed, account: &str) -> Shell {
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Action": ["organizations:ListAccounts", "sts:AssumeRole", "apigateway:GET", "iam:Get*",
                   "sns:Publish"],
        "Resource": "*",
    }});
    aws.user_in(account, "operator", policy)
}

fn arns(account: &str) -> (String, String) {
    (
        format!("arn:aws:iam::{account}:role/hub"),
        format!("arn:aws:iam::{account}:user/operator"),
    )
}

/// Over the organization, in two Regions.
const OVER_ALL: [&str; 10] = [
    "scan",
    "--organization",
    "--role-name",
    "gatewatch-member",
    "--external-id",
    EXTERNAL_ID,
    "--region",
    REGIONS[0],
    "--region",
    REGIONS[1],
];

fn over_all(shell: &Shell, more: &[&str]) -> Run {
    shell.run(&[OVER_ALL.as_slice(), more].concat())
}

/// The findings of all accounts in a document about several.
fn places(document: &Value) -> BTreeSet<Place> {
    let accounts = document["accounts"].as_array().unwrap().iter();
    let findings = accounts.filter_map(|it| it["report"]["findings"].as_array());
    findings.flatten().map(place).collect()
}

/// The accounts of a document, and what became of each.
fn statuses(document: &Value) -> BTreeMap<String, String> {
    let accounts = document["accounts"].as_array().unwrap().iter();
    let statuses = accounts.map(|it| (text(&it["account"]), text(&it["status"])));
    statuses.collect()
}

/// The organization has a page with every account, each account that was read has its own, and the digest leads to them.
fn assert_the_pages_are_there(
    aws: &mut Testbed,
    bucket: &str,
    digest: &Value,
    not_read: &[String],
) {
    let begin = format!(
        "https://{REGION}.console.aws.amazon.com/s3/object/{bucket}?region={REGION}&prefix=reports/"
    );
    let address = |of: &str| format!("{begin}{of}/latest.html");
    assert_eq!(digest["report_page"], address("organization"));
    let mut page = |of: &str| {
        let key = format!("reports/{of}/latest.html");
        let object = aws.call("s3", "get_object", json!({"Bucket": bucket, "Key": key}));
        assert_eq!(object["ContentType"], "text/html; charset=utf-8");
        data(object["Body"].as_str().unwrap())
    };
    let overview = page("organization");
    assert_eq!(overview["status"], "incomplete");
    let accounts = overview["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 51);
    for account in accounts {
        let id = account["account"].as_str().unwrap();
        let is_read = !not_read.iter().any(|it| it == id);
        assert_eq!(account["not_read"].is_null(), is_read, "{account}");
        let own = &account["elsewhere"]["page"];
        assert_eq!(own.as_str(), is_read.then(|| address(id)).as_deref());
    }
    let read = accounts.iter().find(|it| it["status"] == "findings");
    let id = read.unwrap()["account"].as_str().unwrap();
    assert_eq!(page(id)["accounts"][0]["report"]["account"], id);
}

/// CSV and OCSF have the findings of all accounts; each format has the account that was not read, as no clean one.
fn assert_every_format_names_what_was_not_read(shell: &Shell, refusing: &str, findings: usize) {
    let csv = over_all(shell, &["--format", "csv"]);
    assert_eq!(csv.status, 3, "{}", csv.stderr);
    let beginning = |with: &str| csv.stdout.lines().filter(|it| it.starts_with(with)).count();
    assert_eq!(beginning("finding,"), findings, "{}", csv.stdout);
    assert_eq!(beginning("kind,"), 1);
    let why = format!("gap,,,,,{refusing},");
    assert_eq!(beginning(&why), 1, "{}", csv.stdout);
    let last = csv.stdout.lines().last().unwrap();
    assert!(last.contains("10 accounts: incomplete ("), "{last}");

    let ocsf = over_all(shell, &["--format", "ocsf"]);
    assert_eq!(ocsf.status, 3, "{}", ocsf.stderr);
    let events = ocsf
        .stdout
        .lines()
        .map(|it| serde_json::from_str(it).unwrap());
    let events: Vec<Value> = events.collect();
    let of = |code: &'static str| {
        let events = events.iter();
        events.filter(move |it| it["metadata"]["event_code"] == code)
    };
    let with_a_rule = events.iter();
    let with_a_rule = with_a_rule.filter(|it| it["finding_info"]["analytic"]["type"] == "Rule");
    assert_eq!(with_a_rule.count(), findings);
    // A report for each account but the one.
    assert_eq!(of("report").count(), 9);
    let gaps: Vec<&Value> = of("gap").collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["cloud"]["account"]["uid"], refusing);
    assert_eq!(gaps[0]["compliance"]["status"], "Unknown");

    let markdown = over_all(shell, &["--format", "markdown"]);
    assert_eq!(markdown.status, 3, "{}", markdown.stderr);
    let head = "## gatewatch: 10 accounts: incomplete ";
    assert!(markdown.stdout.starts_with(head), "{}", markdown.stdout);
    let why = format!("- {refusing}: sts:AssumeRole: access denied");
    assert!(markdown.stdout.contains(&why), "{}", markdown.stdout);

    let html = over_all(shell, &["--format", "html"]);
    assert_eq!(html.status, 3, "{}", html.stderr);
    let page = data(&html.stdout);
    assert_eq!(page["status"], "incomplete");
    // Of each account that was read, who can call what is known.
    for account in page["accounts"].as_array().unwrap() {
        let is_read = account["account"] != refusing;
        assert_eq!(account["access"].is_object(), is_read, "{account}");
        assert_eq!(account["report"].is_object(), is_read, "{account}");
    }
}

#[test]
fn a_delegated_administrator_scans_the_organization_from_the_command_line() {
    let mut aws = Testbed::start();
    let size = json!({"members": 8, "regions": REGIONS[..2], "delegated": SECURITY});
    let organization = Organization::create(&mut aws, size);
    let refusing = member(5);
    let (hub, person) = arns(SECURITY);
    organization.let_in(&mut aws, std::slice::from_ref(&refusing), &hub, &person);
    let_in(&mut aws, &[ACCOUNT.to_owned()], &hub, &person);
    let shell = operator(&mut aws, SECURITY);
    let truth = organization.truth_without(std::slice::from_ref(&refusing));

    let whole = over_all(&shell, &["--format", "json"]);
    assert_eq!(whole.status, 3, "{}", whole.stderr);
    let document = whole.report();
    assert_fits("accounts", &document);
    assert_eq!(document["status"], "incomplete");
    assert_eq!(places(&document), truth);
    let became = statuses(&document);
    assert_eq!(became.len(), 10, "{became:?}");
    for (account, status) in &became {
        let wanted = match account.as_str() {
            ACCOUNT | SECURITY => "clean",
            it if it == refusing => "not-read",
            _ => "findings",
        };
        assert_eq!(status, wanted, "{account}");
    }
    let table = over_all(&shell, &[]);
    assert_eq!(table.status, 3);
    let has = |line: &str| {
        table
            .stdout
            .lines()
            .any(|it| it.trim_start().starts_with(line))
    };
    assert!(has("# 10 accounts"), "{}", table.stdout);
    assert!(has("200000000001  member-001"), "{}", table.stdout);
    let why = format!("not read: {refusing}: sts:AssumeRole: access denied");
    assert!(has(&why), "{}", table.stdout);

    assert_every_format_names_what_was_not_read(&shell, &refusing, truth.len());

    let excluded = ["--exclude-account", &refusing, "--format", "json"];
    let excluded = over_all(&shell, &excluded);
    assert_eq!(excluded.status, 1, "{}", excluded.stderr);
    assert_eq!(excluded.report()["status"], "findings");
    assert_eq!(statuses(&excluded.report()).len(), 9);
    assert_eq!(places(&excluded.report()), truth);

    let two = [member(1), member(2)];
    let named = two.join(",");
    let of_two: BTreeSet<Place> = truth
        .iter()
        .filter(|it| two.contains(&it[0]))
        .cloned()
        .collect();
    let subset = over_all(&shell, &["--accounts", &named, "--format", "json"]);
    assert_eq!(subset.status, 1, "{}", subset.stderr);
    assert_eq!(places(&subset.report()), of_two);
    // Without the organization nobody is asked which accounts there are.
    let mut listed = OVER_ALL.to_vec();
    drop(listed.splice(1..2, ["--accounts", named.as_str(), "--format", "json"]));
    let listed = shell.run(&listed);
    assert_eq!(listed.status, 1, "{}", listed.stderr);
    assert_eq!(places(&listed.report()), of_two);

    let mut wrong = OVER_ALL;
    wrong[5] = "another-external-id";
    let wrong = shell.run(&[wrong.as_slice(), &["--format", "json"]].concat());
    assert_eq!(wrong.status, 3, "{}", wrong.stderr);
    let mut became = statuses(&wrong.report());
    // Its own account needs no role.
    assert_eq!(became.remove(SECURITY).as_deref(), Some("clean"));
    assert!(became.values().all(|it| it == "not-read"), "{became:?}");

    let stranger = operator(&mut aws, &member(1));
    let refused = over_all(&stranger, &[]);
    assert_eq!((refused.status, refused.stdout.as_str()), (3, ""));
    assert!(
        refused.stderr.contains("nothing was checked"),
        "{}",
        refused.stderr
    );
    let scans = [
        [OVER_ALL.as_slice(), &["--accounts", "200000000077"]].concat(),
        [
            OVER_ALL.as_slice(),
            &["--publish", "arn:aws:sns:eu-west-1:111122223333:alerts"],
        ]
        .concat(),
        vec!["scan", "--role-name", "gatewatch-member"],
        vec!["scan", "--exclude-account", &refusing],
        vec!["scan", "--organization"],
        vec![
            "scan",
            "--accounts",
            "12345",
            "--role-name",
            "gatewatch-member",
        ],
    ];
    for scan in scans {
        let run = shell.run(&scan);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{scan:?}");
    }
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

#[test]
fn what_changed_in_the_accounts_is_published_and_a_dry_run_keeps_nothing() {
    let mut aws = Testbed::start();
    let size = json!({"members": 4, "regions": REGIONS[..2]});
    let organization = Organization::create(&mut aws, size);
    let refusing = member(4);
    let (hub, person) = arns(ACCOUNT);
    organization.let_in(&mut aws, std::slice::from_ref(&refusing), &hub, &person);
    let shell = operator(&mut aws, ACCOUNT);
    let (topic, queue) = aws.topic("alerts");
    let keep = ["--state", "state", "--publish", &topic, "--stats"];
    let dry = [keep.as_slice(), &["--dry-run"]].concat();
    let state = shell.folder().join("state");

    let run = over_all(&shell, &dry);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stdout.starts_with("INCOMPLETE: "), "{}", run.stdout);
    assert!(
        run.stdout
            .contains(&format!("ACCOUNT {} (member-001): ", member(1)))
    );
    assert!(!state.exists());
    assert_eq!(aws.received(&queue), Vec::<Value>::new());
    let counted = |line: &str| run.stderr.lines().any(|it| it.trim() == line);
    assert!(counted("4 STS AssumeRole"), "{}", run.stderr);
    assert!(counted("1 Organizations ListAccounts"), "{}", run.stderr);

    let digest = |aws: &mut Testbed| -> Value {
        let mut received = aws.received(&queue);
        assert_eq!(received.len(), 1, "{received:?}");
        serde_json::from_str(received.remove(0)["Message"].as_str().unwrap()).unwrap()
    };
    let run = over_all(&shell, &keep);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let first = digest(&mut aws);
    assert_eq!(first["occasions"], json!(["baseline", "incomplete"]));
    let truth = organization.truth_without(std::slice::from_ref(&refusing));
    let new = truth.into_iter().map(|place| (place, "new".to_owned()));
    assert_eq!(changes(&first), new.collect::<BTreeSet<_>>());

    let run = over_all(&shell, &keep);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let second = digest(&mut aws);
    assert_eq!(second["occasions"], json!(["incomplete"]));
    assert_eq!(second["changes"], json!([]));

    let before = files(&state);
    assert!(before.len() > 5, "{before:?}");
    let but_one = ["--exclude-account", &refusing];
    let run = over_all(&shell, &[dry.as_slice(), &but_one].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("nothing would be announced"),
        "{}",
        run.stdout
    );
    assert_eq!(files(&state), before);

    let run = over_all(&shell, &[keep.as_slice(), &but_one].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stderr.contains("nothing new"), "{}", run.stderr);
    assert_eq!(aws.received(&queue), Vec::<Value>::new());
}

/// The Regions whose control planes were asked.
fn regions_asked(recorder: &Recorder) -> BTreeSet<String> {
    let requests = recorder.requests();
    let requests = requests.iter().filter(|it| it["service"] == "apigateway");
    requests.map(|it| text(&it["region"])).collect()
}

#[test]
fn a_region_that_is_left_out_is_said_and_neither_resolved_nor_forgotten() {
    let mut aws = Testbed::start();
    let elsewhere = "us-west-2";
    for region in [elsewhere, REGION] {
        aws.call("gatewatch", "create_petstore", json!({"region": region}));
    }
    let shell = aws.shell();
    let all = [
        "scan",
        "--all-regions",
        "--state",
        "state",
        "--format",
        "json",
    ];
    let run = shell.run(&all);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.report()["scope"].get("excluded_regions").is_none());
    let there = || {
        let run = shell.run(&["history", "--state", "state", "--format", "json"]);
        let entries = run.report()["findings"].as_array().unwrap().clone();
        let there = entries
            .into_iter()
            .filter(|it| it["place"]["region"] == elsewhere);
        there.map(|it| text(&it["standing"])).collect::<Vec<_>>()
    };
    let before = there();
    assert!(
        !before.is_empty() && before.iter().all(|it| it == "open"),
        "{before:?}"
    );

    // Nobody looks whether the API is still there.
    let without = [&all[..], &["--exclude-region", elsewhere]].concat();
    let recorder = aws.recorded();
    let excluding = [
        "scan",
        "--all-regions",
        "--exclude-region",
        elsewhere,
        "--format",
        "json",
    ];
    let run = recorder.shell().run(&excluding);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(!regions_asked(&recorder).contains(elsewhere));
    let report = run.report();
    assert_eq!(report["scope"]["excluded_regions"], json!([elsewhere]));
    assert_eq!(report["coverage"]["apis"], 1);
    let run = shell.run(&without);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(there(), before);
    assert!(run.stderr.contains(elsewhere), "{}", run.stderr);
    let table = recorder.shell().run(&excluding[..4]);
    assert!(
        table.stdout.contains("left out: us-west-2"),
        "{}",
        table.stdout
    );
}

#[test]
fn all_regions_are_those_that_the_account_has_enabled() {
    let mut aws = Testbed::start();
    let enabled = json!({"RegionName": "eu-south-1"});
    aws.call("account", "enable_region", enabled);
    // Where the account cannot have any, an API shows that nobody looks.
    for region in ["eu-south-1", "ap-east-1", "us-west-2", REGION] {
        aws.call("gatewatch", "create_petstore", json!({"region": region}));
    }
    let recorder = aws.recorded();
    let arguments = ["scan", "--all-regions", "--format", "json"];
    let run = recorder.shell().run(&arguments);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["coverage"]["apis"], 3);
    assert_eq!(report["coverage"]["gaps"], json!([]));
    let regions: BTreeSet<String> =
        serde_json::from_value(report["scope"]["regions"].clone()).unwrap();
    assert!(regions.contains("eu-south-1") && !regions.contains("ap-east-1"));
    assert_eq!(regions_asked(&recorder), regions);

    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["apigateway:GET", "iam:Get*"], "Resource": "*",
    }});
    let run = aws.user("scanner", policy).run(&arguments);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["status"], "incomplete");
    let gaps = report["coverage"]["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let gap = &gaps[0];
    assert_eq!(
        (&gap["kind"], &gap["reason"]),
        (&json!("regions"), &json!("access-denied"))
    );
    let message = gap["message"].as_str().unwrap();
    assert!(message.contains("account:ListRegions"), "{message}");
    assert!(
        message.contains("those were read that every account has"),
        "{message}"
    );
    // The opt-in Region is what is missing.
    assert_eq!(report["coverage"]["apis"], 2);
    let mut by_default = regions;
    by_default.remove("eu-south-1");
    assert_eq!(report["scope"]["regions"], json!(by_default));
    let open = findings(&report);
    let open = open.iter().filter(|it| *it == "open-method POST /pets");
    assert_eq!(open.count(), 2);
}

/// The policy of a role in a template that scans.
fn scan_policy(template: &str, role: &str) -> Value {
    let template = yaml::to_json(&fs::read_to_string(package(template)).unwrap());
    let policies = template["Resources"][role]["Properties"]["Policies"]
        .as_array()
        .unwrap();
    let mut scan = policies.iter().filter(|it| it["PolicyName"] == "scan");
    let policy = scan.next().unwrap()["PolicyDocument"].clone();
    assert!(scan.next().is_none());
    policy
}

#[test]
fn the_hub_and_the_members_may_read_the_same() {
    let hub = scan_policy("template.yaml", "FunctionRole");
    assert!(hub["Statement"].as_array().unwrap().len() >= 5, "{hub}");
    assert_eq!(hub, scan_policy("member-role.yaml", "MemberRole"));
}

/// An account with methods in every state, and its scans behind a proxy.
struct Watched {
    recorder: Recorder,
    shell: Shell,
    _aws: Testbed,
}

/// What a scan asked, by operation, and what it said.
struct Seen {
    calls: BTreeMap<String, usize>,
    report: Value,
}

impl Watched {
    fn start() -> Self {
        let mut aws = Testbed::start();
        let size = json!({"rest_apis": 4, "resources": 7, "http_apis": 3});
        aws.call("gatewatch", "create_mixed_account", size);
        let recorder = aws.recorded();
        Watched {
            shell: recorder.shell(),
            recorder,
            _aws: aws,
        }
    }

    fn scan(&self, more: &[&str]) -> Seen {
        self.recorder.reset();
        let scan = ["scan", "--state", "state", "--format", "json"];
        let run = self.shell.run(&[scan.as_slice(), more].concat());
        assert_eq!(run.status, 1, "{}", run.stderr);
        let mut calls = BTreeMap::new();
        for request in self.recorder.requests() {
            *calls.entry(text(&request["operation"])).or_insert(0) += 1;
        }
        Seen {
            calls,
            report: run.report(),
        }
    }

    /// How each finding of the ledger stands: by its rule and id.
    fn standings(&self) -> BTreeMap<(String, String), String> {
        let ledger = remembered(&self.shell, "state");
        let standings = ledger.iter().map(|it| {
            let finding = (text(&it["rule"]), text(&it["id"]));
            (finding, text(&it["standing"]))
        });
        standings.collect()
    }
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let account = Watched::start();
    let first = account.scan(&[]);
    let calls = |seen: &Seen, operation: &str| seen.calls.get(operation).copied().unwrap_or(0);
    let of = |seen: &Seen| {
        let operations = [
            "GetStages",
            "GetDeployment",
            "GetResources",
            "v2 GetStages",
            "v2 GetRoutes",
        ];
        operations.map(|it| calls(seen, it))
    };
    assert_eq!(of(&first), [4, 4, 4, 3, 3], "{:?}", first.calls);
    let second = account.scan(&[]);
    assert_eq!(of(&second), [4, 0, 4, 3, 0], "{:?}", second.calls);
    for part in ["findings", "coverage", "status"] {
        assert_eq!(second.report[part], first.report[part], "{part}");
    }
}

#[test]
fn without_the_drafts_nothing_that_needs_them_is_resolved_or_new() {
    let account = Watched::start();
    let of_drafts = ["undeployed-fix", "pending-opening"];
    account.scan(&[]);
    let before = account.standings();
    for rule in of_drafts {
        let open = before
            .iter()
            .filter(|((it, _), standing)| it == rule && *standing == "open");
        assert!(open.count() > 1, "{rule}: {before:?}");
    }
    let seen = account.scan(&["--no-draft"]);
    assert_eq!(seen.calls.get("GetResources"), None, "{:?}", seen.calls);
    let found = findings(&seen.report);
    let said = found
        .iter()
        .find(|it| of_drafts.iter().any(|rule| it.starts_with(rule)));
    assert_eq!(said, None);
    // A method that was protected and not deployed is open still: not twice, and not anew.
    assert_eq!(account.standings(), before);
    account.scan(&[]);
    assert_eq!(account.standings(), before);
}
