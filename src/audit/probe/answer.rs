//! What came back of a request, as far as it is kept.

use sha2::{Digest, Sha256};

use crate::inventory::Reason;

/// So many bytes of a body are read, at most. The answers of API Gateway itself have fewer than a hundredth of that.
pub const MOST_OF_A_BODY: usize = 64 * 1024;

/// An answer as it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// The HTTP status.
    pub status: u16,
    /// The header `x-amzn-ErrorType`.
    pub error_type: Option<String>,
    /// Whether there is a header that API Gateway gives each answer: `x-amzn-RequestId` or `apigw-requestid`.
    pub has_request_id: bool,
    /// Whether there is the header `x-amzn-waf-action`: WAF answers, with a challenge or a puzzle, whatever the status.
    pub is_of_waf: bool,
    /// The body as it was sent, which may be compressed, up to [`MOST_OF_A_BODY`].
    pub body: Vec<u8>,
    /// Whether there was more of the body, or its end did not come in time.
    pub is_cut: bool,
}

/// An answer as it is kept: nothing of its body but a hash, and which of API Gateway's own sentences it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The type of the error, without a namespace: letters and digits.
    pub error_type: Option<String>,
    /// Whether it bears a request id of API Gateway.
    pub has_request_id: bool,
    /// Whether WAF answered in place of the method.
    pub is_of_waf: bool,
    /// How many bytes of the body were read.
    pub body_bytes: usize,
    /// Whether there were more.
    pub is_cut: bool,
    /// SHA-256 of the bytes that were read, in hexadecimal digits.
    pub body_sha256: String,
    pub(super) sentence: Option<Sentence>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered(Answer),
    /// It was not, or not in time.
    Failed {
        /// Why, for programs.
        reason: Reason,
        /// Why, for people.
        message: String,
    },
}

/// A sentence that API Gateway answers with, as the member `message` or `Message` of a JSON object.
///
/// Source: [gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sentence {
    MissingToken,
    AnonymousRefused,
    CallerRefused,
    RefusedByAuthorizer,
    Unauthorized,
    Forbidden,
    NotFound,
    TooMany,
    IntegrationTimedOut,
    MissingParameters,
    Unavailable,
}

impl From<Heard> for Answer {
    fn from(heard: Heard) -> Self {
        let digest = Sha256::digest(&heard.body);
        Answer {
            status: heard.status,
            error_type: heard.error_type.as_deref().and_then(bare),
            has_request_id: heard.has_request_id,
            is_of_waf: heard.is_of_waf,
            body_bytes: heard.body.len(),
            is_cut: heard.is_cut,
            body_sha256: digest.iter().map(|it| format!("{it:02x}")).collect(),
            sentence: Sentence::of_body(&heard.body),
        }
    }
}

/// The type of an error without the namespace before it and the address after it. `None`: it is no name.
fn bare(header: &str) -> Option<String> {
    let name = header.split(':').next().unwrap_or(header);
    let name = name.rsplit('#').next().unwrap_or(name).trim();
    let is_name =
        (1..=64).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_alphanumeric());
    is_name.then(|| name.to_owned())
}

impl Sentence {
    /// What a whole body says, where it says nothing else.
    fn of_body(body: &[u8]) -> Option<Self> {
        let read: serde_json::Value = serde_json::from_slice(body).ok()?;
        let object = read.as_object()?;
        let said = object.get("message").or_else(|| object.get("Message"))?;
        Sentence::of(said.as_str()?).filter(|_| object.len() == 1)
    }

    fn of(said: &str) -> Option<Self> {
        Some(match said {
            "Missing Authentication Token" => Sentence::MissingToken,
            "Unauthorized" => Sentence::Unauthorized,
            "Forbidden" => Sentence::Forbidden,
            "Not Found" => Sentence::NotFound,
            "Too Many Requests" | "Limit Exceeded" | "Rate exceeded" => Sentence::TooMany,
            "Endpoint request timed out"
            | "Network error communicating with endpoint"
            | "Gateway Timeout" => Sentence::IntegrationTimedOut,
            "Service Unavailable" => Sentence::Unavailable,
            _ if said.starts_with("User: anonymous is not authorized") => {
                Sentence::AnonymousRefused
            }
            _ if said.starts_with("User: ") && said.contains("execute-api:Invoke") => {
                Sentence::CallerRefused
            }
            _ if said.starts_with("User is not authorized to access this resource") => {
                Sentence::RefusedByAuthorizer
            }
            _ if said.starts_with("Missing required request parameters") => {
                Sentence::MissingParameters
            }
            _ => return None,
        })
    }
}
