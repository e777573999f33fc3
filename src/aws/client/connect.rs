//! How AWS is called: credentials, time limits, retries.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::failure::in_full;
use super::listed::Listed;
use super::pace::Pace;
use super::profile::{self, ProfileError};
use super::readable::Readable;
use super::retry::{RetryThrottledPublish, RetryUnreadable};
use super::tally::RequestTally;
use super::waiting::Waiting;
use super::whole::Whole;

/// Attempts of one call, the first included. Measured: the standard mode with six attempts recovers from
/// throttling sooner than the adaptive mode does.
const ATTEMPTS: u32 = 6;
/// Of the first call of a scan: without a network, a user should not wait for long to be told.
const FIRST_CALL_ATTEMPTS: u32 = 3;
/// The SDK sets no read timeout of its own: a call that hangs would never return.
const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(20);
const ATTEMPT: Duration = Duration::from_secs(30);
/// All attempts of one call together, with the waits between them.
const OPERATION: Duration = Duration::from_secs(120);
/// The same of the first call.
const FIRST_CALL: Duration = Duration::from_secs(45);

/// How long before credentials expire others are asked for: a call may be on its way that long.
const BEFORE_EXPIRY: Duration = Duration::from_secs(60);

/// The time limits of a call whose attempts may take so long together.
fn time_limits(together: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(together)
        .build()
}

/// The configuration of a service that is read: answers that do not parse, were cut short or lack their list are asked for
/// again, nulls that would make an answer unreadable are cut out, and requests are counted. Each SDK crate has a builder
/// type of its own.
macro_rules! read_by {
    ($clients:expr, $sdk:ident) => {
        $sdk::config::Builder::from(&$clients.config)
            .retry_classifier(RetryUnreadable)
            .interceptor($clients.tally.clone())
            .interceptor($clients.waiting.clone())
            .interceptor(Whole)
            .interceptor(Listed)
            .interceptor(Readable)
    };
}

/// Whose credentials to use, and where.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// A profile of the shared configuration, whose credentials are used whatever the environment holds.
    /// `None`: the default chain's choice.
    pub profile: Option<String>,
    /// The Region of IAM, STS and, where nothing else is said, of the scan.
    pub region: Option<String>,
}

/// The clients of one account.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(super) config: SdkConfig,
    /// The Region that the environment or the profile names, whatever Region is read.
    home: Option<Region>,
    tally: RequestTally,
    pub(super) waiting: Waiting,
}

/// The one HTTP client.
pub(in crate::aws) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https()
}

/// Loads the shared configuration and the credentials.
///
/// As with the AWS CLI, the profile that is asked for comes before keys in the environment, and these before
/// the profile that `AWS_PROFILE` names.
///
/// # Errors
/// [`ProfileError`], where the profile that is asked for, or that `AWS_PROFILE` names, is not defined.
///
/// Source: [configuration settings and precedence](https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-quickstart.html#cli-configure-quickstart-precedence).
pub async fn connect(connection: Connection) -> Result<Clients, ProfileError> {
    profile::check(connection.profile.as_deref()).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &connection.profile {
        profile = profile.profile_name(name);
    }
    let home = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build());
    let own = home.region().await;
    let region = connection.region.map(Region::new).or_else(|| own.clone());
    if let Some(profile) = connection.profile {
        // The default chain would take keys from the environment first, perhaps of another account.
        let provider = ProviderConfig::without_region()
            .with_http_client(http_client())
            .with_region(region.clone());
        let credentials = ProfileFileCredentialsProvider::builder()
            .configure(&provider)
            .profile_name(&profile);
        loader = loader
            .credentials_provider(credentials.build())
            .profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    let mut clients = Clients::new(loader.load().await);
    clients.home = own.or(clients.home);
    Ok(clients)
}

impl Clients {
    /// Clients of this configuration, with gatewatch's time limits and retries.
    pub fn new(config: SdkConfig) -> Self {
        let mut builder = config
            .into_builder()
            .timeout_config(time_limits(OPERATION))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        // Shown in CloudTrail's userAgent.
        if let Ok(name) = AppName::new("gatewatch") {
            builder.set_app_name(Some(name));
        }
        let config = builder.build();
        Clients {
            home: config.region().cloned(),
            config,
            tally: RequestTally::default(),
            waiting: Waiting::default(),
        }
    }

    /// The credentials, to sign what is no call of a service.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(in crate::aws) async fn credentials(&self) -> Result<Credentials, String> {
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or("no profile and no variable names any")?;
        let credentials = provider.provide_credentials().await;
        credentials.map_err(|error| in_full(&error))
    }

    /// The time that requests are signed with.
    pub(in crate::aws) fn time(&self) -> Option<SystemTime> {
        self.config.time_source().map(|it| it.now())
    }

    /// How many requests were sent to API Gateway, IAM and STS since the clients were made, each attempt
    /// for itself.
    pub fn calls(&self) -> u64 {
        self.tally.calls()
    }

    /// The same by service and operation, such as `API Gateway GetStages`.
    pub fn calls_by_operation(&self) -> BTreeMap<String, u64> {
        self.tally.by_operation()
    }

    /// How many of them were throttled.
    pub fn throttles(&self) -> u64 {
        self.tally.throttles()
    }

    /// What has been waited for longer than it should take: the host and the call, or a lock.
    pub fn overdue(&self) -> Vec<String> {
        self.waiting.overdue()
    }

    pub(in crate::aws) fn waits(&self) -> Waiting {
        self.waiting.clone()
    }

    #[cfg(test)]
    pub(in crate::aws) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The Region that the configuration names.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// The Region of the environment or the profile, in which S3 is asked, whatever Region is read.
    pub fn home(&self) -> Option<&str> {
        self.home.as_ref().map(Region::as_ref)
    }

    /// The same configuration, used in another Region.
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.clone().into_builder();
        Clients {
            config: config.region(Region::new(region.to_owned())).build(),
            home: self.home.clone(),
            tally: self.tally.clone(),
            waiting: self.waiting.clone(),
        }
    }

    pub(in crate::aws) fn api_gateway(
        &self,
        region: &str,
        pace: &Pace,
    ) -> aws_sdk_apigateway::Client {
        let config = read_by!(self, aws_sdk_apigateway)
            .region(Region::new(region.to_owned()))
            .interceptor(pace.clone())
            .build();
        aws_sdk_apigateway::Client::from_conf(config)
    }

    pub(in crate::aws) fn api_gateway_v2(
        &self,
        region: &str,
        pace: &Pace,
    ) -> aws_sdk_apigatewayv2::Client {
        let config = read_by!(self, aws_sdk_apigatewayv2)
            .region(Region::new(region.to_owned()))
            .interceptor(pace.clone())
            .build();
        aws_sdk_apigatewayv2::Client::from_conf(config)
    }

    pub(in crate::aws) fn iam(&self) -> aws_sdk_iam::Client {
        let config = read_by!(self, aws_sdk_iam).build();
        aws_sdk_iam::Client::from_conf(config)
    }

    pub(in crate::aws) fn account(&self) -> aws_sdk_account::Client {
        let config = read_by!(self, aws_sdk_account).build();
        aws_sdk_account::Client::from_conf(config)
    }

    pub(in crate::aws) fn organizations(&self) -> aws_sdk_organizations::Client {
        let config = read_by!(self, aws_sdk_organizations).build();
        aws_sdk_organizations::Client::from_conf(config)
    }

    pub(crate) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .interceptor(self.waiting.clone())
            .retry_classifier(RetryThrottledPublish)
            .build();
        aws_sdk_sns::Client::from_conf(config)
    }

    /// S3 where the configuration is at home: a bucket is in one Region, whichever are read.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let mut config =
            aws_sdk_s3::config::Builder::from(&self.config).interceptor(self.waiting.clone());
        config.set_region(self.home.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn event_bridge(&self) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::new(&self.config)
    }

    pub(crate) fn config_rules(&self) -> aws_sdk_config::Client {
        aws_sdk_config::Client::new(&self.config)
    }

    pub(crate) fn security_hub(&self, region: &str) -> aws_sdk_securityhub::Client {
        let config = aws_sdk_securityhub::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        aws_sdk_securityhub::Client::from_conf(config)
    }

    pub(super) fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::from_conf(read_by!(self, aws_sdk_sts).build())
    }

    /// The same, with other credentials. All its clients ask for them once, and again a minute before they expire.
    pub(super) fn with_credentials(&self, credentials: SharedCredentialsProvider) -> Self {
        let cache = IdentityCache::lazy().buffer_time(BEFORE_EXPIRY).build();
        let config = self
            .config
            .clone()
            .into_builder()
            .identity_cache(cache)
            .credentials_provider(credentials);
        Clients {
            config: config.build(),
            home: self.home.clone(),
            tally: self.tally.clone(),
            waiting: self.waiting.clone(),
        }
    }

    /// STS, for the first call of all.
    pub(super) fn sts_first(&self) -> aws_sdk_sts::Client {
        let config = read_by!(self, aws_sdk_sts)
            .retry_config(RetryConfig::standard().with_max_attempts(FIRST_CALL_ATTEMPTS))
            .timeout_config(time_limits(FIRST_CALL))
            .build();
        aws_sdk_sts::Client::from_conf(config)
    }
}
