//! From the text of a policy file to what it demands, or all of its mistakes.

use jiff::civil::Date;

use super::origin::Origin;
use super::{Mistakes, PolicyFile, decode};

impl PolicyFile {
    /// Reads and validates a policy file, as it is to be used on a day (UTC): one with an exemption that
    /// lasts longer from then than it may is refused. A file that was accepted once stays accepted: the days that are
    /// left only become fewer.
    ///
    /// `file` is how the messages call it.
    ///
    /// # Errors
    /// Every mistake of the file, with line and column.
    pub fn from_yaml_on(file: &str, text: &str, today: Date) -> Result<Self, Mistakes> {
        Self::read(file, text, Some(today))
    }

    /// Reads and validates a policy file, whatever the day. An exemption that lasts too long is read and
    /// covers nothing.
    ///
    /// # Errors
    /// Every mistake of the file, with line and column.
    ///
    /// ```
    /// use gatewatch::policy_file::PolicyFile;
    ///
    /// let text = "
    /// version: 1
    /// require:
    ///   - match: {path: /health, verb: GET}
    ///     authorization: [NONE, AWS_IAM]
    /// ";
    /// let policy = PolicyFile::from_yaml("gatewatch.yaml", text).unwrap();
    /// assert_eq!(policy.require[0].selector.verb, ["GET"]);
    ///
    /// let mistyped = text.replace("verb: GET", "verb: GTE").replace("AWS_IAM", "IAM");
    /// let mistakes = PolicyFile::from_yaml("gatewatch.yaml", &mistyped).unwrap_err().to_string();
    /// let lines: Vec<&str> = mistakes.lines().collect();
    /// assert_eq!(lines.len(), 2);
    /// assert!(lines[0].starts_with("gatewatch.yaml:4:34: unknown verb `GTE`; did you mean `GET`?"));
    /// assert!(lines[1].starts_with("gatewatch.yaml:5:27: unknown authorization type `IAM`"));
    /// ```
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, Mistakes> {
        Self::read(file, text, None)
    }

    fn read(file: &str, text: &str, today: Option<Date>) -> Result<Self, Mistakes> {
        let read = decode::policy_file(text, today).map(|policy| PolicyFile {
            text: text.to_owned(),
            origin: Some(Origin::of(file, text.as_bytes())),
            ..policy
        });
        read.map_err(|mut mistakes| {
            mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
            Mistakes {
                file: file.to_owned(),
                mistakes,
            }
        })
    }
}
