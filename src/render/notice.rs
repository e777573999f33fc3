//! The one message of a run, within the limits of SNS.

use serde::Serialize;
use serde_json::json;

use super::plain::inert;
use super::report::{email, json};
use super::words::compact;
use crate::audit::{Report, Status};

/// The most that a message may weigh, body and attributes together, in bytes.
///
/// Source: [Publish](https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). A topic may raise it,
/// but e-mail, HTTPS and chat subscriptions get nothing above it.
pub const LIMIT: usize = 262_144;

/// The most characters of a subject.
pub(crate) const SUBJECT_LIMIT: usize = 99;

/// The most findings that an e-mail spells out: nobody reads on.
const EMAIL_FINDINGS: usize = 50;

/// No entry of the JSON weighs less, so that more of them need not be tried.
const LEAST_ENTRY: usize = 128;

/// A message, ready to be published with `MessageStructure=json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The subject of e-mails: ASCII, at most 99 characters.
    pub subject: String,
    /// A JSON object with a text for each kind of subscription: `default` (the report's compact JSON),
    /// `email` (the report for a person) and `sms`.
    pub message: String,
    /// What subscriptions can filter by.
    pub attributes: Vec<Attribute>,
    /// How many findings the JSON lists. Fewer than there are: the rest did not fit.
    pub listed: usize,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its type: `String` or `String.Array`.
    pub kind: &'static str,
    /// Its value.
    pub value: String,
}

impl Notice {
    /// Builds the message of a report. `limit` is in bytes, usually [`LIMIT`]; where the report does not
    /// fit, the worst findings stay and the rest is counted.
    pub fn of(report: &Report, limit: usize) -> Notice {
        let subject = subject(report);
        let attributes = attributes(report);
        let evaluation = &report.evaluation;
        let longest = [
            evaluation.findings.len(),
            evaluation.gaps.len(),
            evaluation.exempted.len(),
            evaluation.exemptions.len(),
            evaluation.assumptions.len(),
        ];
        let longest = longest.into_iter().max().unwrap_or(0);
        let fits = fitting(&subject, &attributes, limit, longest, |most| {
            body(report, &subject, most)
        });
        let (most, message) = fits;
        Notice {
            subject,
            message,
            attributes,
            listed: evaluation.findings.len().min(most),
        }
    }

    /// What it weighs in bytes, everything together.
    pub fn weight(&self) -> usize {
        let attributes: usize = self.attributes.iter().map(Attribute::weight).sum();
        self.subject.len() + self.message.len() + attributes
    }
}

/// The message that names as many changes as fit, and as many gaps or accounts beside them. `counts`: how many there
/// are of each. `body` makes the message that names so many of both.
pub(crate) fn fitted(
    subject: String,
    attributes: Vec<Attribute>,
    limit: usize,
    [changes, others]: [usize; 2],
    body: impl Fn(usize, usize) -> String,
) -> Notice {
    let fit = |longest: usize, others: usize| {
        let body = |most: usize| body(most, most.min(others));
        fitting(&subject, &attributes, limit, longest, body)
    };
    let (mut most, mut message) = fit(changes.max(others), others);
    if most == 0 && changes > 0 {
        // A gap that fills a message by itself keeps no change from being named.
        (most, message) = fit(changes, 0);
    }
    Notice {
        listed: changes.min(most),
        subject,
        message,
        attributes,
    }
}

/// The message with the most entries that fits, and how many they are. `body` makes one with so many,
/// `longest` is how many there are.
pub(crate) fn fitting(
    subject: &str,
    attributes: &[Attribute],
    limit: usize,
    longest: usize,
    body: impl Fn(usize) -> String,
) -> (usize, String) {
    let overhead: usize = attributes.iter().map(Attribute::weight).sum::<usize>() + subject.len();
    let room = limit.saturating_sub(overhead);
    // The weight grows with every entry: bisect for the most that fit.
    let mut fits = (0, body(0));
    let mut too_many = longest.min(most_entries(room)) + 1;
    let mut next = too_many - 1;
    while fits.0 + 1 < too_many {
        let tried = body(next);
        if tried.len() <= room {
            fits = (next, tried);
        } else {
            too_many = next;
        }
        next = fits.0 + (too_many - fits.0) / 2;
    }
    fits
}

/// The most entries that can fit into so many bytes.
pub(crate) fn most_entries(room: usize) -> usize {
    room / LEAST_ENTRY
}

/// A subject as SNS takes it: ASCII without control characters, below 100 of them. It is also the text message, in which
/// a phone would make a link of a name.
pub(crate) fn subject_line(text: &str) -> String {
    let text = inert(text);
    let ascii = text.chars().filter(|letter| matches!(letter, ' '..='~'));
    ascii.take(SUBJECT_LIMIT).collect()
}

impl Attribute {
    /// One text. It cannot be empty.
    pub(crate) fn text(name: &'static str, value: &str) -> Self {
        Attribute {
            name,
            kind: "String",
            value: value.to_owned(),
        }
    }

    /// A list, so that a filter for one value meets a message of several.
    pub(crate) fn list<T: Serialize>(name: &'static str, values: &[T]) -> Self {
        Attribute {
            name,
            kind: "String.Array",
            value: json!(values).to_string(),
        }
    }

    fn weight(&self) -> usize {
        self.name.len() + self.kind.len() + self.value.len()
    }
}

fn body(report: &Report, subject: &str, most: usize) -> String {
    json!({
        "default": compact(&json::cut(report, most)),
        "email": email(report, most.min(EMAIL_FINDINGS)),
        "sms": subject,
    })
    .to_string()
}

fn subject(report: &Report) -> String {
    let whose = report.subject_in_words();
    let subject = match report.status() {
        Status::Clean => format!("gatewatch: {whose} is clean"),
        Status::NoApi => format!("gatewatch: no API in {whose}"),
        Status::NoMethod => format!("gatewatch: no method in {whose}"),
        Status::Findings => format!("gatewatch: {} in {whose}", report.counts_in_words()),
        Status::Incomplete => format!(
            "gatewatch: {whose} INCOMPLETE ({} not read), {}",
            report.evaluation.gaps.len(),
            report.counts_in_words()
        ),
    };
    subject_line(&subject)
}

fn attributes(report: &Report) -> Vec<Attribute> {
    vec![
        Attribute::text("schema_version", &json::SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", "gatewatch.report"),
        Attribute::text(
            "severity",
            report.worst().map_or("none", |worst| worst.as_str()),
        ),
        Attribute::text("account_id", &report.account),
        Attribute::list("region", &report.scope.regions),
        Attribute::text("status", report.status().as_str()),
    ]
}
