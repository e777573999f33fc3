//! From a report to what AWS Config is told.
//!
//! Pure. What could not be read is never said to comply.

mod ask;

pub use ask::{About, ConfigAsk};

use jiff::Timestamp;

use crate::audit::Report;
use crate::audit::finding::{Finding, RuleId, Severity};
use crate::inventory::{Api, ApiKind, Gap, GapKind};
use crate::render::words::by_severity;
use crate::render::{plain, plural};

/// From which severity on a finding makes a resource non-compliant.
const LEAST: Severity = Severity::Medium;

/// The most characters of an annotation.
///
/// Source: [Evaluation](https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html).
const ANNOTATION: usize = 256;

/// What AWS Config is told about one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The resource's type, such as `AWS::ApiGateway::RestApi`.
    pub resource_type: String,
    /// Its id: the one that Config asked about, else the API's own, or the account's.
    pub resource_id: String,
    /// Whether it complies. `None`: the rule does not apply to it.
    pub compliant: Option<bool>,
    /// Why, in 1 to 256 characters.
    pub annotation: String,
    /// As of when: what Config's event says.
    pub ordering: Timestamp,
}

/// What a report says about what a custom rule of AWS Config asks for. `apis` are those of the inventory
/// that the report judges.
///
/// A resource does not comply where a finding of medium severity or worse, that no exemption covers, is at
/// its API. A stage, or a method, is judged by its API.
///
/// A report about everything gives one evaluation for each API of the rule's Region that was read, and one for
/// the account: of what lies in no such API, and of all that was not read. Config knows the resources of
/// another Region there, and nothing promises that it takes an evaluation of one here.
///
/// # Errors
/// In words, where Config asks about one resource and its API was not read completely, and is not known to
/// be wrong either, or where the rule's Region was not read: what Config has must stay as it is.
pub fn evaluations(
    ask: &ConfigAsk,
    report: &Report,
    apis: &[Api],
) -> Result<Vec<Evaluation>, String> {
    let About::Item {
        resource_type,
        resource_id,
        region,
        api,
        ..
    } = &ask.about
    else {
        return everything(ask, report, apis);
    };
    if let Some(not_applicable) = not_applicable(ask) {
        return Ok(vec![not_applicable]);
    }
    let (compliant, words) = {
        let id = api.as_ref().ok_or_else(|| {
            format!(
                "no API can be told from the {resource_type} `{resource_id}`: limit the rule to \
                 AWS::ApiGateway::RestApi, AWS::ApiGatewayV2::Api and their stages"
            )
        })?;
        // An id is unique within its Region only.
        let region = region.as_ref().unwrap_or(&ask.region);
        let at = |it: &&Api| it.id == *id && it.region == *region;
        let api = apis.iter().find(at).ok_or_else(|| {
            format!("API {id} was not found in {region}, and nothing is said about it")
        })?;
        let (compliant, words) = judged(report, api)?;
        (Some(compliant), words)
    };
    let resource = (resource_type.as_str(), resource_id.as_str());
    Ok(vec![evaluation(ask, resource, compliant, &words)])
}

/// What is said of a resource that the rule does not apply to, and that nothing needs to be read for.
/// `None`: it applies.
pub fn not_applicable(ask: &ConfigAsk) -> Option<Evaluation> {
    let About::Item {
        resource_type,
        resource_id,
        deleted,
        ..
    } = &ask.about
    else {
        return None;
    };
    let words = if *deleted || ask.left_scope {
        "it is gone, no longer recorded, or no longer in the rule's scope"
    } else if !resource_type.starts_with("AWS::ApiGateway") {
        "it is nothing of API Gateway"
    } else {
        return None;
    };
    let resource = (resource_type.as_str(), resource_id.as_str());
    Some(evaluation(ask, resource, None, words))
}

fn everything(ask: &ConfigAsk, report: &Report, apis: &[Api]) -> Result<Vec<Evaluation>, String> {
    let region = &ask.region;
    if !report.scope.regions.contains(region) {
        return Err(format!(
            "AWS Config asks about {region}, which is not among the Regions that are read: add it to them, \
             or take the rule away"
        ));
    }
    let mut evaluations = Vec::new();
    let mut left_out = 0;
    let here = || apis.iter().filter(|it| it.region == *region);
    for api in here() {
        let resource = (resource_type(api.kind), api.id.as_str());
        match judged(report, api) {
            Ok((compliant, words)) => {
                evaluations.push(evaluation(ask, resource, Some(compliant), &words));
            }
            Err(_) => left_out += 1,
        }
    }
    let elsewhere = |finding: &Finding| !here().any(|api| is_at(finding, api));
    let (sound, mut words) = verdict(report, elsewhere);
    let gaps = report.evaluation.gaps.len();
    if gaps > 0 {
        words = format!(
            "incomplete: {} could not be read (APIs left out: {left_out}); {words}",
            plural(gaps, "place")
        );
    }
    let account = ("AWS::::Account", report.account.as_str());
    let compliant = Some(sound && gaps == 0);
    evaluations.push(evaluation(ask, account, compliant, &words));
    Ok(evaluations)
}

/// Whether an API complies, and why. Where it was not read completely, only what is wrong is known.
fn judged(report: &Report, api: &Api) -> Result<(bool, String), String> {
    let (sound, words) = verdict(report, |finding| is_at(finding, api));
    let gap = report.evaluation.gaps.iter().find(|gap| hides(gap, api));
    match gap {
        Some(gap) if sound => Err(format!(
            "API {} was not read completely, and nothing is said about it: {}",
            api.id,
            gap.in_words()
        )),
        _ => Ok((sound, words)),
    }
}

/// Whether none of these findings is severe enough, and why.
fn verdict(report: &Report, concerns: impl Fn(&Finding) -> bool) -> (bool, String) {
    // What was not read is told by the gaps: it is unknown, not wrong.
    let findings = report
        .evaluation
        .findings
        .iter()
        .filter(|it| it.rule != RuleId::UnreadApi && concerns(it));
    let (severe, slight): (Vec<&Finding>, Vec<&Finding>) =
        findings.partition(|it| it.severity >= LEAST);
    let Some(worst) = severe.first() else {
        let more = match slight.len() {
            0 => String::new(),
            slight => format!("; {slight} below that"),
        };
        return (
            true,
            format!("no finding of severity {LEAST} or worse{more}"),
        );
    };
    let count = |severity| severe.iter().filter(|it| it.severity == severity).count();
    let words = format!(
        "{}; {} at {}: {}",
        by_severity(count),
        worst.rule,
        worst.place.in_words(),
        worst.message
    );
    (false, words)
}

fn is_at(finding: &Finding, api: &Api) -> bool {
    let place = &finding.place;
    let named = place.api.as_ref().is_some_and(|it| it.id == api.id);
    named && place.region.as_ref().is_none_or(|it| *it == api.region)
}

/// Whether something of an API was not read. What cannot be read of IAM hides findings about principals,
/// which are the account's.
fn hides(gap: &Gap, api: &Api) -> bool {
    let is_of_principals = match gap.kind {
        GapKind::Iam | GapKind::PolicyDocument => true,
        GapKind::Findings => gap.api.is_none(),
        _ => false,
    };
    if is_of_principals {
        return false;
    }
    let in_region = gap.region.as_ref().is_none_or(|it| *it == api.region);
    let in_api = gap.api.as_ref();
    in_region && in_api.is_none_or(|it| *it == api.id || *it == api.name)
}

fn resource_type(kind: ApiKind) -> &'static str {
    match kind {
        ApiKind::Rest => "AWS::ApiGateway::RestApi",
        ApiKind::Http | ApiKind::WebSocket => "AWS::ApiGatewayV2::Api",
    }
}

/// `resource`: its type and its id.
fn evaluation(
    ask: &ConfigAsk,
    resource: (&str, &str),
    compliant: Option<bool>,
    words: &str,
) -> Evaluation {
    Evaluation {
        resource_type: resource.0.to_owned(),
        resource_id: resource.1.to_owned(),
        compliant,
        annotation: shortened(&plain(words)),
        ordering: ask.ordering,
    }
}

fn shortened(text: &str) -> String {
    const MARK: &str = "...";
    if text.chars().count() <= ANNOTATION {
        return text.to_owned();
    }
    let kept = text.chars().take(ANNOTATION - MARK.len());
    kept.chain(MARK.chars()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::inventory::Inventory;
    use crate::policy_file::PolicyFile;
    use crate::run::events::{Trigger, trigger};

    const CHANGE: &str = include_str!("../../../events/config-change.json");
    const STAGE: &str = include_str!("../../../events/config-oversized.json");
    const SCHEDULE: &str = include_str!("../../../events/config-scheduled.json");
    const DELETED: &str = include_str!("../../../events/config-deleted.json");

    fn ask(text: &str) -> ConfigAsk {
        match trigger(serde_json::from_str(text).unwrap()) {
            Ok(Trigger::Config(ask)) => *ask,
            other => panic!("{other:?}"),
        }
    }

    /// An account with one API, some methods of which are open.
    fn open() -> Inventory {
        Inventory::from_json(include_str!("../../../examples/petstore.inventory.json")).unwrap()
    }

    /// The same, with nothing deployed.
    fn sound() -> Inventory {
        let mut inventory = open();
        inventory.apis[0].stages = Some(Vec::new());
        inventory
    }

    /// The same, with stages that could not be read.
    fn unread() -> Inventory {
        let mut inventory = open();
        inventory.apis[0].stages = None;
        inventory
    }

    fn answer(ask: &ConfigAsk, inventory: &Inventory) -> Result<Vec<Evaluation>, String> {
        let report = Report::new(inventory, &PolicyFile::default(), date(2026, 6, 15));
        evaluations(ask, &report, &inventory.apis)
    }

    fn one(text: &str, inventory: &Inventory) -> Evaluation {
        let mut all = answer(&ask(text), inventory).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn an_api_complies_where_nothing_severe_is_found() {
        let changed = one(CHANGE, &open());
        assert_eq!(changed.resource_type, "AWS::ApiGateway::RestApi");
        assert_eq!(changed.resource_id, "a1b2c3d4e5");
        assert_eq!(changed.compliant, Some(false));
        let words = "1 critical, 3 high; open-method at POST /pets, ";
        assert!(changed.annotation.starts_with(words), "{changed:?}");
        assert_eq!(changed.ordering, ask(CHANGE).ordering);
        assert_eq!(one(CHANGE, &sound()).compliant, Some(true));
    }

    #[test]
    fn a_stage_is_judged_by_its_api() {
        let stage = one(STAGE, &open());
        assert_eq!(stage.resource_type, "AWS::ApiGateway::Stage");
        assert!(stage.resource_id.ends_with("/stages/prod"));
        assert_eq!(stage.compliant, Some(false));
    }

    #[test]
    fn what_is_gone_or_out_of_scope_is_not_judged() {
        assert_eq!(one(DELETED, &unread()).compliant, None);
        let left = CHANGE.replace("\"eventLeftScope\": false", "\"eventLeftScope\": true");
        assert_eq!(one(&left, &open()).compliant, None);
        let other = CHANGE.replace("AWS::ApiGateway::RestApi", "AWS::IAM::Group");
        assert_eq!(one(&other, &open()).compliant, None);
    }

    #[test]
    fn what_was_not_read_does_not_comply() {
        let error = answer(&ask(CHANGE), &unread()).unwrap_err();
        assert!(error.contains("not read completely"), "{error}");
        let elsewhere = CHANGE.replace("eu-west-1", "us-east-1");
        assert!(answer(&ask(&elsewhere), &sound()).is_err());
        let nowhere = Inventory {
            apis: Vec::new(),
            ..sound()
        };
        assert!(answer(&ask(CHANGE), &nowhere).is_err());
    }

    #[test]
    fn a_gap_does_not_hide_what_is_wrong() {
        let gapped = |mut inventory: Inventory| {
            let gap = Gap::malformed(GapKind::Authorizers, "not read".to_owned());
            inventory.gaps.push(gap.at(&inventory.apis[0]));
            inventory
        };
        assert_eq!(one(CHANGE, &gapped(open())).compliant, Some(false));
        assert!(answer(&ask(CHANGE), &gapped(sound())).is_err());
    }

    #[test]
    fn a_schedule_evaluates_every_api_and_the_account() {
        let all = answer(&ask(SCHEDULE), &open()).unwrap();
        let told = |it: &Evaluation| (it.resource_type.clone(), it.resource_id.clone());
        let told: Vec<(String, String)> = all.iter().map(told).collect();
        let pair = |kind: &str, id: &str| (kind.to_owned(), id.to_owned());
        let expected = [
            pair("AWS::ApiGateway::RestApi", "a1b2c3d4e5"),
            pair("AWS::::Account", "111122223333"),
        ];
        assert_eq!(told, expected);
        let compliant: Vec<Option<bool>> = all.iter().map(|it| it.compliant).collect();
        assert_eq!(compliant, [Some(false), Some(true)]);
    }

    #[test]
    fn an_api_of_another_region_is_the_accounts() {
        let elsewhere = |mut inventory: Inventory| {
            inventory.scope.regions.push("us-east-1".to_owned());
            inventory.apis[0].region = "us-east-1".to_owned();
            answer(&ask(SCHEDULE), &inventory).unwrap()
        };
        let told = elsewhere(open());
        let [account] = told.as_slice() else {
            panic!("only the account lies in the rule's Region: {told:?}");
        };
        assert_eq!(account.resource_type, "AWS::::Account");
        assert_eq!(account.compliant, Some(false));
        let words = "1 critical, 3 high; open-method at POST /pets, ";
        assert!(account.annotation.starts_with(words), "{account:?}");
        assert_eq!(elsewhere(sound())[0].compliant, Some(true));
    }

    #[test]
    fn a_region_that_was_not_read_is_not_evaluated() {
        let mut inventory = sound();
        inventory.scope.regions = vec!["us-east-1".to_owned()];
        inventory.apis.clear();
        let error = answer(&ask(SCHEDULE), &inventory).unwrap_err();
        assert!(error.contains("eu-west-1"), "{error}");
    }

    #[test]
    fn an_item_without_a_region_lies_in_the_rules() {
        let change = CHANGE.replace(
            "\\\"awsRegion\\\":\\\"eu-west-1\\\"",
            "\\\"awsRegion\\\":null",
        );
        assert_ne!(change, CHANGE);
        assert_eq!(one(&change, &open()).compliant, Some(false));
        let rule = change.replace("arn:aws:config:eu-west-1:", "arn:aws:config:us-east-1:");
        assert!(answer(&ask(&rule), &open()).is_err());
    }

    #[test]
    fn an_api_that_was_not_read_makes_the_account_non_compliant() {
        let account = one(SCHEDULE, &unread());
        assert_eq!(account.resource_type, "AWS::::Account");
        assert_eq!(account.compliant, Some(false));
        assert!(account.annotation.starts_with("incomplete: "));
        assert!(account.annotation.contains("APIs left out: 1"));
    }

    #[test]
    fn an_annotation_is_cut_between_characters() {
        assert_eq!(shortened("short"), "short");
        let cut = shortened(&"ö".repeat(300));
        assert_eq!(cut.chars().count(), ANNOTATION);
        assert!(cut.ends_with("ö..."));
    }
}
