//! Units of organizations whom resource policies let in: callers of their own, and never the organization.

use serde_json::{Value, json};

use crate::other_accounts::{answers, unlisted};

const UNIT: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111";

fn paths(operator: &str, path: &str) -> Value {
    json!({operator: {"aws:PrincipalOrgPaths": path}})
}

fn of_unit(condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Condition": condition})
}

#[test]
fn a_unit_is_a_caller_of_its_own() {
    let (like, equal) = ("ForAnyValue:StringLike", "ForAnyValue:StringEquals");
    let both = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        like: {"aws:PrincipalOrgPaths": format!("{UNIT}/*")}});
    for (condition, expected) in [
        (
            paths(like, &format!("{UNIT}/*")),
            format!("organization {UNIT}: ALL ALL"),
        ),
        (
            paths(equal, &format!("{UNIT}/")),
            format!("organization {UNIT}: ALL* ALL*"),
        ),
        (
            paths(like, &format!("{UNIT}/ou-*")),
            format!("organization {UNIT}: ALL* ALL*"),
        ),
        // An organization has one root.
        (
            paths(like, "o-a1b2c3d4e5/r-ab12/*"),
            "organization o-a1b2c3d4e5: ALL* ALL*".to_owned(),
        ),
        (
            paths(like, "${aws:ResourceOrgID}/r-ab12/ou-ab12-11111111/*"),
            "organization ${aws:ResourceOrgID}/r-ab12/ou-ab12-11111111: ALL ALL".to_owned(),
        ),
        // Who is in the organization and not in the unit gets in nowhere.
        (both, format!("organization {UNIT}: ALL ALL")),
    ] {
        assert_eq!(
            answers(&json!([of_unit(condition.clone())])),
            [expected],
            "{condition}"
        );
    }
}

#[test]
fn a_deny_of_a_unit_leaves_the_organization_in_and_one_that_spares_it_does_not() {
    let of_all = of_unit(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}));
    let deny = |operator: &str| {
        let mut deny = of_unit(paths(operator, &format!("{UNIT}/*")));
        deny["Effect"] = "Deny".into();
        json!([of_all, deny])
    };
    assert_eq!(
        answers(&deny("ForAnyValue:StringLike")),
        [
            "organization o-a1b2c3d4e5: ALL ALL",
            &format!("organization {UNIT}: NONE NONE")
        ]
    );
    assert_eq!(
        answers(&deny("ForAllValues:StringNotLike")),
        [
            "organization o-a1b2c3d4e5: NONE NONE",
            &format!("organization {UNIT}: ALL ALL")
        ]
    );
}

#[test]
fn a_listed_unit_lists_what_is_in_it_and_never_its_organization() {
    let like = "ForAnyValue:StringLike";
    let unit = of_unit(paths(like, &format!("{UNIT}/*")));
    let organization = of_unit(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}));
    let count = |entry: &str, statements: &Value| {
        let (findings, warnings) = unlisted(
            &format!("invokers: [{{organizations: '{entry}'}}]"),
            statements,
        );
        (findings.len(), warnings.len())
    };
    for entry in [
        UNIT,
        "o-a1b2c3d4e5",
        "o-a1b2c3d4e5/r-ab12",
        "o-a1b2c3d4e5/*",
        "o-*",
    ] {
        assert_eq!(count(entry, &json!([unit])), (0, 0), "{entry}");
    }
    for entry in [format!("{UNIT}/*"), format!("{UNIT}/")] {
        assert_eq!(count(&entry, &json!([unit])), (0, 0), "{entry}");
    }
    for entry in [
        "o-f6f6f6f6f6",
        &format!("{UNIT}/ou-ab12-22222222"),
        "o-a1b2c3d4e5/r-ab12/ou-ab12-1",
    ] {
        assert_eq!(count(entry, &json!([unit])), (1, 1), "{entry}");
    }
    // The whole organization is let in, too: the unit in the list does not stand for it.
    assert_eq!(count(UNIT, &json!([unit, organization])), (1, 0));
    assert_eq!(count("o-a1b2c3d4e5", &json!([unit, organization])), (0, 0));
    let (findings, _) = unlisted("invokers: [{groups: x}]", &json!([unit]));
    assert_eq!(
        findings,
        [
            "accounts of the organization's unit are not listed, and may call GET /x of `Orders` stage prod, POST /y/{id} of \
          `Orders` stage prod: resource policies let callers from there in"
        ]
    );
}

#[test]
fn an_entry_for_whom_a_policy_names_beside_somebody_else_says_who_is_let_in() {
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": "999988887777"}});
    let (_, warnings) = unlisted(
        "invokers: [{organizations: o-a1b2c3d4e5}]",
        &json!([of_unit(condition)]),
    );
    assert_eq!(
        warnings,
        [
            "this entry of `invokers` names the organization `o-a1b2c3d4e5`, which lists nobody: `Statement[0]` of the resource \
          policy of `Orders` names it, and lets in account 999988887777 alone, as all its conditions must hold"
        ]
    );
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": format!("{UNIT}/*")}});
    let (_, warnings) = unlisted(
        "invokers: [{organizations: 'o-a1b2c3d4e5'}]",
        &json!([of_unit(condition)]),
    );
    assert_eq!(
        warnings,
        Vec::<String>::new(),
        "the organization lists its unit"
    );
}
