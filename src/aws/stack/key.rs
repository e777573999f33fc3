//! The key that encrypts a topic.

use serde::Deserialize;
use serde_json::{Value, json};

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
    /// The key's ARN.
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    #[serde(rename = "KeyId")]
    _key: String,
}

/// Does with a key what SNS does with it for whoever publishes: makes a data key, and decrypts it. Neither changes anything,
/// and nothing is encrypted with the data key, which is forgotten at once. Gives the key's ARN.
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
) -> Result<String, Failure> {
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
    let made = made.await?;
    let question = Question::Json {
        target: "TrentService.Decrypt",
        version: "1.1",
        body: json!({"CiphertextBlob": made.ciphertext_blob, "EncryptionContext": context}),
    };
    let decrypted = clients.ask::<Decrypted>(KMS, region, DECRYPT, question);
    decrypted.await.map(|_| made.key_id)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyPolicy {
    policy: String,
}

/// Asks for the policy of a key, by the key's ARN.
///
/// # Errors
/// Where it may not be read, or is no JSON.
///
/// Source: [GetKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html).
pub async fn key_policy(clients: &Clients, region: &str, key: &str) -> Result<Value, Failure> {
    const OPERATION: &str = "kms:GetKeyPolicy";
    let question = Question::Json {
        target: "TrentService.GetKeyPolicy",
        version: "1.1",
        body: json!({"KeyId": key, "PolicyName": "default"}),
    };
    let answer = clients.ask::<KeyPolicy>(KMS, region, OPERATION, question);
    let policy = answer.await?.policy;
    serde_json::from_str(&policy).map_err(|error| Failure::malformed(OPERATION, error.to_string()))
}
