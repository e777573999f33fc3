//! What earlier scans found, when it was first and last seen, and what has been announced of it.
//!
//! - In: a ledger and a report. A ledger is one book for each Region of an account, and one for what lies in no Region (IAM
//!   principals, the policy file).
//! - Out: the next ledger, and the digest of what is to be announced. That is a question to the entries alone, to what was
//!   found and what was last told: a run that ends between the two leaves the rest to the next one.
//! - Not known here: where a ledger is kept ([`store`](crate::aws::store)), and how a digest is worded or sent.

mod accepted;
mod assumed;
mod audience;
mod book;
mod change;
mod compare;
mod digest;
mod ending;
mod entry;
mod frozen;
mod matter;
mod news;
pub mod organization;
mod owner;
mod proof;
mod read;
mod room;
mod see;
mod spot;

pub use accepted::{Accepted, judged_otherwise, missing};
pub use audience::Audience;
pub use book::{Book, BookError, SCHEMA_VERSION, entries, exempt, open};
pub use change::{Kind, Reminder};
pub use compare::{compare, compare_judged, next, were_apart};
pub use digest::{Digest, MESSAGES, Occasion, Settings};
pub use entry::{
    Acceptance, Allowed, Departure, Entry, Event, EventKind, Owned, Standing, Successor, Told,
};
pub use matter::{ByMatter, Matters};
pub use news::News;
pub(crate) use news::{Subject, class};
pub use owner::{OwnersView, owed};
pub use proof::Proof;
pub use read::Breadth;
pub use spot::{ApiName, PrincipalName, Spot};
