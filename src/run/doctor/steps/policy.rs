//! Whether the policy file is in order.

use super::grants::{Grant, is_refusal, refused};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::store::object_parts;
use crate::render::{Check, plural};
use crate::run::doctor::facts::{Facts, PolicyFacts};
use crate::run::doctor::trouble::Trouble;

const NAME: &str = "policy-file";

pub(super) fn check(facts: &Facts) -> Check {
    match &facts.policy {
        PolicyFacts::Defaults => Check::ok(
            NAME,
            "there is none: every method must be authorized, nothing is demanded of groups",
        ),
        PolicyFacts::NotAsked { from } => not_asked(NAME).about(from),
        PolicyFacts::Sound {
            from,
            requirements,
            groups,
            exemptions,
            owners,
        } => {
            let owners = match owners.len() {
                0 => String::new(),
                count => format!(", {} of owners", plural(count, "topic")),
            };
            Check::ok(
                NAME,
                format!(
                    "{}, {}, {}{owners}",
                    plural(*requirements, "requirement"),
                    plural(*groups, "group"),
                    plural(*exemptions, "exemption")
                ),
            )
        }
        .about(from),
        PolicyFacts::Mistaken {
            from,
            mistakes,
            text,
        } => {
            let message = format!("{}\n{}", plural(*mistakes, "mistake"), text.trim_end());
            let check = Check::failed(NAME, message).about(from);
            match put(from) {
                Some(put) => check
                    .advise("mend what each line says, and put the object again")
                    .by(put),
                None => check.advise("mend what each line says"),
            }
        }
        PolicyFacts::Unreadable {
            from,
            trouble,
            is_missing,
        } => unreadable(from, trouble, *is_missing, facts),
    }
}

fn unreadable(from: &str, trouble: &Trouble, is_missing: bool, facts: &Facts) -> Check {
    let check = Check::failed(NAME, &trouble.message).about(from);
    let Some((bucket, key)) = object_parts(from) else {
        return check.advise("is its name right, and may it be read?");
    };
    if is_missing {
        return check
            .advise("is the address mistyped? If not, put the file there")
            .by(put(from));
    }
    if is_refusal(trouble.reason, &trouble.message) {
        let grant = Grant::PolicyFile {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        };
        return refused(check, &trouble.message, &grant, facts);
    }
    check
        .advise(
            "is the address right, and the bucket in the Region of the configuration? This asks for it",
        )
        .by(command(&[
            "aws",
            "s3api",
            "head-object",
            "--bucket",
            bucket,
            "--key",
            key,
        ]))
}

/// The command that puts the policy file where it is read. `None`: it is no object.
fn put(from: &str) -> Option<String> {
    let (bucket, key) = object_parts(from)?;
    let words = [
        "aws",
        "s3api",
        "put-object",
        "--bucket",
        bucket,
        "--key",
        key,
        "--body",
        "gatewatch.yaml",
    ];
    Some(command(&words))
}
