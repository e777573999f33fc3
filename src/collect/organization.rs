//! Which accounts an organisation has.
//!
//! Source: [ListAccounts](https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html),
//! which the management account and delegated administrators may call.

use aws_sdk_organizations::types::{Account, AccountStatus};

use super::{Clients, Failure, failure, pages};
use crate::model::Reason;
use crate::organization::{Member, NotRead};

const OPERATION: &str = "organizations:ListAccounts";

/// The accounts of the organisation that the credentials belong to, and those of them that cannot be read.
///
/// # Errors
/// Where they cannot be listed to the end: of accounts that nobody names, nobody would miss anything.
pub async fn accounts(clients: &Clients) -> Result<(Vec<Member>, Vec<(Member, NotRead)>), Failure> {
    let client = clients.organizations();
    let page = async |token| {
        let page = client.list_accounts().set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.accounts, page.next_token))
    };
    let mut members = Vec::new();
    let mut unreadable = Vec::new();
    for account in pages(OPERATION, page).await? {
        let status = account.status.clone();
        let member = member(account)?;
        match status {
            Some(AccountStatus::Active) => members.push(member),
            // What is not known to be closed is tried.
            None => members.push(member),
            Some(status) => {
                let message = format!("the account is {}", status.as_str());
                let reason = Reason::NotActive;
                unreadable.push((member, NotRead { reason, message }));
            }
        }
    }
    Ok((members, unreadable))
}

fn member(account: Account) -> Result<Member, Failure> {
    Ok(Member {
        account: account.id.ok_or_else(|| Failure {
            operation: OPERATION,
            reason: Reason::Malformed,
            message: "the list has an account without an id".to_owned(),
        })?,
        name: account.name.unwrap_or_default(),
    })
}
