//! From the text that AWS returns to a JSON document.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::iam::document::resource_policy::{names_a_resource, principal_problem, problem};
use crate::iam::document::{Policy, json};

/// More bytes than this are no resource policy: API Gateway takes 8,192
/// ([quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html)),
/// which its escapes may double.
const LONGEST_RESOURCE_POLICY: usize = 65_536;

/// More statements than this do not fit into any policy that AWS takes: the largest has 10,240 bytes
/// without white space ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
const MOST_KEPT_STATEMENTS: usize = 1_000;

/// What is wrong with a JSON document that is no policy at all.
const NO_OBJECT: &str = "it is JSON, and no object";

/// A policy document as it was read: JSON, or a text that is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// A JSON object. Whether it is a sound policy is for [`Policy::from_value`] to say.
    Json(#[serde(deserialize_with = "json::unique")] Value),
    /// A text that does not parse. Its effect is unknown: neither "open" nor "closed".
    Unparsed {
        /// The text as it came.
        text: String,
        /// What is wrong with it.
        error: String,
    },
}

impl Document {
    /// What keeps the document from being read as a policy, if anything does.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Document::Json(json) if !json.is_object() => Some(NO_OBJECT),
            Document::Json(json) => {
                let statements = json.get("Statement").and_then(Value::as_array);
                let many = statements.is_some_and(|list| list.len() > MOST_KEPT_STATEMENTS);
                many.then_some("it has more statements than fit into a policy")
            }
            Document::Unparsed { error, .. } => Some(error),
        }
    }

    /// The same for a resource policy, which is looked at more closely.
    pub fn resource_policy_problem(&self) -> Option<&str> {
        let closer = || match self {
            Document::Json(json) => problem(json),
            Document::Unparsed { .. } => None,
        };
        self.problem().or_else(closer)
    }

    /// The same for the trust policy of a role, which says who may do what to the role alone.
    pub fn trust_policy_problem(&self) -> Option<&str> {
        let has_resource = || match self {
            Document::Json(json) => names_a_resource(json),
            Document::Unparsed { .. } => false,
        };
        let prohibited =
            || has_resource().then_some("a statement has a Resource, which AWS refuses");
        self.resource_policy_problem().or_else(prohibited)
    }
}

/// Parses the text of an IAM policy document, as it is to be kept. A text that is no JSON object, or has a key twice, is
/// kept with what is wrong with it.
///
/// ```
/// use gatewatch::iam::{Document, parse_document};
///
/// let sound = parse_document(r#"{"Version": "2012-10-17", "Statement": []}"#);
/// assert_eq!(sound.problem(), None);
///
/// let cut_short = parse_document(r#"{"Version": "2012-"#);
/// assert!(matches!(cut_short, Document::Unparsed { .. }));
/// assert!(cut_short.problem().unwrap().starts_with("EOF while parsing a string"));
/// ```
pub fn parse_document(text: &str) -> Document {
    let error = match json::parse(text) {
        Ok(json) if json.is_object() => return Document::Json(json),
        Ok(_) => NO_OBJECT.to_owned(),
        Err(error) => error.to_string(),
    };
    Document::Unparsed {
        text: text.to_owned(),
        error,
    }
}

/// An API's resource policy, as it was kept. Stricter than for an identity policy: one that is not understood must
/// not look as if it refused everybody.
///
/// # Errors
/// What is not understood, in words.
pub fn resource_policy(document: &Document) -> Result<Policy, String> {
    let json = match document {
        Document::Unparsed { error, .. } => return Err(error.clone()),
        Document::Json(json) => json,
    };
    match document.resource_policy_problem() {
        Some(problem) => Err(problem.to_owned()),
        None => {
            let policy = Policy::from_value(json).map_err(|error| error.to_string())?;
            principal_problem(&policy).map_or(Ok(policy), Err)
        }
    }
}

/// A role's trust policy, as it was kept: one that is not understood must not look as if nobody could become the role.
///
/// Source: [role trust policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html).
///
/// # Errors
/// What is not understood, in words.
pub fn trust_policy(document: &Document) -> Result<Policy, String> {
    match (document.trust_policy_problem(), document) {
        (Some(problem), _) => Err(problem.to_owned()),
        (None, Document::Unparsed { error, .. }) => Err(error.clone()),
        (None, Document::Json(json)) => Policy::from_value(json).map_err(|error| error.to_string()),
    }
}

/// Parses an API's resource policy, which API Gateway returns with its quotes escaped
/// (`{\"Version\": …}`), or plain.
///
/// Source: the note on escaping in
/// [API Gateway resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html).
///
/// ```
/// use gatewatch::iam::{parse_resource_policy, resource_policy};
///
/// let escaped = r#"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\"}]}"#;
/// let document = parse_resource_policy(escaped);
/// assert_eq!(resource_policy(&document).unwrap().statements.len(), 1);
///
/// // For an identity policy this would do. Here nobody knows whom it speaks of.
/// let without_principal = parse_resource_policy(r#"{"Statement": {"Effect": "Deny", "Action": "*"}}"#);
/// assert_eq!(
///     resource_policy(&without_principal).unwrap_err(),
///     "a statement needs either Principal or NotPrincipal",
/// );
/// ```
pub fn parse_resource_policy(text: &str) -> Document {
    if text.len() > LONGEST_RESOURCE_POLICY {
        let error = format!("it has {} bytes, more than API Gateway takes", text.len());
        let begin: String = text.chars().take(200).collect();
        return Document::Unparsed { text: begin, error };
    }
    let plain = parse_document(text);
    if let Document::Json(_) = plain {
        return plain;
    }
    // What is escaped is the inside of a JSON string: put it back between quotes and read it as one.
    let unescaped = serde_json::from_str::<String>(&format!("\"{text}\""));
    match unescaped.as_deref().map(parse_document) {
        Ok(Document::Json(json)) => Document::Json(json),
        // The first error names a place in the text as it came.
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_escaped_policy_is_the_same_as_a_plain_one() {
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Sid": "a \"quoted\" \\ word"}]});
        let plain = policy.to_string();
        let quoted = Value::String(plain.clone()).to_string();
        let escaped = &quoted[1..quoted.len() - 1];
        assert!(escaped.contains("\\\"Version\\\":"));
        assert_eq!(
            parse_resource_policy(&plain),
            Document::Json(policy.clone())
        );
        assert_eq!(parse_resource_policy(escaped), Document::Json(policy));
    }

    #[test]
    fn what_does_not_parse_is_kept_with_its_error() {
        let Document::Unparsed { text, error } = parse_resource_policy("{\\\"Version\\\": ") else {
            panic!("parsed");
        };
        assert_eq!(text, "{\\\"Version\\\": ");
        assert!(error.contains("column"), "{error}");
    }

    #[test]
    fn a_document_with_a_key_twice_is_no_policy() {
        let twice = r#"{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}"#;
        let escaped = twice.replace('"', "\\\"");
        let read = [
            parse_document(twice),
            parse_resource_policy(twice),
            parse_resource_policy(&escaped),
        ];
        for document in read {
            assert!(document.problem().is_some(), "{document:?}");
        }
        let saved = format!(r#"{{"json": {twice}}}"#);
        let error = serde_json::from_str::<Document>(&saved).unwrap_err();
        assert!(
            error.to_string().starts_with("duplicate key `Effect`"),
            "{error}"
        );
    }
}
