//! The message of a run, from one finding to fifty thousand.

use gatewatch::audit::Report;
use gatewatch::inventory::{
    Api, ApiKind, AuthorizationType, DeployedMethod, Deployment, Gap, GapKind, Iam, Inventory,
    Reason, SCHEMA_VERSION, Scope, Stage,
};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{LIMIT, Notice};
use jiff::civil::date;
use serde_json::Value;

/// An account with this many open GET methods and as many gaps as asked for.
fn report(findings: usize, gaps: usize) -> Report {
    let methods = (0..findings).map(|number| DeployedMethod {
        verb: if number == findings / 2 {
            "POST"
        } else {
            "GET"
        }
        .into(),
        path: format!("/a/rather/long/path/as/they/are/in/real/life/{number:06}").into(),
        route_key: None,
        authorization: Some(AuthorizationType::None),
        api_key_required: false,
        integration: None,
    });
    let api = Api {
        region: "eu-west-1".to_owned(),
        id: "a1b2c3d4e5".to_owned(),
        name: "Zoö \"the\" PetStore".to_owned(),
        kind: ApiKind::Rest,
        tags: Default::default(),
        endpoint_types: vec!["REGIONAL".to_owned()],
        default_endpoint_disabled: false,
        resource_policy: None,
        stages: Some(vec![Stage {
            name: "prod".to_owned(),
            deployment_id: Some("dep111".to_owned()),
            auto_deploy: false,
            auto_deploy_failed: false,
            canary: None,
            updated_at: None,
            tags: Default::default(),
        }]),
        cors: false,
        authorizers: Vec::new(),
        deployments: vec![Deployment {
            id: "dep111".to_owned(),
            created_at: None,
            source: Default::default(),
            methods: Some(methods.collect()),
        }],
        draft: Some(Vec::new()),
    };
    let inventory = Inventory {
        schema_version: SCHEMA_VERSION,
        account: "111122223333".to_owned(),
        partition: "aws".to_owned(),
        taken_at: "2026-06-15T06:00:00Z".parse().unwrap(),
        scope: Scope {
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
            apis: Vec::new(),
            template: None,
            without_drafts: false,
            excluded_regions: Vec::new(),
        },
        apis: if findings > 0 { vec![api] } else { Vec::new() },
        domains: Some(Vec::new()),
        iam: Some(Iam::default()),
        gaps: (0..gaps).map(gap).collect(),
    };
    Report::new(&inventory, &PolicyFile::default(), date(2026, 6, 15))
}

fn gap(number: usize) -> Gap {
    Gap {
        kind: GapKind::Draft,
        region: Some("eu-west-1".to_owned()),
        api: Some(format!("{number:010}")),
        stage: None,
        subject: None,
        operation: Some("apigateway:GetResources".to_owned()),
        reason: Reason::Throttled,
        message: "apigateway:GetResources failed: Too Many Requests".to_owned(),
    }
}

fn parts(notice: &Notice) -> (Value, String) {
    let message: Value = serde_json::from_str(&notice.message).unwrap();
    let default = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
    (default, message["email"].as_str().unwrap().to_owned())
}

fn attribute(notice: &Notice, name: &str) -> String {
    let mut attributes = notice.attributes.iter();
    attributes
        .find(|attribute| attribute.name == name)
        .unwrap()
        .value
        .clone()
}

#[test]
fn every_size_stays_within_the_limit_and_says_what_is_left_out() {
    for (findings, gaps) in [
        (0, 0),
        (1, 0),
        (10, 3),
        (1_000, 0),
        (2_000, 2_000),
        (50_000, 0),
        (0, 50_000),
    ] {
        let report = report(findings, gaps);
        let notice = Notice::of(&report, LIMIT);
        assert!(notice.weight() <= LIMIT, "{findings}: {}", notice.weight());
        let (json, email) = parts(&notice);
        let length = |list: &Value| list.as_array().unwrap().len();
        let left =
            |list: &str| usize::try_from(json["left_out"][list].as_u64().unwrap_or(0)).unwrap();
        assert_eq!(length(&json["findings"]), notice.listed);
        assert_eq!(length(&json["findings"]) + left("findings"), findings);
        assert_eq!(length(&json["coverage"]["gaps"]) + left("gaps"), gaps);
        assert_eq!(json["counts"]["total"], findings);
        if findings > notice.listed {
            assert!(email.contains("left out here for size"), "{findings}");
            // It is not left out for nothing: one more would not have fitted.
            assert!(
                notice.weight() > LIMIT - 4_096,
                "{findings}: {}",
                notice.weight()
            );
        }
    }
}

#[test]
fn the_worst_finding_is_never_left_out() {
    let (json, email) = parts(&Notice::of(&report(50_000, 0), LIMIT));
    assert_eq!(json["findings"][0]["severity"], "critical");
    assert!(email.contains("1. CRITICAL open-method"), "{email}");
}

#[test]
fn a_smaller_limit_is_kept_too() {
    for limit in [4_000, 10_000, 65_536] {
        let notice = Notice::of(&report(300, 20), limit);
        assert!(notice.weight() <= limit, "{limit}: {}", notice.weight());
    }
}

#[test]
fn the_subject_is_short_ascii_on_one_line() {
    for (findings, gaps) in [(0, 0), (1, 0), (50_000, 0), (50_000, 50_000)] {
        let subject = Notice::of(&report(findings, gaps), LIMIT).subject;
        assert!(subject.len() <= 99, "{subject}");
        assert!(
            subject.chars().all(|letter| (' '..='~').contains(&letter)),
            "{subject}"
        );
        assert!(subject.contains("111122223333"), "{subject}");
    }
}

#[test]
fn the_attributes_tell_what_a_subscription_filters_by() {
    let clean = Notice::of(&report(0, 0), LIMIT);
    let wanted = [
        "schema_version",
        "event_type",
        "severity",
        "account_id",
        "region",
        "status",
    ];
    assert_eq!(
        clean
            .attributes
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>(),
        wanted
    );
    assert_eq!(attribute(&clean, "severity"), "none");
    assert_eq!(attribute(&clean, "status"), "clean");
    assert_eq!(attribute(&clean, "region"), r#"["eu-west-1","us-east-1"]"#);
    let open = Notice::of(&report(2, 0), LIMIT);
    assert_eq!(attribute(&open, "severity"), "critical");
    assert_eq!(attribute(&open, "status"), "findings");
    let unread = Notice::of(&report(0, 1), LIMIT);
    assert_eq!(attribute(&unread, "status"), "incomplete");
    let (json, email) = parts(&unread);
    assert_eq!(json["coverage"]["complete"], false);
    assert!(email.starts_with("INCOMPLETE"), "{email}");
}
