//! One message for each change, for those who file tickets from messages.

use serde_json::json;

use super::change_text::one;
use super::json::change;
use super::place::brief;
use super::words::in_words;
use crate::audit::finding::Finding;
use crate::ledger::{Digest, News};
use crate::render::json::SCHEMA_VERSION;
use crate::render::{Attribute, Notice, compact, fitting, subject_line};

/// One message for each change of a digest, in its order, with the finding's id.
///
/// `limit` is in bytes, usually [`LIMIT`](crate::render::LIMIT); where a change does not fit, evidence and
/// commands are left out, the last first. What could not be read is in no such message: the digest says it.
pub fn single_notices(digest: &Digest<'_>, limit: usize) -> Vec<(String, Notice)> {
    let notices = digest
        .news
        .iter()
        .map(|news| (news.entry.id.clone(), notice(news, limit)));
    notices.collect()
}

fn notice(news: &News<'_>, limit: usize) -> Notice {
    let (severity, rule) = (news.entry.severity, &news.entry.rule);
    let (kind, place) = (in_words(news.kind), brief(&news.entry.place));
    let account = &news.entry.place.account;
    let subject = subject_line(&format!(
        "gatewatch: {kind} {severity} {rule} in {account}: {place}"
    ));
    let attributes = attributes(news);
    let longest = news
        .finding
        .map_or(0, |it| it.evidence.len().max(it.remedy.commands.len()));
    let (_, message) = fitting(&subject, &attributes, limit, longest, |most| {
        let finding = shortened(news, most);
        let news = News {
            finding: finding.as_ref(),
            ..*news
        };
        json!({
            "default": compact(&change(&news)),
            "email": format!("in AWS account {account}\n{}", one(&news)),
            "sms": subject,
        })
        .to_string()
    });
    Notice {
        subject,
        message,
        attributes,
        listed: 1,
    }
}

fn attributes(news: &News<'_>) -> Vec<Attribute> {
    let (entry, place) = (news.entry, &news.entry.place);
    vec![
        Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", "gatewatch.change"),
        Attribute::text("severity", entry.severity.as_str()),
        Attribute::text("account_id", &place.account),
        // An attribute cannot be empty: what lies in no Region is called what its ledger is called.
        Attribute::text("region", place.region.as_deref().unwrap_or("global")),
        Attribute::text("change", news.kind.as_str()),
        Attribute::text("rule", &entry.rule),
    ]
}

/// The finding of a change with at most `most` pieces of evidence and as many commands.
pub(in crate::render) fn shortened(news: &News<'_>, most: usize) -> Option<Finding> {
    let mut finding = news.finding?.clone();
    finding.evidence.edit().truncate(most);
    finding.remedy.commands.truncate(most);
    Some(finding)
}

#[cfg(test)]
pub(in crate::render) mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::audit::Report;
    use crate::audit::finding::{
        Confidence, Evidence, EvidenceList, Extent, Place, Remedy, RuleId, Severity, Source,
    };
    use crate::audit::rules::{Coverage, Evaluation};
    use crate::inventory::Scope;
    use crate::ledger::Occasion;
    use crate::ledger::{Entry, Kind};
    use crate::render::LIMIT;
    use crate::render::digest::cut::cut;

    /// When the run of these tests began.
    pub(in crate::render) fn at() -> Timestamp {
        "2026-06-15T06:00:00Z".parse().unwrap()
    }

    /// An open method of the pet store.
    pub(in crate::render) fn entry() -> Entry {
        serde_json::from_value(json!({
            "id": "ad9b1203aafe861a4e4d4a85ee9b80ed",
            "rule": "open-method",
            "severity": "critical",
            "confidence": "high",
            "place": {
                "account": "111122223333",
                "region": "eu-west-1",
                "api": {"id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST"},
                "stage": "prod",
                "verb": "POST",
                "path": "/pets",
                "route_key": null,
                "principal": null,
                "exemption": null,
                "resource_arn": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/POST/pets",
                "words": "POST /pets, PetStore (a1b2c3d4e5), stage prod, eu-west-1",
            },
            "exposure": "public",
            "urls": ["https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"],
            "message": "anyone can call this method: its deployed authorization type is NONE",
            "remedy": "set AWS_IAM on the method and deploy the API",
            "standing": "open",
            "first_seen": "2026-06-14T06:00:00Z",
            "last_seen": "2026-06-15T06:00:00Z",
            "seen_until": "2026-06-15T06:00:00Z",
            "open_since": "2026-06-14T06:00:00Z",
            "resolved_at": null,
            "exempt_since": null,
            "exemption": null,
            "told": null,
            "events": [],
        }))
        .unwrap()
    }

    /// The finding behind [`entry`], with so many commands.
    pub(in crate::render) fn finding(commands: usize) -> Finding {
        let mut evidence = EvidenceList::from(Evidence::new(Source::Gap, ""));
        evidence.edit().clear();
        Finding {
            rule: RuleId::OpenMethod,
            severity: Severity::Critical,
            confidence: Confidence::High,
            place: Place::default(),
            reach: None,
            message: "".into(),
            evidence,
            remedy: Remedy {
                summary: "".into(),
                commands: vec![
                    "aws apigateway update-method --region eu-west-1"
                        .repeat(4)
                        .into();
                    commands
                ],
                infrastructure_as_code: None,
                terraform: None,
                references: vec!["https://docs.aws.amazon.com/apigateway/"],
            },
            extent: Extent::default(),
        }
    }

    /// A run that found nothing and read everything.
    pub(in crate::render) fn report() -> Report {
        Report {
            deployments: BTreeMap::new(),
            judged_by: String::new(),
            owners: crate::audit::Owners::default(),
            policy_file: None,
            judged_at: None,
            account: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            taken_at: at(),
            begun_at: at(),
            read_until: at(),
            apis: std::collections::BTreeSet::new(),
            scope: Scope {
                regions: vec!["eu-west-1".to_owned()],
                apis: Vec::new(),
                template: None,
                without_drafts: false,
                excluded_regions: Vec::new(),
            },
            probed: None,
            files: None,
            known: None,
            evaluation: Evaluation {
                rules: Vec::new(),
                requirements: Vec::new(),
                preflights: 0,
                surfaces: Vec::new(),
                own_verbs: Default::default(),
                findings: Vec::new(),
                exempted: Vec::new(),
                exemptions: Vec::new(),
                gaps: Vec::new(),
                assumptions: Vec::new(),
                coverage: Coverage::default(),
                warnings: Vec::new(),
                accepted_by_name: Vec::new(),
            },
        }
    }

    /// A digest of these news.
    pub(in crate::render) fn digest<'a>(report: &'a Report, news: Vec<News<'a>>) -> Digest<'a> {
        Digest {
            report,
            occasions: vec![Occasion::Changes],
            news,
            named: 0,
            messages: 0,
            open: BTreeMap::new(),
            exempt: 0,
            whereabouts: None,
            page: None,
            is_cut: false,
            for_owner: false,
            unread_elsewhere: false,
        }
    }

    /// News of an entry without its finding.
    pub(in crate::render) fn news(kind: Kind, entry: &Entry) -> News<'_> {
        News {
            kind,
            entry,
            finding: None,
            instead: None,
        }
    }

    #[test]
    fn a_change_is_a_message() {
        let (report, entry) = (report(), entry());
        let digest = digest(&report, vec![news(Kind::New, &entry)]);
        let notices = single_notices(&digest, LIMIT);
        let [(id, notice)] = notices.as_slice() else {
            panic!("{notices:?}");
        };
        assert_eq!(*id, entry.id);
        assert_eq!(
            notice.subject,
            "gatewatch: new critical open-method in 111122223333: POST /pets, PetStore"
        );
        let message: Value = serde_json::from_str(&notice.message).unwrap();
        let default: Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
        assert_eq!(default["change"], "new");
        assert_eq!(default["id"], entry.id.as_str());
        let values = notice.attributes.iter().map(|it| it.value.as_str());
        let values: Vec<&str> = values.collect();
        assert_eq!(
            values,
            [
                "1",
                "gatewatch.change",
                "critical",
                "111122223333",
                "eu-west-1",
                "new",
                "open-method"
            ]
        );
    }

    #[test]
    fn a_change_that_is_too_large_loses_commands() {
        let (report, entry, finding) = (report(), entry(), finding(100));
        let news = News {
            finding: Some(&finding),
            ..news(Kind::New, &entry)
        };
        let digest = digest(&report, vec![news]);
        let notices = single_notices(&digest, 8_192);
        let [(_, notice)] = notices.as_slice() else {
            panic!("{notices:?}");
        };
        assert!(notice.weight() <= 8_192, "{}", notice.weight());
        assert!(notice.message.contains("update-method"));
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("Zoö", 3), "Zoö");
        assert_eq!(cut("Zoös", 3), "Zo…");
    }
}
