//! Where the authorization type of each kind of method comes from.

use super::*;

#[test]
fn a_type_that_is_not_told_is_inferred_alike_by_all() {
    let untold = [("GET", "/x", "-")];
    for (drafted, kind, found) in [
        (
            &[("ANY", "/x", "AWS_IAM")][..],
            "AWS_IAM*",
            "uncallable-method",
        ),
        (&[("ANY", "/x", "NONE")], "NONE*", "open-method"),
        (&[("ANY", "/x", "CUSTOM")], "CUSTOM*", ""),
        (&[("GET", "/x", "AWS_IAM")], "AWS_IAM*", "uncallable-method"),
        // The method's own draft is nearer than that of the path's ANY.
        (
            &[("ANY", "/x", "NONE"), ("GET", "/x", "AWS_IAM")],
            "AWS_IAM*",
            "uncallable-method",
        ),
        (
            &[("ANY", "/x", "AWS_IAM"), ("GET", "/x", "NONE")],
            "NONE*",
            "open-method",
        ),
    ] {
        let inventory = rest(&untold, drafted);
        assert!(
            callable(&inventory).contains(&format!("GET /x: {kind}")),
            "{drafted:?}"
        );
        assert_eq!(unknown(&inventory), [""; 0], "{drafted:?}");
        let fired = fired(&inventory);
        let of = fired.iter().filter(|it| it.ends_with("GET /x"));
        let expected = if found.is_empty() {
            Vec::new()
        } else {
            vec![format!("{found}: GET /x")]
        };
        assert_eq!(of.cloned().collect::<Vec<_>>(), expected, "{drafted:?}");
    }
}

#[test]
fn a_type_that_nothing_tells_is_a_gap_and_never_none() {
    for (deployed, drafted) in [
        (("GET", "/x", "-"), &[][..]),
        (("GET", "/x", "-"), &[("POST", "/x", "NONE")]),
        (("GET", "/x", "-"), &[("GET", "/x", "-")]),
        // The draft has the method and does not tell its type: that of its ANY is another method's.
        (
            ("GET", "/x", "-"),
            &[("ANY", "/x", "AWS_IAM"), ("GET", "/x", "-")],
        ),
        (("GET", "/x", "-"), &[("ANY", "/{proxy+}", "NONE")]),
        (
            ("ANY", "/x", "-"),
            &[("GET", "/x", "NONE"), ("POST", "/x", "AWS_IAM")],
        ),
    ] {
        let inventory = rest(&[deployed], drafted);
        let name = format!("{} {}", deployed.0, deployed.1);
        assert_eq!(
            unknown(&inventory),
            std::slice::from_ref(&name),
            "{drafted:?}"
        );
        let of = callable(&inventory)
            .into_iter()
            .filter(|it| it.starts_with(&name));
        assert_eq!(of.collect::<Vec<_>>(), [format!("{name}: ")], "{drafted:?}");
        let fired = fired(&inventory);
        assert!(
            !fired.contains(&format!("open-method: {name}")),
            "{fired:?}"
        );
    }
}

#[test]
fn what_a_canary_serves_in_place_of_any_counts() {
    let own = deployment("REST", "d", "summary", Some(&[("ANY", "/x", "AWS_IAM")]));
    let canary = deployment("REST", "c", "summary", Some(&[("GET", "/x", "NONE")]));
    let inventory = inventory(api("REST", &[own, canary], draft("REST", &[])));
    // Nine of ten GET requests are answered by the stage's ANY.
    assert_eq!(
        callable(&inventory),
        ["ANY /x: AWS_IAM", "GET /x: NONE or AWS_IAM"]
    );
    assert!(fired(&inventory).contains(&"open-canary: GET /x".to_owned()));
}

#[test]
fn the_types_of_a_canary_are_inferred_alike() {
    let own = deployment("REST", "d", "summary", Some(&[("GET", "/x", "AWS_IAM")]));
    let canary = deployment(
        "REST",
        "c",
        "summary",
        Some(&[("GET", "/x", "-"), ("PUT", "/y", "-")]),
    );
    let inventory = inventory(api(
        "REST",
        &[own, canary],
        draft("REST", &[("ANY", "/x", "NONE")]),
    ));
    assert_eq!(
        callable(&inventory),
        ["GET /x: NONE or AWS_IAM*", "PUT /y: "]
    );
    assert!(fired(&inventory).contains(&"open-canary: GET /x".to_owned()));
    assert_eq!(unknown(&inventory), ["PUT /y"]);
}

#[test]
fn routes_of_http_apis_are_inferred_by_where_they_were_read() {
    let http = |source, deployed: &[Method], drafted: &[Method]| {
        let deployment = deployment("HTTP", "d", source, Some(deployed));
        inventory(api("HTTP", &[deployment], draft("HTTP", drafted)))
    };
    let default = [("ANY", "$default", "-")];
    // An export says nothing of an open route: NONE in the draft says the same, another type may be undeployed.
    let open = http("export", &default, &[("ANY", "$default", "NONE")]);
    assert_eq!(callable(&open), ["$default: NONE*"]);
    assert_eq!(fired(&open), ["open-method: $default"]);
    let other = http("export", &default, &[("ANY", "$default", "JWT")]);
    assert_eq!(
        (callable(&other), unknown(&other)),
        (
            vec!["$default: ".to_owned()],
            vec!["ANY $default".to_owned()]
        )
    );
    // Another route of the draft says nothing of a route that is exported.
    let any = http("export", &[("GET", "/x", "-")], &[("ANY", "/x", "NONE")]);
    assert_eq!(
        (callable(&any), unknown(&any)),
        (vec!["GET /x: ".to_owned()], vec!["GET /x".to_owned()])
    );
    let routes = http("routes", &[("GET", "/x", "-")], &[("ANY", "/x", "AWS_IAM")]);
    assert_eq!(callable(&routes), ["GET /x: AWS_IAM*"]);
}

#[test]
fn of_a_websocket_api_the_connect_route_alone_is_served() {
    let connect = |kind| {
        let drafted = [("ANY", "$connect", kind), ("ANY", "sendmessage", "NONE")];
        let deployment = deployment("WEBSOCKET", "d", "summary", None);
        inventory(api(
            "WEBSOCKET",
            &[deployment],
            draft("WEBSOCKET", &drafted),
        ))
    };
    let open = connect("NONE");
    assert_eq!(callable(&open), ["$connect: NONE*"]);
    assert_eq!(fired(&open), ["open-connect: $connect"]);
    let closed = connect("AWS_IAM");
    assert_eq!(callable(&closed), ["$connect: AWS_IAM*"]);
    assert_eq!(fired(&closed), ["uncallable-method: $connect"]);
    let untold = connect("-");
    assert_eq!(unknown(&untold), ["ANY $connect"]);
}

#[test]
fn the_draft_stands_in_for_a_deployment_that_was_not_read() {
    let inventory = inventory(api("REST", &[], draft("REST", &[("GET", "/x", "NONE")])));
    assert_eq!(callable(&inventory), ["GET /x: NONE*"]);
    let fired = fired(&inventory);
    assert!(
        fired.contains(&"open-method: GET /x".to_owned()),
        "{fired:?}"
    );
    // It is a gap all the same.
    let evaluation = evaluated(&inventory);
    assert!(evaluation.gaps.iter().any(|it| it.kind == GapKind::Stage));
}
