//! AWS: the only room that names its SDK.
//!
//! - In: credentials, what is to be read, what is to be kept, and messages that are ready to be sent.
//! - Out: an [`Inventory`](crate::inventory::Inventory), texts by key, and errors in words of ours. What the SDK gives is
//!   translated at once; what fails while reading is a gap.
//! - Not known here: what is right or wrong, and what is worth a message.

pub mod change;
pub mod client;
pub mod collect;
pub mod deliver;
pub mod presigned;
pub mod probe;
pub mod stack;
pub mod store;
