//! Whom a `NotPrincipal` spares.
//!
//! With `Deny` it is read as written: whoever is not listed is denied. For a principal to be spared, its account must be
//! listed, too, and for a session its role and its account: AWS "might validate the account first and then the user",
//! depending on the service. Whether API Gateway does is not documented, so that where one of them is missing, it is not
//! known whether the caller is denied. Nor is it where the account alone is listed: as a `Principal` it stands for
//! everybody in it, and no page says so of `NotPrincipal`. Where other principals of the account are listed, too, only
//! these are spared, as in the example of the page.
//!
//! Source: [AWS JSON policy elements: NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).

use crate::iam::decide::caller::{Caller, is_session_of};
use crate::iam::document::{Arn, Named};
use crate::iam::truth::Truth;

/// What a list has of a caller.
#[derive(Debug, Default)]
struct Listed {
    /// The account.
    account: bool,
    /// The very ARN.
    oneself: bool,
    /// The role of a session, or a session of a role.
    in_part: bool,
    /// Another session of the same role.
    other_session: bool,
    /// A unique id, which may be the caller's.
    unique_id: bool,
    /// Some user of the account.
    a_user: bool,
    /// Some other principal of the account.
    others: bool,
}

impl Caller {
    /// Whether a `NotPrincipal` with this list spares the caller.
    pub(super) fn is_spared_by(&self, list: &[Named]) -> Truth {
        let Some(account) = self.account() else {
            // Nobody else than the very provider, or everybody, stands for who is of no account.
            let each = list.iter().map(|it| self.named_as(it).of);
            return each.fold(Truth::False, |any, one| any | one);
        };
        if list.contains(&Named::Everybody) {
            return Truth::True;
        }
        let mut listed = Listed::default();
        for named in list {
            if let Named::Aws(text) = named {
                listed.add(text, account, self.arn());
            }
        }
        if self.is_root() {
            return Truth::from(listed.account);
        }
        let oneself = self.is_listed(&listed);
        match (listed.account, oneself) {
            (true, Truth::False) if !listed.others => Truth::Unknown,
            (true, oneself) => oneself,
            (false, oneself) => oneself & Truth::Unknown,
        }
    }

    /// Whether the caller is listed, whatever the list says of its account.
    fn is_listed(&self, listed: &Listed) -> Truth {
        let may_be = |it: bool| if it { Truth::Unknown } else { Truth::False };
        let may_be_listed = may_be(listed.unique_id);
        let is_listed = match self {
            // Of whom nothing is known may be any user, and who is named by no policy the account's root user.
            Caller::Member { .. } => may_be(listed.a_user),
            Caller::OfOtherAccount { arn: None, .. } => may_be(listed.account),
            _ if self.is_session() => match (listed.oneself, listed.in_part) {
                (true, true) => Truth::True,
                (true, false) => Truth::Unknown,
                (false, has_role) => may_be(has_role && !listed.other_session),
            },
            // A role asks through sessions, each of which has to be listed.
            _ if self.is_role() => may_be(listed.oneself || listed.in_part),
            _ => Truth::from(listed.oneself),
        };
        is_listed | may_be_listed
    }
}

impl Listed {
    /// Takes in what a list has. `arn` is the caller's.
    fn add(&mut self, text: &str, account: &str, arn: Option<&str>) {
        if text == account {
            self.account = true;
            return;
        }
        let Some(read) = Arn::read(text) else {
            let is_account = text.bytes().all(|it| it.is_ascii_digit());
            self.unique_id |= !is_account;
            return;
        };
        if read.account != account {
            return;
        }
        if read.resource == "root" {
            self.account = true;
        } else if arn == Some(text) {
            self.oneself = true;
        } else if arn.is_some_and(|it| is_session_of(it, text) || is_session_of(text, it)) {
            self.in_part = true;
        } else {
            let is_session = |it: &str| it.starts_with("assumed-role/");
            let role = |it: &str| it.rsplit_once('/').map(|(role, _)| role.to_owned());
            let own = arn.and_then(Arn::read).map(|it| it.resource);
            let own_role = own.filter(|it| is_session(it)).and_then(role);
            self.other_session |= own_role.is_some() && role(read.resource) == own_role;
            self.a_user |= read.resource.starts_with("user/");
            self.others = true;
        }
    }
}
