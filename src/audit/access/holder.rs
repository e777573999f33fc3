//! Who holds policies, groups, users and roles, and who else may call.

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use crate::iam::document::{Arn, Policy};
use crate::iam::{Admitted, Caller, Context, Document, guests, trust_policy};
use crate::inventory::{Api, AttachedPolicy, Iam, InlinePolicy, Inventory, quoted};

/// The kind of a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum HolderKind {
    /// A group: what it gives to each of its members.
    Group,
    /// A user, with everything that their groups give them.
    User,
    /// A role, through any of its sessions.
    Role,
    /// Another account, or one principal of it, whom a resource policy lets in. Its own policies are not read.
    Account,
    /// An organization whose accounts a resource policy lets in. Their own policies are not read.
    Organization,
}

impl HolderKind {
    /// All of them, in the order of reports.
    pub const ALL: [HolderKind; 5] = [
        HolderKind::Group,
        HolderKind::User,
        HolderKind::Role,
        HolderKind::Account,
        HolderKind::Organization,
    ];

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether it is of another account, which must allow a call, too.
    pub fn is_outside(self) -> bool {
        matches!(self, HolderKind::Account | HolderKind::Organization)
    }
}

/// A group, user or role, or a caller of another account, with everything that weighs on its requests.
#[derive(Debug)]
pub struct Holder {
    /// Group, user or role; account or organization.
    pub kind: HolderKind,
    /// Its name; the id of an account or an organization.
    pub name: String,
    /// Its ARN. Of an account that of its root, which stands for all of it, or of the principal; of an organization its id.
    pub arn: String,
    /// The identity policies, in the order of the numbers that explanations give.
    pub sources: Vec<PolicySource>,
    /// The permissions boundary.
    pub boundary: Option<PolicySource>,
    /// Of a role: those whom nobody knows and who can become it, by its trust policy. One that was not read, or is not
    /// understood, tells of none, which is a gap.
    pub guests: Vec<Admitted>,
    /// Of a caller of another account: the places of the APIs whose resource policies name it, in order.
    pub(super) named_by: Vec<usize>,
    /// Its place among the holders.
    pub(super) number: usize,
    pub(super) caller: Caller,
    pub(super) context: Context,
    /// Of a caller of another account, what is known of its requests to a private API and to one that the internet reaches.
    pub(super) contexts_at: Option<[Context; 2]>,
    /// What could not be read of it, in words. Where there is anything, nothing is decided.
    pub unread: Vec<String>,
}

/// A policy that a holder has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// Its name.
    pub name: String,
    /// How the holder has it.
    pub origin: Origin,
    /// The ARN, of a managed policy.
    pub arn: Option<String>,
    /// The number of its document among those read.
    pub(super) document: usize,
}

/// How a holder has a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Embedded in the holder.
    Inline,
    /// Attached to the holder.
    Attached,
    /// Embedded in, or attached to, this group.
    Group(String),
    /// As the permissions boundary.
    Boundary,
}

/// A document, read as a policy.
#[derive(Debug)]
pub(super) struct Read {
    /// The policy, or why it is none.
    pub(super) policy: Result<Policy, String>,
    /// Whether it says the same to every holder at every time: no condition, no variable.
    pub(super) plain: bool,
}

/// Reads every document once.
#[derive(Default)]
struct Shelf<'a> {
    read: Vec<Read>,
    managed: BTreeMap<&'a str, usize>,
}

impl<'a> Shelf<'a> {
    fn put(&mut self, document: &Document) -> usize {
        let policy = match document {
            Document::Unparsed { error, .. } => Err(error.clone()),
            Document::Json(json) => Policy::from_value(json).map_err(|error| error.to_string()),
        };
        let plain = policy.as_ref().is_ok_and(|policy| {
            policy.statements.iter().all(|it| {
                let mut resources = it.resources.iter().flat_map(|it| &it.patterns);
                it.conditions.is_empty() && !resources.any(|it| it.contains("${"))
            })
        });
        self.read.push(Read { policy, plain });
        self.read.len() - 1
    }
}

/// Every group, user and role of an account, in this order, and the documents of their policies.
pub(super) fn holders(inventory: &Inventory, iam: &Iam) -> (Vec<Holder>, Vec<Read>) {
    let mut shelf = Shelf::default();
    for policy in &iam.policies {
        let number = shelf.put(&policy.document);
        shelf.managed.insert(&policy.arn, number);
    }
    let account = &inventory.account;
    let mut holders = Vec::new();
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for group in &iam.groups {
        let mut holder = Holder::new(inventory, HolderKind::Group, &group.name, &group.arn);
        holder.caller = Caller::Member {
            account: account.clone(),
        };
        holder.add(&mut shelf, &group.inline, &group.attached);
        groups.insert(group.name.to_ascii_lowercase(), holders.len());
        holders.push(holder);
    }
    for user in &iam.users {
        let mut holder = Holder::new(inventory, HolderKind::User, &user.name, &user.arn);
        holder.add(&mut shelf, &user.inline, &user.attached);
        for name in &user.groups {
            let group = groups.get(&name.to_ascii_lowercase());
            let Some(group) = group.and_then(|it| holders.get(*it)) else {
                let group = quoted(name);
                let unread = format!("group {group}, of which it is a member");
                holder.unread.push(unread);
                continue;
            };
            holder.unread.extend(group.unread.iter().cloned());
            let sources = group.sources.iter().map(|source| PolicySource {
                origin: Origin::Group(group.name.clone()),
                ..source.clone()
            });
            holder.sources.extend(sources);
        }
        holder.bound(&shelf, user.permissions_boundary.as_deref());
        holders.push(holder);
    }
    for role in &iam.roles {
        let mut holder = Holder::new(inventory, HolderKind::Role, &role.name, &role.arn);
        holder.add(&mut shelf, &role.inline, &role.attached);
        holder.bound(&shelf, role.permissions_boundary.as_deref());
        let trust = role.trust_policy.as_ref();
        let trust = trust.and_then(|it| trust_policy(it).ok());
        holder.guests = trust.map_or_else(Vec::new, |it| guests(&it, account));
        holders.push(holder);
    }
    for (number, holder) in holders.iter_mut().enumerate() {
        holder.number = number;
    }
    (holders, shelf.read)
}

impl Holder {
    fn new(inventory: &Inventory, kind: HolderKind, name: &str, arn: &str) -> Self {
        let account = &inventory.account;
        Holder {
            kind,
            name: name.to_owned(),
            arn: arn.to_owned(),
            sources: Vec::new(),
            boundary: None,
            guests: Vec::new(),
            named_by: Vec::new(),
            number: 0,
            caller: Caller::Principal {
                arn: arn.to_owned(),
                account: account.clone(),
            },
            context: context(kind, account, name, arn),
            contexts_at: None,
            unread: Vec::new(),
        }
    }

    /// What is known of its requests to an API. `None`: of those to any.
    pub(super) fn context_at(&self, api: Option<&Api>) -> &Context {
        let known = api.filter(|it| !it.endpoint_types.is_empty());
        match (known, &self.contexts_at) {
            (Some(api), Some([private, _])) if api.is_private() => private,
            (Some(_), Some([_, open])) => open,
            _ => &self.context,
        }
    }

    /// The holder in a sentence: its [`label`](Self::label), with the name in quotes where somebody chose it.
    pub fn in_words(&self) -> String {
        if self.kind.is_outside() {
            return self.label();
        }
        format!("{} {}", self.kind.as_str(), quoted(&self.name))
    }

    /// Kind and name, such as `group callers`, `account 999988887777`; of one principal of another account
    /// `account 999988887777 (role/partner)`.
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.full_name())
    }

    /// Its name; of one principal of another account with what tells it from the others there, such as
    /// `999988887777 (role/partner)`.
    pub fn full_name(&self) -> String {
        match self.resource_in_account() {
            Some(resource) => format!("{} ({resource})", self.name),
            None => self.name.clone(),
        }
    }

    /// Of one principal of another account: the last part of its ARN, such as `role/partner`. `None`: it is none, as the
    /// account as a whole is not.
    pub fn resource_in_account(&self) -> Option<&str> {
        let of_account = (self.kind == HolderKind::Account).then_some(&self.arn)?;
        let resource = Arn::read(of_account)?.resource;
        (resource != "root").then_some(resource)
    }

    fn add(&mut self, shelf: &mut Shelf<'_>, inline: &[InlinePolicy], attached: &[AttachedPolicy]) {
        for policy in inline {
            let document = shelf.put(&policy.document);
            self.push(shelf, &policy.name, None, Origin::Inline, document);
        }
        for policy in attached {
            match shelf.managed.get(policy.arn.as_str()) {
                Some(number) => {
                    let arn = Some(policy.arn.clone());
                    self.push(shelf, &policy.name, arn, Origin::Attached, *number);
                }
                None => self
                    .unread
                    .push(format!("the document of policy {}", quoted(&policy.arn))),
            }
        }
    }

    fn push(
        &mut self,
        shelf: &Shelf<'_>,
        name: &str,
        arn: Option<String>,
        origin: Origin,
        document: usize,
    ) {
        if let Some(Err(error)) = shelf.read.get(document).map(|it| &it.policy) {
            self.unread
                .push(format!("policy {}: {error}", quoted(name)));
        }
        self.sources.push(PolicySource {
            name: name.to_owned(),
            arn,
            origin,
            document,
        });
    }

    fn bound(&mut self, shelf: &Shelf<'_>, arn: Option<&str>) {
        let Some(arn) = arn else {
            return;
        };
        let known = shelf.managed.get(arn).copied();
        let sound = known.filter(|it| shelf.read.get(*it).is_some_and(|it| it.policy.is_ok()));
        match sound {
            Some(document) => {
                self.boundary = Some(PolicySource {
                    name: Arn::read(arn).map_or(arn.as_ref(), Arn::name).to_owned(),
                    arn: Some(arn.to_owned()),
                    origin: Origin::Boundary,
                    document,
                });
            }
            None => self.unread.push(format!(
                "the document of the permissions boundary {}",
                quoted(arn)
            )),
        }
    }
}

/// What is known at audit time of the condition keys of a holder's requests.
///
/// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
fn context(kind: HolderKind, account: &str, name: &str, arn: &str) -> Context {
    let mut context = Context::of_signed(account);
    context.set("aws:PrincipalAccount", vec![account.to_owned()]);
    match kind {
        HolderKind::Group => {
            context.set("aws:PrincipalType", vec!["User".to_owned()]);
            context.set_present("aws:username");
        }
        HolderKind::User => {
            context.set("aws:PrincipalType", vec!["User".to_owned()]);
            context.set("aws:PrincipalArn", vec![arn.to_owned()]);
            context.set("aws:username", vec![name.to_owned()]);
        }
        HolderKind::Role => {
            context.set("aws:PrincipalType", vec!["AssumedRole".to_owned()]);
            context.set("aws:PrincipalArn", vec![arn.to_owned()]);
            context.set_absent("aws:username");
        }
        // What is known of these is known to the engine.
        HolderKind::Account | HolderKind::Organization => {}
    }
    context
}

impl PolicySource {
    /// The policy and how the holder has it, such as ``policy `CallPets` of group `callers` ``.
    pub fn in_words(&self, holder: &Holder) -> String {
        let name = quoted(&self.name);
        match &self.origin {
            Origin::Inline => format!("inline policy {name} of {}", holder.in_words()),
            Origin::Attached => format!("policy {name} of {}", holder.in_words()),
            Origin::Group(group) => format!("policy {name} of group {}", quoted(group)),
            Origin::Boundary => format!("permissions boundary {name}"),
        }
    }
}
