//! How AWS is called: credentials, time limits, retries, pace, and answers that are whole; by the SDK, and by hand where it has
//! no crate here.
//!
//! What comes out are clients of the services, and failures in words that do not depend on the SDK. This must not
//! know what is read.

mod by_hand;
mod connect;
mod failure;
mod given;
mod identity;
mod lambda;
mod listed;
mod member;
mod nulls;
mod pace;
mod pages;
mod profile;
mod readable;
mod retry;
mod tally;
mod token_bucket;
mod waiting;
mod whole;

pub(in crate::aws) use by_hand::{Question, Service, encoded, parsed};
pub use connect::{Clients, Connection, connect};
pub(crate) use failure::failure;
pub use failure::{Failure, in_full};
pub(in crate::aws) use given::given;
pub use identity::Identity;
pub use lambda::{Variable, connect_in_lambda};
pub use member::MemberRole;
pub(in crate::aws) use pace::Pace;
pub(in crate::aws) use pages::{at_most, pages};
pub use profile::ProfileError;
pub(in crate::aws) use waiting::Waiting;
