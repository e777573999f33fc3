//! The accounts of a run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::outcome::NotRead;
use crate::iam::document::is_account_id;

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its id, twelve digits.
    pub account: String,
    /// The name that the organization gives it. Empty: not known.
    #[serde(default)]
    pub name: String,
}

/// The accounts of a run, as they were when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// The version of this format.
    pub schema_version: u32,
    /// The name of the run.
    pub run: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// The accounts to read, ordered by id, each once.
    pub members: Vec<Member>,
    /// Accounts that are not read, and why: they are suspended, closed, or not active yet.
    pub unreadable: Vec<(Member, NotRead)>,
}

impl Member {
    /// An account whose name is not known.
    pub fn unnamed(account: String) -> Self {
        Member {
            account,
            name: String::new(),
        }
    }
}

/// Why this version cannot read a text as a roll.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// The text is not JSON, or has another shape.
    #[error("not the accounts of a run")]
    Shape(#[from] serde_json::Error),
    /// Another version wrote the text.
    #[error(
        "the accounts of the run were written in version {found}, and this gatewatch reads {SCHEMA_VERSION}"
    )]
    Version {
        /// The version in the text.
        found: u32,
    },
}

impl Roll {
    /// The accounts of a run that begins: each once, ordered by id. An account that is a member is
    /// left out of the unreadable ones.
    pub fn new(
        run: String,
        begun_at: Timestamp,
        mut members: Vec<Member>,
        mut unreadable: Vec<(Member, NotRead)>,
    ) -> Self {
        members.sort();
        members.dedup_by(|one, other| one.account == other.account);
        unreadable.sort_by(|one, other| one.0.cmp(&other.0));
        unreadable.dedup_by(|one, other| one.0.account == other.0.account);
        let is_member = |account: &str| members.iter().any(|it| it.account == account);
        unreadable.retain(|(it, _)| !is_member(&it.account));
        Roll {
            schema_version: SCHEMA_VERSION,
            run,
            begun_at,
            members,
            unreadable,
        }
    }

    /// The key that the roll of a run is kept under.
    pub fn key(run: &str) -> String {
        format!("organization/{run}/roll.json")
    }

    /// The key of the list that the state machine maps over: a JSON array of [`Member`].
    pub fn items_key(run: &str) -> String {
        format!("organization/{run}/accounts.json")
    }

    /// Reads a roll from its JSON.
    ///
    /// # Errors
    /// [`RollError`].
    pub fn from_json(text: &str) -> std::result::Result<Self, RollError> {
        let roll: Roll = serde_json::from_str(text)?;
        match roll.schema_version {
            SCHEMA_VERSION => Ok(roll),
            found => Err(RollError::Version { found }),
        }
    }

    /// The member with this id.
    pub fn member(&self, account: &str) -> Option<&Member> {
        self.members.iter().find(|it| it.account == account)
    }

    /// Every account with what became of it, also those that cannot be read. `outcome` gives what was written down of
    /// an account. If it gives `None`, the account was not read.
    pub fn with_outcomes(
        &self,
        mut outcome: impl FnMut(&Member) -> Option<super::Result>,
    ) -> Vec<(Member, super::Result)> {
        let read = self.members.iter().map(|member| {
            let result = outcome(member);
            let unwritten = || super::Result::NotRead(NotRead::without_outcome());
            (member.clone(), result.unwrap_or_else(unwritten))
        });
        let unreadable = self.unreadable.iter();
        let not_read =
            unreadable.map(|(member, why)| (member.clone(), super::Result::NotRead(why.clone())));
        let mut all: Vec<_> = read.chain(not_read).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }
}

/// Checks that a text looks like the id of an account.
///
/// # Errors
/// For any other text, with what an id looks like.
pub fn account_id(text: &str) -> std::result::Result<String, String> {
    if is_account_id(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}` is no account's id: they have twelve digits, such as 111122223333"
        ))
    }
}

/// Checks the name of a run, which becomes part of the keys that the run is kept under.
///
/// # Errors
/// For a text that cannot be a name.
pub fn run_name(text: &str) -> std::result::Result<String, String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !text.is_empty() && text.len() <= 80 && text.bytes().all(sound) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}` is no run's name: up to 80 letters, digits, hyphens and underscores"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_digits_are_an_account() {
        assert!(account_id("111122223333").is_ok());
        for text in [
            "",
            "11112222333",
            "1111222233334",
            "11112222333a",
            "../../ledger",
        ] {
            assert!(account_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_run_cannot_be_named_like_a_path() {
        assert!(run_name("5f1c-2_A").is_ok());
        for text in ["", "a/b", "..", "a b", &"a".repeat(81)] {
            assert!(run_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_of_which_nothing_is_written_was_not_read() {
        let member = Member {
            account: "111122223333".to_owned(),
            name: String::new(),
        };
        let roll = Roll::new("r".to_owned(), Timestamp::UNIX_EPOCH, vec![member], vec![]);
        let all = roll.with_outcomes(|_| None);
        assert!(matches!(
            all.as_slice(),
            [(_, super::super::Result::NotRead(_))]
        ));
    }
}
