//! Owners that get a digest of their own: an entry of `notify`.

use strum::IntoStaticStr;

use super::selector::{Selector, StagePlace, takes_everything};
use crate::iam::document::Arn;
use crate::iam::pattern;

/// One entry of `notify`: the owner of some APIs, or of an account, and where they get what is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// Patterns for the account's id. Empty: every account.
    pub accounts: Vec<String>,
    /// The APIs. Only the Region, the API and its tags are asked for.
    pub selector: Selector,
    /// Where their digest goes.
    pub recipient: Recipient,
    /// The line of the policy file it stands on.
    pub line: usize,
}

/// A topic of an owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// The topic's ARN.
    pub topic: String,
    /// What it is sent.
    pub format: NotifyFormat,
}

/// What a topic of an owner is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum NotifyFormat {
    /// The digest: an e-mail, and JSON for programs.
    #[default]
    Digest,
    /// A notification for each change, as Slack and Teams show it.
    Chat,
}

impl NotifyFormat {
    /// All of them.
    pub const ALL: [NotifyFormat; 2] = [NotifyFormat::Digest, NotifyFormat::Chat];

    /// The word in the policy file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Notify {
    /// Whether it speaks of an account at all.
    pub fn meets_account(&self, account: &str) -> bool {
        let mut patterns = self.accounts.iter();
        self.accounts.is_empty() || patterns.any(|it| pattern::matches(it, account))
    }

    /// Whether everything of the accounts that it speaks of is theirs, also what lies in no API.
    pub fn is_of_account(&self) -> bool {
        self.selector.meets_everything()
    }

    /// Whether an API of an account that it speaks of is theirs. The stage of the place does not count.
    pub fn meets(&self, place: StagePlace<'_>) -> bool {
        self.selector.at_stage(place).is_some()
    }

    /// Whether everything of every account would be theirs.
    pub(super) fn meets_everything(&self) -> bool {
        takes_everything(&self.accounts) && self.is_of_account()
    }
}

/// The Region of an SNS topic, by its ARN. `None`: the text is no topic's ARN.
///
/// ```
/// use gatewatch::policy_file::topic_region;
///
/// assert_eq!(topic_region("arn:aws:sns:eu-west-1:111122223333:payments"), Some("eu-west-1"));
/// assert_eq!(topic_region("arn:aws:sqs:eu-west-1:111122223333:payments"), None);
/// ```
pub fn topic_region(text: &str) -> Option<&str> {
    let arn = Arn::read(text)?;
    let parts = [arn.partition, arn.region, arn.account, arn.resource];
    let is_topic = arn.service == "sns" && !parts.contains(&"") && !arn.resource.contains(':');
    is_topic.then_some(arn.region)
}
