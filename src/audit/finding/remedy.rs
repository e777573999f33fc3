//! How to mend what a finding names.

use shlex::try_quote;

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What to do, in one line.
    pub summary: String,
    /// AWS CLI commands, ready to paste. Empty: there is none that does it.
    pub commands: Vec<String>,
    /// The property to set where the API is defined as code.
    pub infrastructure_as_code: Option<String>,
    /// Where to read on.
    pub references: Vec<&'static str>,
}

/// A shell command, each word quoted where it must be: the names in it come from the account.
pub(crate) fn command(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| match try_quote(word) {
        Ok(word) => word.into_owned(),
        // Only a NUL byte cannot be quoted, and no name of AWS's has one.
        Err(_) => "?".to_owned(),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_the_account_cannot_leave_their_place() {
        assert_eq!(
            command(&["aws", "iam", "get-group", "--group-name", "a; rm -rf ~"]),
            "aws iam get-group --group-name 'a; rm -rf ~'"
        );
    }
}
