//! Whether the key may be used that encrypts a topic: SNS uses it with the rights of whoever publishes.

use crate::audit::finding::command;
use crate::aws::client::{Failure, Identity};
use crate::iam::document::Arn;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, TopicFacts};
use crate::run::doctor::steps::grants::{Grant, granted, is_refusal, refused};
use crate::run::doctor::steps::not_asked::not_asked;

const NAME: &str = "topic-key";

/// `key`: its id, ARN or alias.
pub(super) fn check(known: &TopicFacts, key: &str, facts: &Facts) -> Check {
    match &known.key {
        None => not_asked(NAME),
        Some(Ok(())) => Check::ok(
            NAME,
            format!("with {key}, a data key was made and decrypted"),
        ),
        Some(Err(failure)) => failed(known, key, failure, facts),
    }
}

fn failed(known: &TopicFacts, key: &str, failure: &Failure, facts: &Facts) -> Check {
    let region = known.topic.region();
    let message = failure.to_string();
    let own = ["--region", region, "--key-id", key];
    let with_key = |operation: &str| {
        let mut words = vec!["aws", "kms", operation];
        words.extend(own);
        command(&words)
    };
    let check = Check::failed(NAME, message.as_str());
    if is_refusal(Some(failure.reason), &message) {
        return denied(check, known, key, failure, facts);
    }
    if failure.message.starts_with("DisabledException") {
        return check
            .advise("the key is disabled: enable it")
            .by(with_key("enable-key"));
    }
    if failure.message.contains("pending deletion") {
        return check
            .advise("the key is about to be deleted: keep it, and enable it again (`aws kms enable-key`)")
            .by(with_key("cancel-key-deletion"));
    }
    if failure.reason == Reason::NotFound {
        return check
            .advise("there is no such key: give the topic another one; the keys that are there")
            .by(command(&["aws", "kms", "list-aliases", "--region", region]));
    }
    Check::unknown(NAME, message)
        .advise("the answer should be `Enabled`")
        .by(with_key("describe-key"))
}

/// The key may not be used. A policy of the principal's own mends that, where the key's policy leaves it to IAM.
fn denied(check: Check, known: &TopicFacts, key: &str, failure: &Failure, facts: &Facts) -> Check {
    let Ok(identity) = &facts.identity else {
        return check;
    };
    let arn = arn_of(known.topic.region(), key, identity);
    let (Some(arn), true) = (arn, failure.message.contains("kms:")) else {
        return check.advise(
            "allow kms:GenerateDataKey and kms:Decrypt on the key, by a policy of this principal or by the key's own",
        );
    };
    let grant = Grant::Key(arn);
    // A key's policy may let a principal in through SNS alone, and refuse it here.
    let also = "where the key's policy lets whoever publishes in through SNS alone (kms:ViaService), a run may work all the \
                same";
    let check =
        if failure.message.contains("because no ") || failure.message.contains("explicit deny") {
            refused(check, &failure.message, &grant, facts)
        } else {
            granted(check, &grant, identity, facts)
        };
    let advice = check.advice.clone().unwrap_or_default();
    check.advise(format!("{advice}; {also}"))
}

/// The key's ARN. `None`: it goes by an alias, which no policy takes for the key.
fn arn_of(region: &str, key: &str, identity: &Identity) -> Option<String> {
    if Arn::read(key).is_some() {
        return (!key.contains(":alias/")).then(|| key.to_owned());
    }
    let (partition, account) = (&identity.partition, &identity.account);
    (!key.starts_with("alias/"))
        .then(|| format!("arn:{partition}:kms:{region}:{account}:key/{key}"))
}
