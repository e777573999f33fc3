//! Assemblies as `cdk synth` writes them.

use serde_json::{Value, json as value};

use super::{checked, found, gaps, json, write};
use crate::support::command::Shell;

fn method(authorization: &Value, path: &str) -> Value {
    value!({
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
            "HttpMethod": "GET", "AuthorizationType": authorization
        },
        "Metadata": {"aws:cdk:path": path}
    })
}

fn api() -> Value {
    value!({"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "shop"}, "Metadata": {"aws:cdk:path": "Shop/Api/Resource"}})
}

/// Two stacks, one of them in an assembly of a stage, and a nested one.
fn assembly(shell: &Shell) {
    let pretty = |it: &Value| serde_json::to_string_pretty(it).unwrap();
    write(
        shell,
        "cdk.out/manifest.json",
        pretty(&value!({
            "version": "39.0.0",
            "artifacts": {
                "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
                "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
                "Shop": {
                    "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
                    "properties": {"templateFile": "Shop.template.json"},
                    "metadata": {"/Shop/Api/GET/Resource": [{
                        "type": "aws:cdk:logicalId", "data": "Get",
                        "trace": ["new Method (/app/node_modules/aws-cdk-lib/aws-apigateway/lib/method.js:1:2)", "new Shop (/app/lib/shop.ts:12:5)"]
                    }]}
                },
                "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
            }
        })),
    );
    write(shell, "cdk.out/Shop.assets.json", "{}");
    write(
        shell,
        "cdk.out/tree.json",
        "{\"version\": \"tree-0.1\", \"tree\": {\"id\": \"Resources\", \"type\": \"AWS::\"}}",
    );
    write(
        shell,
        "cdk.out/Shop.template.json",
        pretty(&value!({"Resources": {
            "Api": api(),
            "Get": method(&"NONE".into(), "Shop/Api/GET/Resource"),
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}.amazonaws.com/b/k.json"},
                    "Parameters": {"Type": "NONE"}
                },
                "Metadata": {"aws:cdk:path": "Shop/Nested", "aws:asset:path": "ShopNested.nested.template.json"}
            }
        }})),
    );
    write(
        shell,
        "cdk.out/ShopNested.nested.template.json",
        pretty(&value!({
            "Parameters": {"Type": {"Type": "String", "Default": "AWS_IAM"}},
            "Resources": {"Api": api(), "Get": method(&value!({"Ref": "Type"}), "Shop/Nested/Api/GET/Resource")}
        })),
    );
    write(
        shell,
        "cdk.out/assembly-Prod/manifest.json",
        pretty(&value!({
            "version": "39.0.0",
            "artifacts": {"Prod": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Prod.template.json"}}}
        })),
    );
    write(
        shell,
        "cdk.out/assembly-Prod/Prod.template.json",
        pretty(&value!({"Resources": {
            "Api": api(), "Get": method(&"AWS_IAM".into(), "Prod/Api/GET/Resource")
        }})),
    );
}

#[test]
fn an_assembly_is_read_by_its_manifest_with_all_stacks() {
    let shell = Shell::bare();
    assembly(&shell);
    write(&shell, "cdk.json", "{\"app\": \"npx ts-node bin/app.ts\"}");
    for path in ["cdk.out", "."] {
        let run = json(&shell, &[path]);
        assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
        let report = run.report();
        assert_eq!(
            checked(&report),
            [
                "cdk.out/Shop.template.json cdk",
                "cdk.out/ShopNested.nested.template.json cdk",
                "cdk.out/assembly-Prod/Prod.template.json cdk",
            ]
        );
        let methods = found(&report);
        assert_eq!(methods.len(), 2, "{methods:?}");
        assert_eq!(gaps(&report), [""; 0]);
        let places = report["findings"].as_array().unwrap().iter();
        let places: Vec<&Value> = places.map(|it| &it["location"]).collect();
        assert_eq!(places[0]["resource"], "Shop/Api/GET/Resource");
        assert_eq!(places[0]["source"], "/app/lib/shop.ts:12:5");
        assert_eq!(places[1]["resource"], "Shop/Nested/Api/GET/Resource");
        assert_eq!(places[1]["source"], Value::Null);
        // The Region is the stack's own.
        assert_eq!(report["findings"][0]["region"], "eu-west-1");
        assert_eq!(report["findings"][1]["region"], "eu-west-1");
        // A construct is no resource of Terraform.
        let remedy = report["findings"][0]["remedy"].to_string();
        assert!(!remedy.contains("aws_api_gateway_method"), "{remedy}");
        crate::schemas::assert_fits("report", &report);
    }
    let table = shell.run(&["check", "cdk.out"]).stdout;
    let words: Vec<&str> = table.split_whitespace().collect();
    let said = "Shop/Api/GET/Resource (/app/lib/shop.ts:12:5; cdk.out/Shop.template.json:";
    assert!(words.join(" ").contains(said), "{table}");
}

#[test]
fn a_stack_whose_template_is_missing_is_a_gap() {
    let shell = Shell::bare();
    assembly(&shell);
    std::fs::remove_file(shell.folder().join("cdk.out/Shop.template.json")).unwrap();
    let run = json(&shell, &["cdk.out"]);
    assert_eq!(run.status, 3);
    let all = gaps(&run.report());
    assert!(
        all.iter()
            .any(|it| it.starts_with("cdk.out/Shop.template.json:1:1: the file cannot be read")),
        "{all:?}"
    );
}

/// A manifest with these stacks, each as its artifact's properties.
fn manifest(stacks: &[(&str, &str, Value)]) -> String {
    let artifacts = stacks.iter().map(|(name, environment, properties)| {
        let artifact = value!({
            "type": "aws:cloudformation:stack", "environment": environment, "properties": properties
        });
        ((*name).to_owned(), artifact)
    });
    let artifacts: serde_json::Map<String, Value> = artifacts.collect();
    value!({"version": "39.0.0", "artifacts": artifacts}).to_string()
}

fn template(authorization: &Value) -> String {
    value!({
        "Parameters": {
            "Type": {"Type": "String", "Default": "AWS_IAM"},
            "Kept": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/type"}
        },
        "Resources": {"Api": api(), "Get": method(authorization, "Shop/Api/GET/Resource")}
    })
    .to_string()
}

/// Two stacks of one template are two deployments, each with its Region and its parameters.
#[test]
fn a_template_of_two_stacks_is_judged_for_each_of_them() {
    let shell = Shell::bare();
    let of_parameter = template(&value!({"Ref": "Type"}));
    write(&shell, "cdk.out/Shop.template.json", &of_parameter);
    let file = "Shop.template.json";
    let open = value!({"templateFile": file, "parameters": {"Type": "NONE"}});
    let closed = value!({"templateFile": file, "parameters": {"Type": "AWS_IAM"}});
    let stacks = [
        ("Closed", "aws://1/eu-west-1", closed.clone()),
        ("Open", "aws://1/us-west-2", open.clone()),
    ];
    write(&shell, "cdk.out/manifest.json", manifest(&stacks));
    // What the manifest says of a Region counts before the command line, which is for stacks without one.
    for more in [&[][..], &["--region", "eu-central-1"]] {
        let run = json(&shell, &[&["cdk.out"], more].concat());
        let report = run.report();
        assert_eq!(run.status, 1, "{report:#}");
        assert_eq!(found(&report).len(), 1, "{report:#}");
        assert_eq!(report["findings"][0]["region"], "us-west-2");
        assert_eq!(checked(&report).len(), 2);
    }
    // What the command line says of a parameter counts before the manifest.
    let run = json(&shell, &["cdk.out", "--parameter", "Type=NONE"]);
    let report = run.report();
    assert_eq!(found(&report).len(), 2, "{report:#}");
    // They are two findings, whatever else is the same of them.
    let same = [
        ("One", "aws://1/eu-west-1", open.clone()),
        ("Two", "aws://1/eu-west-1", open),
    ];
    write(&shell, "cdk.out/manifest.json", manifest(&same));
    let report = json(&shell, &["cdk.out"]).report();
    assert_ne!(report["findings"][0]["id"], report["findings"][1]["id"]);
    assert_eq!(report["counts"]["total"], 2);
    // One that only a deployment tells, and one that names what Systems Manager keeps.
    let untold = value!({"templateFile": file, "parameters": {"Type": {"Ref": "A"}}});
    write(
        &shell,
        "cdk.out/manifest.json",
        manifest(&[("One", "", untold)]),
    );
    assert_eq!(json(&shell, &["cdk.out"]).status, 3);
    let kept = template(&value!({"Ref": "Kept"}));
    write(&shell, "cdk.out/Shop.template.json", &kept);
    let named = value!({"templateFile": file, "parameters": {"Kept": "AWS_IAM"}});
    write(
        &shell,
        "cdk.out/manifest.json",
        manifest(&[("One", "", named)]),
    );
    assert_eq!(json(&shell, &["cdk.out"]).status, 3);
}

/// A manifest speaks for what it names, and for nothing else beside it.
#[test]
fn what_a_manifest_does_not_name_is_judged_all_the_same() {
    let open = template(&"NONE".into());
    let closed = template(&"AWS_IAM".into());
    let stack = |file: &str| ("Shop", "aws://1/eu-west-1", value!({"templateFile": file}));
    for (manifest, status, files) in [
        // One that is none of the CDK's.
        (r#"{"version": "1", "artifacts": {}}"#.to_owned(), 1, 2),
        (
            r#"{"version": 1, "artifacts": {"a": {"type": "app"}}}"#.to_owned(),
            1,
            2,
        ),
        // One that names another template, or one that is not there.
        (manifest(&[stack("closed.json")]), 1, 2),
        (manifest(&[stack("gone.json")]), 3, 3),
        // One that leads out of the folder.
        (manifest(&[stack("../outside.json")]), 3, 3),
        // One that cannot be read.
        (
            r#"{"artifacts": {"Shop": {"type": "aws:cloudformation:stack"}}}"#.to_owned(),
            3,
            3,
        ),
    ] {
        let shell = Shell::bare();
        write(&shell, "outside.json", &open);
        for name in ["in/out/open.json", "in/out/closed.json"] {
            let text = if name.contains("open") {
                &open
            } else {
                &closed
            };
            write(&shell, name, text);
        }
        write(&shell, "in/out/manifest.json", &manifest);
        write(&shell, "in/.gitignore", "out/\n!out/\nout/*\n");
        for path in ["in/out", "in"] {
            let run = json(&shell, &[path]);
            let report = run.report();
            assert_eq!(run.status, status, "{path} {manifest}: {report:#}");
            assert_eq!(
                found(&report),
                ["in/out/open.json:1 open-method"],
                "{manifest}"
            );
            assert_eq!(checked(&report).len(), files, "{manifest}: {report:#}");
        }
    }
}
