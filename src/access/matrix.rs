//! The answers: one holder and one method, or all of them.

use std::collections::HashMap;
use std::rc::Rc;

use super::Estate;
use super::holder::{self, Holder, Source};
use super::method::{self, CallableMethod};
use super::planes::Planes;
use crate::model::Inventory;
use crate::policy::language::{Effect, Policy};
use crate::policy::{
    Access, Deciding, Policies, Question, Touch, Touched, Verdict, access, across_colons, deciding,
};

/// The action that calls a method.
const INVOKE: &str = "execute-api:Invoke";

/// One answer, small: how many requests, and whether that depends on a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// How many of the method's requests the holder is allowed.
    pub verdict: Verdict,
    /// Whether that depends on a condition whose keys are not known at audit time.
    pub conditional: bool,
}

/// One answer with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How many requests, with examples.
    pub access: Access,
    /// The statements that decide.
    pub reasons: Vec<Reason>,
    /// The policies that would reach the method only if a `*` ran across a `:`.
    pub across_colons: Vec<String>,
    /// What could not be read, in words. Where there is anything, nothing is decided.
    pub unread: Vec<String>,
}

/// A statement that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The policy, in words, such as `policy CallPets of group callers`.
    pub policy: String,
    /// The statement's `Sid`, or its place in the policy, such as `Statement[0]`.
    pub statement: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whether it depends on a condition whose keys are not known.
    pub conditional: bool,
}

impl<'a> Estate<'a> {
    /// Makes an inventory ready to be asked. `None`: its IAM principals could not be read.
    pub fn new(inventory: &'a Inventory) -> Option<Self> {
        let (holders, documents) = holder::holders(inventory, inventory.iam.as_ref()?);
        Some(Estate {
            inventory,
            holders,
            methods: method::methods(inventory),
            apis: inventory.apis.iter().map(method::of_api).collect(),
            documents,
        })
    }

    /// The groups, users and roles, in this order.
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The methods, in the order of the inventory.
    pub fn methods(&self) -> &[CallableMethod<'a>] {
        &self.methods
    }

    /// What a holder is allowed of a method, with the proof.
    pub fn decide(&self, holder: &Holder, method: &CallableMethod<'_>) -> Decided {
        let mut unread = holder.unread.clone();
        let resource = self.resource_policy(method);
        if let Some(Err(error)) = resource {
            unread.push(format!("the resource policy of the API: {error}"));
        }
        let policies = self.policies(holder, method);
        let question = self.question(holder, method);
        Decided {
            access: if unread.is_empty() {
                access(&policies, question, &method.template)
            } else {
                Access::UNDECIDED
            },
            reasons: deciding(&policies, question, &method.template)
                .iter()
                .filter_map(|it| self.reason(holder, method, it))
                .collect(),
            across_colons: across_colons(&policies, question, &method.template)
                .into_iter()
                .filter_map(|number| Some(source_of(holder, number)?.name.clone()))
                .collect(),
            unread,
        }
    }

    /// The answers for each of these holders, a row each, in the order of the methods.
    ///
    /// Most are put together from what each document says of each method; the rest are decided one by
    /// one, and once for all holders whom the same documents meet there.
    pub fn matrix<'m>(
        &'m self,
        holders: impl IntoIterator<Item = &'m Holder>,
    ) -> Vec<(&'m Holder, Vec<Cell>)> {
        let mut memo = Memo {
            estate: self,
            planes: HashMap::new(),
            cells: HashMap::new(),
        };
        holders
            .into_iter()
            .map(|holder| (holder, memo.row(holder)))
            .collect()
    }

    fn resource_policy(&self, method: &CallableMethod<'_>) -> Option<&Result<Policy, String>> {
        self.apis.get(method.of_api)?.resource_policy.as_ref()
    }

    fn document(&self, source: &Source) -> Option<&Policy> {
        self.documents.get(source.document)?.policy.as_ref().ok()
    }

    fn policies(&self, holder: &Holder, method: &CallableMethod<'_>) -> Policies<'_> {
        let identity = holder.sources.iter().filter_map(|it| self.document(it));
        let boundary = holder.boundary.as_ref();
        let resource = self.resource_policy(method);
        Policies {
            identity: identity.collect(),
            boundary: boundary.and_then(|it| self.document(it)),
            scps: Vec::new(),
            resource: resource.and_then(|it| it.as_ref().ok()),
        }
    }

    fn question<'q>(&'q self, holder: &'q Holder, method: &'q CallableMethod<'_>) -> Question<'q> {
        Question {
            caller: &holder.caller,
            action: INVOKE,
            resource_account: &self.inventory.account,
            api: &method.api.id,
            context: &holder.context,
        }
    }

    fn reason(
        &self,
        holder: &Holder,
        method: &CallableMethod<'_>,
        deciding: &Deciding,
    ) -> Option<Reason> {
        let (policy, name) = match source_of(holder, deciding.policy) {
            Some(source) => (self.document(source)?, source.in_words(holder)),
            None => (
                self.resource_policy(method)?.as_ref().ok()?,
                "the API's resource policy".to_owned(),
            ),
        };
        let statement = policy.statements.get(deciding.statement)?;
        let place = || format!("Statement[{}]", deciding.statement);
        Some(Reason {
            policy: name,
            statement: statement.sid.clone().unwrap_or_else(place),
            effect: deciding.effect,
            conditional: deciding.conditional,
        })
    }
}

/// The policy with this number: the identity policies, then the boundary. `None`: the resource policy.
fn source_of(holder: &Holder, number: usize) -> Option<&Source> {
    let mut all = holder.sources.iter().chain(&holder.boundary);
    all.nth(number)
}

struct Memo<'m, 'a> {
    estate: &'m Estate<'a>,
    planes: HashMap<usize, Rc<Planes>>,
    /// The answers by method and by the plain documents that meet there.
    cells: HashMap<(usize, Vec<usize>), Cell>,
}

impl Memo<'_, '_> {
    fn row(&mut self, holder: &Holder) -> Vec<Cell> {
        let estate = self.estate;
        let undecided = Cell {
            verdict: Verdict::Undecided,
            conditional: false,
        };
        if !holder.unread.is_empty() {
            return vec![undecided; estate.methods.len()];
        }
        let mut documents: Vec<usize> = holder.sources.iter().map(|it| it.document).collect();
        documents.sort_unstable();
        documents.dedup();
        let own: Vec<(usize, Rc<Planes>)> = documents
            .into_iter()
            .map(|document| (document, self.planes(document)))
            .collect();
        let mut all = Planes::none(estate.methods.len());
        for (_, planes) in &own {
            all.join(planes);
        }
        let methods = estate.methods.iter().enumerate();
        let cell = |(number, method): (usize, &CallableMethod<'_>)| {
            let sure = |verdict| Cell {
                verdict,
                conditional: false,
            };
            let resource = estate.resource_policy(method);
            if let Some(Err(_)) = resource {
                return undecided;
            }
            if all.denies_all.has(number) {
                return sure(Verdict::None);
            }
            if resource.is_none() && !all.allows_some.has(number) {
                return sure(Verdict::None);
            }
            let alone = resource.is_none() && holder.boundary.is_none();
            if alone && all.allows_all.has(number) && !all.denies_some.has(number) {
                return sure(Verdict::All);
            }
            let meeting = || -> Option<Vec<usize>> {
                let touches = |planes: &Planes| {
                    planes.allows_some.has(number) || planes.denies_some.has(number)
                };
                let touching = own.iter().filter(|(_, planes)| touches(planes));
                touching
                    .map(|(document, _)| {
                        estate.documents.get(*document)?.plain.then_some(*document)
                    })
                    .collect()
            };
            let exact = || {
                let policies = estate.policies(holder, method);
                let question = estate.question(holder, method);
                let answer = access(&policies, question, &method.template);
                Cell {
                    verdict: answer.verdict,
                    conditional: answer.conditional,
                }
            };
            match alone.then(meeting).flatten() {
                Some(meeting) => *self.cells.entry((number, meeting)).or_insert_with(exact),
                None => exact(),
            }
        };
        methods.map(cell).collect()
    }

    /// What a document says of each method, taken by itself.
    fn planes(&mut self, document: usize) -> Rc<Planes> {
        let estate = self.estate;
        let planes = self.planes.entry(document).or_insert_with(|| {
            let mut planes = Planes::none(estate.methods.len());
            let policy = estate.documents.get(document).map(|it| &it.policy);
            if let Some(Ok(policy)) = policy {
                let touch = Touch::new(policy, INVOKE);
                for (number, method) in estate.methods.iter().enumerate() {
                    let Touched { allows, denies } = touch.of(&method.template);
                    if allows == Verdict::All {
                        planes.allows_all.add(number);
                    }
                    if allows != Verdict::None {
                        planes.allows_some.add(number);
                    }
                    if denies == Verdict::All {
                        planes.denies_all.add(number);
                    }
                    if denies != Verdict::None {
                        planes.denies_some.add(number);
                    }
                }
            }
            Rc::new(planes)
        });
        Rc::clone(planes)
    }
}
