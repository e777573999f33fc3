//! The answers: one holder and one method, or all of them.

use std::collections::HashMap;
use std::rc::Rc;

use super::Estate;
use super::holder::{self, Holder, Source};
use super::method::{self, CallableMethod};
use super::planes::Planes;
use crate::model::Inventory;
use crate::policy::language::{Effect, Policy, Version};
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
        let mut memo = Memo::new(self);
        holders
            .into_iter()
            .map(|holder| (holder, memo.row(holder)))
            .collect()
    }

    fn resource_policy(&self, method: &CallableMethod<'_>) -> Option<&Result<Policy, String>> {
        self.apis.get(method.of_api)?.resource_policy.as_ref()
    }

    /// The policy that a holder has. `None`: it could not be read.
    pub fn policy(&self, source: &Source) -> Option<&Policy> {
        self.documents.get(source.document)?.policy.as_ref().ok()
    }

    fn policies(&self, holder: &Holder, method: &CallableMethod<'_>) -> Policies<'_> {
        let identity = holder.sources.iter().filter_map(|it| self.policy(it));
        let boundary = holder.boundary.as_ref();
        let resource = self.resource_policy(method);
        Policies {
            identity: identity.collect(),
            boundary: boundary.and_then(|it| self.policy(it)),
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
            Some(source) => (self.policy(source)?, source.in_words(holder)),
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

/// What is worked out once for all holders.
struct Memo<'m, 'a> {
    estate: &'m Estate<'a>,
    documents: HashMap<usize, Rc<Known>>,
    /// The answers by method and by the plain documents that meet there.
    cells: HashMap<(usize, Vec<usize>), Cell>,
    /// A few requests of each method: one of each verb, and the examples of what was decided before. Where
    /// one is allowed and another is not, the answer is proven.
    samples: Vec<Vec<String>>,
}

/// What is known of one document.
struct Known {
    touch: Touch,
    planes: Planes,
    /// Whether it says the same to every holder at every time.
    plain: bool,
    /// What it says of the samples of each method.
    sampled: Vec<std::cell::Cell<Sampled>>,
}

/// The most requests of a method that are kept: a bit each.
const SAMPLES: usize = 64;

/// What a document says of the first samples of a method.
#[derive(Debug, Clone, Copy, Default)]
struct Sampled {
    /// How many.
    asked: usize,
    /// Which it allows, a bit each.
    allowed: u64,
    /// Which it denies.
    denied: u64,
}

const UNDECIDED: Cell = Cell {
    verdict: Verdict::Undecided,
    conditional: false,
};

fn sure(verdict: Verdict) -> Cell {
    Cell {
        verdict,
        conditional: false,
    }
}

impl<'m, 'a> Memo<'m, 'a> {
    fn new(estate: &'m Estate<'a>) -> Self {
        let samples = estate.methods.iter().map(|method| {
            let mut examples = method.template.examples();
            examples.truncate(SAMPLES);
            examples
        });
        Memo {
            estate,
            documents: HashMap::new(),
            cells: HashMap::new(),
            samples: samples.collect(),
        }
    }

    fn row(&mut self, holder: &Holder) -> Vec<Cell> {
        let estate = self.estate;
        if !holder.unread.is_empty() {
            return vec![UNDECIDED; estate.methods.len()];
        }
        let mut documents: Vec<usize> = holder.sources.iter().map(|it| it.document).collect();
        documents.sort_unstable();
        documents.dedup();
        let own: Vec<(usize, Rc<Known>)> = documents
            .into_iter()
            .map(|document| (document, self.known(document)))
            .collect();
        let mut all = Planes::none(estate.methods.len());
        for (_, known) in &own {
            all.join(&known.planes);
        }
        let methods = estate.methods.iter().enumerate();
        methods
            .map(|(number, method)| self.cell(holder, &own, &all, number, method))
            .collect()
    }

    fn cell(
        &mut self,
        holder: &Holder,
        own: &[(usize, Rc<Known>)],
        all: &Planes,
        number: usize,
        method: &CallableMethod<'_>,
    ) -> Cell {
        let estate = self.estate;
        let resource = estate.resource_policy(method);
        if let Some(Err(_)) = resource {
            return UNDECIDED;
        }
        if all.denies_all.has(number) || (resource.is_none() && !all.allows_some.has(number)) {
            return sure(Verdict::None);
        }
        if resource.is_some() || holder.boundary.is_some() {
            return estate.cell(holder, method);
        }
        if all.allows_all.has(number) && !all.denies_some.has(number) {
            return sure(Verdict::All);
        }
        let meeting = own.iter().filter(|(_, known)| {
            known.planes.allows_some.has(number) || known.planes.denies_some.has(number)
        });
        let samples = self.samples.get(number).map_or(&[][..], Vec::as_slice);
        let (mut allowed, mut denied) = (0, 0);
        for (_, known) in meeting.clone() {
            if !known.plain {
                return estate.cell(holder, method);
            }
            let sampled = known.at(number, samples);
            allowed |= sampled.allowed;
            denied |= sampled.denied;
        }
        allowed &= !denied;
        if allowed != 0 && allowed.count_ones() as usize != samples.len() {
            return sure(Verdict::Some);
        }
        let meeting: Vec<usize> = meeting.map(|(document, _)| *document).collect();
        let key = (number, meeting);
        if let Some(cell) = self.cells.get(&key) {
            return *cell;
        }
        let answer = estate.decided(holder, method);
        if let Some(samples) = self.samples.get_mut(number) {
            for example in [&answer.allowed, &answer.denied].into_iter().flatten() {
                if samples.len() < SAMPLES && !samples.contains(example) {
                    samples.push(example.clone());
                }
            }
        }
        let cell = Cell::of(&answer);
        self.cells.insert(key, cell);
        cell
    }

    fn known(&mut self, document: usize) -> Rc<Known> {
        let estate = self.estate;
        let known = self.documents.entry(document);
        Rc::clone(known.or_insert_with(|| Rc::new(Known::new(estate, document))))
    }
}

impl Known {
    fn new(estate: &Estate<'_>, document: usize) -> Self {
        let read = estate.documents.get(document);
        let policy = read.and_then(|it| it.policy.as_ref().ok());
        let nothing = Policy {
            version: Version::V2012,
            statements: Vec::new(),
        };
        let touch = Touch::new(policy.unwrap_or(&nothing), INVOKE);
        let mut planes = Planes::none(estate.methods.len());
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
        Known {
            touch,
            planes,
            plain: read.is_some_and(|it| it.plain),
            // A document of one holder is asked once for each method: nothing is kept of it.
            sampled: match read {
                Some(read) if read.shared => vec![std::cell::Cell::default(); estate.methods.len()],
                _ => Vec::new(),
            },
        }
    }

    fn at(&self, method: usize, samples: &[String]) -> Sampled {
        let kept = self.sampled.get(method);
        let mut sampled = kept.map_or_else(Sampled::default, std::cell::Cell::get);
        if sampled.asked == samples.len() {
            return sampled;
        }
        for (bit, arn) in samples.iter().enumerate().skip(sampled.asked) {
            let (allows, denies) = self.touch.at(arn);
            sampled.allowed |= u64::from(allows) << bit;
            sampled.denied |= u64::from(denies) << bit;
        }
        sampled.asked = samples.len();
        if let Some(kept) = kept {
            kept.set(sampled);
        }
        sampled
    }
}

impl Cell {
    fn of(answer: &Access) -> Self {
        Cell {
            verdict: answer.verdict,
            conditional: answer.conditional,
        }
    }
}

impl Estate<'_> {
    /// One answer, decided by itself.
    fn decided(&self, holder: &Holder, method: &CallableMethod<'_>) -> Access {
        let policies = self.policies(holder, method);
        access(&policies, self.question(holder, method), &method.template)
    }

    fn cell(&self, holder: &Holder, method: &CallableMethod<'_>) -> Cell {
        Cell::of(&self.decided(holder, method))
    }
}
