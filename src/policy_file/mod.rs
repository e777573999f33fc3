//! The policy file (`gatewatch.yaml`): what is required where, what each group must carry, and which exceptions are
//! allowed until when.
//!
//! - In: the text of a file. It is read in two steps: the first keeps the place of every value, the second validates.
//! - Out: a [`PolicyFile`], or every mistake at once. A file with a mistake gives no policy at all: the defaults never stand
//!   in for what somebody wrote. Also the names that such a file may say: rules, severities, exposures.
//! - Not known here: what was read of an account.

mod comment;
mod decode;
mod exemption;
mod exposure;
mod file;
mod keys;
mod notify;
mod origin;
mod parse;
mod read_exemption;
mod read_invokers;
mod read_notify;
mod read_selector;
mod reader;
mod rule_id;
mod schema;
mod selector;
mod severity;
mod specificity;
mod suggest;

pub use comment::{MARK, exemption_of_comment};
pub use exemption::{Exemption, Validity};
pub use exposure::Exposure;
pub use file::{
    GroupExpectation, Invokers, PolicyFile, Preflight, Required, Requirement, StageRequirements,
    WhichPolicy,
};
pub use notify::{Notify, NotifyFormat, Recipient, topic_region};
pub use origin::Origin;
pub use rule_id::RuleId;
pub(crate) use rule_id::every_rule;
pub use schema::schema;
pub use selector::{Selector, Specificity, StagePlace};
pub use severity::Severity;
pub(crate) use suggest::nearest;

pub use crate::yaml::{Mistake, Mistakes};
