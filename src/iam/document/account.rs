//! Ids of accounts.

/// Whether a text looks like the id of an account: twelve digits.
///
/// Source: [account ids](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit())
}
