//! The policies of groups.

use percent_encoding::percent_decode_str;

use super::Changer;
use crate::audit::fix::State;
use crate::aws::client::{Failure, failure, pages};
use crate::inventory::Reason;

impl Changer {
    pub(super) async fn policy(&self, group: &str, policy: &str) -> Result<State, Failure> {
        const OPERATION: &str = "iam:GetGroupPolicy";
        let request = self.clients.iam().get_group_policy();
        let answer = request.group_name(group).policy_name(policy).send().await;
        match answer.map_err(|error| failure(OPERATION, error)) {
            Ok(answer) => Ok(State::Policy {
                document: Some(decoded(&answer.policy_document)?),
            }),
            // Also where there is no such group: the change says so then.
            Err(failure) if failure.reason == Reason::NotFound => {
                Ok(State::Policy { document: None })
            }
            Err(failure) => Err(failure),
        }
    }

    pub(super) async fn put_policy(
        &self,
        group: &str,
        policy: &str,
        document: &str,
    ) -> Result<(), Failure> {
        let request = self.clients.iam().put_group_policy();
        let request = request.group_name(group).policy_name(policy);
        let answer = request.policy_document(document).send().await;
        answer.map_err(|error| failure("iam:PutGroupPolicy", error))?;
        Ok(())
    }

    pub(super) async fn delete_policy(&self, group: &str, policy: &str) -> Result<(), Failure> {
        let request = self.clients.iam().delete_group_policy();
        let answer = request.group_name(group).policy_name(policy).send().await;
        answer.map_err(|error| failure("iam:DeleteGroupPolicy", error))?;
        Ok(())
    }

    pub(super) async fn attachment(&self, group: &str, arn: &str) -> Result<State, Failure> {
        const OPERATION: &str = "iam:ListAttachedGroupPolicies";
        let client = self.clients.iam();
        let page = async |marker| {
            let request = client.list_attached_group_policies().group_name(group);
            let answer = request.set_marker(marker).send().await;
            let answer = answer.map_err(|error| failure(OPERATION, error))?;
            let next = answer.marker.filter(|_| answer.is_truncated);
            Ok((answer.attached_policies, next))
        };
        let attached = pages(OPERATION, page).await?;
        let mut arns = attached.iter().filter_map(|it| it.policy_arn.as_deref());
        Ok(State::Attachment {
            attached: arns.any(|it| it == arn),
        })
    }

    pub(super) async fn attach(&self, group: &str, arn: &str) -> Result<(), Failure> {
        let request = self.clients.iam().attach_group_policy();
        let answer = request.group_name(group).policy_arn(arn).send().await;
        answer.map_err(|error| failure("iam:AttachGroupPolicy", error))?;
        Ok(())
    }

    pub(super) async fn detach(&self, group: &str, arn: &str) -> Result<(), Failure> {
        let request = self.clients.iam().detach_group_policy();
        let answer = request.group_name(group).policy_arn(arn).send().await;
        answer.map_err(|error| failure("iam:DetachGroupPolicy", error))?;
        Ok(())
    }
}

/// IAM encodes the documents of its answers as in URLs.
fn decoded(text: &str) -> Result<String, Failure> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|error| {
        Failure::malformed("iam:GetGroupPolicy", format!("the document: {error}"))
    })?;
    Ok(decoded.into_owned())
}
