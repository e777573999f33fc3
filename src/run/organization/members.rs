//! Which accounts a run over an organization reads.

use std::collections::BTreeSet;

use crate::aws::client::{Clients, Failure};
use crate::aws::collect::{self};
use crate::ledger::organization::{Member, NotRead};

/// Which accounts to read, as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Whether the accounts of the organization are listed. If not, those that are `named` are read.
    pub organization: bool,
    /// Only these. Empty: all that are listed.
    pub named: Vec<String>,
    /// Not these.
    pub excluded: Vec<String>,
}

/// Why there are no accounts to read.
#[derive(Debug, thiserror::Error)]
pub enum NoMembers {
    /// The accounts of the organization could not be listed.
    #[error("the accounts of the organization could not be listed, and nothing was checked")]
    NotListed(#[source] Failure),
    /// An account that is named is not in the organization.
    #[error("account {0} is not in the organization")]
    Unknown(String),
    /// No active account is left.
    #[error("no account is left to read{}", if *.has_inactive { ": none of those that were asked for is active" } else { "" })]
    NoneLeft {
        /// Whether there are accounts that are not active.
        has_inactive: bool,
    },
}

/// The active accounts to read, and those that are not active, with the reason.
pub type Members = (Vec<Member>, Vec<(Member, NotRead)>);

/// Lists the accounts to read. `clients` have credentials of the account that may list the organization's.
///
/// # Errors
/// [`NoMembers`].
pub async fn members(clients: &Clients, asked: &Accounts) -> Result<Members, NoMembers> {
    let all = if asked.organization {
        let listed = collect::accounts(clients).await;
        listed.map_err(NoMembers::NotListed)?
    } else {
        let named = asked.named.iter().cloned().map(Member::unnamed);
        (named.collect(), Vec::new())
    };
    asked.among(all)
}

impl Accounts {
    /// The accounts to read of all that there are.
    fn among(&self, (mut members, mut inactive): Members) -> Result<Members, NoMembers> {
        let all = members.iter().chain(inactive.iter().map(|(it, _)| it));
        let known: BTreeSet<&str> = all.map(|it| it.account.as_str()).collect();
        let unknown = self.named.iter().find(|it| !known.contains(it.as_str()));
        if let Some(unknown) = unknown {
            return Err(NoMembers::Unknown(unknown.clone()));
        }
        members.retain(|it| self.has(&it.account));
        inactive.retain(|(it, _)| self.has(&it.account));
        if members.is_empty() {
            let has_inactive = !inactive.is_empty();
            return Err(NoMembers::NoneLeft { has_inactive });
        }
        Ok((members, inactive))
    }

    /// Whether an account is one of those to read, if it is one of the organization's.
    pub fn has(&self, account: &str) -> bool {
        let is = |it: &String| it == account;
        let is_named = self.named.is_empty() || self.named.iter().any(is);
        is_named && !self.excluded.iter().any(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Reason;

    const ONE: &str = "200000000001";
    const TWO: &str = "200000000002";
    const CLOSED: &str = "200000000003";

    fn listed() -> Members {
        let closed = NotRead {
            reason: Reason::NotActive,
            message: "it is closed".to_owned(),
        };
        let members = [ONE, TWO].map(|it| Member::unnamed(it.to_owned()));
        let inactive = vec![(Member::unnamed(CLOSED.to_owned()), closed)];
        (members.to_vec(), inactive)
    }

    fn asked(named: &[&str], excluded: &[&str]) -> Accounts {
        let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        Accounts {
            organization: true,
            named: list(named),
            excluded: list(excluded),
        }
    }

    #[test]
    fn accounts_are_chosen_among_those_that_are_listed() {
        let read = |named: &[&str], excluded: &[&str]| {
            let (members, _) = asked(named, excluded).among(listed()).unwrap();
            let ids = members.into_iter().map(|it| it.account);
            ids.collect::<Vec<String>>()
        };
        assert_eq!(read(&[], &[]), [ONE, TWO]);
        assert_eq!(read(&[TWO], &[]), [TWO]);
        assert_eq!(read(&[], &[TWO]), [ONE]);
        assert_eq!(read(&[CLOSED, ONE], &[]), [ONE]);
    }

    #[test]
    fn there_are_never_silently_no_accounts() {
        let error = |named: &[&str], excluded: &[&str]| {
            let error = asked(named, excluded).among(listed()).unwrap_err();
            error.to_string()
        };
        let unknown = error(&["200000000009"], &[]);
        assert_eq!(unknown, "account 200000000009 is not in the organization");
        let inactive = error(&[CLOSED], &[]);
        assert!(inactive.ends_with("none of those that were asked for is active"));
        let none = error(&[ONE], &[ONE]);
        assert_eq!(none, "no account is left to read");
    }
}
