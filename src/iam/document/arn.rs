//! Amazon Resource Names.

/// An ARN by its parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// The Region and the account may be empty, and the resource may have further colons.
///
/// Source: [ARN format](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
///
/// ```
/// use gatewatch::iam::document::Arn;
///
/// let arn = Arn::read("arn:aws:iam::111122223333:role/service/ci").unwrap();
/// assert_eq!((arn.service, arn.account, arn.name()), ("iam", "111122223333", "ci"));
/// assert_eq!(Arn::read("role/ci"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// The partition, such as `aws`.
    pub partition: &'a str,
    /// The service, such as `iam`.
    pub service: &'a str,
    /// The Region; empty where the resource lies in none.
    pub region: &'a str,
    /// The account's id; empty where the resource belongs to none.
    pub account: &'a str,
    /// The resource.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN. `None`: the text has fewer than six parts, or begins otherwise.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        Some(Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The resource's name, without its type and its path.
    pub fn name(self) -> &'a str {
        let name = self.resource.rsplit('/').next();
        name.unwrap_or(self.resource)
    }
}
