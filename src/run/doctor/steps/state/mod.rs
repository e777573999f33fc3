//! Whether what is remembered can be kept, and when everything was last read.

mod last_scan;
mod troubled;

use self::last_scan::last_scan;
use self::troubled::troubled;
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::store::{StorePlace, object_parts};
use crate::render::Check;
use crate::run::doctor::facts::{Facts, FolderFacts, Found, LedgerTrouble, Probe, StateFacts};
use crate::run::doctor::trouble::Trouble;

const LIST: &str = "state-list";
const READ: &str = "state-read";
const WRITE: &str = "state-write";
const LEDGER: &str = "ledger";
const FOLDERS: &str = "state-folders";

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(state) = &facts.state else {
        return Vec::new();
    };
    let about = |check: Check| check.about(state.place.to_string());
    let checks = match &state.found {
        None => [LIST, READ, WRITE, FOLDERS, LEDGER, last_scan::NAME]
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
                None => not_asked(last_scan::NAME),
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
