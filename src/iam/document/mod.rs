//! Policies as data: from JSON to statements, or to what is wrong with it and where.
//!
//! In comes the text or the JSON of a policy, out come a [`Policy`] or a [`ParseError`] with its place. Nothing here
//! knows a request.

mod account;
mod action;
mod arn;
pub(crate) mod json;
mod kept;
mod operator;
mod organization;
mod policy;
mod provider;
mod read;
mod resource_policy;
pub(in crate::iam) mod values;

pub(in crate::iam) use account::account_begun;
pub use account::is_account_id;
pub use action::{ACTIONS, INVOKE};
pub use arn::Arn;
pub(in crate::iam) use arn::{account_of_all, is_session};
pub use kept::{Document, parse_document, parse_resource_policy, resource_policy, trust_policy};
pub use operator::{Comparison, Operator, Qualifier};
pub use organization::{is_own_organization, units_around};
pub(in crate::iam) use organization::{organization_of, unit_named};
pub use policy::{Condition, Effect, Named, Patterns, Policy, Principals, Statement, Version};
pub use provider::Provider;
pub(in crate::iam) use provider::telling_claim;
pub(crate) use read::wanted;
pub use read::{LARGEST, MOST_STATEMENTS, ParseError};
pub(in crate::iam) use resource_policy::is_unique_id;
