//! How a method checks its caller.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Text;

/// A method's authorization type, in AWS's own spelling.
///
/// Source: `authorizationType` of [Method](https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html)
/// and `AuthorizationType` of the [HTTP API's Route](https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html).
///
/// ```
/// use gatewatch::inventory::AuthorizationType;
///
/// let read = |text: &str| AuthorizationType::from(text);
/// assert_eq!(read("AWS_IAM"), AuthorizationType::AwsIam);
/// // Nothing that is not `NONE` is taken for it.
/// assert_eq!(read("none"), AuthorizationType::Other("none".into()));
/// assert_eq!(read("MTLS").to_string(), "MTLS");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationType {
    /// `NONE`: the method asks for nothing.
    None,
    /// `AWS_IAM`: the request must be signed, and IAM must allow it.
    AwsIam,
    /// `CUSTOM`: a Lambda authorizer decides.
    Custom,
    /// `COGNITO_USER_POOLS`: a token of a Cognito user pool.
    CognitoUserPools,
    /// `JWT`: a token of an OpenID Connect issuer (HTTP APIs).
    Jwt,
    /// A type that this version does not know. It is reported as it came, and never taken for NONE.
    Other(Text),
}

impl AuthorizationType {
    /// The types that AWS documents, in the order used in messages.
    pub const KNOWN: [AuthorizationType; 5] = [
        AuthorizationType::AwsIam,
        AuthorizationType::Custom,
        AuthorizationType::CognitoUserPools,
        AuthorizationType::Jwt,
        AuthorizationType::None,
    ];

    /// AWS's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            AuthorizationType::None => "NONE",
            AuthorizationType::AwsIam => "AWS_IAM",
            AuthorizationType::Custom => "CUSTOM",
            AuthorizationType::CognitoUserPools => "COGNITO_USER_POOLS",
            AuthorizationType::Jwt => "JWT",
            AuthorizationType::Other(other) => other,
        }
    }
}

fn known(text: &str) -> Option<AuthorizationType> {
    let mut all = AuthorizationType::KNOWN.into_iter();
    all.find(|known| known.as_str() == text)
}

impl From<Text> for AuthorizationType {
    fn from(text: Text) -> Self {
        known(&text).unwrap_or(AuthorizationType::Other(text))
    }
}

impl From<&str> for AuthorizationType {
    fn from(text: &str) -> Self {
        known(text).unwrap_or_else(|| AuthorizationType::Other(text.into()))
    }
}

impl From<String> for AuthorizationType {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl Serialize for AuthorizationType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AuthorizationType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Display for AuthorizationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
