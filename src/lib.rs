//! gatewatch finds the deployed API Gateway methods that anyone can call, and checks the IAM groups
//! that may call the rest.
//!
//! Data moves one way; nothing calls back up:
//!
//! ```text
//! trigger ─▶ scope ─▶ collect ─▶ Inventory ─▶ rules ─▶ Report ─▶ ledger ─▶ announce ─▶ deliver
//! (schedule, (which   (AWS →     (plain       (pure,   (what is  (compare  (digest of  (SNS, Security
//!  change,    Regions, model,    data, can    no I/O)  wrong,    with last what        Hub, events,
//!  Config)    APIs)    gaps)     be saved)             proof)    time)     changed)    AWS Config)
//! ```
//!
//! Three walls hold it, and a test reads the sources to keep them:
//! - [`model`], [`policy`], [`access`], [`simulate`], [`config`], [`finding`], [`template`], [`rules`],
//!   [`organization`], [`report`], [`ledger`], [`trigger`] and [`announce`] are pure: no async, no clock, no environment, no
//!   AWS SDK.
//! - Only [`collect`], [`store`] and [`deliver`] name an AWS SDK type; they translate at once.
//! - The Lambda and the CLI are two thin fronts over [`scan`] and [`watch`].

pub mod access;
pub mod announce;
pub mod collect;
pub mod config;
pub mod deliver;
pub mod finding;
pub mod ledger;
pub mod model;
pub mod organization;
pub mod policy;
pub mod report;
pub mod rules;
pub mod scan;
pub mod simulate;
pub mod store;
pub mod template;
pub mod trigger;
pub mod watch;
mod yaml;
