//! From the text that AWS returns to a JSON document.

use serde_json::Value;

use super::language::Policy;
use crate::model::{Document, NO_OBJECT};

/// More bytes than this are no resource policy: API Gateway takes 8,192
/// ([quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html)),
/// which its escapes may double.
const LONGEST_RESOURCE_POLICY: usize = 65_536;

/// Parses the text of an IAM policy document.
pub fn parse_document(text: &str) -> Document {
    let error = match serde_json::from_str::<Value>(text) {
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
        None => Policy::from_value(json).map_err(|error| error.to_string()),
    }
}

/// Parses an API's resource policy, which API Gateway returns with its quotes escaped
/// (`{\"Version\": …}`), or plain.
///
/// Source: the note on escaping in
/// [API Gateway resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html).
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
        let escaped = Value::String(plain.clone()).to_string();
        let escaped = &escaped[1..escaped.len() - 1];
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
}
