//! Whether a trail logs the changes of the Region: EventBridge gets no other ones.

use serde_json::{Value, json};

use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::{Trail, Writes};
use crate::iam::document::Arn;
use crate::render::{Check, Light};
use crate::run::doctor::facts::Facts;
use crate::run::doctor::iam_region::iam_region;

pub(super) const NAME: &str = "stack-trail";

/// The most selectors of a trail, of the plain kind.
///
/// Source: [PutEventSelectors](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).
const SELECTORS: usize = 5;

/// `unused`: no rule of the stack waits for what a trail tells.
pub(super) fn check(trails: &Result<Vec<Trail>, Failure>, unused: bool, facts: &Facts) -> Check {
    let check = judged(trails, facts);
    if check.light != Light::Failed || !unused {
        return check;
    }
    Check::unknown(NAME, check.message)
        .advise("that matters only where changes are looked at within minutes, for which the stack has no rules")
        .by(command(&look(facts)))
}

fn judged(trails: &Result<Vec<Trail>, Failure>, facts: &Facts) -> Check {
    let look = look(facts);
    let expected = "the answer should have a trail; `aws cloudtrail get-event-selectors` says whether it logs write \
                    management events. Without one, changes are found by the schedule alone";
    let trails = match trails {
        Ok(trails) => trails,
        Err(failure) => return unread(NAME, failure, expected, &look),
    };
    let logs = |it: &&Trail| it.logs == Ok(true) && it.writes == Ok(Writes::Logged);
    let good: Vec<&Trail> = trails.iter().filter(logs).collect();
    if let Some(trail) = good.iter().find(|it| reaches_iam(it, facts)) {
        return Check::ok(NAME, format!("{} logs what changes something", trail.arn));
    }
    if let Some(trail) = good.first() {
        let message = format!(
            "{} logs the changes of this Region alone, and IAM's appear in another one",
            trail.arn
        );
        return Check::unknown(NAME, message)
            .advise(format!("with {}, {expected}", iam_home(facts)))
            .by(command(&look));
    }
    let untold = |it: &&Trail| {
        it.logs != Ok(false) && matches!(it.writes, Err(_) | Ok(Writes::Partly)) || it.logs.is_err()
    };
    if let Some(trail) = trails.iter().find(untold) {
        return unsure(trail, expected, &look);
    }
    let Some(trail) = (trails.iter()).max_by_key(|it| (is_own(it, facts), it.is_multi_region))
    else {
        return Check::failed(NAME, "no trail logs this Region, so that no change is told")
            .advise(
                "make one, with a bucket whose policy lets CloudTrail write to it (put its name in the place of BUCKET), \
                 and start it (`aws cloudtrail start-logging`)",
            )
            .by(command(&[
                "aws",
                "cloudtrail",
                "create-trail",
                "--region",
                &facts.region,
                "--name",
                "management-events",
                "--s3-bucket-name",
                "BUCKET",
                "--is-multi-region-trail",
            ]));
    };
    mended(trail, facts)
}

fn look(facts: &Facts) -> [&str; 7] {
    [
        "aws",
        "cloudtrail",
        "describe-trails",
        "--region",
        &facts.region,
        "--query",
        "trailList[].[Name,IsMultiRegionTrail,HomeRegion]",
    ]
}

/// Whether a trail also logs what happens in IAM.
fn reaches_iam(trail: &Trail, facts: &Facts) -> bool {
    trail.is_multi_region || iam_home(facts) == facts.region
}

fn iam_home(facts: &Facts) -> &str {
    let partition = facts.identity.as_ref().ok().map(|it| it.partition.as_str());
    partition.and_then(iam_region).unwrap_or_default()
}

fn is_own(trail: &Trail, facts: &Facts) -> bool {
    let account = facts.identity.as_ref().map(|it| it.account.as_str());
    Arn::read(&trail.arn).is_some_and(|it| Ok(it.account) == account)
}

fn unsure(trail: &Trail, expected: &str, look: &[&str]) -> Check {
    let arn = &trail.arn;
    let failure = trail.logs.as_ref().err().or(trail.writes.as_ref().err());
    let message = match failure {
        Some(failure) => {
            format!("whether {arn} logs what changes something could not be told: {failure}")
        }
        None => format!(
            "{arn} logs some of what changes something: its selectors say more than is understood here"
        ),
    };
    Check::unknown(NAME, message)
        .advise(expected)
        .by(command(look))
}

/// A trail that is there and does not log what changes something.
fn mended(trail: &Trail, facts: &Facts) -> Check {
    let arn = &trail.arn;
    let logs = trail.logs == Ok(true);
    let message = if logs {
        format!("{arn} does not log what changes something, so that no change is told")
    } else {
        format!("{arn} does not log at all, so that no change is told")
    };
    let check = Check::failed(NAME, message);
    if !is_own(trail, facts) {
        return check.advise(
            "it is another account's: it has to be mended there, or a trail of one's own be made",
        );
    }
    let home = Arn::read(arn).map_or(facts.region.as_str(), |it| it.region);
    if !logs {
        return check.advise("start it").by(command(&[
            "aws",
            "cloudtrail",
            "start-logging",
            "--region",
            home,
            "--name",
            arn,
        ]));
    }
    let advice = "let it log them, beside what it logs now; a second copy of management events costs, where another trail \
                  has one";
    match &trail.writes {
        Ok(Writes::No(member, selectors)) => match widened(member, selectors) {
            Some((option, all)) => check.advise(advice).by(command(&[
                "aws",
                "cloudtrail",
                "put-event-selectors",
                "--region",
                home,
                "--trail-name",
                arn,
                option,
                &all,
            ])),
            None => check.advise(
                "it has as many selectors as a trail may have: make one of them log write events",
            ),
        },
        _ => check.advise(advice),
    }
}

/// The selectors of a trail with one more, and the option that takes them. `None`: there is no room.
fn widened(member: &str, selectors: &[Value]) -> Option<(&'static str, String)> {
    let mut all = selectors.to_vec();
    if member == "AdvancedEventSelectors" {
        all.push(
            json!({"Name": "write management events", "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "readOnly", "Equals": ["false"]},
            ]}),
        );
        return Some(("--advanced-event-selectors", Value::Array(all).to_string()));
    }
    all.push(json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}));
    (all.len() <= SELECTORS).then(|| ("--event-selectors", Value::Array(all).to_string()))
}
