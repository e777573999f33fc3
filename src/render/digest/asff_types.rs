//! The AWS Security Finding Format, as far as it is used here.
//!
//! Shape: [ASFF](https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html),
//! version 2018-10-08.

use std::collections::BTreeMap;

use serde::Serialize;

/// A finding of Security Hub CSPM. What customers work with (`Workflow`, `Note`) is not set: an import could not
/// change it, and should not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Asff {
    /// The version of the format.
    pub schema_version: &'static str,
    /// `gatewatch/` and the fingerprint: the same across imports.
    pub id: String,
    /// The ARN of the account's custom integration.
    pub product_arn: String,
    /// `gatewatch/` and the rule.
    pub generator_id: String,
    /// The account's id. The import must be made from that account.
    pub aws_account_id: String,
    /// What kind of finding it is.
    pub types: [&'static str; 1],
    /// When a scan first saw it, in RFC 3339.
    pub first_observed_at: String,
    /// When a scan last saw it.
    pub last_observed_at: String,
    /// The same as `FirstObservedAt`: a finding keeps it for ever.
    pub created_at: String,
    /// When this was said of it. An import that is not newer than the one before is ignored.
    pub updated_at: String,
    /// How severe it is.
    pub severity: AsffSeverity,
    /// How sure it is, from 0 to 100.
    pub confidence: i32,
    /// Rule and place, at most 256 characters.
    pub title: String,
    /// What is wrong, at most 1,024 characters.
    pub description: String,
    /// How to mend it.
    pub remediation: AsffRemediation,
    /// What else is known, each at most 2,048 characters.
    pub product_fields: BTreeMap<&'static str, String>,
    /// What it is about, at least one.
    pub resources: Vec<AsffResource>,
    /// Whether the check passes.
    pub compliance: AsffCompliance,
    /// `ACTIVE` or `ARCHIVED`.
    pub record_state: &'static str,
    /// The same once more, in the place where providers say it: from there later imports change it.
    pub finding_provider_fields: AsffProviderFields,
}

/// How severe a finding is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffSeverity {
    /// In Security Hub CSPM's words.
    pub label: &'static str,
    /// In ours.
    pub original: &'static str,
}

/// What a provider says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffProviderFields {
    /// How severe it is.
    pub severity: AsffSeverity,
    /// What kind of finding it is.
    pub types: [&'static str; 1],
    /// How sure it is, from 0 to 100.
    pub confidence: i32,
}

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffRemediation {
    /// What to do.
    pub recommendation: AsffRecommendation,
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffRecommendation {
    /// In words, at most 512 characters.
    pub text: String,
    /// Where to read on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffResource {
    /// Its type, such as `AwsApiGatewayRestApi`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// Its ARN; of an account, `AWS::::Account:` and its id.
    pub id: String,
    /// The partition.
    pub partition: String,
    /// The Region, where it lies in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Whether a check passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffCompliance {
    /// `PASSED` or `FAILED`.
    pub status: &'static str,
}
