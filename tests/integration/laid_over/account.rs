//! IAM of templates, with the groups, users and policies that the account has.

use std::fs;

use serde_json::{Value, json};

use super::{access, example, over, rules, said, template};
use crate::support::command::Shell;

const GRANT: &str = "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'execute-api:Invoke', Resource: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/prod/GET/pets'}]}";

fn with(iam: &str, arguments: &[&str]) -> (i32, Value) {
    let text = template(Some("PetStore"), iam);
    let run = over(&example(), "template.yaml", &text, arguments);
    (run.status, run.report())
}

/// A policy for a group of the account, by its name alone.
#[test]
fn a_group_of_the_account_gains_what_a_template_gives_it() {
    let iam = format!(
        "  Read: {{Type: 'AWS::IAM::GroupPolicy', Properties: {{GroupName: typists, PolicyName: read, PolicyDocument: {GRANT}}}}}\n"
    );
    let (status, document) = with(&iam, &[]);
    assert_eq!(status, 1, "{document}");
    assert_eq!(
        access(&document),
        ["gained group typists: NONE → ALL: GET /pets"]
    );
    assert_eq!(said(&document, "assumptions"), [""; 0], "{document}");
}

/// A literal id and account in a policy are those of the account.
#[test]
fn what_a_policy_names_is_held_against_the_account() {
    for (resource, expected) in [
        (
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets",
            true,
        ),
        (
            "arn:aws:execute-api:eu-west-1:999988887777:a1b2c3d4e5/prod/GET/pets",
            false,
        ),
        (
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/dev/GET/pets",
            false,
        ),
        ("arn:aws:s3:::photos/*", false),
    ] {
        let iam = format!(
            "Resources:\n  Read: {{Type: 'AWS::IAM::GroupPolicy', Properties: {{GroupName: typists, PolicyName: read, PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Action: '*', Resource: '{resource}'}}]}}}}}}\n"
        );
        // The template has no API of its own: those of the account are asked for.
        let run = over(&example(), "template.yaml", &iam, &[]);
        let document = run.report();
        assert_eq!(document["unknown"], json!([]), "{resource}: {document}");
        assert_eq!(
            !access(&document).is_empty(),
            expected,
            "{resource}: {document}"
        );
    }
    // An API that the account does not have.
    let iam = "Resources:\n  Read: {Type: 'AWS::IAM::GroupPolicy', Properties: {GroupName: typists, PolicyName: read, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:eu-west-1:111122223333:zzzzzzzzzz/*'}]}}}\n";
    let document = over(&example(), "template.yaml", iam, &[]).report();
    assert_eq!(rules(&document), ["+dangling-grant"], "{document}");
    // What only the deployment tells stays unknown.
    let iam = iam.replace(
        "'arn:aws:execute-api:eu-west-1:111122223333:zzzzzzzzzz/*'",
        "!ImportValue arn",
    );
    let run = over(&example(), "template.yaml", &iam, &[]);
    assert_eq!(run.status, 3, "{}", run.stdout);
}

/// Whether a group that a template makes loses what it does not mention, no template tells.
#[test]
fn what_a_template_does_not_mention_stays_and_is_said() {
    let iam = "  Callers: {Type: 'AWS::IAM::Group', Properties: {GroupName: callers}}\n";
    let (_, document) = with(iam, &[]);
    assert_eq!(access(&document), [""; 0], "{document}");
    let stays = said(&document, "stays");
    assert_eq!(stays.len(), 1, "{document}");
    assert!(
        stays[0].starts_with("policies `AmazonAPIGatewayInvokeFullAccess` of group `callers`"),
        "{stays:?}"
    );
    // With the template as it is deployed, it is known to go.
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    let had = "  Callers: {Type: 'AWS::IAM::Group', Properties: {GroupName: callers, ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess']}}\n  Alice: {Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: callers, Users: [alice]}}\n";
    put("was.yaml", &template(Some("PetStore"), had));
    let alone = "  Alice: {Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: callers, Users: [alice]}}\n";
    for (now, loses) in [
        (format!("{iam}{alone}"), vec!["group callers"]),
        (
            had.lines().next().unwrap().to_owned() + "\n",
            vec!["user alice"],
        ),
        // The group itself goes.
        (String::new(), vec!["group callers", "user alice"]),
        (had.to_owned(), vec![]),
    ] {
        put("template.yaml", &template(Some("PetStore"), &now));
        let run = shell.run(&[
            "check",
            "template.yaml",
            "--with",
            "inventory.json",
            "--was",
            "was.yaml",
            "--format",
            "json",
        ]);
        let document = run.report();
        assert_eq!(document["unknown"], json!([]), "{document}");
        assert_eq!(said(&document, "stays"), [""; 0], "{document}");
        let lost = access(&document);
        for who in &loses {
            let start = format!("lost {who}: ");
            assert!(
                lost.iter().any(|it| it.starts_with(&start)),
                "{now}: {lost:?}"
            );
        }
        assert_eq!(lost.is_empty(), loses.is_empty(), "{now}: {lost:?}");
    }
}

/// CloudFormation makes names of the stack, the logical id and some letters.
#[test]
fn a_principal_with_a_name_that_cloudformation_made_is_known_by_its_stack() {
    let mut inventory = example();
    let groups = inventory["iam"]["groups"].as_array_mut().unwrap();
    groups.push(json!({
        "name": "shop-prod-Callers-1ABCDEFGHIJK2", "arn": "arn:aws:iam::111122223333:group/shop-prod-Callers-1ABCDEFGHIJK2",
        "inline": [], "attached": [],
    }));
    let iam = format!(
        "  Callers: {{Type: 'AWS::IAM::Group', Properties: {{Policies: [{{PolicyName: read, PolicyDocument: {GRANT}}}]}}}}\n"
    );
    let text = template(Some("PetStore"), &iam);
    let run = over(
        &inventory,
        "template.yaml",
        &text,
        &["--stack", "shop-prod"],
    );
    assert_eq!(
        access(&run.report()),
        ["gained group shop-prod-Callers-1ABCDEFGHIJK2: NONE → ALL: GET /pets"]
    );
    // Without it, the group counts as a new one.
    let document = over(&inventory, "template.yaml", &text, &[]).report();
    assert_eq!(
        access(&document),
        ["gained group Callers (new): NONE → ALL: GET /pets"]
    );
    let assumed = said(&document, "assumptions");
    assert!(
        assumed
            .iter()
            .any(|it| it.contains("its logical id stands for it")),
        "{assumed:?}"
    );
}

/// A table for a comment on a pull request.
#[test]
fn what_changes_is_a_table_in_markdown() {
    let iam = format!(
        "  Read: {{Type: 'AWS::IAM::GroupPolicy', Properties: {{GroupName: typists, PolicyName: read, PolicyDocument: {GRANT}}}}}\n"
    );
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    put("<b>@team.yaml", &template(Some("PetStore"), &iam));
    let run = shell.run(&[
        "check",
        "<b>@team.yaml",
        "--with",
        "inventory.json",
        "--format",
        "markdown",
    ]);
    assert!(
        run.stdout
            .contains("| change | where | before | after |\n|---|---|---|---|\n"),
        "{}",
        run.stdout
    );
    let row = "| **gained access** | group typists: GET /pets, PetStore \\(a1b2c3d4e5\\), stage prod, eu-west-1 | NONE | ALL |";
    assert!(run.stdout.contains(row), "{}", run.stdout);
    assert!(
        !run.stdout.contains("<b>") && !run.stdout.contains("@team"),
        "{}",
        run.stdout
    );
}

/// What the policy file demands of groups is asked of the account as it will be.
#[test]
fn demands_on_groups_are_answered_for_the_account_as_it_will_be() {
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    put(
        "gatewatch.yaml",
        "version: 1\ngroups:\n  - name: typists\n    inline: [read]\n  - name: nobody\n    inline: [read]\n",
    );
    let iam = format!(
        "  Read: {{Type: 'AWS::IAM::GroupPolicy', Properties: {{GroupName: typists, PolicyName: read, PolicyDocument: {GRANT}}}}}\n"
    );
    put("template.yaml", &template(Some("PetStore"), &iam));
    let run = shell.run(&[
        "check",
        "template.yaml",
        "--with",
        "inventory.json",
        "--format",
        "json",
    ]);
    let document = run.report();
    // That of the group which is not there stays.
    let gone = document["findings"].as_array().unwrap().iter();
    let gone = gone.filter(|it| it["rule"] == "missing-group-policy" && it["after"].is_null());
    assert_eq!(gone.count(), 1, "{document}");
}

#[test]
fn what_is_no_call_of_this_kind_is_refused() {
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    let mut two = example();
    two["scope"]["regions"] = json!(["eu-west-1", "eu-central-1"]);
    put("two.json", &two.to_string());
    put("template.yaml", &template(Some("PetStore"), ""));
    for (arguments, says) in [
        (&["--with", "two.json"][..], "give --region"),
        (
            &["--with", "inventory.json", "--region", "cn-north-1"],
            "is of partition aws-cn",
        ),
        (
            &["--with", "inventory.json", "--api", "Api=zzzzzzzzzz"],
            "no API with this id",
        ),
        (
            &["--with", "inventory.json", "--api", "Apy=a1b2c3d4e5"],
            "they have Api",
        ),
        (
            &["--with", "inventory.json", "--format", "sarif"],
            "as table, markdown or json",
        ),
        (&["--with", "template.yaml"], "cannot be checked"),
        (
            &["--with", "inventory.json", "--was", "inventory.json"],
            "is an inventory",
        ),
        (&["--stack", "shop"], "--with"),
        (
            &["--with", "inventory.json", "--baseline", "x.json"],
            "cannot be used with",
        ),
    ] {
        let run = shell.run(&[&["check", "template.yaml"], arguments].concat());
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
    let run = shell.run(&[
        "check",
        "template.yaml",
        "--with",
        "two.json",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    // For people.
    for format in ["table", "markdown"] {
        let run = shell.run(&[
            "check",
            "template.yaml",
            "--with",
            "inventory.json",
            "--format",
            format,
            "-o",
            "out",
        ]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        let text = fs::read_to_string(shell.folder().join("out")).unwrap();
        assert!(
            text.contains("template.yaml against account 111122223333"),
            "{text}"
        );
        assert!(text.contains("nothing changed"), "{text}");
        assert!(
            text.contains("findings that stay as they are (1)"),
            "{text}"
        );
    }
}
