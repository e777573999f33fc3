//! Import into Security Hub CSPM.

use std::time::Duration;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::operation::batch_import_findings::BatchImportFindingsOutput;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::asff::finding;
use super::batch::listed;
use super::sink::{Sink, SinkError};
use crate::aws::client::{Clients, Failure, failure};
use crate::ledger::Digest;
use crate::render::{Asff, imports};

/// How long two calls are apart at least: Security Hub CSPM takes 10 a second from an account and Region.
///
/// Source: [quotas](https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html).
const APART: Duration = Duration::from_millis(100);

/// The Security Hub CSPM of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityHub {
    /// The Region.
    pub region: String,
}

impl Sink for SecurityHub {
    fn name(&self) -> &'static str {
        "Security Hub CSPM"
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
    /// Security Hub CSPM refused a call, or could not be reached. What comes after that call was not tried.
    #[error("only {imported} findings were imported into Security Hub CSPM in {region}")]
    Refused {
        /// Where.
        region: String,
        /// How many imports had been made.
        imported: usize,
        /// What Security Hub CSPM said.
        #[source]
        failure: Failure,
    },
    /// Security Hub CSPM did not take some of the findings. All others were imported.
    #[error(
        "{} findings were not imported into Security Hub CSPM in {region}, {imported} were: {}",
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

/// A finding that Security Hub CSPM did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFinding {
    /// Its id in Security Hub CSPM. Empty: Security Hub CSPM does not say which one it is.
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
                // It is not known which one it is: there is none to try again.
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
    let request = client
        .batch_import_findings()
        .set_findings(Some(findings.iter().map(finding).collect()));
    let answer = request
        .send()
        .await
        .map_err(|error| failure("securityhub:BatchImportFindings", error))?;
    Ok(refused(&answer, findings.len()))
}

/// What of so many findings an answer does not take: those that it names, and those that it only counts.
fn refused(answer: &BatchImportFindingsOutput, sent: usize) -> Vec<RefusedFinding> {
    let named = answer.failed_findings().iter().map(|it| {
        let causes: Vec<&str> = [it.error_code(), it.error_message()]
            .into_iter()
            .flatten()
            .collect();
        RefusedFinding {
            id: it.id().unwrap_or("").to_owned(),
            why: causes.join(": "),
        }
    });
    let mut refused: Vec<RefusedFinding> = named.collect();
    // A count that is missing, or no number of findings, counts none.
    let count = |count: Option<i32>| count.and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    let failed = count(answer.failed_count()).min(sent);
    while refused.len() < failed {
        refused.push(RefusedFinding {
            id: String::new(),
            why: "the answer counts it without its id".to_owned(),
        });
    }
    // What counts neither as failed nor as imported was not taken.
    let imported = count(answer.success_count());
    while refused.len() + imported < sent {
        refused.push(RefusedFinding {
            id: String::new(),
            why: "the answer does not count it as imported".to_owned(),
        });
    }
    refused
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
    use super::*;

    #[test]
    fn what_an_answer_does_not_count_as_imported_was_not_taken() {
        let answer = |failed, imported| {
            BatchImportFindingsOutput::builder()
                .set_failed_count(failed)
                .set_success_count(imported)
                .build()
        };
        assert_eq!(refused(&answer(Some(0), Some(2)), 2), []);
        assert_eq!(refused(&answer(None, None), 2).len(), 2);
        assert_eq!(refused(&answer(Some(1), Some(1)), 2).len(), 1);
        assert_eq!(refused(&answer(Some(9), Some(0)), 2).len(), 2);
    }
}
