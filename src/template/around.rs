//! The account that a file will be deployed to, as an inventory has it: which of its APIs, principals and policies those of the
//! file are.
//!
//! An API has no name that is its own, and its id is in no template. What tells it is, in this order: what the user says, an id
//! in the file, the tags that CloudFormation gives what a stack makes, and last a name that a single API has. Where none of them
//! does, the API of the file is a new one.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::IntoStaticStr;

use super::draft::ApiDraft;
use crate::iam::document::Arn;
use crate::inventory::{Api, Iam, Inventory, listed, quoted};

/// The tag with the name of the stack that made an API.
///
/// Source: [resource tags](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html).
const STACK_NAME: &str = "aws:cloudformation:stack-name";

/// The tag with the logical id that an API has in its stack.
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// How many letters and digits CloudFormation puts behind the names that it makes.
///
/// Source: [generated names](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html).
const RANDOM: [usize; 2] = [12, 13];

/// As many ids are named.
const NAMED: usize = 3;

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

/// Which API of the account an API of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The one with this id.
    Known {
        /// The id in the account.
        id: String,
        /// What tells it.
        by: ToldBy,
    },
    /// None: it will be made.
    New {
        /// What makes that doubtful, in words that follow the API, and what to do. `None`: nothing.
        doubt: Option<String>,
    },
}

/// What tells which API of the account one of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ToldBy {
    /// The user.
    User,
    /// Its id, which is in the file.
    Id,
    /// The tags that its stack gave it.
    Stack,
    /// Its name, which no other API of its kind has in the Region.
    Name,
}

impl ToldBy {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Around {
    /// The same for a template that another one makes a stack of: how its stack is called is not known.
    pub fn nested(&self) -> Around {
        Around {
            stack: None,
            ..self.clone()
        }
    }

    /// Which API of the account one of a file is. `is_definition`: the file is an API definition, which any stack may have made
    /// an API of.
    ///
    /// # Errors
    /// Where the file or the user names one that is not there.
    pub(super) fn identity(
        &self,
        draft: &ApiDraft,
        region: &str,
        is_definition: bool,
    ) -> Result<Identity, String> {
        let known = |api: &Api, by| Identity::Known {
            id: api.id.clone(),
            by,
        };
        match self.apis.get(&draft.id) {
            Some(None) => return Ok(Identity::New { doubt: None }),
            Some(Some(id)) => return Ok(known(self.api(draft, region, id)?, ToldBy::User)),
            None => {}
        }
        if let Some(id) = &draft.given_id {
            return Ok(known(self.api(draft, region, id)?, ToldBy::Id));
        }
        if draft.is_elsewhere {
            let found = self.api(draft, region, &draft.id);
            return match found {
                Ok(api) => Ok(known(api, ToldBy::Id)),
                Err(_) => Err(format!(
                    "is not in this file, and which API of the account it is cannot be told: give its id with --api {}=ID",
                    shell(&draft.id)
                )),
            };
        }
        let here = self.inventory.apis.iter();
        let here = here.filter(|it| it.region == region && it.kind == draft.kind);
        let here: Vec<&Api> = here.collect();
        let tag =
            |api: &Api, key: &str, value: &str| api.tags.get(key).is_some_and(|it| it == value);
        if let Some(stack) = &self.stack {
            let is_own = |it: &&&Api| tag(it, STACK_NAME, stack) && tag(it, LOGICAL_ID, &draft.id);
            if let Some(api) = here.iter().find(is_own) {
                return Ok(known(api, ToldBy::Stack));
            }
        }
        let name = draft.name.as_ref();
        let is_of_another_stack = |api: &Api| {
            let is_other = |key: &str, own: &str| api.tags.get(key).is_some_and(|it| it != own);
            !is_definition
                && (is_other(LOGICAL_ID, &draft.id)
                    || self
                        .stack
                        .as_ref()
                        .is_some_and(|it| is_other(STACK_NAME, it)))
        };
        let is_so = |it: &&&Api| Some(&it.name) == name && !is_of_another_stack(it);
        let called_so: Vec<&&Api> = here.iter().filter(is_so).collect();
        let doubt = match called_so.as_slice() {
            [api] => return Ok(known(api, ToldBy::Name)),
            [] => self.of_a_stack(draft, &here),
            several => {
                let ids = several.iter().map(|it| it.id.clone());
                Some(format!(
                    "counts as new, and the account has {} APIs of its name ({}): say which one it is with --api {}=ID, or --api {}=new",
                    several.len(),
                    listed(ids, NAMED),
                    shell(&draft.id),
                    shell(&draft.id)
                ))
            }
        };
        Ok(Identity::New { doubt })
    }

    /// That stacks of the account have an API of the same logical id, where the file does not say which stack it is of.
    fn of_a_stack(&self, draft: &ApiDraft, here: &[&Api]) -> Option<String> {
        let own = here
            .iter()
            .filter(|it| it.tags.get(LOGICAL_ID) == Some(&draft.id));
        let stacks = own.filter_map(|it| it.tags.get(STACK_NAME).cloned());
        let stacks: Vec<String> = stacks.collect();
        let first = stacks.first().filter(|_| self.stack.is_none())?;
        Some(format!(
            "counts as new, and {} of the account made an API of this logical id: if it is that one, give --stack {}",
            match stacks.len() {
                1 => format!("stack {}", quoted(first)),
                _ => format!("the stacks {}", listed(stacks.iter().cloned(), NAMED)),
            },
            shell(first)
        ))
    }

    /// The API with an id.
    fn api(&self, draft: &ApiDraft, region: &str, id: &str) -> Result<&Api, String> {
        let found = self
            .inventory
            .apis
            .iter()
            .find(|it| it.region == region && it.id == id);
        match found {
            None => Err(format!(
                "has the id {}, and the inventory has no such API in {region}: collect it again, or with that Region",
                quoted(id)
            )),
            Some(api) if api.kind != draft.kind => Err(format!(
                "is of kind {}, and {} of the account is of kind {}",
                draft.kind.as_str(),
                quoted(id),
                api.kind.as_str()
            )),
            Some(api) => Ok(api),
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

/// A text as a shell takes it as one word.
fn shell(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:".contains(it);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
