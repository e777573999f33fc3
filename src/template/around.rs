//! The account that a file will be deployed to, as an inventory has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::iam::document::Arn;
use crate::inventory::{Iam, Inventory};

/// How many letters and digits CloudFormation puts behind the names that it makes.
///
/// Source: [generated names](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html).
const RANDOM: [usize; 2] = [12, 13];

/// The account that a file will be deployed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// The account as it was read.
    pub inventory: Arc<Inventory>,
    /// The name of the stack that the file is deployed as. `None`: it is not known, or there is none.
    pub stack: Option<String>,
    /// What the user says of APIs, by what the file calls them: the id in the account, or `None` for one that is new.
    pub apis: BTreeMap<String, Option<String>>,
}

impl Around {
    /// The same for a template that another one makes a stack of: how its stack is called is not known.
    pub fn nested(&self) -> Around {
        Around {
            stack: None,
            ..self.clone()
        }
    }

    /// The same for a stack of an assembly, unless the user says how it is called.
    pub fn for_stack(&self, name: &str) -> Around {
        Around {
            stack: self.stack.clone().or_else(|| Some(name.to_owned())),
            ..self.clone()
        }
    }

    /// What the account calls a principal or policy for which CloudFormation makes a name: the stack, the logical id and some
    /// letters. `names` are those of its kind. `None`: there is none, or there are several.
    pub(super) fn generated<'n>(
        &self,
        id: &str,
        mut names: impl Iterator<Item = &'n str>,
    ) -> Option<&'n str> {
        let stack = self.stack.as_ref()?;
        let start = format!("{stack}-{id}-");
        let mut is_so = |name: &&str| {
            name.strip_prefix(&start).is_some_and(|rest| {
                let is_random = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit();
                RANDOM.contains(&rest.len()) && rest.bytes().all(is_random)
            })
        };
        let first = names.by_ref().find(&mut is_so)?;
        names.find(is_so).is_none().then_some(first)
    }

    /// The principals and policies. `None`: they were not read.
    pub(super) fn iam(&self) -> Option<&Iam> {
        self.inventory.iam.as_ref()
    }

    /// The ARN that the account has for a managed policy of its own with this name: names are unique, whatever the path.
    pub(super) fn policy_arn(&self, name: &str) -> Option<&str> {
        let own = |arn: &str| Arn::read(arn).is_some_and(|it| it.account == self.inventory.account);
        let mut policies = self.iam()?.policies.iter();
        let found = policies.find(|it| it.name.eq_ignore_ascii_case(name) && own(&it.arn));
        found.map(|it| it.arn.as_str())
    }
}
