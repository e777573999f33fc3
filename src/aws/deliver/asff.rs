//! Findings in the AWS Security Finding Format, as the SDK sends them.

use aws_sdk_securityhub::types::{
    AwsSecurityFinding, Compliance, ComplianceStatus, FindingProviderFields,
    FindingProviderSeverity, Partition, Recommendation, RecordState, Remediation, Resource,
    Severity, SeverityLabel,
};

use crate::render::{Asff, AsffProviderFields, AsffRemediation, AsffResource, AsffSeverity};

/// A finding as the SDK sends it.
pub(super) fn finding(asff: &Asff) -> AwsSecurityFinding {
    let fields = asff
        .product_fields
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()));
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
        .severity(severity(&asff.severity))
        .confidence(asff.confidence)
        .title(&asff.title)
        .description(&asff.description)
        .remediation(remediation(&asff.remediation))
        .set_product_fields(Some(fields.collect()))
        .set_resources(Some(asff.resources.iter().map(resource).collect()))
        .compliance(Compliance::builder().status(compliance).build())
        .record_state(RecordState::from(asff.record_state))
        .finding_provider_fields(provider_fields(&asff.finding_provider_fields))
        .build()
}

fn severity(severity: &AsffSeverity) -> Severity {
    Severity::builder()
        .label(SeverityLabel::from(severity.label))
        .original(severity.original)
        .build()
}

fn remediation(remediation: &AsffRemediation) -> Remediation {
    let recommendation = Recommendation::builder()
        .text(&remediation.recommendation.text)
        .set_url(remediation.recommendation.url.clone())
        .build();
    Remediation::builder()
        .recommendation(recommendation)
        .build()
}

fn resource(resource: &AsffResource) -> Resource {
    Resource::builder()
        .r#type(resource.kind)
        .id(&resource.id)
        .partition(Partition::from(resource.partition.as_str()))
        .set_region(resource.region.clone())
        .build()
}

fn provider_fields(fields: &AsffProviderFields) -> FindingProviderFields {
    let severity = FindingProviderSeverity::builder()
        .label(SeverityLabel::from(fields.severity.label))
        .original(fields.severity.original)
        .build();
    FindingProviderFields::builder()
        .severity(severity)
        .set_types(Some(owned(&fields.types)))
        .confidence(fields.confidence)
        .build()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::render::{AsffCompliance, AsffRecommendation};

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
