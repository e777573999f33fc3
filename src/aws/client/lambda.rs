//! How AWS is called from within a Lambda: everything that it needs is in its environment.
//!
//! The default chain of providers would find the same, and brings what a function never asks: profiles, single
//! sign-on, instance metadata, the processes and web identities of others. It is a fourth of a megabyte.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::connect::Clients;
use super::connect::http_client;

/// Reads a variable of the environment. `None`: it is not set.
pub type Variable = fn(&str) -> Option<String>;

/// Clients with the credentials, the Region and the endpoints that the environment names.
///
/// Source: [environment variables of a function](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html)
/// and [of the SDKs](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings).
pub fn connect_in_lambda(variable: Variable) -> Clients {
    let is_on = |name: &str| variable(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client())
        .region(variable("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .use_fips(is_on("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"))
        .service_config(Endpoints(variable));
    let mut config = config;
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Clients::new(config.build())
}

/// The endpoints of services, such as `AWS_ENDPOINT_URL_S3`.
struct Endpoints(Variable);

impl std::fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoints")
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        let name = format!("{}_{service}", key.env());
        (self.0)(&name).filter(|it| !it.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-west-1",
            "AWS_ENDPOINT_URL" => "http://127.0.0.1:1",
            "AWS_ENDPOINT_URL_API_GATEWAY" => "http://127.0.0.1:2",
            "AWS_USE_FIPS_ENDPOINT" => "TRUE",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn the_environment_says_where_and_how() {
        let clients = connect_in_lambda(environment);
        assert_eq!(clients.region(), Some("eu-west-1"));
        let config = clients.config();
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
        assert_eq!(
            (config.use_fips(), config.use_dual_stack()),
            (Some(true), Some(false))
        );
    }

    #[test]
    fn a_service_may_have_an_endpoint_of_its_own() {
        let endpoint = |service| {
            let key = ServiceConfigKey::builder()
                .service_id(service)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build();
            Endpoints(environment).load_config(key.unwrap())
        };
        let own = Some("http://127.0.0.1:2".to_owned());
        assert_eq!(endpoint("API Gateway"), own);
        assert_eq!(endpoint("S3"), None);
    }
}
