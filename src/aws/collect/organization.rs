//! Which accounts an organization has, and which of them are active.
//!
//! `State` says more than `Status`, which AWS retires. It is there in every answer since 2025; without it,
//! `Status` is what there is.
//!
//! Source: [ListAccounts](https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html),
//! which the management account and delegated administrators may call, and
//! [account states](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html).

use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

use crate::aws::client::{Clients, Failure, at_most, failure, given};
use crate::inventory::Reason;
use crate::ledger::organization::{Member, NotRead};

const OPERATION: &str = "organizations:ListAccounts";

/// A page has 20 accounts at most, and an organization may have tens of thousands.
const MOST_PAGES: usize = 5_000;

/// The accounts of the organization that the credentials belong to, and those of them that are not active:
/// nobody can call anything there, and there is nothing to be read. One whose state is not known is tried.
///
/// # Errors
/// Where they cannot be listed to the end: an account that is not in the list would be missed silently.
pub async fn accounts(clients: &Clients) -> Result<(Vec<Member>, Vec<(Member, NotRead)>), Failure> {
    let client = clients.organizations();
    let page = async |token| {
        let answer = client
            .list_accounts()
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.accounts, answer.next_token))
    };
    let mut members = Vec::new();
    let mut inactive = Vec::new();
    for account in at_most(MOST_PAGES, OPERATION, page).await? {
        let state = inactive_state(&account);
        let member = member(account)?;
        match state {
            None => members.push(member),
            Some(state) => {
                let message = format!("the account is {state}");
                let reason = Reason::NotActive;
                inactive.push((member, NotRead { reason, message }));
            }
        }
    }
    Ok((members, inactive))
}

/// The state of an account that is known not to be active.
fn inactive_state(account: &Account) -> Option<String> {
    let state = match (&account.state, &account.status) {
        (Some(state), _) => match state {
            AccountState::PendingActivation
            | AccountState::Suspended
            | AccountState::PendingClosure
            | AccountState::Closed => state.as_str(),
            _ => return None,
        },
        (None, Some(status)) => match status {
            AccountStatus::Suspended | AccountStatus::PendingClosure => status.as_str(),
            _ => return None,
        },
        (None, None) => return None,
    };
    Some(state.to_owned())
}

fn member(account: Account) -> Result<Member, Failure> {
    Ok(Member {
        account: given(account.id).ok_or_else(|| {
            Failure::malformed(OPERATION, "the list has an account without an id")
        })?,
        name: account.name.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(state: Option<&str>, status: Option<&str>) -> Account {
        Account::builder()
            .set_state(state.map(AccountState::from))
            .set_status(status.map(AccountStatus::from))
            .build()
    }

    #[test]
    fn an_account_is_read_unless_it_is_known_not_to_be_active() {
        for (state, status, inactive) in [
            (Some("ACTIVE"), Some("ACTIVE"), None),
            (
                Some("PENDING_ACTIVATION"),
                Some("ACTIVE"),
                Some("PENDING_ACTIVATION"),
            ),
            (Some("SUSPENDED"), Some("SUSPENDED"), Some("SUSPENDED")),
            (Some("PENDING_CLOSURE"), None, Some("PENDING_CLOSURE")),
            (Some("CLOSED"), Some("SUSPENDED"), Some("CLOSED")),
            (Some("ACTIVE"), Some("SUSPENDED"), None),
            (Some("SOMETHING_NEW"), None, None),
            // Before there was a state, and where there is none.
            (None, Some("ACTIVE"), None),
            (None, Some("SUSPENDED"), Some("SUSPENDED")),
            (None, Some("PENDING_CLOSURE"), Some("PENDING_CLOSURE")),
            (None, Some("SOMETHING_NEW"), None),
            (None, None, None),
        ] {
            let found = inactive_state(&account(state, status));
            assert_eq!(found.as_deref(), inactive, "{state:?} {status:?}");
        }
    }
}
