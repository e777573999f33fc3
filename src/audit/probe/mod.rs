//! What the deployed URLs of an inventory are asked, and what their answers show.
//!
//! - In: an inventory, what somebody wants to be asked ([`Questions`]), and then what came back of each request.
//! - Out: the requests ([`Plan`]), and each of them with a verdict ([`Probed`]): whether the answer is what the
//!   configuration says. A rule makes findings of the disagreements; what could not be judged is a gap.
//! - Not known here: how a request is sent, the clock, and the policy file.
//!
//! A probe is an input of the audit beside the inventory, and not a report of its own: `probe-disagrees` is a rule like
//! any other, so that formats, exemptions and exit statuses are the same as everywhere. An audit without a probe does not
//! ask that rule anything.

mod address;
mod answer;
mod at_stage;
mod expected;
mod path;
mod plan;
mod planned;
mod probed;
mod questions;
mod shows;
mod verb;
mod verdict;
mod ways;

pub use address::refused_address;
pub use answer::{Answer, Heard, MOST_OF_A_BODY, Outcome};
pub use expected::{Anonymous, Entrance, Expected};
pub use plan::{NotThere, plan};
pub use planned::{LeftOut, MethodPlace, Plan, Planned};
pub use probed::{Judged, Probed};
pub use questions::{DEFAULT_PARAMETER, Questions};
pub use shows::Shows;
pub use verdict::Verdict;
