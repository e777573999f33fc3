//! Facts that no emulator shows.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::checkup;
use super::grants::{APIS, Grant};
use crate::aws::client::{Failure, Identity};
use crate::aws::collect::Tried;
use crate::aws::deliver::Subscribers;
use crate::inventory::Reason;
use crate::render::{Check, Light};
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::{
    AccountFacts, Facts, Found, LastScan, PolicyFacts, RegionFacts, StateFacts, TopicFacts,
};
use crate::run::doctor::trouble::Trouble;

/// An account in which these calls were tried, in two Regions.
pub(super) fn facts(arn: &str, tried: Vec<Tried>) -> Facts {
    let regions = ["eu-west-1", "me-south-1"].map(str::to_owned).to_vec();
    let mut account = AccountFacts {
        regions: RegionFacts {
            tried: regions.clone(),
            ..RegionFacts::default()
        },
        ..AccountFacts::default()
    };
    account.trial.tried = tried;
    Facts {
        now: "2026-06-15T06:00:00Z".parse().unwrap(),
        front: Front::CommandLine { profile: None },
        stack: None,
        destinations: Vec::new(),
        region: "eu-west-1".to_owned(),
        home: "eu-west-1".to_owned(),
        named: regions,
        identity: Ok(Identity {
            account: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            arn: arn.to_owned(),
        }),
        account: Some(account),
        policy: PolicyFacts::Defaults,
        state: None,
        max_age: SignedDuration::from_hours(48),
        topics: Vec::new(),
        members: None,
    }
}

fn tried(operation: &'static str, region: &str, outcome: Result<(), (Reason, &str)>) -> Tried {
    Tried {
        operation,
        region: Some(region.to_owned()),
        outcome: outcome.map_err(|(reason, message)| Failure {
            operation,
            reason,
            message: message.to_owned(),
        }),
    }
}

const REST: &str = "apigateway:GetRestApis";
pub(super) const ROLE: &str = "arn:aws:sts::111122223333:assumed-role/audit/alice";

fn rest(arn: &str, outcome: Result<(), (Reason, &str)>) -> Vec<Check> {
    let tried = vec![
        tried(REST, "eu-west-1", Ok(())),
        tried(REST, "me-south-1", outcome),
    ];
    let checks = checkup(&facts(arn, tried)).checks.into_iter();
    checks.filter(|it| it.name == "read-rest-apis").collect()
}

#[test]
fn each_kind_of_failure_has_its_own_remedy() {
    let denied =
        "AccessDeniedException: User is not authorized to perform: apigateway:GET on resource";
    for (outcome, light, command) in [
        (
            (Reason::AccessDenied, denied),
            Light::Failed,
            "aws iam put-role-policy --role-name audit --policy-name gatewatch-read-apis",
        ),
        (
            (
                Reason::AccessDenied,
                "UnrecognizedClientException: The security token is invalid",
            ),
            Light::Failed,
            "aws account enable-region --region-name me-south-1",
        ),
        (
            (Reason::Unreachable, "dispatch failure"),
            Light::Failed,
            "aws apigateway get-rest-apis --max-items 1 --region me-south-1",
        ),
        (
            (Reason::Throttled, "TooManyRequestsException"),
            Light::Unknown,
            "aws apigateway get-rest-apis --max-items 1 --region me-south-1",
        ),
        // No permission mends these.
        (
            (
                Reason::AccessDenied,
                "ExpiredTokenException: The security token included in the request is expired",
            ),
            Light::Unknown,
            "aws apigateway get-rest-apis --max-items 1 --region me-south-1",
        ),
        (
            (
                Reason::AccessDenied,
                "InvalidSignatureException: Signature expired",
            ),
            Light::Unknown,
            "aws apigateway get-rest-apis --max-items 1 --region me-south-1",
        ),
        (
            (Reason::ServiceError, "InternalFailure"),
            Light::Unknown,
            "aws apigateway get-rest-apis --max-items 1 --region me-south-1",
        ),
    ] {
        let checks = rest(ROLE, Err(outcome));
        // Where it was answered, it is said to be.
        assert_eq!(checks.len(), 2, "{checks:#?}");
        assert_eq!(checks[0].light, Light::Ok);
        assert!(checks[0].message.contains("in eu-west-1:"), "{checks:#?}");
        assert_eq!(checks[1].light, light, "{checks:#?}");
        assert!(checks[1].message.contains("me-south-1") || checks[1].subject.is_some());
        let printed = checks[1].command.as_deref().unwrap();
        assert!(printed.starts_with(command), "{printed}");
    }
}

#[test]
fn what_a_policy_cannot_mend_has_no_command() {
    let denied =
        "AccessDeniedException: User is not authorized to perform: apigateway:GET on resource: x";
    let explicit = format!("{denied} with an explicit deny in a service control policy");
    let boundary =
        format!("{denied} because no permissions boundary allows the apigateway:GET action");
    let key = "AccessDenied: User is not authorized to perform: kms:GenerateDataKey on resource: k";
    let set = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Audit_0123456789abcdef/alice";
    for (arn, message, said) in [
        (ROLE, explicit.as_str(), "denies it explicitly"),
        (ROLE, boundary.as_str(), "the policy that the message names"),
        (ROLE, key, "the key's policy"),
        (set, denied, "the permission set Audit"),
        (
            "arn:aws:iam::111122223333:root",
            denied,
            "service control policy",
        ),
    ] {
        let checks = rest(arn, Err((Reason::AccessDenied, message)));
        let check = checks.last().unwrap();
        assert_eq!(check.light, Light::Failed);
        assert_eq!(check.command, None, "{arn}");
        let advice = check.advice.as_deref().unwrap();
        assert!(advice.contains(said), "{advice}");
    }
}

#[test]
fn a_region_in_which_one_call_failed_is_not_in_order() {
    let denied = (Reason::AccessDenied, "AccessDeniedException: x");
    let details = |last: Result<(), (Reason, &str)>| {
        let calls = ["apigateway:GetStages", "apigateway:GetResources"];
        let mut all: Vec<Tried> = calls.map(|it| tried(it, "eu-west-1", Ok(()))).to_vec();
        all.push(tried("apigateway:GetDeployment", "eu-west-1", last));
        all.push(tried("apigateway:GetStages", "me-south-1", Ok(())));
        let checks = checkup(&facts(ROLE, all)).checks.into_iter();
        let checks = checks.filter(|it| it.name == "read-rest-details");
        checks.map(|it| (it.light, it.message)).collect::<Vec<_>>()
    };
    let all = "apigateway:GetStages, apigateway:GetDeployment, apigateway:GetResources in eu-west-1, me-south-1: answered";
    assert_eq!(details(Ok(())), [(Light::Ok, all.to_owned())]);
    let checks = details(Err(denied));
    let there = "apigateway:GetStages in me-south-1: answered";
    assert_eq!(checks[0], (Light::Ok, there.to_owned()));
    assert_eq!((checks.len(), checks[1].0), (2, Light::Failed));
}

#[test]
fn what_was_not_tried_is_never_in_order() {
    // A step that nobody took, whatever the reason.
    let nothing = checkup(&facts(ROLE, Vec::new()));
    let reads = nothing
        .checks
        .iter()
        .filter(|it| it.name.starts_with("read-"));
    let lights: Vec<Light> = reads.map(|it| it.light).collect();
    assert_eq!(lights, [Light::Unknown; 9]);
    // A list that was refused explains why the rest was not tried.
    let tried = vec![tried(REST, "eu-west-1", Err((Reason::Throttled, "x")))];
    let checkup = checkup(&facts(ROLE, tried));
    let details = checkup
        .checks
        .iter()
        .find(|it| it.name == "read-rest-details");
    let message = &details.unwrap().message;
    assert!(
        message.contains("GetRestApis was not answered everywhere"),
        "{message}"
    );
}

#[test]
fn the_grant_is_that_of_the_template() {
    for file in [
        include_str!("../../../../template.yaml"),
        include_str!("../../../../member-role.yaml"),
    ] {
        let read = "- !Sub arn:${AWS::Partition}:apigateway:*::";
        let paths = file.lines().filter_map(|it| it.trim().strip_prefix(read));
        assert_eq!(paths.collect::<Vec<_>>(), APIS);
    }
}

#[test]
fn every_command_names_the_profile_that_was_asked_for() {
    let denied = Err((
        Reason::AccessDenied,
        "AccessDeniedException: User is not authorized to perform: apigateway:GET on resource",
    ));
    let mut facts = facts(ROLE, vec![tried(REST, "eu-west-1", denied)]);
    facts.front = Front::CommandLine {
        profile: Some("the audit".to_owned()),
    };
    facts.topics = vec![TopicFacts {
        topic: "arn:aws:sns:eu-west-1:111122223333:alerts".parse().unwrap(),
        is_chat: false,
        asked: Some(Ok(Subscribers {
            confirmed: 1,
            pending: 0,
            key: None,
            policy: None,
        })),
        key: None,
        key_policy: None,
        may_publish: None,
    }];
    let checks = checkup(&facts).checks;
    let commands: Vec<&String> = checks.iter().filter_map(|it| it.command.as_ref()).collect();
    assert!(commands.len() > 1);
    for command in commands {
        assert!(command.ends_with(" --profile 'the audit'"), "{command}");
    }
    let publish = checks.iter().find(|it| it.name == "topic-publish").unwrap();
    let advice = publish.advice.as_deref().unwrap();
    let notify = "`gatewatch notify --test --publish arn:aws:sns:eu-west-1:111122223333:alerts --profile 'the audit'`";
    assert!(advice.contains(notify), "{advice}");
}

#[test]
fn a_scan_of_tomorrow_and_one_that_may_not_be_read_are_not_in_order() {
    let of = |scan: Result<Option<LastScan>, Trouble>| {
        let mut facts = facts(ROLE, Vec::new());
        facts.state = Some(StateFacts {
            place: "s3://findings/gatewatch/".parse().unwrap(),
            found: Some(Found::Tried {
                list: Ok(()),
                read: Ok(()),
                write: None,
                ledger: None,
                scan: Some(scan),
            }),
            folders: Vec::new(),
        });
        let checks = checkup(&facts).checks;
        checks
            .into_iter()
            .find(|it| it.name == "last-scan")
            .unwrap()
    };
    let at = |at: &str| {
        Ok(Some(LastScan {
            at: at.parse().unwrap(),
            gaps: 0,
            lacks: Vec::new(),
        }))
    };
    assert_eq!(of(at("2026-06-15T05:00:00Z")).light, Light::Ok);
    assert_eq!(of(at("2026-06-15T06:01:00Z")).light, Light::Ok);
    assert_eq!(of(at("2026-06-15T07:00:00Z")).light, Light::Failed);
    let refused = of(Err(Trouble {
        reason: Some(Reason::AccessDenied),
        message: "AccessDenied: not authorized to perform: s3:GetObject".to_owned(),
    }));
    assert_eq!(refused.light, Light::Failed);
    assert!(refused.command.unwrap().contains("put-role-policy"));
}

#[test]
fn no_two_grants_put_the_same_policy() {
    let state = |bucket: &str, prefix: &str| Grant::State {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    };
    let topic = |region| Grant::Topic(format!("arn:aws:sns:{region}:111122223333:alerts"));
    let grants = [
        state("findings", ""),
        state("findings", "a/"),
        state("others", ""),
        topic("eu-west-1"),
        topic("us-east-1"),
        Grant::Accounts,
        Grant::Evaluations,
        Grant::Key("arn:aws:kms:eu-west-1:111122223333:key/a".to_owned()),
        Grant::Key("arn:aws:kms:eu-west-1:111122223333:key/b".to_owned()),
    ];
    let names: BTreeSet<String> = grants.iter().map(Grant::policy_name).collect();
    assert_eq!(names.len(), grants.len());
}
