//! Whom a resource policy names and does not let in: by a network that no request comes from, by the ARN of a session, by
//! another partition.

use gatewatch::audit::access::Estate;
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use serde_json::{Value, json};

use crate::other_accounts::{answers, inventory, table};

const ROLE: &str = "arn:aws:iam::999988887777:role/partner";
const SESSION: &str = "arn:aws:sts::999988887777:assumed-role/partner/*";

fn allowed(principal: &Value, condition: &Value) -> Value {
    json!([{"Effect": "Allow", "Principal": principal, "Condition": condition}])
}

/// What may be called of a private API.
fn at_private(statements: &Value) -> Vec<String> {
    let mut inventory = inventory("aws", statements);
    inventory["apis"][0]["endpoint_types"] = json!(["PRIVATE"]);
    let inventory = Inventory::from_json(&inventory.to_string()).unwrap();
    let estate = Estate::new(&inventory).unwrap();
    let rows = estate.matrix(estate.outside()).into_iter();
    let words = rows.map(|(holder, cells)| {
        for (method, cell) in estate.methods().iter().zip(&cells) {
            let decided = estate.decide(holder, method).access;
            assert_eq!(
                (cell.verdict, cell.conditional),
                (decided.verdict, decided.conditional)
            );
        }
        let star = if cells[0].conditional { "*" } else { "" };
        format!("{}: {}{star}", holder.in_words(), cells[0].verdict.as_str())
    });
    words.collect()
}

#[test]
fn a_network_that_no_request_comes_from_lets_no_account_in() {
    let account = json!({"AWS": "999988887777"});
    let all = ["account 999988887777: ALL* ALL*"];
    let none = ["account 999988887777: NONE NONE"];
    for (condition, expected) in [
        (
            json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            all,
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}}),
            all,
        ),
        (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}), all),
        (
            json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.1.1"]}}),
            none,
        ),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), none),
        (json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}), none),
        (
            json!({"StringEquals": {"aws:VpceAccount": "999988887777"}}),
            none,
        ),
        (
            json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
            none,
        ),
    ] {
        assert_eq!(
            answers(&allowed(&account, &condition)),
            expected,
            "{condition}"
        );
    }
    let certain = ["account 999988887777: ALL ALL"];
    for condition in [
        json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    ] {
        assert_eq!(
            answers(&allowed(&account, &condition)),
            certain,
            "{condition}"
        );
    }
    // Requests to a private API come through an endpoint.
    let endpoint = allowed(
        &account,
        &json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
    );
    assert_eq!(at_private(&endpoint), ["account 999988887777: ALL*"]);
    let private = allowed(
        &account,
        &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    );
    assert_eq!(at_private(&private), ["account 999988887777: ALL*"]);
    let said = table(
        &allowed(
            &account,
            &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        ),
        &[],
    );
    assert!(
        said.contains(
            "kept out by the resource policy of Orders: `Statement[0]`: it lets nobody in: no request from the internet \
             has a private address as its `aws:SourceIp`"
        ),
        "{said}"
    );
}

#[test]
fn the_arn_of_a_session_lets_nobody_in() {
    let everybody = json!("*");
    for operator in ["ArnLike", "StringLike", "StringEquals"] {
        let statements = allowed(
            &everybody,
            &json!({operator: {"aws:PrincipalArn": SESSION}}),
        );
        assert_eq!(answers(&statements), Vec::<String>::new(), "{operator}");
        let said = table(&statements, &[]);
        let why = "`aws:PrincipalArn` of a session is the ARN of its role";
        assert!(said.contains(why), "{said}");
    }
    // As a principal, it is a session.
    let principal = json!([{"Effect": "Allow", "Principal": {"AWS": SESSION.replace('*', "ci")}}]);
    assert_eq!(
        answers(&principal),
        ["account 999988887777 (assumed-role/partner/ci): ALL ALL"]
    );
    let both = allowed(
        &everybody,
        &json!({"ArnLike": {"aws:PrincipalArn": [SESSION, ROLE]}}),
    );
    assert_eq!(
        answers(&both),
        ["account 999988887777 (role/partner): ALL ALL"]
    );
}

#[test]
fn a_principal_of_another_partition_is_no_caller() {
    let there = [
        "arn:aws-cn:iam::999988887777:root",
        "arn:aws-us-gov:iam::999988887777:role/r",
    ];
    for arn in there {
        let statements = json!([{"Effect": "Allow", "Principal": {"AWS": [arn, ROLE]}}]);
        assert_eq!(
            answers(&statements),
            ["account 999988887777 (role/partner): ALL ALL"],
            "{arn}"
        );
        let said = table(&statements, &[]);
        let why = format!("`Statement[0]`: `{arn}` is of the partition ");
        assert!(said.contains(&why), "{said}");
        let condition = json!({"ArnEquals": {"aws:PrincipalArn": arn}});
        assert_eq!(
            answers(&allowed(&json!("*"), &condition)),
            Vec::<String>::new()
        );
    }
    // Who is spared by a Deny is denied all the same.
    let spared = json!([
        {"Effect": "Allow", "Principal": {"AWS": "999988887777"}},
        {"Effect": "Deny", "NotPrincipal": {"AWS": there[0]}},
    ]);
    assert_eq!(answers(&spared), ["account 999988887777: NONE NONE"]);
}

#[test]
fn a_blank_beside_a_name_or_an_id_is_a_mistake() {
    for key in ["accounts", "organizations", "users", "groups", "roles"] {
        let name = match key {
            "accounts" => "999988887777",
            "organizations" => "o-a1b2c3d4e5",
            _ => "bob",
        };
        for blank in [format!("{name} "), format!(" {name}"), format!("{name}\\t")] {
            let text = format!("version: 1\ninvokers:\n  - {key}: [\"{blank}\"]\n");
            let mistakes = PolicyFile::from_yaml("p.yaml", &text)
                .unwrap_err()
                .to_string();
            let says = format!("a name or id begins or ends with a blank: write `{name}`");
            assert!(
                mistakes.contains(&says) && mistakes.starts_with("p.yaml:3:"),
                "{mistakes}"
            );
        }
    }
    let exemption = "version: 1\nexemptions:\n  - {rule: unlisted-invoker, principal: 'bob ', severity: medium, reason: r, \
                     owner: o, expires: 2026-07-01}\n";
    let mistakes = PolicyFile::from_yaml("p.yaml", exemption)
        .unwrap_err()
        .to_string();
    assert!(mistakes.contains("write `bob`"), "{mistakes}");
}
