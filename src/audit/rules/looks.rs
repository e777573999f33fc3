//! What a rule looks at. A rule says so beside its name, so that a run which lacks something is known not to have
//! looked: what it did not find may still be there.

use strum::IntoStaticStr;

/// Something that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// What the stages of APIs serve.
    Deployed,
    /// The draft: without it the rule says nothing.
    Draft,
    /// The draft beside what is deployed: without it the rule may say something else, as the draft tells whether a
    /// mended method waits for its deployment, and how an `OPTIONS` method is integrated.
    DraftBeside,
    /// The IAM groups, users and roles with their policies.
    Principals,
    /// The policy file.
    PolicyFile,
    /// What could not be read.
    Gaps,
    /// The answers of deployed URLs, which a probe asks and no scan does.
    Probe,
}

/// What a rule is about. Of rules with the same concern, one describes what is wrong at a place in the stead of another
/// when circumstances change: a finding of the one that is replaced by a finding of the other is not fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// A method does not ask for the authorization that is required, or will not after the next deployment.
    Authorization,
    /// A group cannot call what the policy file says that it must.
    GroupAccess,
    /// Somebody may call who is not listed.
    Unlisted,
    /// Something that no other rule describes.
    Own,
}

/// What a rule looks at one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Subject {
    /// Methods, once a stage.
    Methods,
    /// Methods that ask for AWS_IAM alone, of APIs without a resource policy, once a stage.
    IamMethods,
    /// IAM groups.
    Groups,
    /// IAM users.
    Users,
    /// IAM roles.
    Roles,
    /// IAM groups, users and roles.
    Principals,
    /// IAM groups, users and roles, and callers of other accounts that resource policies name.
    Callers,
    /// The entries of `groups` in the policy file.
    GroupEntries,
    /// The exemptions of the policy file.
    Exemptions,
    /// APIs.
    Apis,
}

impl Subject {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
