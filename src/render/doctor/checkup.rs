//! Steps of a checkup, each with its outcome.

use std::collections::BTreeMap;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Light {
    /// It was tried, and it works.
    Ok,
    /// It could not be told. Never counted as in order.
    Unknown,
    /// It was tried, and a run would not work, or would be incomplete.
    Failed,
}

impl Light {
    /// `ok`, `unknown` or `failed`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The step's name, which stays the same from version to version.
    pub name: &'static str,
    /// What it was asked of: a Region, a topic, an account. `None`: there is one of it.
    pub subject: Option<String>,
    /// What it came to.
    pub light: Light,
    /// What was found, or why it could not be told.
    pub message: String,
    /// What to do about it, or what the command should answer.
    pub advice: Option<String>,
    /// A command to paste: what mends it or, where it could not be told, what tells it and changes nothing.
    pub command: Option<String>,
}

impl Check {
    /// A step that is in order.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Check::new(name, Light::Ok, message.into())
    }

    /// A step that is not.
    pub fn failed(name: &'static str, message: impl Into<String>) -> Self {
        Check::new(name, Light::Failed, message.into())
    }

    /// A step that could not be told.
    pub fn unknown(name: &'static str, message: impl Into<String>) -> Self {
        Check::new(name, Light::Unknown, message.into())
    }

    fn new(name: &'static str, light: Light, message: String) -> Self {
        Check {
            name,
            subject: None,
            light,
            message,
            advice: None,
            command: None,
        }
    }

    /// The same, asked of this.
    pub fn about(self, subject: impl Into<String>) -> Self {
        Check {
            subject: Some(subject.into()),
            ..self
        }
    }

    /// The same, with what to do about it.
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Check {
            advice: Some(advice.into()),
            ..self
        }
    }

    /// The same, with a command, where there is one.
    pub fn by(self, command: impl Into<Option<String>>) -> Self {
        Check {
            command: command.into(),
            ..self
        }
    }
}

/// What an account's answers tell of AWS's own forms, which no documentation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The question's name, which stays the same from version to version.
    pub question: &'static str,
    /// The answer in words, without anything that names the account.
    pub answer: String,
}

/// A whole checkup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// The version of gatewatch.
    pub version: &'static str,
    /// The account's id. `None`: it is not known.
    pub account: Option<String>,
    /// The steps, in order.
    pub checks: Vec<Check>,
    /// What else the answers told.
    pub tellings: Vec<Telling>,
}

impl Checkup {
    /// The worst of the steps. Without a step, nothing is known.
    pub fn light(&self) -> Light {
        let worst = self.checks.iter().map(|it| it.light).max();
        worst.unwrap_or(Light::Unknown)
    }

    /// How many steps came to each.
    pub fn counts(&self) -> BTreeMap<Light, usize> {
        let all = [Light::Ok, Light::Unknown, Light::Failed];
        let mut counts: BTreeMap<Light, usize> = all.into_iter().map(|it| (it, 0)).collect();
        for check in &self.checks {
            *counts.entry(check.light).or_insert(0) += 1;
        }
        counts
    }
}
