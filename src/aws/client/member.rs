//! Acting in other accounts, through a role that each of them has.

use std::time::SystemTime;

use aws_credential_types::Credentials;

use super::connect::{Clients, Identity};
use super::failure::{Failure, failure};
use crate::iam::document::Arn;

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
    /// The credentials last an hour, the most that AWS gives where one role assumes another.
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
        const OPERATION: &str = "sts:AssumeRole";
        if identity.account == account {
            return Ok((self.clone(), identity.clone()));
        }
        let malformed = |message: &str| Failure::malformed(OPERATION, message);
        let partition = &identity.partition;
        let answer = self
            .sts()
            .assume_role()
            .role_arn(format!("arn:{partition}:iam::{account}:role/{}", role.name))
            .role_session_name("gatewatch")
            .set_external_id(role.external_id.clone())
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        let given = answer
            .credentials
            .ok_or_else(|| malformed("the answer has no credentials"))?;
        let of_account = |arn: &String| Arn::read(arn).is_some_and(|it| it.account == account);
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
        let clients = self.with_credentials(credentials);
        let identity = Identity {
            account: account.to_owned(),
            partition: partition.clone(),
            arn,
        };
        Ok((clients, identity))
    }
}
