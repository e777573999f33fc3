//! The values of conditions that are more than text: numbers, dates, addresses.

pub(in crate::iam) mod address;
pub(in crate::iam) mod date;
pub(in crate::iam) mod number;
