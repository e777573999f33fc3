//! Each kind of mistake, and patterns that are near and right, or were written for something else.

use serde_json::json;

use super::*;
use crate::iam::pattern::template::Template;

const API: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5";

fn codes_in(version: &str, requests: &Template, pattern: &str) -> Vec<&'static str> {
    let policy = Policy::from_value(&json!({"Version": version, "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": pattern},
        {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": pattern},
        {"Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": pattern},
        {"Effect": "Allow", "Action": "execute-api:Invoke", "NotResource": pattern},
    ]}))
    .unwrap();
    let aim = Aim {
        requests,
        stage: "prod",
        api_name: "PetStore",
        base_paths: &["", "shop", "v1/shop"],
    };
    let near = near_misses(&policy, aim);
    assert!(near.len() <= 1, "{near:?}");
    let mistakes = near.iter().inspect(|it| assert_eq!(it.statement, 0));
    mistakes
        .flat_map(|it| &it.mistakes)
        .map(Mistake::code)
        .collect()
}

fn codes(verbs: &[&str], path: &str, pattern: &str) -> Vec<&'static str> {
    let place = ["aws", "eu-west-1", "111122223333"];
    let requests = Template::of_method(place, ["a1b2c3d4e5", "prod"], verbs, path);
    codes_in("2012-10-17", &requests, pattern)
}

fn of_pet(last: &str) -> Vec<&'static str> {
    codes(&["GET"], "/pets/{petId}", &format!("{API}{last}"))
}

#[test]
fn each_mistake_is_named() {
    for (last, expected) in [
        ("", "ends-early"),
        ("/", "ends-early"),
        ("/prod", "ends-early"),
        ("/prod/", "ends-early"),
        ("/prod/GET", "ends-early"),
        ("/*/GET", "ends-early"),
        ("/GET/pets/*", "no-stage"),
        ("//GET/pets/*", "no-stage"),
        ("/GET/pets/42", "no-stage"),
        ("/prod/get/pets/*", "verb-case"),
        ("/*/Get/pets/*", "verb-case"),
        ("/prod/ANY/pets/*", "verb-any"),
        ("/prod/any/*", "verb-any"),
        ("/prod/pets/*", "no-verb"),
        ("/prod/GET/pets/*/", "trailing-slash"),
        ("/prod/GET/pets/?/", "trailing-slash"),
        ("/prod/GET//pets/*", "double-slash"),
        ("/prod/GET/pets//?", "double-slash"),
        ("/prod/GET/shop/pets/*", "base-path"),
        ("/prod/*/v1/shop/pets/*", "base-path"),
        ("/dev/GET/pets/*", "other-stage"),
        ("/$default/*", "other-stage"),
        ("/prod/GET/pets/{petId}", "braces"),
        ("/prod/GET/pets/{id+}", "braces"),
    ] {
        assert_eq!(of_pet(last), [expected], "{last}");
    }
}

#[test]
fn each_part_before_the_last_is_named() {
    for (pattern, expected) in [
        (
            "arn:aws-cn:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*",
            "other-partition",
        ),
        (
            "arn:aws:apigateway:eu-west-1:111122223333:a1b2c3d4e5/*",
            "other-service",
        ),
        (
            "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*",
            "other-region",
        ),
        ("arn:aws:execute-api:us-*:111122223333:*", "other-region"),
        (
            "arn:aws:execute-api::111122223333:a1b2c3d4e5/*",
            "other-region",
        ),
        (
            "arn:aws:execute-api:eu-west-1::a1b2c3d4e5/*",
            "empty-account",
        ),
        (
            "arn:aws:execute-api:eu-west-1:444455556666:a1b2c3d4e5/*",
            "other-account",
        ),
        (
            "arn:aws:execute-api:eu-west-1:111122223333:PetStore/*",
            "api-name",
        ),
        (
            "arn:aws:execute-api:eu-west-1:111122223333:PetStore/prod/GET/pets/*",
            "api-name",
        ),
    ] {
        assert_eq!(
            codes(&["GET"], "/pets/{petId}", pattern),
            [expected],
            "{pattern}"
        );
    }
}

#[test]
fn two_mistakes_of_one_pattern_are_both_named() {
    for (pattern, expected) in [
        (
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/get/pets/*",
            ["no-stage", "verb-case"],
        ),
        (
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/GET/pets/{petId}/",
            ["no-stage", "trailing-slash"],
        ),
        (
            "arn:aws:execute-api:eu-west-1::a1b2c3d4e5",
            ["empty-account", "ends-early"],
        ),
        (
            "arn:aws:execute-api::444455556666:a1b2c3d4e5/*",
            ["other-region", "other-account"],
        ),
    ] {
        assert_eq!(
            codes(&["GET"], "/pets/{petId}", pattern),
            expected,
            "{pattern}"
        );
    }
}

#[test]
fn what_is_right_or_was_written_for_something_else_gets_no_hint() {
    for last in [
        // Right, or right for some requests of the method.
        "/*",
        "/prod/*",
        "/prod/GET/*",
        "/*/GET/pets/*",
        "/prod/GET/pets/42",
        "/prod/GET/pets/4?",
        "/prod/GET/pets/${aws:username}",
        // Other methods, right or wrong in the same way.
        "/prod/POST/pets/*",
        "/prod/GET/orders/*",
        "/prod/GET/orders/{orderId}",
        "/prod/get/orders/*",
        "/POST/pets/*",
        "/dev/POST/pets/*",
        "/GET/orders",
        "/prod/GET/shopping/pets/*",
        "/prod/GET/pets",
        "/prod/GET/pets/",
        "/prod/GET/pets/42/photos/",
        "/prod/orders/*",
        // What nobody can tell.
        "/prod/GET/pets/{petId",
        "x",
        "x/GET/pets/*",
    ] {
        assert!(of_pet(last).is_empty(), "{last}: {:?}", of_pet(last));
    }
    for pattern in [
        "*",
        "arn:aws:execute-api:*",
        "arn:aws:execute-api:us-east-1:111122223333:b1b2c3d4e5/*",
        "arn:aws:execute-api:eu-west-1::b1b2c3d4e5/*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:execute-api:eu-west-1:111122223333:PetStores/*",
        "a1b2c3d4e5/prod/GET/pets/*",
        "",
    ] {
        let found = codes(&["GET"], "/pets/{petId}", pattern);
        assert!(found.is_empty(), "{pattern}: {found:?}");
    }
}

/// `GET` is a fine name of a stage, `get` and `pets` too.
#[test]
fn a_stage_that_is_called_like_a_verb_is_a_stage() {
    let place = ["aws", "eu-west-1", "111122223333"];
    for stage in ["GET", "get"] {
        let requests = Template::of_method(place, ["a1b2c3d4e5", stage], &["GET"], "/pets");
        let aim = Aim {
            requests: &requests,
            stage,
            api_name: "PetStore",
            base_paths: &[],
        };
        let found = |last: &str| {
            let mistakes = mistakes(&format!("{API}{last}"), Version::V2012, aim);
            mistakes.map(|it| it.iter().map(Mistake::code).collect::<Vec<_>>())
        };
        assert_eq!(found(&format!("/{stage}/GET/pets")), None);
        assert_eq!(
            found(&format!("/{stage}/GET/pets/")),
            Some(vec!["trailing-slash"])
        );
        assert_eq!(found(&format!("/{stage}/pets")), Some(vec!["no-verb"]));
    }
}

#[test]
fn a_greedy_path_the_root_and_any_are_told_apart() {
    let verbs = Template::VERBS;
    assert_eq!(
        codes(&verbs, "/{proxy+}", &format!("{API}/GET/x")),
        ["no-stage"]
    );
    // That is a request of the greedy path.
    assert!(codes(&verbs, "/{proxy+}", &format!("{API}/prod/GET/x/")).is_empty());
    assert_eq!(
        codes(&["GET"], "/", &format!("{API}/prod/GET")),
        ["ends-early"]
    );
    assert!(codes(&["GET"], "/", &format!("{API}/prod/GET/")).is_empty());
    assert_eq!(
        codes(&["GET"], "/", &format!("{API}/prod/GET/shop")),
        ["base-path"]
    );
}

#[test]
fn a_route_that_opens_connections_has_no_verb_to_miss() {
    let place = ["aws", "eu-west-1", "111122223333"];
    let requests = Template::of_route(place, ["a1b2c3d4e5", "prod"], "$connect");
    for (last, expected) in [
        ("/$connect", vec!["no-stage"]),
        ("", vec!["ends-early"]),
        ("/prod", vec!["ends-early"]),
        ("/dev/$connect", vec!["other-stage"]),
        ("/prod/$connect/", vec![]),
        ("/prod/GET/x", vec![]),
        ("/prod/$disconnect", vec![]),
        ("/prod/$connect", vec![]),
    ] {
        let found = codes_in("2012-10-17", &requests, &format!("{API}{last}"));
        assert_eq!(found, expected, "{last}");
    }
}

#[test]
fn a_variable_is_text_in_the_older_version() {
    let place = ["aws", "eu-west-1", "111122223333"];
    let requests = Template::of_method(place, ["a1b2c3d4e5", "prod"], &["GET"], "/users/{name}");
    let pattern = format!("{API}/prod/GET/users/${{aws:username}}");
    assert_eq!(
        codes_in("2008-10-17", &requests, &pattern),
        ["variable-is-text"]
    );
    assert!(codes_in("2012-10-17", &requests, &pattern).is_empty());
}

/// Policies are written by anybody, and each question has its bound.
#[test]
fn a_pattern_that_takes_much_work_gets_no_hint() {
    let pattern = format!("{API}/prod/get/{}/", "*a?b{x}/".repeat(500));
    assert!(codes(&["GET"], "/{proxy+}", &pattern).is_empty());
}
