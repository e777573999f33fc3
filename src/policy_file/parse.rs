//! From the text of a policy file to what it demands, or all of its mistakes.

use jiff::civil::Date;

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
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, Mistakes> {
        Self::read(file, text, None)
    }

    fn read(file: &str, text: &str, today: Option<Date>) -> Result<Self, Mistakes> {
        let read = decode::policy_file(text, today).map(|policy| PolicyFile {
            text: text.to_owned(),
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
