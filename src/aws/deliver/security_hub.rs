//! Import into Security Hub.

use std::time::Duration;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, Compliance, ComplianceStatus, FindingProviderFields,
    FindingProviderSeverity, Partition, Recommendation, RecordState, Remediation, Resource,
    Severity, SeverityLabel,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::batch::listed;
use super::sink::{Sink, SinkError};
use crate::aws::client::{Clients, Failure, failure};
use crate::ledger::Digest;
use crate::render::{Asff, imports};

/// How long two calls are apart at least: Security Hub takes 10 a second from an account and Region.
///
/// Source: [quotas](https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html).
const APART: Duration = Duration::from_millis(100);

/// The Security Hub of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityHub {
    /// The Region.
    pub region: String,
}

impl Sink for SecurityHub {
    fn name(&self) -> &'static str {
        "Security Hub"
    }

    /// Source: [BatchImportFindings](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
    fn takes_own_account_only(&self) -> bool {
        true
    }

    fn send<'s>(
        &'s self,
        clients: &'s Clients,
        digest: &'s Digest<'_>,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<(), SinkError>> {
        let rounds = imports(digest, &self.region, now);
        Box::pin(async move {
            import_findings(clients, &self.region, &rounds).await?;
            Ok(())
        })
    }
}

/// Why findings were not imported.
#[derive(Debug, thiserror::Error)]
pub enum SecurityHubError {
    /// Security Hub refused a call, or could not be reached. What comes after that call was not tried.
    #[error("only {imported} findings were imported into Security Hub in {region}")]
    Refused {
        /// Where.
        region: String,
        /// How many imports had been made.
        imported: usize,
        /// What Security Hub said.
        #[source]
        failure: Failure,
    },
    /// Security Hub did not take some of the findings. All others were imported.
    #[error(
        "{} findings were not imported into Security Hub in {region}, {imported} were: {}",
        .refused.len(),
        names(.refused)
    )]
    Findings {
        /// Where.
        region: String,
        /// How many imports were made.
        imported: usize,
        /// Those that were not taken.
        refused: Vec<RefusedFinding>,
    },
}

/// A finding that Security Hub did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFinding {
    /// Its id in Security Hub.
    pub id: String,
    /// Why, in words.
    pub why: String,
}

/// Imports findings, one round after the other, and says how many imports were made. A round has at most
/// 100 findings. One that a call did not take is imported once more, alone.
///
/// # Errors
/// [`SecurityHubError`], with every finding that was not taken.
pub async fn import_findings(
    clients: &Clients,
    region: &str,
    rounds: &[Vec<Asff>],
) -> Result<usize, SecurityHubError> {
    let client = clients.security_hub(region);
    let mut pace = interval(APART);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut imported = 0;
    let mut refused = Vec::new();
    for round in rounds {
        // The service refuses an empty call.
        if round.is_empty() {
            continue;
        }
        let stopped = |failure| SecurityHubError::Refused {
            region: region.to_owned(),
            imported,
            failure,
        };
        let first = import(&client, &mut pace, round).await.map_err(stopped)?;
        imported += round.len().saturating_sub(first.len());
        for told in first {
            let again = round.iter().find(|finding| finding.id == told.id);
            let Some(again) = again else {
                // It is not said which one: there is none to try again.
                refused.push(told);
                continue;
            };
            match import(&client, &mut pace, std::slice::from_ref(again)).await {
                Ok(still) if still.is_empty() => imported += 1,
                Ok(still) => refused.extend(still),
                Err(failure) => refused.push(RefusedFinding {
                    id: told.id,
                    why: failure.to_string(),
                }),
            }
        }
    }
    if refused.is_empty() {
        return Ok(imported);
    }
    Err(SecurityHubError::Findings {
        region: region.to_owned(),
        imported,
        refused,
    })
}

/// Imports what fits into one call, and says what of it was not taken: an answer of 200 can refuse some.
async fn import(
    client: &Client,
    pace: &mut Interval,
    findings: &[Asff],
) -> Result<Vec<RefusedFinding>, Failure> {
    pace.tick().await;
    let request = client.batch_import_findings();
    let request = request.set_findings(Some(findings.iter().map(finding).collect()));
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure("securityhub:BatchImportFindings", error))?;
    let refused = answer.failed_findings().iter().map(|it| {
        let (code, message) = (it.error_code(), it.error_message());
        RefusedFinding {
            id: it.id().unwrap_or_default().to_owned(),
            why: [code, message]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": "),
        }
    });
    let mut refused: Vec<RefusedFinding> = refused.collect();
    let count = answer.failed_count().unwrap_or_default();
    let count = usize::try_from(count).unwrap_or_default();
    while refused.len() < count.min(findings.len()) {
        refused.push(RefusedFinding {
            id: String::new(),
            why: "the answer counts it without its id".to_owned(),
        });
    }
    Ok(refused)
}

fn finding(asff: &Asff) -> AwsSecurityFinding {
    let severity = &asff.severity;
    let provider = &asff.finding_provider_fields;
    let provided = FindingProviderSeverity::builder()
        .label(SeverityLabel::from(provider.severity.label))
        .original(provider.severity.original)
        .build();
    let recommendation = &asff.remediation.recommendation;
    let recommendation = Recommendation::builder()
        .text(&recommendation.text)
        .set_url(recommendation.url.clone())
        .build();
    let fields = asff.product_fields.iter();
    let fields = fields.map(|(key, value)| ((*key).to_owned(), value.clone()));
    let resources = asff.resources.iter().map(|it| {
        Resource::builder()
            .r#type(it.kind)
            .id(&it.id)
            .partition(Partition::from(it.partition.as_str()))
            .set_region(it.region.clone())
            .build()
    });
    let compliance = ComplianceStatus::from(asff.compliance.status);
    AwsSecurityFinding::builder()
        .schema_version(asff.schema_version)
        .id(&asff.id)
        .product_arn(&asff.product_arn)
        .generator_id(&asff.generator_id)
        .aws_account_id(&asff.aws_account_id)
        .set_types(Some(owned(&asff.types)))
        .first_observed_at(&asff.first_observed_at)
        .last_observed_at(&asff.last_observed_at)
        .created_at(&asff.created_at)
        .updated_at(&asff.updated_at)
        .severity(
            Severity::builder()
                .label(SeverityLabel::from(severity.label))
                .original(severity.original)
                .build(),
        )
        .confidence(asff.confidence)
        .title(&asff.title)
        .description(&asff.description)
        .remediation(
            Remediation::builder()
                .recommendation(recommendation)
                .build(),
        )
        .set_product_fields(Some(fields.collect()))
        .set_resources(Some(resources.collect()))
        .compliance(Compliance::builder().status(compliance).build())
        .record_state(RecordState::from(asff.record_state))
        .finding_provider_fields(
            FindingProviderFields::builder()
                .severity(provided)
                .set_types(Some(owned(&provider.types)))
                .confidence(provider.confidence)
                .build(),
        )
        .build()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}

fn names(refused: &[RefusedFinding]) -> String {
    let names = refused.iter().map(|it| match it.id.as_str() {
        "" => it.why.clone(),
        id => format!("{id} ({})", it.why),
    });
    listed(names)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::render::{
        AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
        AsffSeverity,
    };

    #[test]
    fn a_finding_becomes_the_one_of_the_call() {
        let severity = AsffSeverity {
            label: "HIGH",
            original: "high",
        };
        let asff = Asff {
            schema_version: "2018-10-08",
            id: "gatewatch/a".to_owned(),
            product_arn: "arn".to_owned(),
            generator_id: "gatewatch/open-method".to_owned(),
            aws_account_id: "111122223333".to_owned(),
            types: ["a/b"],
            first_observed_at: "1".to_owned(),
            last_observed_at: "2".to_owned(),
            created_at: "3".to_owned(),
            updated_at: "4".to_owned(),
            severity: severity.clone(),
            confidence: 95,
            title: "title".to_owned(),
            description: "description".to_owned(),
            remediation: AsffRemediation {
                recommendation: AsffRecommendation {
                    text: "text".to_owned(),
                    url: None,
                },
            },
            product_fields: BTreeMap::from([("stage", "prod".to_owned())]),
            resources: vec![AsffResource {
                kind: "AwsIamGroup",
                id: "arn".to_owned(),
                // Not among those that the SDK knows.
                partition: "aws-eusc".to_owned(),
                region: None,
            }],
            compliance: AsffCompliance { status: "PASSED" },
            record_state: "ARCHIVED",
            finding_provider_fields: AsffProviderFields {
                severity,
                types: ["a/b"],
                confidence: 95,
            },
        };
        let finding = finding(&asff);
        assert_eq!(finding.id(), Some("gatewatch/a"));
        assert_eq!(finding.types(), ["a/b"]);
        assert_eq!(finding.record_state(), Some(&RecordState::Archived));
        let status = finding.compliance().and_then(|it| it.status());
        assert_eq!(status, Some(&ComplianceStatus::Passed));
        let label = finding.severity().and_then(|it| it.label());
        assert_eq!(label, Some(&SeverityLabel::High));
        let partition = finding.resources()[0].partition();
        assert_eq!(partition.map(Partition::as_str), Some("aws-eusc"));
        assert_eq!(finding.product_fields().unwrap()["stage"], "prod");
        assert!(finding.workflow().is_none());
    }
}
