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
    write(shell, "cdk.out/tree.json", "{\"Resources\": \"AWS::\"}");
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
