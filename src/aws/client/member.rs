//! Acting in other accounts, through a role that each of them has.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::connect::Clients;
use super::failure::{Failure, failure};
use super::identity::Identity;
use crate::iam::document::Arn;

const OPERATION: &str = "sts:AssumeRole";

/// The role through which other accounts are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRole {
    /// Its name, the same in each account. A path before it belongs to it.
    pub name: String,
    /// What its trust policy asks for. `None`: nothing.
    pub external_id: Option<String>,
}

impl Clients {
    /// Clients that act in an account of the same partition: these in their own account, which needs no role; in
    /// any other those that the role gives. One call: whether it works is known then.
    ///
    /// The credentials last an hour, the most that AWS gives where one role assumes another. Clients that are used
    /// for longer assume the role again.
    ///
    /// # Errors
    /// Where the account does not let us in, or has no such role: AWS does not tell which.
    ///
    /// Source: [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
    pub async fn in_account(
        &self,
        identity: &Identity,
        account: &str,
        role: &MemberRole,
    ) -> Result<(Self, Identity), Failure> {
        if identity.account == account {
            return Ok((self.clone(), identity.clone()));
        }
        let member = Member {
            hub: self.clone(),
            partition: identity.partition.clone(),
            account: account.to_owned(),
            role: role.clone(),
        };
        let session = member.session().await?;
        let identity = Identity {
            account: account.to_owned(),
            partition: identity.partition.clone(),
            arn: session.arn,
        };
        let sessions = Sessions {
            member,
            first: Mutex::new(Some(session.credentials)),
        };
        let clients = self.with_credentials(SharedCredentialsProvider::new(sessions));
        Ok((clients, identity))
    }
}

/// An account, and how it is entered.
#[derive(Debug)]
struct Member {
    /// Sign the requests for sessions.
    hub: Clients,
    partition: String,
    account: String,
    role: MemberRole,
}

/// A session of the role.
#[derive(Debug)]
struct Session {
    credentials: Credentials,
    arn: String,
}

impl Member {
    /// Assumes the role. Where STS of the hub's Region gives no credentials for this account, another Region's STS is
    /// asked. Credentials of a regional endpoint are good in every Region; those of the global one are not, in Regions
    /// that an account has to enable.
    async fn session(&self) -> Result<Session, Failure> {
        match self.session_by(&self.hub).await {
            Err(Refused::InThisRegion(failure)) => self.session_elsewhere(failure).await,
            other => other.map_err(Refused::into_failure),
        }
    }

    async fn session_elsewhere(&self, first: Failure) -> Result<Session, Failure> {
        let Some((region, clients)) = self.hub.where_sts_is_always_active() else {
            return Err(first);
        };
        let session = self.session_by(&clients).await;
        session.map_err(|refused| {
            let second = refused.into_failure();
            if first.is_unknown_key() && second.is_unknown_key() {
                // The keys are nobody's: the second says nothing new.
                return first;
            }
            Failure {
                message: format!("{}; in {region}: {}", first.message, second.message),
                ..second
            }
        })
    }

    async fn session_by(&self, clients: &Clients) -> Result<Session, Refused> {
        let malformed = |message| Refused::Otherwise(Failure::malformed(OPERATION, message));
        let (partition, account, name) = (&self.partition, &self.account, &self.role.name);
        let answer = clients
            .sts()
            .assume_role()
            .role_arn(format!("arn:{partition}:iam::{account}:role/{name}"))
            .role_session_name("gatewatch")
            .set_external_id(self.role.external_id.clone())
            .send()
            .await
            .map_err(|error| {
                let answer = error.as_service_error();
                let is_disabled = answer.is_some_and(AssumeRoleError::is_region_disabled_exception);
                let failure = failure(OPERATION, error);
                match is_disabled || failure.is_unknown_key() {
                    true => Refused::InThisRegion(failure),
                    false => Refused::Otherwise(failure),
                }
            })?;
        let given = answer.credentials;
        let given = given.ok_or_else(|| malformed("the answer has no credentials"))?;
        let of_account = |arn: &String| Arn::read(arn).is_some_and(|it| it.account == *account);
        let arn = (answer.assumed_role_user.map(|it| it.arn))
            .filter(of_account)
            .ok_or_else(|| malformed("the answer is a role of another account"))?;
        let expires = SystemTime::try_from(given.expiration).ok();
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            expires,
            "gatewatch",
        );
        Ok(Session { credentials, arn })
    }
}

/// Why there is no session.
enum Refused {
    /// STS gives none in this Region: the account has not enabled it, or has switched STS off there; or the hub's own
    /// account has not enabled it, so that STS does not know the hub's keys there.
    InThisRegion(Failure),
    /// Anything else.
    Otherwise(Failure),
}

impl Refused {
    fn into_failure(self) -> Failure {
        match self {
            Refused::InThisRegion(failure) | Refused::Otherwise(failure) => failure,
        }
    }
}

/// One session after the other: the first was made to see whether it works.
#[derive(Debug)]
struct Sessions {
    member: Member,
    first: Mutex<Option<Credentials>>,
}

impl ProvideCredentials for Sessions {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = first.take() {
            return future::ProvideCredentials::ready(Ok(first));
        }
        future::ProvideCredentials::new(async {
            let session = self.member.session().await;
            let session = session.map_err(CredentialsError::provider_error)?;
            Ok(session.credentials)
        })
    }
}
