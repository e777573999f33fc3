//! A checkup of a deployment or an account, step by step: what of it is in order, what is not, and what could not be told.
//!
//! - In: what a front would run with: credentials, Regions, a place to keep things, a policy file, topics, accounts.
//! - Between: `facts`, as plain data. [`examine`] asks for them; only that waits, and writes its probes.
//! - Out: a [`Checkup`](crate::render::Checkup), which `steps` makes of the facts. That is pure, and never takes what is not known
//!   for being in order.

mod asked;
mod destination;
mod examine;
mod facts;
mod iam_region;
mod probe;
mod steps;
mod surroundings;
mod trouble;

pub use asked::{Asked, Front, Function, PolicySource};
pub use destination::Destination;
pub use examine::examine;
pub use steps::wrong_settings;
pub use trouble::Trouble;
