//! The changes as findings of Security Hub CSPM, in the AWS Security Finding Format.
//!
//! The longest texts of a finding together stay far below the 240 KB that a finding may weigh.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::asff_types::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity,
};
use super::cut::cut;
use crate::audit::finding::Confidence;
use crate::ledger::{Digest, News};
use crate::ledger::{Spot, Standing};
use crate::render::plain;
use crate::render::resources::affected;
use crate::render::words::severity_label;

/// The most findings of one call.
///
/// Source: [BatchImportFindings](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
const BATCH: usize = 100;

/// The one type of all findings.
const TYPES: [&str; 1] = ["Software and Configuration Checks/AWS Security Best Practices"];

/// What is to be imported into the Security Hub CSPM of a Region, in this order, each batch in one call: every
/// change, and then every resolved one once more, archived. Whoever follows a finding sees it pass first.
///
/// `now` must be later than at the last import.
pub fn imports(digest: &Digest<'_>, region: &str, now: Timestamp) -> Vec<Vec<Asff>> {
    let partition = &digest.report.partition;
    let news = || digest.news.iter();
    let changes: Vec<Asff> = news().map(|it| asff(it, partition, region, now)).collect();
    let later = now
        .checked_add(SignedDuration::from_millis(1))
        .unwrap_or(now);
    let resolved = news().filter(|it| !it.entry.standing.is_there());
    let archived = resolved.map(|it| Asff {
        record_state: "ARCHIVED",
        ..asff(it, partition, region, later)
    });
    let archived: Vec<Asff> = archived.collect();
    let batches = changes.chunks(BATCH).chain(archived.chunks(BATCH));
    batches.map(<[Asff]>::to_vec).collect()
}

/// One change as an active finding. An exempt one is there, and fails: `ProductFields` say who allows it.
pub fn asff(news: &News<'_>, partition: &str, region: &str, now: Timestamp) -> Asff {
    let (entry, place) = (news.entry, &news.entry.place);
    let account = &place.account;
    let severity = AsffSeverity {
        label: severity_label(entry.severity),
        original: entry.severity.as_str(),
    };
    let confidence = percent(entry.confidence);
    let status = match entry.standing {
        Standing::Open | Standing::Exempt => "FAILED",
        // Nothing was fixed, and nobody is to do anything about this finding.
        Standing::Accepted | Standing::Became | Standing::Gone => "NOT_AVAILABLE",
        Standing::Resolved => "PASSED",
    };
    let references = news.finding.map(|it| it.remedy.references.iter());
    let url = references.and_then(|mut it| it.find(|it| it.starts_with("https://")));
    Asff {
        schema_version: "2018-10-08",
        id: format!("gatewatch/{}", entry.id),
        product_arn: format!(
            "arn:{partition}:securityhub:{region}:{account}:product/{account}/default"
        ),
        generator_id: format!("gatewatch/{}", entry.rule),
        aws_account_id: account.to_string(),
        types: TYPES,
        first_observed_at: entry.first_seen.to_string(),
        last_observed_at: entry.last_seen.to_string(),
        created_at: entry.first_seen.to_string(),
        updated_at: now.to_string(),
        severity: severity.clone(),
        confidence,
        title: cut(&plain(&format!("{}: {}", entry.rule, place.words)), 256),
        description: cut(&plain(&entry.message), 1_024),
        remediation: AsffRemediation {
            recommendation: AsffRecommendation {
                text: cut(&plain(&entry.remedy), 512),
                url: url.map(|it| (*it).to_owned()),
            },
        },
        product_fields: product_fields(news),
        resources: resources(place, partition),
        compliance: AsffCompliance { status },
        record_state: "ACTIVE",
        finding_provider_fields: AsffProviderFields {
            severity,
            types: TYPES,
            confidence,
        },
    }
}

fn product_fields(news: &News<'_>) -> BTreeMap<&'static str, String> {
    let (entry, place) = (news.entry, &news.entry.place);
    let allowed = entry.exemption.as_ref().map(|it| {
        let (reason, owner, expires) = (&it.reason, &it.owner, it.expires);
        format!("{reason}, owner {owner}, until {expires}")
    });
    let is_method = place.route_key.is_some() || place.verb.is_some();
    let method = place.subject().filter(|_| is_method);
    let pairs = [
        ("api", place.api.as_ref().map(|it| it.name.to_string())),
        ("api_id", place.api.as_ref().map(|it| it.id.to_string())),
        ("region", place.region.as_deref().map(str::to_owned)),
        ("stage", place.stage.as_deref().map(str::to_owned)),
        ("method", method),
        (
            "method_arn",
            place.resource_arn.as_deref().map(str::to_owned),
        ),
        ("exposure", entry.exposure.map(|it| it.as_str().to_owned())),
        ("urls", Some(entry.urls.join(" "))),
        ("change", Some(news.kind.as_str().to_owned())),
        ("exemption", allowed),
    ];
    let known = pairs.into_iter().filter_map(|(key, value)| {
        let value = value.filter(|it| !it.is_empty())?;
        Some((key, cut(&plain(&value), 2_048)))
    });
    known.collect()
}

fn resources(place: &Spot, partition: &str) -> Vec<AsffResource> {
    let affected = affected(place, partition).into_iter();
    let resources = affected.map(|it| AsffResource {
        kind: it.asff,
        id: it.id,
        partition: partition.to_owned(),
        region: it.region.map(str::to_owned),
    });
    resources.collect()
}

fn percent(confidence: Confidence) -> i32 {
    match confidence {
        Confidence::High => 95,
        Confidence::Medium => 70,
        Confidence::Low => 40,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ledger::{Kind, PrincipalName};
    use crate::render::digest::single::tests::{at, digest, entry, finding, news, report};

    #[test]
    fn an_open_finding_is_an_active_failure_with_all_that_is_required() {
        let (entry, finding) = (entry(), finding(0));
        let news = News {
            finding: Some(&finding),
            ..news(Kind::New, &entry)
        };
        let asff = serde_json::to_value(asff(&news, "aws", "eu-west-1", at())).unwrap();
        for required in [
            "AwsAccountId",
            "CreatedAt",
            "Description",
            "GeneratorId",
            "Id",
            "ProductArn",
            "Resources",
            "SchemaVersion",
            "Severity",
            "Title",
            "Types",
            "UpdatedAt",
        ] {
            assert_ne!(asff[required], Value::Null, "{required}");
        }
        assert_eq!(asff["Id"], format!("gatewatch/{}", entry.id));
        assert_eq!(
            asff["ProductArn"],
            "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"
        );
        assert_eq!(asff["UpdatedAt"], "2026-06-15T06:00:00Z");
        assert_eq!(
            asff["Severity"],
            json!({"Label": "CRITICAL", "Original": "critical"})
        );
        assert_eq!(
            asff["Resources"],
            json!([{
                "Type": "AwsApiGatewayRestApi",
                "Id": "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
                "Partition": "aws",
                "Region": "eu-west-1",
            }])
        );
        assert_eq!(asff["Compliance"]["Status"], "FAILED");
        assert_eq!(asff["RecordState"], "ACTIVE");
        assert_eq!(asff["ProductFields"]["method"], "POST /pets");
        assert_eq!(
            asff["Remediation"]["Recommendation"]["Url"],
            "https://docs.aws.amazon.com/apigateway/"
        );
    }

    #[test]
    fn a_resolved_finding_passes_first_and_is_archived_then() {
        let (report, open) = (report(), entry());
        let mut gone = entry();
        gone.id = "0".repeat(32);
        gone.standing = Standing::Resolved;
        let all = [news(Kind::Resolved, &gone), news(Kind::New, &open)];
        let rounds = imports(&digest(&report, all.to_vec()), "eu-west-1", at());
        let said = rounds.iter().map(|round| {
            let said = round.iter();
            said.map(|it| (it.compliance.status, it.record_state))
                .collect::<Vec<_>>()
        });
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                vec![("PASSED", "ACTIVE"), ("FAILED", "ACTIVE")],
                vec![("PASSED", "ARCHIVED")]
            ]
        );
        let updated = |round: usize| -> Timestamp { rounds[round][0].updated_at.parse().unwrap() };
        assert!(updated(1) > updated(0));
    }

    #[test]
    fn many_are_imported_in_batches() {
        let (report, entry) = (report(), entry());
        let all = vec![news(Kind::New, &entry); 250];
        let rounds = imports(&digest(&report, all), "eu-west-1", at());
        let lengths: Vec<usize> = rounds.iter().map(Vec::len).collect();
        assert_eq!(lengths, [100, 100, 50]);
    }

    #[test]
    fn texts_keep_their_limits_and_a_principal_is_a_resource() {
        let mut entry = entry();
        let long = "x".repeat(9_000);
        entry.place.words = long.clone().into();
        entry.message = long.clone().into();
        entry.remedy = long.clone().into();
        entry.urls = vec![long.into(); 3];
        entry.place.api = None;
        entry.place.principal = Some(Box::new(PrincipalName {
            kind: "group".into(),
            name: "callers".into(),
            arn: "arn:aws:iam::111122223333:group/callers".into(),
        }));
        let asff = asff(&news(Kind::New, &entry), "aws", "eu-west-1", at());
        assert_eq!(asff.title.chars().count(), 256);
        assert_eq!(asff.description.chars().count(), 1_024);
        assert_eq!(asff.remediation.recommendation.text.chars().count(), 512);
        assert_eq!(asff.product_fields["urls"].chars().count(), 2_048);
        let kinds: Vec<&str> = asff.resources.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["AwsIamGroup"]);
        assert!(serde_json::to_string(&asff).unwrap().len() < 240_000);
    }
}
