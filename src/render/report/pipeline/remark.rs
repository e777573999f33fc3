//! What a pipeline is told, one thing after the other.

use super::{Judged, Subject};
use crate::audit::CheckedFiles;
use crate::audit::finding::{Finding, Fingerprint, Location, RuleId, Severity};
use crate::audit::rules::Exempted;
use crate::inventory::Gap;
use crate::render::report::exceptions::exempted_in_words;
use crate::render::{capitalized, plain};

/// The name under which what could not be read is told.
pub(super) const NOT_READ: &str = "not-read";

/// What it means.
pub(super) const NOT_READ_SUMMARY: &str =
    "something could not be read or decided, and so is not clean";

/// One thing that a pipeline is told.
pub(super) struct Remark<'r> {
    pub(super) account: &'r str,
    /// The file that was checked. `None`: an account was.
    file: Option<&'r str>,
    pub(super) what: What<'r>,
}

pub(super) enum What<'r> {
    /// Something could not be read.
    Gap(&'r Gap),
    /// Nothing of the account could be read.
    Account(&'r str),
    /// Something is wrong.
    Finding(&'r Finding),
    /// Something is wrong, and an exemption covers it.
    Exempted(&'r Exempted),
    /// Something is wrong, and a baseline has it already.
    Known(&'r Finding),
}

/// All that there is to be told: what was not read, then the findings, worst first, then what is exempted.
pub(super) fn remarks<'r>(judged: &Judged<'r>) -> Vec<Remark<'r>> {
    let mut all: Vec<Remark<'r>> = judged.0.iter().flat_map(of).collect();
    // Within an account they are in the order of the report already.
    all.sort_by_key(|it| (it.what.order(), std::cmp::Reverse(it.severity())));
    all
}

fn of<'r>(subject: &Subject<'r>) -> Vec<Remark<'r>> {
    let account = subject.account;
    let report = match subject.result {
        Ok(report) => report,
        Err(why) => {
            return vec![Remark {
                account,
                file: None,
                what: What::Account(&why.message),
            }];
        }
    };
    let evaluation = &report.evaluation;
    let gaps = evaluation.gaps.iter().map(What::Gap);
    let findings = evaluation.findings.iter().map(What::Finding);
    let exempted = evaluation.exempted.iter().map(What::Exempted);
    let known = report.known.iter().flat_map(|it| &it.findings);
    let all = gaps
        .chain(findings)
        .chain(known.map(What::Known))
        .chain(exempted);
    all.map(|what| Remark {
        account,
        file: match (&report.files, &what) {
            (Some(files), What::Gap(gap)) => file_of(gap, files),
            _ => None,
        }
        .or(report.scope.template.as_deref()),
        what,
    })
    .collect()
}

/// Which of several files a gap is in: it names the place.
fn file_of<'r>(gap: &Gap, files: &'r CheckedFiles) -> Option<&'r str> {
    let names = files.checked.iter().map(|(name, _)| name.as_str());
    let named = names.filter(|it| gap.message.contains(&format!("{it}:")));
    // The name of one file may be the end of another's.
    named.max_by_key(|it| it.len())
}

impl<'r> What<'r> {
    fn order(&self) -> u8 {
        match self {
            What::Gap(_) | What::Account(_) => 0,
            What::Finding(_) => 1,
            What::Known(_) => 2,
            What::Exempted(_) => 3,
        }
    }

    /// The gap. `None`: it is a finding, or nothing of the account was read.
    pub(super) fn gap(&self) -> Option<&'r Gap> {
        match self {
            What::Gap(gap) => Some(gap),
            What::Account(_) | What::Finding(_) | What::Exempted(_) | What::Known(_) => None,
        }
    }

    /// The finding. `None`: something could not be read.
    pub(super) fn finding(&self) -> Option<&'r Finding> {
        match self {
            What::Gap(_) | What::Account(_) => None,
            What::Finding(finding) | What::Known(finding) => Some(finding),
            What::Exempted(exempted) => Some(&exempted.finding),
        }
    }
}

impl<'r> Remark<'r> {
    /// The same across scans and edits of a file: no line is part of it.
    pub(super) fn id(&self) -> String {
        if let Some(finding) = self.what.finding() {
            return finding.fingerprint().to_string();
        }
        let id = Fingerprint::of_no_finding(NOT_READ, self.account, self.what.gap());
        id.to_string()
    }

    /// The rule's name.
    pub(super) fn rule(&self) -> &'static str {
        self.rule_id().map_or(NOT_READ, RuleId::as_str)
    }

    pub(super) fn rule_id(&self) -> Option<RuleId> {
        self.what.finding().map(|it| it.rule)
    }

    /// How severe it is. What was not read may hide anything.
    pub(super) fn severity(&self) -> Severity {
        self.what.finding().map_or(Severity::High, |it| it.severity)
    }

    /// Where, in words, with what is not seen written out.
    pub(super) fn place(&self) -> String {
        plain(&self.place_in_words())
    }

    fn place_in_words(&self) -> String {
        if let Some(finding) = self.what.finding() {
            return finding.place.in_words();
        }
        let Some(gap) = self.what.gap() else {
            return format!("account {}", self.account);
        };
        let place = gap.place_in_words();
        place.unwrap_or_else(|| self.file.unwrap_or(self.account).to_owned())
    }

    /// What is wrong, in a sentence.
    pub(super) fn says(&self) -> String {
        let says = match &self.what {
            What::Account(why) => format!("the account could not be read: {why}"),
            What::Gap(gap) => format!("not read, and so not clean: {}", gap.in_words()),
            What::Finding(finding) | What::Known(finding) => finding.message.to_string(),
            What::Exempted(exempted) => exempted.finding.message.to_string(),
        };
        plain(&capitalized(&says))
    }

    /// How it is mended.
    pub(super) fn fix(&self) -> Option<String> {
        self.what.finding().map(|it| plain(&it.remedy.summary))
    }

    /// All of it in a line.
    pub(super) fn in_words(&self) -> String {
        let fix = self.fix().map(|it| format!(". Fix: {it}"));
        format!(
            "{}: {}{}",
            self.place(),
            self.says(),
            fix.unwrap_or_default()
        )
    }

    /// Whether a baseline has it already.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.what, What::Known(_))
    }

    /// Why it is allowed, where an exemption covers it.
    pub(super) fn allowed(&self) -> Option<String> {
        let What::Exempted(exempted) = &self.what else {
            return None;
        };
        Some(plain(&exempted_in_words(exempted)))
    }

    /// Where it stands in a file. `None`: it is deployed.
    pub(super) fn location(&self) -> Option<&'r Location> {
        self.what.finding()?.place.location.as_deref()
    }

    /// What these hosts take for its file: that which was checked, or of what is deployed the account, the Region, the API and
    /// the stage as a path.
    pub(super) fn path(&self) -> String {
        let file = self.location().map(|it| it.file.as_str()).or(self.file);
        if let Some(file) = file {
            return file.strip_prefix("./").unwrap_or(file).to_owned();
        }
        let place = self.what.finding().map(|it| &it.place);
        let (region, api, stage) = match (&self.what, place) {
            (What::Gap(gap), _) => (
                gap.region.as_deref(),
                gap.api.as_deref(),
                gap.stage.as_deref(),
            ),
            (_, Some(place)) => {
                let api = place.api.as_ref().map(|it| it.id.as_str());
                (place.region.as_deref(), api, place.stage.as_deref())
            }
            _ => (None, None, None),
        };
        let parts = [Some(self.account), region, api, stage];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }

    /// The line and the column, from 1. Of what is not known to stand anywhere it is the first.
    pub(super) fn line_and_column(&self) -> (usize, usize) {
        self.location()
            .map_or((1, 1), |it| (it.line.max(1), it.column.max(1)))
    }
}
