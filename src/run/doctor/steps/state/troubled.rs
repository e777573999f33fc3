//! What is the matter with a place, and what mends it.

use crate::audit::finding::command;
use crate::aws::store::StorePlace;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, StateFacts};
use crate::run::doctor::steps::grants::{Grant, is_refusal, refused};
use crate::run::doctor::trouble::Trouble;

/// A step that could not be taken, with what mends it.
pub(super) fn troubled(
    name: &'static str,
    trouble: &Trouble,
    state: &StateFacts,
    facts: &Facts,
) -> Check {
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
