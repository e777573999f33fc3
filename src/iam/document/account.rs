//! Ids of accounts.

/// Whether a text looks like the id of an account: twelve digits.
///
/// Source: [account ids](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit())
}

/// The one account id that a pattern matches. `None`: it may match several, or none.
pub(in crate::iam) fn account_begun(pattern: &str) -> Option<&str> {
    let (id, rest) = pattern.split_at_checked(12)?;
    (is_account_id(id) && rest.bytes().all(|it| it == b'*')).then_some(id)
}
