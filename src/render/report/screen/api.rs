//! An API with its findings and their fixes.

use std::collections::{BTreeMap, BTreeSet};

use super::fix::Fix;
use super::group::{Block, Group, blocks, counts_in_words};
use super::subjects::subjects;
use super::{NEW, Screen, command_line};
use crate::audit::finding::{Evidence, Finding};

/// So many blocks of an API are shown.
const BLOCKS: usize = 12;

/// So many readings that tell the same of several deployments are shown.
const READINGS: usize = 3;

/// So many URLs of a block are shown.
const URLS: usize = 3;

impl Screen {
    /// The name of an API and how much is wrong there.
    fn title(&mut self, group: &Group<'_>) {
        let from = self.lines.len();
        let counts = &group.counts;
        self.say(&format!("{}: {counts}", group.name), 0, 2);
        for line in self.lines.iter_mut().skip(from) {
            *line = self.paint.strong(line);
        }
    }

    /// An API in a line.
    pub(super) fn in_short(&mut self, group: &Group<'_>) {
        let counts = &group.counts;
        self.say(&format!("{}: {counts}", group.name), 2, 4);
    }

    /// An API in full.
    pub(super) fn group(&mut self, group: &Group<'_>, new: &BTreeSet<String>) {
        self.title(group);
        let (blocks, fixes) = blocks(group, new);
        let (shown, more) = blocks.split_at(blocks.len().min(BLOCKS));
        // Each fix comes after the last of the findings that it mends.
        for (at, block) in shown.iter().enumerate() {
            let is_numbered = fixes.len() > 1;
            self.block(block, is_numbered);
            let later = shown.get(at + 1..).unwrap_or_default();
            for &fix in &block.fixes {
                let goes_on = later.iter().any(|it| it.fixes.contains(&fix));
                if let (false, Some(mended)) = (goes_on, fixes.get(fix)) {
                    self.fix(mended, is_numbered.then_some(fix + 1));
                }
            }
        }
        if !more.is_empty() {
            let left: Vec<&Finding> = more.iter().flat_map(|it| &it.findings).copied().collect();
            let left = counts_in_words(&left);
            self.say(
                &format!("and more here: {left} (--verbose shows them)"),
                2,
                4,
            );
        }
        self.blank();
    }

    /// Findings that differ in the method alone.
    fn block(&mut self, block: &Block<'_>, is_numbered: bool) {
        let Some(first) = block.findings.first() else {
            return;
        };
        let new = if block.is_new { NEW } else { "" };
        let mark = format!("{new}{}", first.severity);
        let from = self.lines.len();
        self.say(&format!("{mark} {}: {}", first.rule, first.message), 2, 6);
        if let Some(line) = self.lines.get_mut(from) {
            let painted = self.paint.severity(first.severity, &mark);
            *line = line.replacen(&mark, &painted, 1);
        }
        for subjects in subjects(&block.findings) {
            let mut names = subjects.names.join(", ");
            if subjects.more > 0 {
                names += &format!(" and {} more (--verbose names them)", subjects.more);
            }
            let stages = match subjects.stages.as_slice() {
                [] => String::new(),
                [stage] => format!("stage {stage}: "),
                stages => format!("stages {}: ", stages.join(", ")),
            };
            let text = match names.is_empty() {
                true => stages.trim_end_matches(": ").to_owned(),
                false => format!("{stages}{names}"),
            };
            if !text.is_empty() {
                self.say(&text, 4, 6);
            }
        }
        self.proof(block, first);
        if is_numbered {
            let numbers = block.fixes.iter().map(|fix| format!("fix {}", fix + 1));
            self.say(&numbers.collect::<Vec<_>>().join(", "), 4, 6);
        }
    }

    /// What the findings of a block rest on, once.
    fn proof(&mut self, block: &Block<'_>, first: &Finding) {
        for (at, evidence) in first.evidence.iter().enumerate() {
            let readings = readings(block, at);
            let (source, several) = (evidence.source.as_str(), readings.len() > 1);
            for (text, stages) in readings.iter().take(READINGS) {
                let stages = match stages.as_slice() {
                    [stage] if several => format!(" in stage {stage}"),
                    [_, ..] if several => format!(" in stages {}", stages.join(", ")),
                    _ => String::new(),
                };
                self.say(&format!("{source}{stages}: {text}"), 4, 6);
            }
            let more = readings.len().saturating_sub(READINGS);
            if more > 0 {
                let text = format!("{source}: and {more} more (--verbose names them)");
                self.say(&text, 4, 6);
            }
        }
        if let Some(reach) = &first.reach {
            let mut urls: Vec<&str> = Vec::new();
            let mut seen = BTreeSet::new();
            let reached = block.findings.iter().filter_map(|it| it.reach.as_ref());
            for url in reached.flat_map(|it| it.urls.iter()) {
                if seen.insert(url) {
                    urls.push(url);
                }
            }
            let more = urls.len().saturating_sub(URLS);
            urls.truncate(URLS);
            let mut text = format!("exposure: {} {}", reach.exposure.as_str(), urls.join(", "));
            if more > 0 {
                text += &format!(" and {more} more (--verbose names them)");
            }
            self.say(text.trim_end(), 4, 6);
        }
        if first.confidence.as_str() != "high" {
            let text = format!("confidence {}", first.confidence.as_str());
            self.say(&text, 4, 6);
        }
    }

    /// How to mend what it mends. Commands are pasted: each stays one line, however long.
    fn fix(&mut self, fix: &Fix<'_>, number: Option<usize>) {
        let number = number.map_or_else(String::new, |number| format!(" {number}"));
        let all = fix.findings.len();
        let mends = match all {
            1 => String::new(),
            all => format!(" for {all} findings"),
        };
        let stage = match (number.is_empty(), fix.stage()) {
            (false, Some(stage)) => format!(" in stage {stage}"),
            _ => String::new(),
        };
        self.say(
            &format!("fix{number}{mends}{stage}: {}", fix.summary()),
            4,
            6,
        );
        let commands = fix.commands();
        if commands.mend < all && !commands.lines.is_empty() {
            // What is pasted may have comments in it.
            let few = commands.mend;
            self.say(
                &format!("# these mend {few} of the {all}; --verbose gives all commands"),
                8,
                8,
            );
        }
        for command in commands.lines {
            self.lines.push(command_line(command));
        }
    }
}

/// What the readings in this place of the findings of a block say, each once, with the stages that it is of: the
/// deployments of stages differ.
fn readings<'f>(block: &Block<'f>, at: usize) -> Vec<(String, Vec<&'f str>)> {
    let mut readings: Vec<(String, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &block.findings {
        let Some(text) = finding.evidence.get(at).map(Evidence::in_words) else {
            continue;
        };
        let next = readings.len();
        let place = *places.entry(text.clone()).or_insert(next);
        if place == next {
            readings.push((text, Vec::new()));
        }
        if let (Some((_, stages)), Some(stage)) = (readings.get_mut(place), &finding.place.stage)
            && stages.last() != Some(&stage.as_str())
        {
            stages.push(stage);
        }
    }
    readings
}
