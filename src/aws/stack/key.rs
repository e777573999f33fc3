//! The key that encrypts a topic.

use serde::Deserialize;
use serde_json::json;

use crate::aws::client::{Clients, Failure, Question, Service};

const KMS: Service = Service {
    id: "KMS",
    host: "kms",
    spoke_query: false,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataKey {
    ciphertext_blob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    #[serde(rename = "KeyId")]
    _key: String,
}

/// Does with a key what SNS does with it for whoever publishes: makes a data key, and decrypts it. Neither changes anything,
/// and nothing is encrypted with the data key, which is forgotten at once.
///
/// # Errors
/// Where one of the two is refused, or there is no such key.
///
/// Source: [key management of SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
pub async fn use_key(
    clients: &Clients,
    region: &str,
    key: &str,
    topic: &str,
) -> Result<(), Failure> {
    const GENERATE: &str = "kms:GenerateDataKey";
    const DECRYPT: &str = "kms:Decrypt";
    // A key's policy may ask for what SNS names here.
    let context = json!({"aws:sns:topicArn": topic});
    let question = Question::Json {
        target: "TrentService.GenerateDataKey",
        version: "1.1",
        body: json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context}),
    };
    let made = clients.ask::<DataKey>(KMS, region, GENERATE, question);
    let blob = made.await?.ciphertext_blob;
    let question = Question::Json {
        target: "TrentService.Decrypt",
        version: "1.1",
        body: json!({"CiphertextBlob": blob, "EncryptionContext": context}),
    };
    let decrypted = clients.ask::<Decrypted>(KMS, region, DECRYPT, question);
    decrypted.await.map(|_| ())
}
