//! The forms that a template's file may have, held against what AWS's own tools read of them.

use std::collections::BTreeMap;
use std::fs;

use gatewatch::policy_file::PolicyFile;
use gatewatch::render::json;
use gatewatch::run::scan;
use gatewatch::template::{self, File, Files, Options};

use crate::support::command::Shell;
use crate::support::testbed::assert_no_differences;

/// How many random files. `make yaml-differential SEEDS=N` has as many as one likes.
const SEEDS: &str = "400";

#[test]
fn a_file_says_what_pyyaml_reads_of_it() {
    assert_no_differences("tests/yaml/differential.py", SEEDS);
}

/// Files by the locations that a template gives.
struct Held(&'static [(&'static str, &'static str)]);

impl Files for Held {
    fn file(&self, location: &str) -> Result<File, String> {
        let held = self.0.iter().find(|(name, _)| *name == location);
        let (name, text) = held.ok_or("is not there")?;
        Ok(File {
            name: format!("at/{name}"),
            text: (*text).to_owned(),
        })
    }
}

/// The places and subjects of the findings of a template, and its gaps.
fn read(text: &str, files: &'static [(&'static str, &'static str)]) -> (Vec<String>, Vec<String>) {
    let options = Options {
        region: "eu-west-1".to_owned(),
        region_is_known: true,
        parameters: BTreeMap::new(),
        around: None,
    };
    let now = "2026-06-15T08:00:00Z".parse().unwrap();
    let template = template::read_with("t.yaml", text, &options, &Held(files), now).unwrap();
    let report = scan::judge_template(template.unwrap(), &PolicyFile::default(), now);
    let document = serde_json::to_value(json::document(&report)).unwrap();
    let findings = document["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|it| it["rule"] != "unread-api").map(|it| {
        let place = &it["location"];
        let (file, line) = (place["file"].as_str().unwrap(), &place["line"]);
        let key = it["route_key"].as_str().map(str::to_owned);
        let key = key.unwrap_or_else(|| format!("{} {}", it["verb"], it["path"]).replace('"', ""));
        format!("{file}:{line} {key}")
    });
    let gaps = document["coverage"]["gaps"].as_array().unwrap().iter();
    let gaps = gaps.map(|it| it["message"].as_str().unwrap().to_owned());
    (findings.collect(), gaps.collect())
}

const OPEN: &str = "swagger: '2.0'\npaths:\n  /pets:\n    get:\n      x-amazon-apigateway-integration: {type: mock}\n";

#[test]
fn a_definition_in_a_file_of_its_own_is_read_with_its_places() {
    let files = &[("./api.yaml", OPEN)];
    for resource in [
        "{Type: 'AWS::ApiGateway::RestApi', Properties: {BodyS3Location: ./api.yaml}}",
        "{Type: 'AWS::Serverless::Api', Properties: {StageName: a, DefinitionUri: ./api.yaml}}",
    ] {
        let (found, gaps) = read(&format!("Resources: {{A: {resource}}}"), files);
        assert_eq!(found, ["at/./api.yaml:4 GET /pets"], "{resource}");
        assert_eq!(gaps, [""; 0], "{resource}");
    }
    for resource in [
        "{Type: 'AWS::ApiGatewayV2::Api', Properties: {BodyS3Location: ./api.yaml}}",
        "{Type: 'AWS::Serverless::HttpApi', Properties: {DefinitionUri: ./api.yaml}}",
    ] {
        let (found, _) = read(&format!("Resources: {{A: {resource}}}"), files);
        assert_eq!(found, ["at/./api.yaml:4 GET /pets"], "{resource}");
    }
}

/// SAM refuses it, so that nothing is deployed: the default authorizer protects nothing there.
#[test]
fn sam_takes_no_auth_beside_a_file() {
    let (found, gaps) = read(
        "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: a\n      DefinitionUri: ./api.yaml\n      Auth: {DefaultAuthorizer: AWS_IAM}\n",
        &[("./api.yaml", OPEN)],
    );
    assert_eq!(found.len(), 1);
    assert!(
        gaps.iter()
            .any(|it| it.contains("`Auth` beside `DefinitionUri`")),
        "{gaps:?}"
    );
}

#[test]
fn included_parts_stand_in_their_places() {
    const BODY: &str = "swagger: '2.0'\npaths:\n  /pets:\n    get:\n      x-amazon-apigateway-integration: {type: mock}\n    put:\n      security: [{Nothing: []}]\n";
    let include = |location: &str| {
        format!("Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}")
    };
    let held = &[
        ("body.yaml", BODY),
        (
            "resources.yaml",
            "Rest:\n  Type: AWS::ApiGateway::RestApi\n  Properties: {Body: {swagger: '2.0', paths: {/a: {get: {}}}}}\n",
        ),
        (
            "properties.yaml",
            "Name: included\nBody: {swagger: '2.0', paths: {/b: {get: {}}}}\n",
        ),
        (
            "globals.yaml",
            "Globals: {Api: {Auth: {DefaultAuthorizer: AWS_IAM}}}\n",
        ),
    ];
    // Of a definition, the template's own `Auth` holds: SAM sees it in its place.
    let text = format!(
        "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: a\n      Auth: {{DefaultAuthorizer: AWS_IAM}}\n      DefinitionBody:\n        {}\n",
        include("body.yaml")
    );
    let (found, gaps) = read(&text, held);
    assert_eq!(found, [""; 0]);
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].starts_with("at/body.yaml:7:"), "{gaps:?}");
    // In a definition that nothing protects, among resources, and among properties.
    for (text, wanted) in [
        (
            format!(
                "Resources: {{A: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{Body: {{{}}}}}}}}}",
                include("body.yaml")
            ),
            "at/body.yaml:4 GET /pets",
        ),
        (
            format!(
                "Resources:\n  T: {{Type: AWS::SNS::Topic}}\n  {}\n",
                include("resources.yaml")
            ),
            "at/resources.yaml:3 GET /a",
        ),
        (
            format!(
                "Resources: {{A: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{{}}}}}}}",
                include("properties.yaml")
            ),
            "at/properties.yaml:2 GET /b",
        ),
    ] {
        let (found, _) = read(&text, held);
        assert_eq!(found, [wanted], "{text}");
    }
    // At the top of the template.
    let event = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}}";
    let text = format!(
        "Transform: [{{Name: AWS::Include, Parameters: {{Location: globals.yaml}}}}, AWS::Serverless-2016-10-31]\n{event}"
    );
    assert_eq!(read(&text, held), (Vec::new(), Vec::new()));
    assert_eq!(read(event, held).0.len(), 1);
}

#[test]
fn what_is_not_included_is_a_gap_that_says_why() {
    let held = &[
        ("broken.yaml", "a: [\n"),
        ("list.yaml", "[a]\n"),
        ("name.yaml", "Name: other\n"),
        (
            "again.yaml",
            "Body: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: name.yaml}}}\n",
        ),
    ];
    for (location, wanted) in [
        ("none.yaml", "is not there"),
        ("s3://bucket/key", "is at `s3://bucket/key`"),
        ("broken.yaml", "is in at/broken.yaml, which cannot be read"),
        ("list.yaml", "is in at/list.yaml, which is no mapping"),
        ("name.yaml", "has `Name`, which stands beside it too"),
        ("!Ref Where", "is made by a function"),
        ("again.yaml", "uses `Fn::Transform`"),
    ] {
        let text = format!(
            "Resources:\n  A:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Name: a\n      Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}\n"
        );
        let (_, gaps) = read(&text, held);
        assert!(
            gaps.iter().any(|it| it.contains(wanted)),
            "{location}: {gaps:?}"
        );
        if location == "again.yaml" {
            continue;
        }
        let text = format!(
            "Resources: {{A: {{Type: 'AWS::Serverless::Api', Properties: {{StageName: a, DefinitionUri: {location}}}}}}}"
        );
        let (_, gaps) = read(&text, held);
        assert!(!gaps.is_empty(), "{location}");
    }
}

/// Only inside the template's folder, whatever links and `..` there are, unless somebody asks for more.
#[test]
fn files_outside_the_folder_are_followed_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("in/deep")).unwrap();
    for name in ["in/deep/api.yaml", "out.yaml"] {
        fs::write(at(name), OPEN).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("out.yaml"), at("in/link.yaml")).unwrap();
    let absolute = at("out.yaml").display().to_string();
    let status = |location: &str, more: &[&str]| {
        let text = format!(
            "Resources: {{A: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{BodyS3Location: '{location}'}}}}}}"
        );
        fs::write(at("in/t.yaml"), text).unwrap();
        let file = at("in/t.yaml").display().to_string();
        let run = Shell::bare().run(&[&["check", file.as_str()], more].concat());
        (run.status, run.stdout)
    };
    for location in ["deep/api.yaml", "./deep/../deep/api.yaml"] {
        let (ends, said) = status(location, &[]);
        assert_eq!(ends, 1, "{location}: {said}");
        assert!(said.contains("deep/api.yaml:4:5"), "{said}");
    }
    for location in ["../out.yaml", "link.yaml", "deep/../../out.yaml", &absolute] {
        let (ends, said) = status(location, &[]);
        assert_eq!(ends, 3, "{location}: {said}");
        assert!(said.contains("give --follow-outside"), "{said}");
        assert_eq!(status(location, &["--follow-outside"]).0, 1, "{location}");
    }
    for location in ["deep", "none.yaml", "/dev/zero"] {
        assert_eq!(status(location, &["--follow-outside"]).0, 3, "{location}");
    }
    let text =
        "Resources: {A: {Type: 'AWS::ApiGateway::RestApi', Properties: {BodyS3Location: a.yaml}}}";
    let run = Shell::bare().run_with_input(&["check", "-"], text);
    assert_eq!(run.status, 3);
    // Lines are broken between words.
    let words: Vec<&str> = run.stdout.split_whitespace().collect();
    let said = words.join(" ");
    assert!(said.contains("by standard input"), "{said}");
}

#[test]
fn loops_in_loops_and_files_named_often_do_not_grow_without_bound() {
    let values: Vec<String> = (0..40).map(|it| format!("a{it}")).collect();
    let mut body = "'M${A}${B}${C}${D}': {Type: AWS::ApiGateway::Method}".to_owned();
    for name in ["D", "C", "B", "A"] {
        body = format!(
            "'Fn::ForEach::{name}': [{name}, [{}], {{{body}}}]",
            values.join(", ")
        );
    }
    let text = format!("Transform: AWS::LanguageExtensions\nResources: {{{body}}}\n");
    let (_, gaps) = read(&text, &[]);
    assert_eq!(
        gaps,
        ["t.yaml:2:13: `Fn::ForEach::A` makes resources only on deployment"]
    );
    let large: &str = Box::leak(format!("a: {}\n", "x".repeat(1 << 20)).into_boxed_str());
    let files = Box::leak(Box::new([("large.yaml", large)]));
    let resources: String = (0..50)
        .map(|it| format!("  A{it}: {{Type: AWS::ApiGateway::RestApi, Properties: {{BodyS3Location: large.yaml}}}}\n"))
        .collect();
    let (_, gaps) = read(&format!("Resources:\n{resources}"), files);
    let too_many = gaps.iter().filter(|it| it.contains("one file too many"));
    assert_eq!(too_many.count(), 45, "{gaps:?}");
}

/// Half a megabyte that is no template, in many forms, ends in a mistake that says what is wanted, or in a gap.
#[test]
fn nonsense_ends_in_a_mistake_or_a_gap() {
    let repeated = |text: &str| text.repeat((1 << 19) / text.len());
    for text in [
        repeated("{"),
        repeated("lorem ipsum dolor\n"),
        repeated("\u{0}"),
        repeated("%x y\n"),
        format!("Resources: {}", repeated("x ")),
        format!("Resources: {{}}\nx: \"{}", repeated("\\\"")),
        format!("Resources:\n{}", repeated("  a: 1\n")),
        format!("{{\"Resources\": {{{}", repeated("\"a\":[1,2],")),
        format!("Resources: {{}}\na: [{}", repeated("\"a\nb\", ")),
    ] {
        let run = Shell::bare().run_with_input(&["check", "-"], &text);
        let began: String = text.chars().take(40).collect();
        assert!([2, 3].contains(&run.status), "{began}: {}", run.stdout);
        assert!(run.stdout.len() + run.stderr.len() < 10_000, "{began}");
    }
}

/// What is not understood of a template is shown with its line, all of it at once, as the mistakes of a policy file are.
#[test]
fn what_is_not_understood_is_shown_with_its_line() {
    let shell = Shell::bare();
    let template = "Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One: {Typ: Api, Properties: {Path: /a, Method: get}}
        Two: {Type: Api, Properties: {Path: /b, Method: get, Auth: {Authorizer: !Ref Unknown}}}
";
    fs::write(shell.folder().join("template.yaml"), template).unwrap();
    let run = shell.run(&["check", "template.yaml", "--format", "json"]);
    assert_eq!(run.status, 3);
    let shown: Vec<&str> = run.stderr.lines().map(str::trim_end).collect();
    let at = shown
        .iter()
        .position(|it| it.starts_with("template.yaml:7:15: `Typ` is nothing that an event has"))
        .unwrap_or_else(|| panic!("{}", run.stderr));
    assert_eq!(
        shown[at + 1..at + 4],
        [
            "  |",
            "7 |         One: {Typ: Api, Properties: {Path: /a, Method: get}}",
            "  |               ^^^",
        ],
        "{}",
        run.stderr
    );
    assert!(
        shown.iter().any(|it| it.starts_with("8 |         Two: ")),
        "{}",
        run.stderr
    );
    // Nobody who wants the last line alone is shown them.
    let quiet = shell.run(&["check", "template.yaml", "--quiet"]);
    assert!(!quiet.stderr.contains("7 | "), "{}", quiet.stderr);
}

#[test]
fn a_template_that_does_not_parse_is_shown_with_its_line() {
    let shell = Shell::bare();
    for (text, says, line) in [
        (
            "Resources:\n  A: {Type: X\n  B: [\n",
            "1 mistake(s) in it",
            "3 |   B: [",
        ),
        (
            "Resources: [1]\n",
            "1 mistake(s) in it",
            "1 | Resources: [1]",
        ),
        ("\u{feff}openapi: {\n", "1 mistake(s) in it", ""),
        ("a: [b\n", "neither an inventory", "1 | a: [b"),
    ] {
        fs::write(shell.folder().join("bad.yaml"), text).unwrap();
        for command in [
            &["check", "bad.yaml"][..],
            &["explain", "GET /pets", "bad.yaml"],
        ] {
            let run = shell.run(command);
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
            assert!(
                run.stderr.contains("bad.yaml cannot be checked") && run.stderr.contains(says),
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains(line), "{text}: {}", run.stderr);
        }
    }
}

/// Whoever mends the first of two mistyped parameters should not meet the second one then.
#[test]
fn all_parameters_that_there_are_not_are_said_at_once() {
    let shell = Shell::bare();
    fs::write(shell.folder().join("template.yaml"), "Resources: {}\n").unwrap();
    let run = shell.run(&[
        "check",
        "template.yaml",
        "--parameter",
        "A=1",
        "--parameter",
        "B=2",
    ]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("--parameter A, --parameter B: the template has no parameter"),
        "{}",
        run.stderr
    );
}
