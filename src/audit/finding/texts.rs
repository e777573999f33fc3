//! The texts that findings have in common, each kept once.

use foldhash::{HashSet, HashSetExt as _};

use super::{EvidenceList, Finding, Text};

/// So many texts are remembered at most.
const REMEMBERED: usize = 1 << 15;

/// The texts and the lists of evidence of the findings that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    texts: HashSet<Text>,
    evidence: HashSet<EvidenceList>,
}

impl Texts {
    /// Lets a finding share with those before it what they have in common.
    pub(crate) fn share(&mut self, finding: &mut Finding) {
        let remedy = &mut finding.remedy;
        let texts = remedy.commands.iter_mut();
        let texts = texts.chain(&mut remedy.infrastructure_as_code);
        let texts = texts.chain([&mut remedy.summary, &mut finding.message]);
        for text in texts.chain(finding.place.texts()) {
            self.keep(text);
        }
        self.keep_evidence(&mut finding.evidence);
    }

    /// Lets a list of evidence share with an equal one before it, or its texts with others.
    fn keep_evidence(&mut self, list: &mut EvidenceList) {
        if let Some(known) = self.evidence.get(list) {
            *list = known.clone();
            return;
        }
        for read in list.edit() {
            self.keep(&mut read.says);
            if let Some(reference) = &mut read.reference {
                self.keep(reference);
            }
        }
        if self.evidence.len() >= REMEMBERED {
            self.evidence = HashSet::new();
        }
        self.evidence.insert(list.clone());
    }

    /// Lets a text share its letters with an equal one before it.
    pub(crate) fn keep(&mut self, text: &mut Text) {
        if self.texts.len() >= REMEMBERED {
            // What no two have in common is held by one of them, and by this set.
            self.texts
                .retain(|it| it.holders().is_some_and(|it| it > 2));
            if self.texts.len() > REMEMBERED / 2 {
                self.texts = HashSet::new();
            }
        }
        match self.texts.get(text) {
            Some(known) => *text = known.clone(),
            None => {
                self.texts.insert(text.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::{Evidence, Place, Remedy, RuleId, Severity, Source, Violation};

    fn finding(command: &str) -> Finding {
        let read = Evidence::new(Source::Iam, String::from("read")).with_reference("dep111");
        let remedy = Remedy::new(String::from("mend")).with_commands([String::from(command)]);
        let place = Place::of_account("111122223333");
        let violation = Violation::new(Severity::Low, place, String::from("wrong"), read, remedy);
        violation.into_finding(RuleId::OpenMethod)
    }

    #[test]
    fn findings_that_say_the_same_share_the_letters() {
        let mut texts = Texts::default();
        let findings = ["a", "a", "b"].map(|command| {
            let mut finding = finding(command);
            texts.share(&mut finding);
            finding
        });
        let [one, same, other] = &findings;
        let is_shared = Text::is_shared_with;
        assert_eq!(one, same);
        assert!(is_shared(&one.message, &other.message));
        assert!(is_shared(&one.remedy.summary, &other.remedy.summary));
        assert!(is_shared(&one.evidence[0].says, &other.evidence[0].says));
        assert!(is_shared(&one.remedy.commands[0], &same.remedy.commands[0]));
        assert_eq!(*other.remedy.commands[0], *"b");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut texts = Texts::default();
        for number in 0..REMEMBERED + 10 {
            let mut finding = finding(&number.to_string());
            texts.share(&mut finding);
        }
        assert!(texts.texts.len() < REMEMBERED);
    }
}
