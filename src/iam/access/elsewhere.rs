//! Principals of other partitions: no request of theirs can reach an API here.

use crate::iam::document::{Arn, Comparison, Named, Policy};

/// A principal of another partition whom a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The place of the statement, from 0.
    pub statement: usize,
    /// The ARN.
    pub arn: String,
    /// The partition.
    pub partition: String,
}

/// Takes the principals of other partitions than this one out of a policy, as its principals and as values of
/// `aws:PrincipalArn`: what is left says the same to every caller there can be, as accounts, and the credentials of their
/// principals, are of one partition.
///
/// Source: [partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::take_out_other_partitions;
///
/// let mut policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
///         "Principal": {"AWS": ["arn:aws-cn:iam::999988887777:root", "arn:aws:iam::111122223333:root"]}}}"#,
/// )
/// .unwrap();
/// let taken = take_out_other_partitions(&mut policy, "aws");
/// assert_eq!(taken[0].partition, "aws-cn");
/// assert_eq!(policy.statements[0].principals.as_ref().unwrap().named.len(), 1);
/// ```
pub fn take_out_other_partitions(policy: &mut Policy, partition: &str) -> Vec<Elsewhere> {
    let mut taken = Vec::new();
    for (place, statement) in policy.statements.iter_mut().enumerate() {
        let mut stays = |text: &str| match other_partition(text, partition) {
            None => true,
            Some(other) => {
                taken.push(Elsewhere {
                    statement: place,
                    arn: text.to_owned(),
                    partition: other.to_owned(),
                });
                false
            }
        };
        if let Some(principals) = &mut statement.principals {
            principals.named.retain(|it| match it {
                Named::Aws(text) => stays(text),
                _ => true,
            });
        }
        let conditions = statement.conditions.iter_mut();
        for condition in conditions.filter(|it| it.key == "aws:principalarn") {
            // Whether the key is there is another question than what it is.
            if condition.operator.comparison != Comparison::Null {
                condition.values.retain(|it| stays(it));
            }
        }
    }
    taken
}

/// The partition that an ARN tells, if it is a known kind of name, and not this one.
fn other_partition<'t>(text: &'t str, partition: &str) -> Option<&'t str> {
    let other = Arn::read(text)?.partition;
    let is_name = |it: &str| it == "aws" || it.starts_with("aws-");
    let is_told = other
        .bytes()
        .all(|it| it.is_ascii_lowercase() || it == b'-');
    (is_told && is_name(other) && is_name(partition) && other != partition).then_some(other)
}
