//! Sources of Terraform, by the plan that was made from them. What is judged again is the plan as it would be.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{apply, fix, read, write};
use crate::support::command::{Run, Shell};
use crate::support::package;

/// A folder with a plan beside the sources that it was made from.
fn planned(folder: &str) -> Shell {
    let shell = Shell::bare();
    copy(&shell, &package(folder), "");
    shell
}

fn copy(shell: &Shell, from: &Path, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{to}{}", path.file_name().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => copy(shell, &path, &format!("{name}/")),
            false => write(shell, &name, fs::read(&path).unwrap()),
        }
    }
}

fn mend(shell: &Shell) -> Run {
    fix(shell, &["plan.json", "--source", "."])
}

/// The lines that a patch adds, without their signs.
fn added(patch: &str) -> Vec<&str> {
    let lines = patch
        .lines()
        .filter(|it| it.starts_with('+') && !it.starts_with("+++"));
    lines.map(|it| it[1..].trim()).collect()
}

/// The lines that a patch takes away, without their signs.
fn taken(patch: &str) -> Vec<&str> {
    let lines = patch
        .lines()
        .filter(|it| it.starts_with('-') && !it.starts_with("---"));
    lines.map(|it| it[1..].trim()).collect()
}

#[test]
fn methods_and_routes_are_mended_where_they_are_written() {
    let shell = planned("tests/data/terraform");
    let before = read(&shell, "main.tf");
    let run = mend(&shell);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(
        taken(&run.stdout),
        ["authorization = \"NONE\""; 2],
        "{}",
        run.stdout
    );
    let route = ["", "authorization_type = \"AWS_IAM\""];
    assert_eq!(
        added(&run.stdout),
        [
            &["authorization = \"AWS_IAM\""; 2][..],
            &route,
            &route,
            &route
        ]
        .concat(),
        "{}",
        run.stdout
    );
    apply(&shell, &run.stdout).unwrap();
    let after = read(&shell, "main.tf");
    let without = after.replace("\n\n  authorization_type = \"AWS_IAM\"", "");
    assert_eq!(
        without.matches("AWS_IAM").count(),
        before.matches("AWS_IAM").count() + 2
    );
    assert_eq!(without.lines().count(), before.lines().count());
    // The value of a variable decides in a module.
    assert!(
        run.stderr.contains("comes from `var.config.n == 0"),
        "{}",
        run.stderr
    );
    assert!(apply(&shell, &run.stdout).is_err());
}

#[test]
fn a_module_is_mended_in_its_own_file_and_what_a_block_does_not_say_is_refused() {
    let shell = planned("tests/templates/terraform-plan");
    let run = mend(&shell);
    assert_eq!(run.status, 3, "{}", run.stderr);
    for file in ["inner/main.tf", "main.tf"] {
        assert!(
            run.stdout.contains(&format!("+++ b/{file}\n")),
            "{}",
            run.stdout
        );
    }
    for says in [
        "`authorization` comes from `each.value`",
        "`aws_apigatewayv2_api` has its methods in a definition, or makes them itself",
        "`aws_api_gateway_rest_api` has its methods in a definition",
        "no `triggers` of an aws_api_gateway_deployment change with aws_api_gateway_method.pet ",
        "the preflight requests of browsers",
    ] {
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
    apply(&shell, &run.stdout).unwrap();
}

/// A method that opens with the next deployment, a new one, one that is protected too late, and one that is gone.
#[test]
fn what_waits_for_a_deployment_is_mended_or_told() {
    let shell = planned("tests/templates/terraform-without-a-redeployment");
    let run = mend(&shell);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(
        added(&run.stdout),
        ["authorization = \"AWS_IAM\""; 2],
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("let `triggers` of the deployment change"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("no `.tf` file there has `resource \"aws_api_gateway_method\" \"gone\"`"),
        "{}",
        run.stderr
    );
    apply(&shell, &run.stdout).unwrap();
    assert!(!read(&shell, "main.tf").contains("\"NONE\""));
}

/// The plan in which methods wait for a deployment, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Shell {
    let shell = planned("tests/templates/terraform-without-a-redeployment");
    let mut plan: Value = serde_json::from_str(&read(&shell, "plan.json")).unwrap();
    change(&mut plan);
    write(&shell, "plan.json", plan.to_string());
    shell
}

#[test]
fn triggers_that_change_with_the_methods_need_no_note() {
    let trigger = |references: Value| {
        changed(|plan| {
            let resources = plan["configuration"]["root_module"]["resources"].as_array_mut();
            let mut resources = resources.unwrap().iter_mut();
            let deployment = resources
                .find(|it| it["type"] == "aws_api_gateway_deployment")
                .unwrap();
            deployment["expressions"]["triggers"] = json!({ "references": references });
        })
    };
    let told = |shell: &Shell| {
        let run = mend(shell);
        assert_eq!(added(&run.stdout).len(), 2, "{}", run.stderr);
        run.stderr.matches("no `triggers` of").count()
    };
    let method = |name: &str| format!("aws_api_gateway_method.{name}");
    assert_eq!(told(&trigger(json!([method("opened"), method("new")]))), 0);
    assert_eq!(told(&trigger(json!([method("opened")]))), 1);
    let ids = json!([
        method("opened.id"),
        method("opened"),
        method("new.id"),
        method("new")
    ]);
    assert_eq!(told(&trigger(ids)), 2);
}

#[test]
fn what_the_sources_do_not_tell_is_refused() {
    let plain = || planned("tests/templates/terraform-without-a-redeployment");
    for (from, to, says) in [
        ("= \"NONE\"", "= var.none", "comes from `var.none`"),
        ("= \"NONE\"", "= local.none", "comes from `local.none`"),
        ("= \"NONE\"", "= \"CUSTOM\"", "is `CUSTOM` in the source"),
        (
            "= \"NONE\"",
            "= \"${var.none}\"",
            "comes from `\"${var.none}\"`",
        ),
        (
            "= \"NONE\"",
            "= upper(\"none\")",
            "comes from `upper(\"none\")`",
        ),
        (
            "resource \"aws_api",
            "resourc \"aws_api",
            "no `.tf` file there has",
        ),
        ("path_part   =", "path_part   = =", "cannot be read"),
    ] {
        let shell = plain();
        let text = read(&shell, "main.tf").replace(from, to);
        write(&shell, "main.tf", text);
        let run = mend(&shell);
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (3, ""),
            "{to}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
    // What Terraform or OpenTofu would put over the change, or pass it over for.
    for name in ["z_override.tf.json", "main.tofu", "more.tofu.json"] {
        let shell = plain();
        write(&shell, name, "{}");
        let run = mend(&shell);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
        assert!(run.stderr.contains("may say otherwise"), "{}", run.stderr);
    }
    for ignored in ["[authorization]", "all"] {
        let shell = plain();
        let ignoring =
            format!("= \"NONE\"\n  lifecycle {{\n    ignore_changes = {ignored}\n  }}\n");
        write(
            &shell,
            "main.tf",
            read(&shell, "main.tf").replace("= \"NONE\"", &ignoring),
        );
        let run = mend(&shell);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
        assert!(run.stderr.contains("`ignore_changes`"), "{}", run.stderr);
    }
    // The same resource in two files is none that Terraform takes.
    let shell = plain();
    write(&shell, "twice.tf", read(&shell, "main.tf"));
    let run = mend(&shell);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("is written twice"), "{}", run.stderr);
}

#[test]
fn a_module_from_elsewhere_is_named() {
    let shell = planned("tests/templates/terraform-plan");
    let text = read(&shell, "main.tf").replace("\"./inner\"", "\"acme/routes/aws\"");
    assert!(text.contains("acme/routes/aws"));
    write(&shell, "main.tf", text);
    let run = mend(&shell);
    assert!(
        run.stderr.contains("comes from `acme/routes/aws`"),
        "{}",
        run.stderr
    );
    assert!(!run.stdout.contains("inner/main.tf"), "{}", run.stdout);
}

#[test]
fn line_ends_and_marks_of_sources_are_kept() {
    let shell = planned("tests/templates/terraform-without-a-redeployment");
    let text = format!("\u{feff}# \u{e9}\n{}", read(&shell, "main.tf")).replace('\n', "\r\n");
    write(&shell, "main.tf", &text);
    let run = mend(&shell);
    apply(&shell, &run.stdout).unwrap();
    assert_eq!(
        read(&shell, "main.tf"),
        text.replace("\"NONE\"", "\"AWS_IAM\"")
    );
}

#[test]
fn without_its_sources_a_plan_is_not_mended() {
    let shell = planned("tests/data/terraform");
    let run = fix(&shell, &["plan.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("--source"), "{}", run.stderr);
    let run = fix(&shell, &["plan.json", "--source", "nowhere"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("nowhere cannot be read"),
        "{}",
        run.stderr
    );
}
