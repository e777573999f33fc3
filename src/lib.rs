//! gatewatch finds the deployed API Gateway methods that anyone can call, and checks the IAM groups
//! that may call the rest.
//!
//! Data moves one way; nothing calls back up:
//!
//! ```text
//! scope ─▶ collect ─▶ Inventory ─▶ rules ─▶ Findings ─▶ Report ─▶ deliver
//! (which   (AWS →     (plain       (pure,   (what is    (text     (SNS)
//!  Regions, model,    data, can    no I/O)  wrong, and  or JSON)
//!  APIs)    gaps)     be saved)             the proof)
//! ```
//!
//! Three walls hold it, and a test reads the sources to keep them:
//! - [`model`], [`policy`], [`access`], [`simulate`], [`config`], [`finding`], [`template`], [`rules`] and [`report`] are pure: no
//!   async, no clock, no environment, no AWS SDK.
//! - Only [`collect`] and [`deliver`] name an AWS SDK type; they translate at once.
//! - The Lambda and the CLI are two thin fronts over [`scan::scan`].

pub mod access;
pub mod collect;
pub mod config;
pub mod deliver;
pub mod finding;
pub mod model;
pub mod policy;
pub mod report;
pub mod rules;
pub mod scan;
pub mod simulate;
pub mod template;
mod yaml;
