//! What earlier scans found, when it was first and last seen, and what has been announced of it.
//!
//! Pure: a ledger and a report in, the next ledger out. Reading and writing it is [`store`](crate::store)'s.
//!
//! A ledger is one book for each Region of an account, and one for what lies in none (IAM principals, the
//! policy file). What is to be announced is a question to the entries alone: what was found, and what was
//! last told. A run that ends between the two leaves the next one the rest.

mod accepted;
mod book;
mod change;
mod compare;
mod entry;
mod read;

pub use accepted::{Accepted, judged_otherwise, openings};
pub use book::{Book, BookError, SCHEMA_VERSION, entries, exempt, open};
pub use change::{Kind, Reminder};
pub use compare::{compare, compare_judged};
pub use entry::{
    Acceptance, Allowed, ApiName, Entry, Event, EventKind, PrincipalName, Spot, Standing, Told,
};
pub use read::{Reach, is_opening};
