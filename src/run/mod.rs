//! The use cases: a scan, a scan with a ledger, and a run over the accounts of an organization.
//!
//! - In: an account to read, a place to keep things, the outlets that take digests, and settings as types.
//! - Out: a report, what was announced, and a ledger that knows both.
//! - Not known here: arguments, environment variables, the clock, and how anything is printed. The command line
//!   and the Lambda know those; they parse, call this room, and print.
//!
//! A run with a ledger takes the [`Step`]s of [`Governed::run`], whoever starts it. Their order keeps two promises.
//! A run writes what it found before it sends anything, so nothing is lost. A finding counts as announced only when
//! SNS took a message that names it, on a topic with a confirmed subscription. A run that ends between two steps, or
//! has more to say than its messages can name, is followed by a run that announces the rest. The worst outcome is
//! that something is announced twice.

mod accepted;
mod account;
mod announce;
pub mod difference;
pub mod doctor;
pub mod events;
pub mod explain;
pub mod files;
pub mod fix;
mod governed;
pub mod hook;
pub mod initial;
mod kept;
mod keys;
mod ledger;
mod most_kept;
mod observer;
mod opened;
pub mod organization;
mod outcome;
mod owners;
mod page;
pub mod patch;
mod plan;
pub mod probe;
mod read;
mod resume;
pub mod scan;
pub mod simulate;
mod steps;
mod still;
mod watched;

pub use account::{Account, Live};
pub use announce::{AnnounceError, Announced, OwnerTold};
pub use governed::{Asked, Cause, Governed, Keeps};
pub use kept::{earlier, keep_unfinished, settle, unfinished};
pub use keys::inventory_key;
pub use ledger::{Ledger, LedgerError};
pub use observer::{Event, Observer, Step};
pub use outcome::{Done, Ended, Found, NotDone};
pub use plan::{Extent, config, narrowed, of_changes};
pub use resume::{NotResumed, resumable};
pub use watched::{NoRegion, Regions, Watched};
