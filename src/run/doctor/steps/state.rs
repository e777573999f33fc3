//! Whether what is remembered can be kept, and when everything was last read.

use jiff::SignedDuration;

use super::grants::{Grant, is_refusal, refused};
use super::not_asked::not_asked;
use crate::audit::finding::{command, own_command};
use crate::aws::store::{StorePlace, object_parts};
use crate::inventory::Reason;
use crate::render::{Check, minute, plural};
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::{
    Facts, FolderFacts, Found, LastScan, LedgerTrouble, Probe, StateFacts,
};
use crate::run::doctor::trouble::Trouble;

const LIST: &str = "state-list";
const READ: &str = "state-read";
const WRITE: &str = "state-write";
const LEDGER: &str = "ledger";
const FOLDERS: &str = "state-folders";
const SCAN: &str = "last-scan";

/// How far two clocks may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(state) = &facts.state else {
        return Vec::new();
    };
    let about = |check: Check| check.about(state.place.to_string());
    let checks = match &state.found {
        None => [LIST, READ, WRITE, FOLDERS, LEDGER, SCAN]
            .map(not_asked)
            .to_vec(),
        Some(Found::NoDirectory) => no_directory(state, facts),
        Some(Found::Tried {
            list,
            read,
            write,
            ledger: known,
            scan,
        }) => vec![
            done(LIST, "its keys can be listed", list, state, facts),
            done(
                READ,
                "the probe in `ledger/` can be read",
                read,
                state,
                facts,
            ),
            written(write.as_ref(), state, facts),
            folders(state, facts),
            match known {
                Some(known) => ledger(known, state),
                None => not_asked(LEDGER),
            },
            match scan {
                Some(scan) => last_scan(scan, state, facts),
                None => not_asked(SCAN),
            },
        ],
    };
    checks.into_iter().map(about).collect()
}

/// A scan would make it. A checkup does not: it may be mistyped.
fn no_directory(state: &StateFacts, facts: &Facts) -> Vec<Check> {
    let unknown = |name| {
        Check::unknown(name, "the directory is not there, and was not made")
            .advise("the first scan makes it; is its name right?")
    };
    let never = last_scan(&Ok(None), state, facts);
    vec![
        unknown(LIST),
        unknown(READ),
        unknown(WRITE),
        unknown(FOLDERS),
        unknown(LEDGER),
        never,
    ]
}

fn done(
    name: &'static str,
    works: &str,
    outcome: &Result<(), Trouble>,
    state: &StateFacts,
    facts: &Facts,
) -> Check {
    match outcome {
        Ok(()) => Check::ok(name, works),
        Err(trouble) => troubled(name, trouble, state, facts),
    }
}

fn troubled(name: &'static str, trouble: &Trouble, state: &StateFacts, facts: &Facts) -> Check {
    let check = Check::failed(name, &trouble.message);
    let StorePlace::S3 { bucket, prefix } = &state.place else {
        return check.advise(
            "may the directory and what is in it be read and written by whoever runs this?",
        );
    };
    match trouble.reason {
        Some(Reason::NotFound) => check
            .advise(
                "there is no such bucket: is its name mistyped? If not, make it, and switch its versions on \
                 (`put-bucket-versioning`): a damaged ledger is restored from an earlier one",
            )
            .by(create_bucket(bucket, &facts.home)),
        reason if is_refusal(reason, &trouble.message) => {
            let grant = Grant::State {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
            };
            refused(check, &trouble.message, &grant, facts)
        }
        _ => check
            .advise("is the bucket in the Region of the configuration, and can it be reached? This asks for it")
            .by(command(&["aws", "s3api", "head-bucket", "--bucket", bucket])),
    }
}

/// Only us-east-1 makes a bucket without being told where.
///
/// Source: [CreateBucket](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html).
fn create_bucket(bucket: &str, region: &str) -> String {
    let mut words = vec!["aws", "s3api", "create-bucket", "--bucket", bucket];
    words.extend(["--region", region]);
    let location = format!("LocationConstraint={region}");
    if region != "us-east-1" {
        words.extend(["--create-bucket-configuration", &location]);
    }
    command(&words)
}

fn written(outcome: Option<&Result<Probe, Trouble>>, state: &StateFacts, facts: &Facts) -> Check {
    match outcome {
        None => Check::unknown(WRITE, "it was not tried, as it could not be read")
            .advise("mend the step state-read, and call `gatewatch doctor` again"),
        Some(Err(trouble)) => troubled(WRITE, trouble, state, facts),
        Some(Ok(Probe::Sound)) => Check::ok(
            WRITE,
            "the probe in `ledger/` can be written, and a write that does not know the last state is refused",
        ),
        Some(Ok(Probe::Unconditional)) => Check::failed(
            WRITE,
            "a write was taken that does not know the last state: two runs at once would lose what one of them found",
        )
        .advise("this store does not keep to conditions (If-None-Match, If-Match): use a bucket of Amazon S3, or a directory"),
        Some(Ok(Probe::Different)) => Check::failed(
            WRITE,
            "what was read back is not what was written",
        )
        .advise("does something else write there, or does the store answer with old states?"),
        Some(Ok(Probe::Busy)) => Check::unknown(WRITE, "another checkup wrote at the same time")
            .advise("call `gatewatch doctor` again"),
    }
}

/// What a run keeps beside its ledger. What mends one folder mends all.
fn folders(state: &StateFacts, facts: &Facts) -> Check {
    let kept = &state.folders;
    let names = |kept: &[&FolderFacts]| {
        let names = kept.iter().map(|it| format!("`{}/`", it.name));
        names.collect::<Vec<_>>().join(", ")
    };
    let failed: Vec<&FolderFacts> = kept.iter().filter(|it| it.usable.is_err()).collect();
    let Some(Err(trouble)) = failed.first().map(|it| &it.usable) else {
        let all: Vec<&FolderFacts> = kept.iter().collect();
        return Check::ok(FOLDERS, format!("probes can be written to {}", names(&all)));
    };
    let trouble = Trouble {
        reason: trouble.reason,
        message: format!("{}: {}", names(&failed), trouble.message),
    };
    troubled(FOLDERS, &trouble, state, facts)
}

fn ledger(known: &Result<(), LedgerTrouble>, state: &StateFacts) -> Check {
    let trouble = match known {
        Ok(()) => return Check::ok(LEDGER, "what it holds is understood"),
        Err(trouble) => trouble,
    };
    if !trouble.is_damaged {
        return Check::unknown(LEDGER, &trouble.message)
            .advise("mend the step state-read, and call `gatewatch doctor` again");
    }
    let check = Check::failed(LEDGER, &trouble.message);
    let address = trouble.address.as_deref();
    match (&state.place, address.and_then(object_parts)) {
        (StorePlace::S3 { .. }, Some((bucket, key))) => check
            .advise("restore an earlier version of it; these are there")
            .by(command(&[
                "aws",
                "s3api",
                "list-object-versions",
                "--bucket",
                bucket,
                "--prefix",
                key,
            ])),
        _ => check.advise("restore an earlier version of it, or set the clock right"),
    }
}

fn last_scan(scan: &Result<Option<LastScan>, Trouble>, state: &StateFacts, facts: &Facts) -> Check {
    let scan = match scan {
        Ok(scan) => scan,
        // A run reads it, too.
        Err(trouble) if is_refusal(trouble.reason, &trouble.message) => {
            return troubled(SCAN, trouble, state, facts);
        }
        Err(trouble) => {
            return Check::unknown(SCAN, &trouble.message)
                .advise("mend the step state-read, and call `gatewatch doctor` again");
        }
    };
    let leaves_out = facts.members.as_ref().is_some_and(|it| it.leaves_out_own);
    if leaves_out {
        return of_members(state);
    }
    let Some(scan) = scan else {
        let never = Check::failed(SCAN, "nothing is kept of a scan over everything");
        return run_one(never, state, facts);
    };
    let age = facts.now.duration_since(scan.at);
    if age < -CLOCKS_DIFFER {
        let message = format!("{}: in the future", minute(scan.at));
        return Check::failed(SCAN, message)
            .advise("a clock was wrong, here or where it was read, or what is kept of it was changed: set the clock right, and scan anew");
    }
    let message = format!("{} ({} ago)", minute(scan.at), in_words(age));
    if age > facts.max_age {
        let most = in_words(facts.max_age);
        let old = Check::failed(SCAN, format!("{message}: more than {most}"));
        return run_one(old, state, facts);
    }
    if !scan.lacks.is_empty() {
        let lacks = scan.lacks.join(", ");
        let narrow = Check::failed(SCAN, format!("{message}: it did not read {lacks}"));
        return run_one(narrow, state, facts);
    }
    match scan.gaps {
        0 => Check::ok(SCAN, message),
        gaps => incomplete(&format!("{message}: {}", plural(gaps, "gap")), state, facts),
    }
}

/// The last scan could not read everything. Whether that is so still is not known.
fn incomplete(message: &str, state: &StateFacts, facts: &Facts) -> Check {
    let check = Check::unknown(SCAN, message);
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
    let check = Check::unknown(SCAN, "this account is none of those that are read");
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
