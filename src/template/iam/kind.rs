//! The kinds of principals.

/// The kind of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::template) enum Kind {
    /// A group.
    Group,
    /// A user.
    User,
    /// A role.
    Role,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Group => "group",
            Kind::User => "user",
            Kind::Role => "role",
        }
    }
}
