//! gatewatch finds the deployed API Gateway methods that anyone can call, and checks the IAM groups
//! that may call the rest.
//!
//! Data moves one way; nothing calls back up:
//!
//! ```text
//! account ──▶ aws::collect ─┐                                           ┌▶ render ─▶ terminal, files
//!                           ├▶ Inventory ─▶ audit ─▶ Report ─▶ ledger ─▶ Digest ─▶ render ─▶ aws::deliver
//! files ────▶ template ─────┘      ▲           ▲                                            (SNS first)
//!                                  └── iam ────┘ policy_file
//! ```
//!
//! Three walls hold it, and a test reads the sources to keep them:
//! - [`iam`], [`inventory`], [`policy_file`], [`template`], [`audit`], [`ledger`] and [`render`] are pure: no async, no
//!   clock, no environment, no AWS SDK.
//! - Only [`aws`] names an AWS SDK type; it translates at once.
//! - The Lambda and the command line are two thin fronts over [`run`], which has the whole sequence: they parse, call
//!   it, and print.

pub mod audit;
pub mod aws;
pub mod iam;
pub mod inventory;
pub mod ledger;
pub mod policy_file;
pub mod render;
pub mod run;
pub mod template;
mod yaml;
