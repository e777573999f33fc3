//! Signed requests to services that are asked a few questions, and that have no SDK crate here.
//!
//! A crate costs minutes of building and makes the Lambda's package larger, for a handful of answers. Signature, retries,
//! time limits and credentials are those of the SDK; only what a request says stands with whoever asks. Each request is held
//! against AWS's own model of its service by `make contract`.

use std::fmt;

use aws_config::retry::RetryConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connect::Clients;
use super::failure::{Failure, failure};
use crate::inventory::{partition_of, url_suffix};

/// Attempts of one call, the first included. Somebody waits for the answer, and a network that does not let one service be
/// reached may let none be.
const ATTEMPTS: u32 = 3;

/// A service that is asked by hand.
#[derive(Debug, Clone, Copy)]
pub(in crate::aws) struct Service {
    /// Its name in the SDKs, such as `CloudTrail`; `AWS_ENDPOINT_URL_CLOUDTRAIL` is its endpoint.
    pub(in crate::aws) id: &'static str,
    /// How its hosts begin, and what requests to it are signed for, such as `cloudtrail`.
    pub(in crate::aws) host: &'static str,
    /// Whether it spoke AWS's query protocol once, and is told that its codes of errors are meant.
    pub(in crate::aws) spoke_query: bool,
}

/// What is asked, in the form of the service's protocol.
#[derive(Debug, Clone)]
pub(in crate::aws) enum Question {
    /// A path, encoded as it is sent.
    Get(String),
    /// An operation with its parameters as JSON.
    Json {
        /// The operation as the header `X-Amz-Target` names it.
        target: &'static str,
        /// The version of the protocol, such as `1.1`.
        version: &'static str,
        /// The parameters.
        body: Value,
    },
}

impl Clients {
    /// Asks a service something in a Region. `operation`: the call, as IAM names its action.
    pub(in crate::aws) async fn ask<T: DeserializeOwned>(
        &self,
        service: Service,
        region: &str,
        operation: &'static str,
        question: Question,
    ) -> Result<T, Failure> {
        let answer = self.ask_anything(service, region, operation, question);
        parsed(operation, &answer.await?)
    }

    /// The same, with the answer as it came.
    pub(in crate::aws) async fn ask_anything(
        &self,
        service: Service,
        region: &str,
        operation: &'static str,
        question: Question,
    ) -> Result<Value, Failure> {
        let unknown = || Failure::malformed(operation, format!("no host is known in {region}"));
        let endpoint = self.endpoint(service, region).ok_or_else(unknown)?;
        let config = &self.config;
        let mut builder = Operation::builder()
            .service_name(service.id)
            .operation_name(operation)
            .endpoint_url(&endpoint)
            .standard_retry(&RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .interceptor(self.waiting.clone())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Refused>::new())
            .runtime_plugin(self.signed_for(service, region));
        if let Some(http) = config.http_client() {
            builder = builder.http_client(http);
        }
        if let Some(limits) = config.timeout_config() {
            builder = builder.timeout_config(limits.clone());
        }
        if let Some(sleep) = config.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            builder = builder.time_source(time);
        }
        let asked = builder.serializer(move |it: Question| it.request(service));
        let asked = asked.deserializer(answer).build().invoke(question).await;
        asked.map_err(|error| failure(operation, error))
    }

    /// The endpoint that the configuration names, or AWS's own. `None`: the Region's partition is not known.
    fn endpoint(&self, service: Service, region: &str) -> Option<String> {
        let config = &self.config;
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = key.ok().zip(config.service_config());
        let own = own.and_then(|(key, all)| all.load_config(key));
        if let Some(named) = own.or_else(|| config.endpoint_url().map(str::to_owned)) {
            return Some(named);
        }
        let (host, suffix) = (service.host, url_suffix(partition_of(region))?);
        let fips = if config.use_fips() == Some(true) {
            "-fips"
        } else {
            ""
        };
        Some(format!("https://{host}{fips}.{region}.{suffix}"))
    }

    fn signed_for(&self, service: Service, region: &str) -> StaticRuntimePlugin {
        let config = &self.config;
        let mut layer = Layer::new("signature");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(region.to_owned()))),
            name: Some(SigningName::from_static(service.host)),
            ..SigV4OperationSigningConfig::default()
        });
        let scheme = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        let mut components = RuntimeComponentsBuilder::new("signature")
            .with_auth_scheme_option_resolver(Some(scheme))
            .with_auth_scheme(SigV4AuthScheme::new());
        if let Some(credentials) = config.credentials_provider() {
            components = components.with_identity_resolver(SCHEME_ID, credentials);
        }
        if let Some(cache) = config.identity_cache() {
            components = components.with_identity_cache(Some(cache));
        }
        StaticRuntimePlugin::new()
            .with_config(layer.freeze())
            .with_runtime_components(components)
    }
}

/// Reads an answer.
pub(in crate::aws) fn parsed<T: DeserializeOwned>(
    operation: &'static str,
    answer: &Value,
) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|error| Failure::malformed(operation, error.to_string()))
}

/// A name as a part of a path.
pub(in crate::aws) fn encoded(name: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(name, NON_ALPHANUMERIC)
}

/// As AWS shows whoever asked in CloudTrail.
const USER_AGENT: &str = concat!("gatewatch/", env!("CARGO_PKG_VERSION"));

impl Question {
    fn request(self, service: Service) -> Result<HttpRequest, BoxError> {
        let mut request;
        match self {
            Question::Get(path) => {
                request = HttpRequest::new(SdkBody::empty());
                request.set_uri(path)?;
            }
            Question::Json {
                target,
                version,
                body,
            } => {
                request = HttpRequest::new(SdkBody::from(body.to_string()));
                request.set_method("POST")?;
                request.set_uri("/")?;
                let headers = request.headers_mut();
                headers.try_insert("x-amz-target", target)?;
                headers.try_insert("content-type", format!("application/x-amz-json-{version}"))?;
            }
        }
        if service.spoke_query {
            request
                .headers_mut()
                .try_insert("x-amzn-query-mode", "true")?;
        }
        request.headers_mut().try_insert("user-agent", USER_AGENT)?;
        Ok(request)
    }
}

/// What a service said instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.code().unwrap_or("an error without a code"))]
struct Refused(ErrorMetadata);

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

fn answer(response: &HttpResponse) -> Result<Value, OrchestratorError<Refused>> {
    let body = response.body().bytes().unwrap_or_default();
    let read = serde_json::from_slice::<Value>(body);
    if response.status().is_success() {
        return read.map_err(OrchestratorError::other);
    }
    let body = read.unwrap_or_default();
    let member = |names: &[&str]| names.iter().find_map(|it| body.get(it)?.as_str());
    let header = response.headers().get("x-amzn-errortype");
    let mut said = ErrorMetadata::builder();
    if let Some(code) = header.or_else(|| member(&["__type", "code", "Code"])) {
        said = said.code(bare(code));
    }
    if let Some(message) = member(&["message", "Message"]) {
        said = said.message(message);
    }
    Err(OrchestratorError::operation(Refused(said.build())))
}

/// The code of an error without the namespace before it and the address after it.
///
/// Source: [AWS JSON 1.1](https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization).
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_error_is_told_in_all_its_forms() {
        for code in [
            "FooError",
            "FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/",
            "aws.protocoltests.restjson#FooError",
            "aws.protocoltests.restjson#FooError:http://internal.amazon.com/",
        ] {
            assert_eq!(bare(code), "FooError");
        }
    }
}
