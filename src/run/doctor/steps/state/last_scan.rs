//! The step about the last scan over everything.

use jiff::SignedDuration;

use super::troubled::troubled;
use crate::audit::finding::{command, own_command};
use crate::aws::store::StorePlace;
use crate::render::{Check, minute, plural};
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::{Facts, LastScan, StateFacts};
use crate::run::doctor::steps::grants::is_refusal;
use crate::run::doctor::trouble::Trouble;

pub(super) const NAME: &str = "last-scan";

/// How far two clocks may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// When everything was last read.
pub(super) fn last_scan(
    scan: &Result<Option<LastScan>, Trouble>,
    state: &StateFacts,
    facts: &Facts,
) -> Check {
    let scan = match scan {
        Ok(scan) => scan,
        // A run reads it, too.
        Err(trouble) if is_refusal(trouble.reason, &trouble.message) => {
            return troubled(NAME, trouble, state, facts);
        }
        Err(trouble) => {
            return Check::unknown(NAME, &trouble.message)
                .advise("mend the step state-read, and call `gatewatch doctor` again");
        }
    };
    let leaves_out = facts.members.as_ref().is_some_and(|it| it.leaves_out_own);
    if leaves_out {
        return of_members(state);
    }
    let Some(scan) = scan else {
        let never = Check::failed(NAME, "nothing is kept of a scan over everything");
        return run_one(never, state, facts);
    };
    let age = facts.now.duration_since(scan.at);
    if age < -CLOCKS_DIFFER {
        let message = format!("{}: in the future", minute(scan.at));
        return Check::failed(NAME, message)
            .advise("a clock was wrong, here or where it was read, or what is kept of it was changed: set the clock right, and scan anew");
    }
    let message = format!("{} ({} ago)", minute(scan.at), in_words(age));
    if age > facts.max_age {
        let most = in_words(facts.max_age);
        let old = Check::failed(NAME, format!("{message}: more than {most}"));
        return run_one(old, state, facts);
    }
    if !scan.lacks.is_empty() {
        let lacks = scan.lacks.join(", ");
        let narrow = Check::failed(NAME, format!("{message}: it did not read {lacks}"));
        return run_one(narrow, state, facts);
    }
    match scan.gaps {
        0 => Check::ok(NAME, message),
        gaps => incomplete(&format!("{message}: {}", plural(gaps, "gap")), state, facts),
    }
}

/// The last scan could not read everything. Whether that is so still is not known.
fn incomplete(message: &str, state: &StateFacts, facts: &Facts) -> Check {
    let check = Check::unknown(NAME, message);
    let account = facts.identity.as_ref().map(|it| it.account.as_str());
    let key = format!("reports/{}/latest.json", account.unwrap_or_default());
    let StorePlace::S3 { bucket, prefix } = &state.place else {
        return check.advise(format!(
            "`coverage.gaps` in {key} says what could not be read, and why"
        ));
    };
    let key = format!("{prefix}{key}");
    check
        .advise("`coverage.gaps` of the report says what could not be read, and why")
        .by(command(&[
            "aws",
            "s3api",
            "get-object",
            "--bucket",
            bucket,
            "--key",
            &key,
            "/dev/stdout",
        ]))
}

/// The runs over an organization leave this account out: when each of the others was read stands in the state.
fn of_members(state: &StateFacts) -> Check {
    let check = Check::unknown(NAME, "this account is none of those that are read");
    let StorePlace::S3 { bucket, prefix } = &state.place else {
        return check.advise("`inventory/` has a file for each account, as old as its last scan");
    };
    check
        .advise("the answer should have each account, with a time since the last run")
        .by(command(&[
            "aws",
            "s3api",
            "list-objects-v2",
            "--bucket",
            bucket,
            "--prefix",
            &format!("{prefix}inventory/"),
            "--query",
            "Contents[].[Key,LastModified]",
        ]))
}

/// How a scan over everything is run now.
fn run_one(check: Check, state: &StateFacts, facts: &Facts) -> Check {
    match (&facts.front, &facts.members) {
        (Front::Function(function), None) => check
            .advise("run it once, and see to its schedule if it should have run")
            .by(command(&[
                "aws",
                "lambda",
                "invoke",
                "--region",
                &facts.region,
                "--function-name",
                &function.name,
                "--invocation-type",
                "Event",
                "--cli-binary-format",
                "raw-in-base64-out",
                "--payload",
                "{}",
                "/dev/null",
            ])),
        (Front::Function(_), Some(_)) => check
            .advise(
                "start the state machine, whose ARN is the stack's output StateMachineArn, and see to its schedule if it \
                 should have run",
            )
            .by(command(&[
                "aws",
                "stepfunctions",
                "start-execution",
                "--region",
                &facts.region,
                "--state-machine-arn",
                "ARN",
            ])),
        (Front::CommandLine { .. }, _) => check
            .advise("run one (--publish also announces), and see to the schedule if one should have run")
            .by(scan_command(state, facts)),
    }
}

/// The scan of what a checkup on the command line was asked about.
fn scan_command(state: &StateFacts, facts: &Facts) -> String {
    let disabled = facts.account.iter().flat_map(|it| &it.regions.disabled);
    let disabled: Vec<&String> = disabled.collect();
    let named = facts.named.iter().filter(|it| !disabled.contains(it));
    let mut words = vec!["gatewatch", "scan"];
    words.extend(named.flat_map(|it| ["--region", it.as_str()]));
    if facts.named.is_empty() {
        words.push("--all-regions");
    }
    let place = state.place.to_string();
    words.extend(["--state", &place]);
    let Some(members) = &facts.members else {
        return own_command(&words);
    };
    if members.asked.organization {
        words.push("--organization");
    }
    let accounts = members.asked.named.join(",");
    if !accounts.is_empty() {
        words.extend(["--accounts", &accounts]);
    }
    let excluded = members.asked.excluded.iter();
    words.extend(excluded.flat_map(|it| ["--exclude-account", it.as_str()]));
    words.extend(["--role-name", &members.role]);
    if members.has_external_id {
        words.extend(["--external-id", "EXTERNAL_ID"]);
    }
    own_command(&words)
}

/// A time span in hours, or in days from two on.
fn in_words(span: SignedDuration) -> String {
    let hours = usize::try_from(span.as_hours()).unwrap_or(0);
    match hours {
        0 => "less than an hour".to_owned(),
        1..48 => plural(hours, "hour"),
        _ => plural(hours / 24, "day"),
    }
}
