//! What an answer shows, whatever was expected.

use strum::IntoStaticStr;

use super::answer::{Answer, Sentence};
use crate::inventory::ApiKind;

/// What an answer shows of the method behind a URL.
///
/// API Gateway names the type of its own errors in `x-amzn-ErrorType`, which stays where an API customizes its gateway
/// responses: the type counts before the status and the body. HTTP and WebSocket APIs have no such types, and the whole
/// body is compared. What fits nothing is [`Shows::Unclear`], and never taken for either.
///
/// Source: [gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html)
/// and [challenges of WAF](https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Shows {
    /// The method was executed, or would be with other parameters: nothing was asked of the caller, or it was enough.
    Open,
    /// A signature is demanded. A REST API answers the same where it has no such method.
    SignatureDemanded,
    /// A signature was sent, and is not taken for a valid one.
    SignatureInvalid,
    /// An authorizer demands something, or refuses.
    Authorizer,
    /// The resource policy refuses anonymous callers.
    AnonymousRefused,
    /// A policy refuses the caller who signed, or, without more words, whoever it was.
    AccessDenied,
    /// Something refuses before, or in place of, the method's own check: an API key is wanted, WAF refuses, or the endpoint
    /// is disabled. An HTTP API also refuses so where a method asks for a signature.
    Forbidden,
    /// There is no such method or stage.
    NothingThere,
    /// There were too many requests.
    Throttled,
    /// It cannot be told.
    Unclear,
}

impl Shows {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// In words that go behind "the answer shows that".
    pub fn in_words(self) -> &'static str {
        match self {
            Shows::Open => "anyone is let in",
            Shows::SignatureDemanded => "a signature is demanded, or there is no such method",
            Shows::SignatureInvalid => "the signature is not taken for a valid one",
            Shows::Authorizer => "an authorizer demands something or refuses",
            Shows::AnonymousRefused => "the resource policy refuses anonymous callers",
            Shows::AccessDenied => "a policy refuses the caller",
            Shows::Forbidden => "the request is refused",
            Shows::NothingThere => "there is no such method",
            Shows::Throttled => "there were too many requests",
            Shows::Unclear => "neither is certain",
        }
    }

    /// What an answer shows that an API of this kind gave.
    pub fn of(kind: ApiKind, answer: &Answer) -> Self {
        // A challenge has status 202, which is no success of the method.
        if answer.is_of_waf {
            return Shows::Forbidden;
        }
        match &answer.error_type {
            Some(name) => of_error_type(name, answer),
            None => match (kind, answer.status) {
                (ApiKind::WebSocket, 101) => Shows::Open,
                (_, 200..=299) if kind != ApiKind::WebSocket => Shows::Open,
                (_, 300..=399) if answer.has_request_id && kind != ApiKind::WebSocket => {
                    Shows::Open
                }
                (ApiKind::Rest, _) => of_rest_body(answer),
                (ApiKind::Http | ApiKind::WebSocket, _) => of_http_answer(answer),
            },
        }
    }
}

/// What the type of an error shows. One that comes with a success is nobody's known answer.
fn of_error_type(name: &str, answer: &Answer) -> Shows {
    if (200..=299).contains(&answer.status) {
        return Shows::Unclear;
    }
    match (name, answer.sentence) {
        ("MissingAuthenticationTokenException", _) => Shows::SignatureDemanded,
        (
            "IncompleteSignatureException"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "ExpiredTokenException",
            _,
        ) => Shows::SignatureInvalid,
        ("AccessDeniedException", Some(Sentence::AnonymousRefused)) => Shows::AnonymousRefused,
        ("AccessDeniedException", Some(Sentence::RefusedByAuthorizer)) => Shows::Authorizer,
        ("AccessDeniedException", _) => Shows::AccessDenied,
        (
            "UnauthorizedException"
            | "AuthorizerConfigurationException"
            | "AuthorizerFailureException",
            _,
        ) => Shows::Authorizer,
        ("ForbiddenException", _) => Shows::Forbidden,
        ("TooManyRequestsException" | "LimitExceededException" | "ThrottlingException", _) => {
            Shows::Throttled
        }
        ("NotFoundException" | "ResourceNotFoundException", _) => Shows::NothingThere,
        // Both come after the caller was let in: parameters are checked then, and the integration was asked.
        ("BadRequestException", Some(Sentence::MissingParameters))
        | (_, Some(Sentence::IntegrationTimedOut)) => Shows::Open,
        _ => Shows::Unclear,
    }
}

/// What a REST API's answer shows that has no type: its backend's own, or a gateway response that something in between has
/// cut.
fn of_rest_body(answer: &Answer) -> Shows {
    // Whoever stands in front, or the backend, may say the same words.
    if !answer.has_request_id {
        return Shows::Unclear;
    }
    match (answer.status, answer.sentence) {
        (403, Some(Sentence::MissingToken)) => Shows::SignatureDemanded,
        (403, Some(Sentence::AnonymousRefused)) => Shows::AnonymousRefused,
        (403, Some(Sentence::Forbidden)) => Shows::Forbidden,
        (429, _) => Shows::Throttled,
        _ => Shows::Unclear,
    }
}

/// What the answer of an HTTP or WebSocket API shows. An answer to HEAD has no body.
fn of_http_answer(answer: &Answer) -> Shows {
    if !answer.has_request_id {
        return Shows::Unclear;
    }
    let no_body = answer.body_bytes == 0 && !answer.is_cut;
    match (answer.status, answer.sentence) {
        (401, Some(Sentence::Unauthorized)) => Shows::Authorizer,
        (401, None) if no_body => Shows::Authorizer,
        (403, Some(Sentence::MissingToken)) => Shows::SignatureDemanded,
        (403, Some(Sentence::AnonymousRefused)) => Shows::AnonymousRefused,
        (403, Some(Sentence::Forbidden)) => Shows::Forbidden,
        (403, None) if no_body => Shows::Forbidden,
        (404, Some(Sentence::NotFound)) => Shows::NothingThere,
        (404, None) if no_body => Shows::NothingThere,
        (429, _) => Shows::Throttled,
        (503, Some(Sentence::Unavailable)) | (504, Some(Sentence::IntegrationTimedOut)) => {
            Shows::Open
        }
        _ => Shows::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::probe::Heard;

    fn shows(kind: ApiKind, status: u16, error_type: &str, body: &str) -> Shows {
        let heard = Heard {
            status,
            error_type: (!error_type.is_empty()).then(|| error_type.to_owned()),
            has_request_id: true,
            body: body.as_bytes().to_vec(),
            ..Heard::default()
        };
        Shows::of(kind, &Answer::from(heard))
    }

    #[test]
    fn words_of_a_rest_api_count_only_with_its_request_id() {
        let words = [
            r#"{"message":"Missing Authentication Token"}"#,
            r#"{"message":"Forbidden"}"#,
        ];
        for body in words {
            let heard = |has_request_id| Heard {
                status: 403,
                has_request_id,
                body: body.as_bytes().to_vec(),
                ..Heard::default()
            };
            let shows = |has| Shows::of(ApiKind::Rest, &Answer::from(heard(has)));
            assert_eq!(shows(false), Shows::Unclear);
            assert_ne!(shows(true), Shows::Unclear);
        }
    }

    #[test]
    fn a_challenge_of_waf_is_no_success() {
        for status in [202, 405] {
            let heard = Heard {
                status,
                is_of_waf: true,
                has_request_id: true,
                ..Heard::default()
            };
            let found = Shows::of(ApiKind::Rest, &Answer::from(heard));
            assert_eq!(found, Shows::Forbidden, "{status}");
        }
    }

    /// The answers that the documentation has, and those that many have seen.
    #[test]
    fn the_answers_of_a_rest_api_are_told_apart() {
        let token = r#"{"message":"Missing Authentication Token"}"#;
        let anonymous = r#"{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:a1b2c3d4e5/prod/GET/pets"}"#;
        let caller = r#"{"Message":"User: arn:aws:iam::111122223333:user/ci is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:a1b2c3d4e5/prod/GET/pets with an explicit deny"}"#;
        let authorizer =
            r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#;
        let parameters = r#"{"message":"Missing required request parameters: [q]"}"#;
        let timeout = r#"{"message": "Endpoint request timed out"}"#;
        for (status, error_type, body, expected) in [
            (
                403,
                "MissingAuthenticationTokenException",
                token,
                Shows::SignatureDemanded,
            ),
            // Customized gateway responses: another status, another body.
            (
                404,
                "MissingAuthenticationTokenException",
                "<h1>no</h1>",
                Shows::SignatureDemanded,
            ),
            (403, "", token, Shows::SignatureDemanded),
            (
                403,
                "AccessDeniedException",
                anonymous,
                Shows::AnonymousRefused,
            ),
            (403, "AccessDeniedException", caller, Shows::AccessDenied),
            (403, "AccessDeniedException", authorizer, Shows::Authorizer),
            (403, "AccessDeniedException", "", Shows::AccessDenied),
            (
                401,
                "UnauthorizedException",
                r#"{"message":"Unauthorized"}"#,
                Shows::Authorizer,
            ),
            (
                500,
                "AuthorizerConfigurationException",
                r#"{"message":null}"#,
                Shows::Authorizer,
            ),
            (
                403,
                "ForbiddenException",
                r#"{"message":"Forbidden"}"#,
                Shows::Forbidden,
            ),
            (
                403,
                "InvalidSignatureException",
                "{}",
                Shows::SignatureInvalid,
            ),
            (
                403,
                "IncompleteSignatureException:http://internal/",
                "{}",
                Shows::SignatureInvalid,
            ),
            (
                429,
                "TooManyRequestsException",
                r#"{"message":"Too Many Requests"}"#,
                Shows::Throttled,
            ),
            (400, "BadRequestException", parameters, Shows::Open),
            (400, "BadRequestException", "{}", Shows::Unclear),
            (504, "InternalServerErrorException", timeout, Shows::Open),
            (
                500,
                "InternalServerErrorException",
                r#"{"message":"Internal server error"}"#,
                Shows::Unclear,
            ),
            (200, "", "hello", Shows::Open),
            (204, "", "", Shows::Open),
            (302, "", "", Shows::Open),
            // An error that claims to be a success, and a success that claims to be an error.
            (
                200,
                "MissingAuthenticationTokenException",
                "hello",
                Shows::Unclear,
            ),
            (404, "", r#"{"message":"Not Found"}"#, Shows::Unclear),
            (403, "", "<h1>Forbidden</h1>", Shows::Unclear),
            (403, "not a name!", token, Shows::SignatureDemanded),
            (500, "", "", Shows::Unclear),
        ] {
            let found = shows(ApiKind::Rest, status, error_type, body);
            assert_eq!(found, expected, "{status} {error_type} {body}");
        }
    }

    #[test]
    fn the_answers_of_an_http_api_are_told_apart() {
        for (status, body, expected) in [
            (403, r#"{"message":"Forbidden"}"#, Shows::Forbidden),
            (403, r#"{"message":"Forbidden","code":7}"#, Shows::Unclear),
            (403, "", Shows::Forbidden),
            (401, r#"{"message":"Unauthorized"}"#, Shows::Authorizer),
            (401, "please log in", Shows::Unclear),
            (404, r#"{"message":"Not Found"}"#, Shows::NothingThere),
            (404, "<h1>Not Found</h1>", Shows::Unclear),
            (429, r#"{"message":"Too Many Requests"}"#, Shows::Throttled),
            (503, r#"{"message":"Service Unavailable"}"#, Shows::Open),
            (
                500,
                r#"{"message":"Internal Server Error"}"#,
                Shows::Unclear,
            ),
            (200, "{}", Shows::Open),
            (101, "", Shows::Unclear),
        ] {
            let found = shows(ApiKind::Http, status, "", body);
            assert_eq!(found, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_connection_of_a_websocket_api_is_open_when_protocols_are_switched() {
        assert_eq!(shows(ApiKind::WebSocket, 101, "", ""), Shows::Open);
        assert_eq!(shows(ApiKind::WebSocket, 200, "", "a page"), Shows::Unclear);
        let forbidden = r#"{"message":"Forbidden"}"#;
        assert_eq!(
            shows(ApiKind::WebSocket, 403, "", forbidden),
            Shows::Forbidden
        );
    }

    #[test]
    fn without_a_request_id_of_api_gateway_only_a_success_is_believed() {
        for (status, body, expected) in [
            (200, "hello", Shows::Open),
            (302, "", Shows::Unclear),
            (403, r#"{"message":"Forbidden"}"#, Shows::Unclear),
            (404, r#"{"message":"Not Found"}"#, Shows::Unclear),
        ] {
            let heard = Heard {
                status,
                body: body.as_bytes().to_vec(),
                ..Heard::default()
            };
            let found = Shows::of(ApiKind::Http, &Answer::from(heard));
            assert_eq!(found, expected, "{status} {body}");
        }
    }
}
