//! Whose credentials they are.

use super::connect::Clients;
use super::failure::{Failure, failure};
use super::given::given;
use crate::iam::document::Arn;
use crate::inventory::partition_of;

const OPERATION: &str = "sts:GetCallerIdentity";

/// A Region of the partition `aws` whose STS knows every account: none can disable this Region, or switch STS off
/// there.
///
/// Source: [STS Regions and endpoints](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html).
const STS_IS_ALWAYS_ACTIVE: (&str, &str) = ("aws", "us-east-1");

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's id, twelve digits.
    pub account: String,
    /// The partition, such as `aws` or `aws-cn`.
    pub partition: String,
    /// Who we are there, such as `arn:aws:sts::111122223333:assumed-role/audit/session`.
    pub arn: String,
}

impl Clients {
    /// The same where STS knows every account of the partition of these. `None`: they are there, or nothing promises
    /// that there is such a Region.
    pub(super) fn where_sts_is_always_active(&self) -> Option<(&'static str, Self)> {
        let (partition, always) = STS_IS_ALWAYS_ACTIVE;
        let own = self.region()?;
        let elsewhere = own != always && partition_of(own) == partition;
        elsewhere.then(|| (always, self.in_region(always)))
    }

    /// Asks STS whose credentials these are. The call needs no permission. Where STS of this Region does not know
    /// them, as the account has not enabled the Region, another Region is asked: the account has others to be read.
    ///
    /// # Errors
    /// Without credentials or a network, and where the answer makes no sense.
    pub async fn identity(&self) -> Result<Identity, Failure> {
        let first = match self.identity_here().await {
            Err(failure) if failure.is_unknown_key() => failure,
            other => return other,
        };
        match self.where_sts_is_always_active() {
            // Where they are unknown there as well, what the asked Region said is what the user asked about.
            Some((_, clients)) => clients.identity_here().await.map_err(|_| first),
            None => Err(first),
        }
    }

    async fn identity_here(&self) -> Result<Identity, Failure> {
        let answer = self
            .sts_first()
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        let malformed =
            || Failure::malformed(OPERATION, "the answer holds no account id and no ARN");
        let account = given(answer.account).ok_or_else(malformed)?;
        let arn = answer.arn.ok_or_else(malformed)?;
        let partition = Arn::read(&arn).ok_or_else(malformed)?.partition.to_owned();
        Ok(Identity {
            account,
            partition,
            arn,
        })
    }
}
