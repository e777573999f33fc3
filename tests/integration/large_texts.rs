//! Texts that are too large to be in memory as a whole, on their way to S3 and back.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use gatewatch::aws::client::Clients;
use gatewatch::aws::store::{Memory as _, Store, StoreError};
use serde_json::json;

use crate::support::testbed::{ACCOUNT, REGION, Testbed};

const KEY: &str = "ledger/111122223333/eu-west-1.json";

async fn store(endpoint: &str) -> Store {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(ACCOUNT, "fake", None, None, "test"))
        .load()
        .await;
    Store::open("s3://large/state".parse().unwrap(), &Clients::new(config))
}

/// Three megabytes that say where in them one is.
fn large(word: &str) -> String {
    (0..200_000)
        .map(|line| format!("{word} {line}\n"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_text_is_written_whole_or_not_at_all_and_read_as_it_was() {
    let mut aws = Testbed::start();
    let region = json!({"LocationConstraint": REGION});
    let bucket = json!({"Bucket": "large", "CreateBucketConfiguration": region});
    aws.call("s3", "create_bucket", bucket);
    let mut faults = aws.behind_faults();
    let store = store(faults.endpoint()).await;
    let read = async || store.read(KEY).await.unwrap().unwrap();

    // All of it is sent again where the first attempt fails.
    let refused = json!({"error": {"code": "SlowDown", "status": 503}});
    let mut rule = json!({"service": "s3", "times": 1});
    rule.as_object_mut()
        .unwrap()
        .extend(refused.as_object().unwrap().clone());
    faults.set(&[rule], 1);
    let first = large("first");
    let tag = store.write(KEY, &first, None).await.unwrap();
    assert_eq!(faults.set(&[], 1), [1]);
    let kept = read().await;
    assert_eq!(kept.tag, tag);
    assert!(kept.text().unwrap() == first);

    let second = large("second");
    let latest = store.write(KEY, &second, Some(&tag)).await.unwrap();
    for stale in [None, Some(&tag)] {
        let refused = store.write(KEY, &large("third"), stale).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
    }
    let kept = read().await;
    assert_eq!(kept.tag, latest);
    assert!(kept.text().unwrap() == second);

    // S3 has what was sent, and nothing of the form in which it was.
    let object = json!({"Bucket": "large", "Key": format!("state/{KEY}")});
    let object = aws.call("s3", "get_object", object);
    assert!(object["Body"] == second);
}
