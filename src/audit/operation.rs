//! What an operation of CloudFormation, or of the Cloud Control API, would bring.
//!
//! What is there already refuses no operation: a scan announces it, and an urgent change of something else need not wait
//! until it is mended.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Report;
use super::finding::{Finding, Fingerprint, RuleId, Severity};
use super::rules::{Coverage, Exempted};
use crate::inventory::{ApiKind, Gap};
use crate::policy_file::{PolicyFile, Selector, Validity};

/// From which severity on a finding refuses an operation, as it makes a resource non-compliant for AWS Config.
pub const LEAST_REFUSED: Severity = Severity::Medium;

/// What an operation would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What refuses it, worst first: findings that are not there yet, or not as severe.
    pub brought: Vec<Finding>,
    /// The same, each too slight to refuse it.
    pub slight: Vec<Finding>,
    /// The findings that are there already.
    pub standing: Vec<Finding>,
    /// What would refuse it, unless the policy file accepts it by a name that is not told.
    pub undecided: Vec<Finding>,
    /// What an exemption covers.
    pub exempted: Vec<Exempted>,
    /// What could not be told.
    pub gaps: Vec<Gap>,
    /// What was taken for granted, in words.
    pub assumed: Vec<String>,
    /// Whether what is undecided, or could not be told, is judged elsewhere: a resource of a stack, with the stack's
    /// template.
    pub judged_with_template: bool,
    /// How much was looked at.
    pub coverage: Coverage,
}

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It would bring a finding.
    Refused,
    /// It is not known to bring one, and not everything about it could be told.
    Undecided,
    /// It brings none.
    Sound,
}

/// What was there before an operation: findings with their severities.
#[derive(Debug, Clone, Default)]
pub struct Before(BTreeMap<Fingerprint, Severity>);

/// The names that are not told where a resource is shown without the others of its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// None: the whole template is known.
    Nothing,
    /// Of an API, the names of its stages.
    OfApi,
    /// Of a method or a route, its API, and with it who reaches that.
    OfMethod,
}

impl Before {
    /// What a report about the state before shows.
    pub fn of(report: &Report) -> Self {
        let findings = report.evaluation.findings.iter();
        Before(findings.map(|it| (it.fingerprint(), it.severity)).collect())
    }

    /// Whether a finding is there already, and was no less severe.
    pub fn has(&self, finding: &Finding) -> bool {
        let known = self.0.get(&finding.fingerprint());
        known.is_some_and(|severity| *severity >= finding.severity)
    }
}

impl Operation {
    /// What an operation would bring, by a report about what it makes. `is_there`: whether a finding is there already.
    /// `today` is the day, in UTC, by which exemptions expire.
    ///
    /// ```
    /// use gatewatch::audit::operation::{Before, Operation, Untold, Verdict};
    /// use gatewatch::audit::Report;
    /// use gatewatch::policy_file::PolicyFile;
    /// use gatewatch::template::{self, Options};
    /// use jiff::Timestamp;
    ///
    /// let options = Options { region: "eu-west-1".to_owned(), region_is_known: true, parameters: [].into(), around: None };
    /// let (policy, today) = (PolicyFile::default(), "2026-06-15".parse().unwrap());
    /// let report = |authorization: &str| {
    ///     let text = format!("
    /// Resources:
    ///   Api: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{Name: shop}}}}
    ///   Root:
    ///     Type: AWS::ApiGateway::Method
    ///     Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: {authorization}}}
    /// ");
    ///     let read = template::read("template", &text, &options, Timestamp::UNIX_EPOCH).unwrap().unwrap();
    ///     Report::of_template(read, &policy, today)
    /// };
    /// let verdict = |before: &str, after: &str| {
    ///     let before = Before::of(&report(before));
    ///     let is_there = |it: &_| before.has(it);
    ///     Operation::new(report(after), is_there, Untold::Nothing, &policy, today).verdict()
    /// };
    /// assert_eq!(verdict("AWS_IAM", "NONE"), Verdict::Refused);
    /// assert_eq!(verdict("NONE", "NONE"), Verdict::Sound);
    /// assert_eq!(verdict("NONE", "AWS_IAM"), Verdict::Sound);
    /// ```
    pub fn new(
        report: Report,
        is_there: impl Fn(&Finding) -> bool,
        untold: Untold,
        policy: &PolicyFile,
        today: Date,
    ) -> Self {
        let evaluation = report.evaluation;
        let assumed = evaluation.assumptions.iter();
        let assumed = assumed.map(|it| format!("{}: {}", it.place.in_words(), it.says));
        let assumed = assumed.collect();
        let mut operation = Operation {
            brought: Vec::new(),
            slight: Vec::new(),
            standing: Vec::new(),
            undecided: Vec::new(),
            exempted: evaluation.exempted,
            gaps: evaluation.gaps,
            assumed,
            judged_with_template: false,
            coverage: evaluation.coverage,
        };
        for finding in evaluation.findings.into_iter().filter(is_of_operation) {
            let is_there = is_there(&finding);
            operation.add(finding, is_there, untold, policy, today);
        }
        operation
    }

    /// Adds a finding about what the operation makes.
    pub fn add(
        &mut self,
        finding: Finding,
        is_there: bool,
        untold: Untold,
        policy: &PolicyFile,
        today: Date,
    ) {
        let of = if is_there {
            &mut self.standing
        } else if finding.severity < LEAST_REFUSED {
            &mut self.slight
        } else if untold.may_hide_acceptance(&finding, policy, today) {
            &mut self.undecided
        } else {
            &mut self.brought
        };
        of.push(finding);
    }

    /// What becomes of it.
    pub fn verdict(&self) -> Verdict {
        if !self.brought.is_empty() {
            Verdict::Refused
        } else if self.is_whole() || self.judged_with_template {
            Verdict::Sound
        } else {
            Verdict::Undecided
        }
    }

    /// Whether everything about it could be told.
    pub fn is_whole(&self) -> bool {
        self.undecided.is_empty() && self.gaps.is_empty()
    }
}

/// Whether a finding is a matter of an operation: not what is wrong with the policy file itself, and not what a gap says
/// already.
pub fn is_of_operation(finding: &Finding) -> bool {
    finding.place.api.is_some() && finding.rule != RuleId::UnreadApi
}

impl Untold {
    /// Whether the policy file may accept a finding by a name that is not told.
    fn may_hide_acceptance(self, finding: &Finding, policy: &PolicyFile, today: Date) -> bool {
        let api = finding.place.api.as_ref();
        let is_rest = api.is_none_or(|it| it.kind.is_none_or(|it| it == ApiKind::Rest));
        let asks = |selector: &Selector| self.is_asked_by(selector, is_rest);
        let mut exemptions = policy.exemptions.iter().filter(|it| {
            it.rules.contains(&finding.rule)
                && it.severity >= finding.severity
                && it.standing(today, policy.max_exemption_days) == Validity::InForce
        });
        policy.require.iter().any(|it| asks(&it.selector))
            || exemptions.any(|it| asks(&it.selector))
    }

    /// Whether a selector asks for a name that is not told. `is_rest`: the path of a REST API's method stands with another
    /// resource, that of a route in its key.
    fn is_asked_by(self, selector: &Selector, is_rest: bool) -> bool {
        match self {
            Untold::Nothing => false,
            Untold::OfApi => !selector.stage.is_empty(),
            Untold::OfMethod => {
                !selector.stage.is_empty()
                    || !selector.api.is_empty()
                    || !selector.api_id.is_empty()
                    || !selector.tags.is_empty()
                    || !selector.exposure.is_empty()
                    || (is_rest && !selector.path.is_empty())
            }
        }
    }
}
