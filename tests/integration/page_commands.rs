//! The commands of the pages for readers: each is one that there is, with options that there are, and those that need no
//! account run on the examples.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::doctor::complaints;
use crate::pages::{pages, shown};
use crate::support::command::Shell;
use crate::support::package;

/// What stands for something of the reader's own, and what a test puts there.
const PLACEHOLDERS: [(&str, &str); 4] = [
    ("CHAT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:chat"),
    ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:findings"),
    ("BUCKET", "a-bucket-of-the-reader"),
    ("[…]", "arn:aws:sns:eu-west-1:111122223333:findings"),
];

/// How a command of a page can begin.
const HEADS: [&str; 4] = [
    "gatewatch ",
    "target/debug/gatewatch ",
    "cargo run -- ",
    "cargo run --profile cli --bin gatewatch -- ",
];

/// A template with a parameter.
const TEMPLATE: &str = "\
Parameters:
  Stage: {Type: String, Default: dev}
Transform: AWS::Serverless-2016-10-31
Resources:
  Pets:
    Type: AWS::Serverless::Api
    Properties: {StageName: !Ref Stage, Auth: {DefaultAuthorizer: AWS_IAM}}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: pets.list
      CodeUri: src/
      Events:
        Get:
          Type: Api
          Properties: {RestApiId: !Ref Pets, Path: /pets, Method: get, Auth: {Authorizer: NONE}}
";

/// A command as the page has it, and its arguments.
pub(crate) struct Printed {
    pub(crate) text: String,
    pub(crate) arguments: Vec<String>,
}

impl Printed {
    fn new(text: &str) -> Option<Printed> {
        let mut filled = text.to_owned();
        for (placeholder, own) in PLACEHOLDERS {
            filled = filled.replace(placeholder, own);
        }
        // What may be left out stands in brackets.
        let arguments = shlex::split(&filled.replace(['[', ']'], ""))?;
        Some(Printed {
            text: text.to_owned(),
            arguments,
        })
    }

    fn run(&self, shell: &Shell) -> crate::support::command::Run {
        let mut arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        // The hosts of the examples are somebody's: nothing is sent to them.
        if arguments.first() == Some(&"probe") && !arguments.contains(&"--dry-run") {
            arguments.push("--dry-run");
        }
        shell.run(&arguments)
    }
}

/// The commands in lines of their own.
pub(crate) fn in_lines(text: &str) -> Vec<Printed> {
    let commands = shown(text).into_iter().filter_map(|line| {
        let command = HEADS.iter().find_map(|head| line.strip_prefix(head))?;
        // What follows is a comment, or the shell's.
        let marks = [" #", " >", " | "];
        let end = marks.iter().filter_map(|it| command.find(it)).min();
        Printed::new(command.get(..end.unwrap_or(command.len()))?)
    });
    commands.collect()
}

/// The commands that a sentence names. They may be named in part: without what they cannot do without.
fn in_sentences(text: &str) -> Vec<Printed> {
    let prose: Vec<&str> = text.lines().filter(|it| !it.starts_with("    ")).collect();
    let prose = prose.join(" ");
    let spans = prose.split('`').skip(1).step_by(2);
    let commands = spans.filter_map(|it| it.strip_prefix("gatewatch "));
    // That is a type of events.
    let commands = commands.filter(|it| *it != "finding change");
    commands.filter_map(Printed::new).collect()
}

/// A shell in a folder with the files that the pages speak of.
fn shell() -> Shell {
    let shell = Shell::bare();
    furnish(&shell);
    shell
}

/// Puts the files that the pages speak of into a shell's folder.
pub(crate) fn furnish(shell: &Shell) {
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    let read = |name: &str| fs::read_to_string(package(name)).unwrap();
    fs::create_dir(shell.folder().join("examples")).unwrap();
    for example in fs::read_dir(package("examples")).unwrap() {
        let name = Path::new("examples").join(example.unwrap().file_name());
        let name = name.to_str().unwrap();
        put(name, &read(name));
    }
    let mut inventory: Value =
        serde_json::from_str(&read("examples/access.inventory.json")).unwrap();
    inventory["domains"] = json!([{
        "region": "eu-west-1", "name": "api.example.com", "endpoint_types": ["REGIONAL"], "mutual_tls": false,
        "mappings": [{"base_path": "shop", "api_id": "a1b2c3d4e5", "stage": "prod"}],
    }]);
    put("inventory.json", &inventory.to_string());
    put("later.json", &inventory.to_string());
    put("gatewatch.yaml", &read("examples/gatewatch.yaml"));
    put("template.yaml", TEMPLATE);
    put("was.yaml", TEMPLATE);
    put(
        "openapi.json",
        r#"{"openapi": "3.0.1", "info": {"title": "Pets", "version": "1"}, "paths": {}}"#,
    );
    put(
        "plan.json",
        r#"{"format_version": "1.2", "planned_values": {"root_module": {}}}"#,
    );
    fs::create_dir(shell.folder().join("infra")).unwrap();
    put("infra/template.yaml", TEMPLATE);
    fs::create_dir(shell.folder().join("cdk.out")).unwrap();
    put("cdk.out/Shop.template.json", r#"{"Resources": {}}"#);
    put(
        "cdk.out/manifest.json",
        r#"{"version": "39.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack",
            "properties": {"templateFile": "Shop.template.json"}}}}"#,
    );
    let report = shell.run(&["check", "template.yaml", "--format", "json"]);
    put("baseline.json", &report.stdout);
    for cases in ["case.jsonl", "cases.jsonl"] {
        put(cases, "");
    }
}

/// What is wrong with a call, by the words of the one who reads it. `whole`: nothing may be missing.
pub(crate) fn mistake(stderr: &str, whole: bool) -> bool {
    let wrong = [
        "unexpected argument",
        "unrecognized subcommand",
        "invalid value",
        "cannot be used with",
    ];
    let is_wrong = wrong.iter().any(|it| stderr.contains(it));
    is_wrong || whole && stderr.contains("\nUsage: ")
}

#[test]
fn every_command_is_one_that_there_is() {
    let shell = shell();
    let mut seen = BTreeSet::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let of_lines = in_lines(&text).into_iter().map(|it| (it, true));
        let of_sentences = in_sentences(&text).into_iter().map(|it| (it, false));
        for (command, whole) in of_lines.chain(of_sentences) {
            if !seen.insert((command.text.clone(), whole)) {
                continue;
            }
            let run = command.run(&shell);
            let told = format!("{}: {}\n{}", page.display(), command.text, run.stderr);
            assert!(!mistake(&run.stderr, whole), "{told}");
            // Those that read an account run in `page_accounts`.
            let offline = [
                "access",
                "check",
                "completions",
                "diff",
                "explain",
                "fix",
                "init",
                "man",
                "probe",
                "rules",
                "schema",
                "simulate",
            ];
            let changes = |it: &String| ["--apply", "--resume", "--undo"].contains(&it.as_str());
            let is_offline = offline.contains(&command.arguments[0].as_str())
                && !command.arguments.iter().any(changes);
            if whole && is_offline {
                assert_ne!(run.status, 2, "{told}");
                // What goes to a file is there.
                let to = command.arguments.iter().skip_while(|it| *it != "-o").nth(1);
                let is_written = to.is_some_and(|it| shell.folder().join(it).exists());
                let is_silent =
                    is_written || ["man", "simulate"].contains(&command.arguments[0].as_str());
                // The plan of the pages has no method.
                let is_silent = is_silent || run.stderr.contains("nothing to mend");
                assert!(!run.stdout.is_empty() || is_silent, "{told}");
            }
        }
    }
    assert!(seen.len() > 50, "{}", seen.len());
}

#[test]
fn a_command_that_there_is_not_is_seen() {
    let shell = shell();
    for (text, whole) in [
        ("scan --all-region", true),
        ("chek inventory.json", false),
        ("scan --fail-on terrible", false),
        ("notify --test", true),
    ] {
        let run = Printed::new(text).unwrap().run(&shell);
        assert!(mistake(&run.stderr, whole), "{text}: {}", run.stderr);
    }
    let run = Printed::new("notify --test").unwrap().run(&shell);
    assert!(!mistake(&run.stderr, false), "{}", run.stderr);
}

/// Commands of the AWS CLI, held against AWS's own models of its services.
#[test]
fn every_command_of_the_aws_cli_is_one_that_there_is() {
    let mut commands = BTreeSet::new();
    for page in pages() {
        let own = shown(&fs::read_to_string(&page).unwrap()).into_iter();
        // What is shown in part cannot be run.
        let whole = own.filter(|it| it.starts_with("aws ") && !it.contains("[…]"));
        commands.extend(whole.map(|it| it.split(" #").next().unwrap().to_owned()));
    }
    assert!(commands.len() > 20, "{commands:?}");
    assert_eq!(complaints(&json!(commands)), json!([]));
    let wrong = [
        "aws lambda invok",
        "aws s3 cp a b --recursively",
        "aws sts get-caller-identity --name x",
    ];
    assert_eq!(
        complaints(&json!(wrong)).as_array().unwrap().len(),
        wrong.len()
    );
}

/// What `make` is told to do can be done.
#[test]
fn every_target_of_make_is_in_the_makefile() {
    let makefile = fs::read_to_string(package("Makefile")).unwrap();
    let phony = makefile
        .lines()
        .find_map(|it| it.strip_prefix(".PHONY: "))
        .unwrap();
    let targets: BTreeSet<&str> = phony.split(' ').collect();
    let mut seen = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let of_lines = text.lines().filter_map(|it| it.strip_prefix("    make "));
        let of_sentences = text.split("`make ").skip(1);
        for command in of_lines.chain(of_sentences) {
            let target: String = command
                .chars()
                .take_while(|it| it.is_alphanumeric() || *it == '-')
                .collect();
            // `make PYTHON=…` and the like say a variable first.
            if target.chars().any(char::is_uppercase) {
                continue;
            }
            assert!(
                targets.contains(target.as_str()),
                "{}: make {target}",
                page.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}
