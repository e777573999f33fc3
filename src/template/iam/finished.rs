//! What a file says of IAM.

use std::collections::BTreeSet;

use crate::inventory::Iam;
use crate::template::tree::{Spot, Unknown};

/// What a file says of IAM.
#[derive(Debug)]
pub(in crate::template) struct Finished {
    pub(in crate::template) iam: Iam,
    /// Where each principal stands, by its ARN: one may stand in several places, the first of which names it.
    pub(in crate::template) places: Vec<(String, Spot)>,
    /// The ARNs of the principals that the file makes.
    pub(in crate::template) made: BTreeSet<String>,
    /// What belongs to no principal that can be told.
    pub(in crate::template) gaps: Vec<Unknown>,
    /// What was taken for granted.
    pub(in crate::template) assumed: Vec<(String, Spot)>,
}
