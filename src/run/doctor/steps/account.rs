//! Whose account it is, and which Regions it has.

use super::grants::{Grant, is_refusal, refused};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::inventory::{KNOWN_REGIONS, Reason, unknown_region};
use crate::render::Check;
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::{Facts, RegionFacts};

const IDENTITY: &str = "identity";
const REGIONS: &str = "regions";

pub(super) fn identity(facts: &Facts) -> Check {
    match &facts.identity {
        Ok(identity) => Check::ok(
            IDENTITY,
            format!(
                "account {} as {}, partition {}",
                identity.account, identity.arn, identity.partition
            ),
        ),
        Err(failure) => nobody(failure, facts),
    }
}

fn nobody(failure: &Failure, facts: &Facts) -> Check {
    let check = Check::failed(IDENTITY, failure.to_string());
    if let Front::Function(_) = &facts.front {
        return check
            .advise("the function's own credentials are not taken: can it reach AWS STS, and is its role there?");
    }
    let asks_the_same = || {
        command(&[
            "aws",
            "sts",
            "get-caller-identity",
            "--region",
            &facts.region,
        ])
    };
    match failure.reason {
        _ if failure.is_expired_session() => check
            .advise("the session has expired: log in again (with IAM Identity Center as below), or set new keys")
            .by(command(&["aws", "sso", "login"])),
        Reason::NoCredentials => check
            .advise("there are no credentials: set AWS_PROFILE, give --profile, or set them up")
            .by(command(&["aws", "configure"])),
        Reason::Unreachable | Reason::Timeout => check
            .advise(
                "AWS STS cannot be reached: is the Region's name right, and does the network (proxy, firewall, VPC \
                 endpoint) let it be reached? This asks the same",
            )
            .by(asks_the_same()),
        Reason::AccessDenied => check
            .advise("the keys are wrong, deactivated or deleted, or the Region is not enabled: set others")
            .by(command(&["aws", "configure"])),
        _ => check
            .advise("try again; this asks the same")
            .by(asks_the_same()),
    }
}

pub(super) fn regions(facts: &Facts) -> Vec<Check> {
    let Some(account) = &facts.account else {
        return vec![not_asked(REGIONS)];
    };
    let regions = &account.regions;
    if let Some(trouble) = &regions.trouble {
        return vec![unlisted(regions, facts, &trouble.message, trouble.reason)];
    }
    let mut checks = Vec::new();
    if !regions.tried.is_empty() {
        checks.push(Check::ok(REGIONS, regions.tried.join(", ")));
    }
    checks.extend(regions.disabled.iter().map(|it| disabled(it)));
    if checks.is_empty() {
        checks.push(Check::failed(REGIONS, "every Region is left out").advise("leave fewer out"));
    }
    checks
}

/// The enabled Regions could not be listed. Where they are named, only that they are enabled is not known.
fn unlisted(regions: &RegionFacts, facts: &Facts, message: &str, reason: Option<Reason>) -> Check {
    if regions.all && is_refusal(reason, message) {
        let check = Check::failed(REGIONS, message);
        return refused(check, message, &Grant::Regions, facts);
    }
    let named = regions.tried.join(", ");
    Check::unknown(
        REGIONS,
        format!("which Regions are enabled could not be listed: {message}"),
    )
    .advise(format!("the answer should have {named}"))
    .by(command(&LIST))
}

/// Lists the Regions that an account has enabled.
const LIST: [&str; 9] = [
    "aws",
    "account",
    "list-regions",
    "--region-opt-status-contains",
    "ENABLED",
    "ENABLED_BY_DEFAULT",
    "DISABLING",
    "--query",
    "Regions[].RegionName",
];

/// A step about a Region that the account has not enabled.
pub(super) fn disabled(region: &str) -> Check {
    let check = Check::failed(REGIONS, "the account has not enabled this Region").about(region);
    if KNOWN_REGIONS.binary_search(&region).is_err() {
        let hint = unknown_region(region).unwrap_or_default();
        return check
            .advise(format!("{hint} Those that the account has"))
            .by(command(&LIST));
    }
    check
        .advise(
            "leave it out; or, where it is meant to be used, enable it, which takes some minutes",
        )
        .by(command(&[
            "aws",
            "account",
            "enable-region",
            "--region-name",
            region,
        ]))
}
