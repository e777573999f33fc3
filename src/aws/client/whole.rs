//! Refuses answers that were cut short.
//!
//! A body that ends early, and in good order for HTTP, can still be read: an empty JSON body is read as an
//! object without fields, and the SDK's XML reader takes what it has got. Either would pass for an account
//! without APIs or principals.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses answers that were cut short: they are asked for again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "refuse answers that were cut short"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.output_or_error().is_err() {
            return Ok(());
        }
        let answer = context.response();
        // A body that is a stream is none of those that are read here.
        let body = answer.body().bytes();
        if answer.status().is_success() && body.is_some_and(|body| !is_whole(body)) {
            return Err("the answer was cut short".into());
        }
        Ok(())
    }
}

/// Whether a body is not cut short, as far as its format shows. JSON that is cut does not parse anyway; XML
/// ends with the tag that it begins with.
fn is_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    if !body.starts_with(b"<") {
        return !body.is_empty();
    }
    let text = String::from_utf8_lossy(body);
    let mut rest = text.as_ref();
    // A declaration, a comment.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some((_, after)) = rest.split_once('>') else {
            return false;
        };
        rest = after.trim_start();
    }
    let root = rest.strip_prefix('<').unwrap_or_default();
    let name: &str = root
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'))
        .next()
        .unwrap_or_default();
    let end = rest.strip_suffix('>').map(str::trim_end);
    let ends_with_it = end.and_then(|it| it.strip_suffix(name));
    !name.is_empty() && ends_with_it.is_some_and(|it| it.ends_with("</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\"?>\n<GetCallerIdentityResponse xmlns=\"https://sts\">\n  \
                       <GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>\n\
                       </GetCallerIdentityResponse>";

    #[test]
    fn xml_is_whole_only_to_its_last_letter() {
        assert!(is_whole(XML.as_bytes()));
        assert!(is_whole(format!("{XML}\n").as_bytes()));
        for end in 0..XML.len() {
            assert!(!is_whole(&XML.as_bytes()[..end]), "{}", &XML[..end]);
        }
    }

    #[test]
    fn nothing_is_no_answer() {
        assert!(!is_whole(b""));
        assert!(!is_whole(b" \n"));
        assert!(is_whole(b"{}"));
    }
}
