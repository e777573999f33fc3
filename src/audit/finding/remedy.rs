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

impl Remedy {
    /// A remedy that says what to do, in one line, and gives no command.
    ///
    /// ```
    /// use gatewatch::audit::finding::Remedy;
    ///
    /// let remedy = Remedy::new("deploy the API: its draft no longer has this method")
    ///     .with_references(["https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html"]);
    /// assert!(remedy.commands.is_empty());
    /// assert_eq!(remedy.references.len(), 1);
    /// ```
    pub fn new(summary: impl Into<String>) -> Self {
        Remedy {
            summary: summary.into(),
            commands: Vec::new(),
            infrastructure_as_code: None,
            references: Vec::new(),
        }
    }

    /// Adds AWS CLI commands.
    #[must_use]
    pub fn with_commands(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        self.commands.extend(commands);
        self
    }

    /// Sets the property to change where the API is defined as code.
    #[must_use]
    pub fn in_code(mut self, property: impl Into<String>) -> Self {
        self.infrastructure_as_code = Some(property.into());
        self
    }

    /// Adds pages to read on.
    #[must_use]
    pub fn with_references(mut self, references: impl IntoIterator<Item = &'static str>) -> Self {
        self.references.extend(references);
        self
    }
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
