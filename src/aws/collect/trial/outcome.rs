//! What was tried, and what came of it.

use std::collections::BTreeSet;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::client::{Failure, failure};

/// A call, and whether it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The call, as IAM names its action or the API its operation, such as `apigateway:GetStages`.
    pub operation: &'static str,
    /// The Region. `None`: the call is of no Region.
    pub region: Option<String>,
    /// Why it was not answered.
    pub outcome: Result<(), Failure>,
}

/// What was tried, and what the answers showed of AWS's own forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// The calls.
    pub tried: Vec<Tried>,
    /// The verbs of the deployments' summaries.
    pub summary_verbs: BTreeSet<String>,
    /// How many summaries came with at least one method, and how many deployments were answered.
    pub summaries: (usize, usize),
    /// How many drafts came with at least one method, and how many were answered.
    pub drafts: (usize, usize),
    /// How exports write routes with AWS_IAM: the members of the operations that say so.
    pub export_forms: BTreeSet<String>,
}

impl Trial {
    /// Takes in what else was tried.
    pub fn add(&mut self, other: Trial) {
        self.tried.extend(other.tried);
        self.summary_verbs.extend(other.summary_verbs);
        self.summaries.0 += other.summaries.0;
        self.summaries.1 += other.summaries.1;
        self.drafts.0 += other.drafts.0;
        self.drafts.1 += other.drafts.1;
        self.export_forms.extend(other.export_forms);
    }

    /// Notes a call, and gives what it answered.
    pub(super) fn note<T, E>(
        &mut self,
        operation: &'static str,
        region: Option<&str>,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Option<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (answer, outcome) = match answer {
            Ok(answer) => (Some(answer), Ok(())),
            Err(error) => (None, Err(failure(operation, error))),
        };
        self.tried.push(Tried {
            operation,
            region: region.map(str::to_owned),
            outcome,
        });
        answer
    }
}
