//! How to mend what a finding names.

use shlex::try_quote;

use super::Text;

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What to do, in one line.
    pub summary: Text,
    /// AWS CLI commands, ready to paste. Empty: there is none that does it.
    pub commands: Vec<Text>,
    /// The property to set where the API is defined as code.
    pub infrastructure_as_code: Option<Text>,
    /// The same for Terraform, which stands in its place where the finding is about a plan of it.
    pub terraform: Option<&'static str>,
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
    pub fn new(summary: impl Into<Text>) -> Self {
        Remedy {
            summary: summary.into(),
            commands: Vec::new(),
            infrastructure_as_code: None,
            terraform: None,
            references: Vec::new(),
        }
    }

    /// Adds AWS CLI commands.
    #[must_use]
    pub fn with_commands(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        self.commands.extend(commands.into_iter().map(Text::from));
        self
    }

    /// Sets the property to change where the API is defined as code.
    #[must_use]
    pub fn in_code(mut self, property: impl Into<Text>) -> Self {
        self.infrastructure_as_code = Some(property.into());
        self
    }

    /// Sets the attribute to change in Terraform.
    #[must_use]
    pub fn in_terraform(mut self, attribute: &'static str) -> Self {
        self.terraform = Some(attribute);
        self
    }

    /// Adds pages to read on.
    #[must_use]
    pub fn with_references(mut self, references: impl IntoIterator<Item = &'static str>) -> Self {
        // A list that is made at once has no room left over, and there may be a remedy for each of very many methods.
        if self.references.is_empty() {
            self.references = references.into_iter().collect();
        } else {
            self.references.extend(references);
        }
        self
    }
}

/// A shell command, each word quoted where it must be: the names in it come from the account. Every option takes one value;
/// one that begins with `-`, as a name may, is written behind a `=`, or the AWS CLI would take it for an option.
pub(crate) fn command(words: &[&str]) -> String {
    let joined = joined(words);
    quoted_words(joined.iter().map(String::as_str))
}

/// A command of gatewatch's own, each word quoted where it must be. It has options without a value.
pub(crate) fn own_command(words: &[&str]) -> String {
    quoted_words(words.iter().copied())
}

/// The words of a command of the AWS CLI, with a value that begins with `-` joined to its option.
fn joined(words: &[&str]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut is_value = false;
    for word in words {
        let is_option = !is_value && word.starts_with("--");
        match joined.last_mut() {
            Some(option) if is_value && word.starts_with('-') => {
                *option = format!("{option}={word}");
            }
            _ => joined.push((*word).to_owned()),
        }
        is_value = is_option;
    }
    joined
}

fn quoted_words<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let quoted = words.map(|word| match try_quote(word) {
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
    fn options_of_our_own_commands_need_no_value() {
        let words = ["gatewatch", "notify", "--test", "--publish", "a topic"];
        assert_eq!(
            own_command(&words),
            "gatewatch notify --test --publish 'a topic'"
        );
    }

    #[test]
    fn words_from_the_account_cannot_leave_their_place() {
        assert_eq!(
            command(&["aws", "iam", "get-group", "--group-name", "a; rm -rf ~"]),
            "aws iam get-group --group-name 'a; rm -rf ~'"
        );
        assert_eq!(
            command(&["aws", "iam", "get-group", "--group-name", "$(id)`id`\n\"'"]),
            "aws iam get-group --group-name '$(id)`id`\n\"'\"'\""
        );
    }

    #[test]
    fn a_name_is_no_option_whatever_it_begins_with() {
        for (name, expected) in [
            ("-x", "aws iam get-group '--group-name=-x' --marker a"),
            (
                "--no-verify-ssl",
                "aws iam get-group '--group-name=--no-verify-ssl' --marker a",
            ),
            ("--a b", "aws iam get-group '--group-name=--a b' --marker a"),
            ("x-y", "aws iam get-group --group-name x-y --marker a"),
        ] {
            let words = [
                "aws",
                "iam",
                "get-group",
                "--group-name",
                name,
                "--marker",
                "a",
            ];
            assert_eq!(command(&words), expected);
            let read = shlex::split(expected).unwrap();
            assert!(read.iter().any(|it| it.ends_with(name)), "{read:?}");
        }
    }
}
