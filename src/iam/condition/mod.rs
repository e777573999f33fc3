//! Conditions in three values: they hold, they do not, or that cannot be known from what is told of a request.
//!
//! In come a condition and a [`Context`](context::Context), out comes a [`Truth`](super::Truth).

pub(in crate::iam) mod compare;
pub(in crate::iam) mod context;
pub(in crate::iam) mod evaluate;
mod foreign;
mod owned;
pub(in crate::iam) mod variable;
