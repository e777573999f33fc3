//! A change that fits into a message beside others, whatever the names in it.
//!
//! A change that no message can hold would never be named, and so never be announced.

use std::borrow::Cow;

use super::change_text::one;
use super::cut::cut;
use super::json::change;
use super::single::shortened;
use crate::audit::finding::Finding;
use crate::ledger::Entry;
use crate::ledger::News;
use crate::render::compact;

/// How many pieces of evidence and commands are left to a change that would weigh too much, tried in turn.
pub(in crate::render) const SHORTER: [usize; 3] = [10, 3, 0];

/// The most characters of each text of a change that would weigh too much even then.
const TEXT: usize = 500;

/// The parts of a change, perhaps shortened.
#[derive(Debug, Clone)]
pub(in crate::render) struct Light<'a> {
    entry: Cow<'a, Entry>,
    finding: Option<Cow<'a, Finding>>,
}

impl<'a> Light<'a> {
    /// A change, shortened until its text and its JSON weigh no more than so many bytes together: first by
    /// evidence and commands, then by cutting its names.
    pub(in crate::render) fn of(news: &News<'a>, limit: usize) -> Self {
        let whole = Light {
            entry: Cow::Borrowed(news.entry),
            finding: news.finding.map(Cow::Borrowed),
        };
        if weight(news) <= limit {
            return whole;
        }
        for most in SHORTER {
            let finding = shortened(news, most);
            let shorter = News {
                finding: finding.as_ref(),
                ..*news
            };
            if weight(&shorter) <= limit {
                let finding = finding.map(Cow::Owned);
                return Light { finding, ..whole };
            }
        }
        Light {
            entry: Cow::Owned(clipped(news.entry)),
            finding: None,
        }
    }

    /// A change that a text names in one line, without the commands, so that a message names more of them.
    pub(in crate::render) fn in_a_line(news: &News<'a>, limit: usize) -> Self {
        let finding = shortened(news, 0);
        let shorter = News {
            finding: finding.as_ref(),
            ..*news
        };
        let entry = if weight(&shorter) <= limit {
            Cow::Borrowed(news.entry)
        } else {
            Cow::Owned(clipped(news.entry))
        };
        Light {
            entry,
            finding: finding.map(Cow::Owned),
        }
    }

    /// The change as it may be shown. `news`: what this was made of.
    pub(in crate::render) fn shown<'l>(&'l self, news: &News<'l>) -> News<'l> {
        News {
            entry: &self.entry,
            finding: self.finding.as_deref(),
            ..*news
        }
    }
}

/// What a change weighs as text and as JSON together, in bytes.
fn weight(news: &News<'_>) -> usize {
    one(news).len() + compact(&change(news)).len()
}

/// The entry with every text cut. Its id stays whole: it names the finding.
fn clipped(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    let place = &mut entry.place;
    let optional = [
        &mut place.stage,
        &mut place.verb,
        &mut place.path,
        &mut place.route_key,
        &mut place.exemption,
        &mut place.resource_arn,
    ];
    let api = place.api.iter_mut().map(|it| &mut it.name);
    let principal = (place.principal.iter_mut()).flat_map(|it| [&mut it.name, &mut it.arn]);
    let allowed = (entry.exemption.iter_mut()).flat_map(|it| [&mut it.owner, &mut it.reason]);
    let texts = std::iter::once(&mut place.words)
        .chain(optional.into_iter().flatten())
        .chain(api)
        .chain(principal)
        .chain([&mut entry.message, &mut entry.remedy])
        .chain(&mut entry.urls);
    for text in texts {
        *text = cut(text, TEXT).into();
    }
    for text in allowed {
        *text = cut(text, TEXT);
    }
    entry
}
