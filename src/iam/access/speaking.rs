//! The patterns that take in some request of a method.
//!
//! Policies of one account look alike: behind the API, the stage and the verb, many of their patterns say
//! the same. Those that a method does not tell apart share a lane, and are looked at once. What is learned
//! about a path is kept, as the next verb, stage or API mostly has it too.

use std::rc::Rc;

use foldhash::HashMap;

use crate::iam::access::heads::Head;
use crate::iam::access::rests::Rests;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::budget::{BUDGET, TooMuch};
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::guess;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::search::Next;
use crate::iam::pattern::template::{Piece, Template};
use crate::iam::pattern::walk::Walked;
use crate::iam::pattern::witness::{other_letter, witness};
use crate::iam::truth::Truth;

/// Finds the patterns, and keeps what it learns about them for the next method.
#[derive(Debug, Default)]
pub(in crate::iam) struct Finder {
    /// Which patterns can match ARNs that begin with these five parts.
    heads: HashMap<[String; 5], Head>,
    rests: Rests,
    /// Methods mostly come stage by stage.
    last_stage: Option<OfStage>,
    /// The stages, as the patterns tell them apart.
    stages: HashMap<Behind, StageKind>,
    paths: HashMap<Vec<Piece>, usize>,
    along: Vec<Along>,
    /// The ways in which requests for a path, by its number, meet rests of patterns, by theirs.
    ways: HashMap<(usize, Vec<u32>), KnownWays>,
    /// How much room these take, in lanes.
    ways_kept: usize,
}

/// What the rests of patterns take in along a path.
#[derive(Debug, Default)]
struct Along {
    /// By the rest's number. `None`: that was not asked yet.
    covers: Vec<Option<Cover>>,
    /// A path that a rest takes in. `None`: none was found soon.
    examples: HashMap<u32, Option<String>>,
}

/// What is known of the ways in which requests for a path meet rests of patterns.
#[derive(Debug)]
enum KnownWays {
    Listed(Rc<Walked>),
    /// They are more than so much work lists.
    MoreThan(usize),
}

/// How many lanes of ways are kept, of all paths together.
const WAYS_KEPT: usize = 1 << 22;

/// How many words of sets are computed to find one request by a search for a witness.
const FEW: usize = 10_000;

/// How many words of sets are computed to find one request by listing.
const LISTED: usize = 1_000;

/// How many covers are kept, of all paths together.
const KEPT: usize = 1 << 24;

/// The patterns that can match requests of one stage.
#[derive(Debug)]
struct OfStage {
    head: [String; 5],
    /// The API, the stage, and the slash behind it.
    before: Vec<Piece>,
    whole: Vec<usize>,
    /// The others.
    open: Vec<usize>,
    /// The others by what is left of them behind the verbs, for each list of verbs that was asked about.
    groups: HashMap<Vec<Vec<Piece>>, Rc<Vec<Group>>>,
}

/// What is left of all patterns behind the letters of a stage.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Behind {
    whole: Vec<usize>,
    /// The others, and their positions.
    open: Vec<(usize, u64)>,
    /// How many letters there are: they are counted as work.
    letters: usize,
    /// The letters themselves, where a pattern is long: its positions are not kept.
    long: Option<String>,
}

/// What patterns tell of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageKind {
    /// Stages that no pattern tells apart have the same number.
    pub number: usize,
    /// Whether each pattern takes in all requests of the stage or none, and has no variable whose value is not known, so
    /// that none tells its methods apart.
    pub is_uniform: bool,
}

/// Patterns of which the same is left behind each verb.
#[derive(Debug)]
struct Group {
    first: usize,
    others: Vec<usize>,
    /// The positions of the first behind each verb, and the number of what is left there. Empty: the
    /// pattern is long, and alone.
    behind: Vec<(u64, u32)>,
}

impl Group {
    fn of_long(pattern: usize) -> Self {
        Group {
            first: pattern,
            others: Vec::new(),
            behind: Vec::new(),
        }
    }
}

/// The patterns that take in some request of a method.
#[derive(Debug, Default)]
pub(in crate::iam) struct Found {
    /// Those that take in all.
    pub(in crate::iam) whole: Vec<usize>,
    /// Those that take in some, and others not: each group of which the method does not tell apart.
    pub(in crate::iam) part: Vec<Lane>,
    /// Every one of those, with its lane.
    pub(in crate::iam) lanes: Vec<(usize, u32)>,
    /// The number of the path.
    path: usize,
}

/// Patterns that a method does not tell apart.
#[derive(Debug)]
pub(in crate::iam) struct Lane {
    /// One of them.
    pub(in crate::iam) pattern: usize,
    /// What they take in of each verb.
    pub(in crate::iam) covers: Vec<Cover>,
    /// What is left of them behind each verb. Empty: that is not known, as the pattern is long.
    rests: Vec<u32>,
}

impl Finder {
    /// Forgets which patterns there are: some were added.
    pub(in crate::iam) fn clear(&mut self) {
        self.heads.clear();
        self.last_stage = None;
        self.stages.clear();
    }

    /// What the patterns tell of a stage, whose requests' last parts all begin with these letters.
    pub(in crate::iam) fn kind(
        &mut self,
        patterns: &Patterns,
        template: &Template,
        before: &str,
    ) -> StageKind {
        let letters: Vec<Piece> = before.chars().map(Piece::Letter).collect();
        let stage = self.stage(patterns, template);
        let mut behind = Behind {
            whole: stage.whole,
            open: Vec::with_capacity(stage.open.len()),
            letters: letters.len(),
            long: None,
        };
        let has_holes = |number: usize| !patterns.holes(number).is_empty();
        let mut is_uniform = !behind.whole.iter().any(|it| has_holes(*it));
        for number in stage.open {
            let ready = patterns.last(number).filter(|it| it.is_short());
            match ready.map(|it| (it, it.after_all(&letters))) {
                Some((_, 0)) => {}
                Some((ready, state)) => {
                    is_uniform &= ready.is_open(state) && !has_holes(number);
                    behind.open.push((number, state));
                }
                None => {
                    is_uniform = false;
                    behind.open.push((number, 0));
                    behind.long = Some(before.to_owned());
                }
            }
        }
        let kind = StageKind {
            number: self.stages.len(),
            is_uniform,
        };
        *self.stages.entry(behind).or_insert(kind)
    }

    pub(in crate::iam) fn find(&mut self, patterns: &Patterns, template: &Template) -> Found {
        let before = template.before_verb();
        let is_this = |it: &OfStage| it.head == template.head && it.before == before;
        let last = self.last_stage.take().filter(is_this);
        let mut stage = last.unwrap_or_else(|| self.stage(patterns, template));
        let found = self.within(&mut stage, patterns, template);
        self.last_stage = Some(stage);
        found
    }

    fn stage(&mut self, patterns: &Patterns, template: &Template) -> OfStage {
        let head = self
            .heads
            .entry(template.head.clone())
            .or_insert_with(|| Head::new(patterns, &template.head));
        let before = template.before_verb();
        let own = head.by_api.get(template.api()).into_iter().flatten();
        let open = own.chain(&head.any_api).filter_map(|number| {
            let ready = patterns.last(*number)?;
            let state = ready.is_short().then(|| ready.after_all(before));
            (state != Some(0)).then_some(*number)
        });
        OfStage {
            open: open.collect(),
            groups: HashMap::default(),
            whole: head.everything.clone(),
            head: template.head.clone(),
            before: before.to_vec(),
        }
    }

    /// The patterns of a stage in groups, for the verbs of a template.
    fn groups(
        &mut self,
        stage: &mut OfStage,
        patterns: &Patterns,
        template: &Template,
    ) -> Rc<Vec<Group>> {
        let before_path = |verb: &Vec<Piece>| verb.split_at(Template::path_begins(verb)).0.to_vec();
        let verbs: Vec<Vec<Piece>> = template.verbs.iter().map(before_path).collect();
        if let Some(known) = stage.groups.get(&verbs) {
            return Rc::clone(known);
        }
        let groups = Rc::new(self.grouped(&stage.open, patterns, &verbs));
        stage.groups.insert(verbs, Rc::clone(&groups));
        groups
    }

    /// Patterns by what is left of them behind each of these verbs. Those of which nothing is left are left out.
    fn grouped(
        &mut self,
        numbers: &[usize],
        patterns: &Patterns,
        verbs: &[Vec<Piece>],
    ) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<Vec<u32>, usize> = HashMap::default();
        for number in numbers.iter().copied() {
            let Some(ready) = patterns.last(number).filter(|it| it.is_short()) else {
                groups.push(Group::of_long(number));
                continue;
            };
            let states = verbs.iter().map(|verb| ready.after_all(verb));
            let behind: Vec<(u64, u32)> = states
                .map(|it| (it, self.rests.number(number, ready, it)))
                .collect();
            if behind.iter().all(|(state, _)| *state == 0) {
                continue;
            }
            let key = behind.iter().map(|(_, rest)| *rest).collect();
            let place = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.others.push(number),
                None => groups.push(Group {
                    first: number,
                    others: Vec::new(),
                    behind,
                }),
            }
        }
        groups
    }

    fn within(&mut self, stage: &mut OfStage, patterns: &Patterns, template: &Template) -> Found {
        let groups = self.groups(stage, patterns, template);
        let rests = self.rests.count();
        if self.along.len().saturating_mul(rests) > KEPT {
            self.along.clear();
            self.paths.clear();
            self.ways.clear();
            self.ways_kept = 0;
        }
        let mut found = Found {
            whole: stage.whole.clone(),
            path: self.path(template),
            ..Found::default()
        };
        let Some(along) = self.along.get_mut(found.path) else {
            return found;
        };
        if along.covers.len() < rests {
            along.covers.resize(rests, None);
        }
        for group in groups.iter() {
            let Some(ready) = patterns.last(group.first) else {
                continue;
            };
            if group.behind.is_empty() {
                let verbs = template.verbs.iter();
                let covers = verbs.map(|verb| whole(ready, verb));
                found.take_in(group, covers.collect());
                continue;
            }
            let verbs = group.behind.iter().zip(&template.verbs);
            let covers = verbs.map(|((state, rest), verb)| {
                let learn = || {
                    let (_, path) = verb.split_at(Template::path_begins(verb));
                    match ready.cover_from(*state, path, &mut BUDGET.clone()) {
                        Ok(Some(cover)) => cover,
                        _ => whole(ready, verb),
                    }
                };
                match along.covers.get_mut(*rest as usize) {
                    Some(known) => *known.get_or_insert_with(learn),
                    None => learn(),
                }
            });
            found.take_in(group, covers.collect());
        }
        found
    }

    fn path(&mut self, template: &Template) -> usize {
        let verb = template.verbs.first().map_or(&[][..], Vec::as_slice);
        let (_, path) = verb.split_at(Template::path_begins(verb));
        if let Some(number) = self.paths.get(path) {
            return *number;
        }
        self.paths.insert(path.to_vec(), self.along.len());
        self.along.push(Along::default());
        self.along.len() - 1
    }

    /// The ways in which requests with one of the template's verbs, by its place, meet these lanes. They are those of
    /// another method or verb, where behind it the same is left of path and patterns. `walk` takes its work from the
    /// budget.
    pub(in crate::iam) fn ways(
        &mut self,
        (found, number): (&Found, usize),
        lanes: &[&Lane],
        budget: &mut usize,
        walk: impl FnOnce(&mut usize) -> Result<Walked, TooMuch>,
    ) -> Result<Rc<Walked>, TooMuch> {
        let rests = lanes.iter().map(|it| it.rests.get(number).copied());
        let Some(rests) = rests.collect::<Option<Vec<u32>>>() else {
            return Ok(Rc::new(walk(budget)?));
        };
        let key = (found.path, rests);
        match self.ways.get(&key) {
            Some(KnownWays::Listed(known)) => return Ok(Rc::clone(known)),
            Some(KnownWays::MoreThan(work)) if *budget <= *work => return Err(TooMuch),
            Some(KnownWays::MoreThan(_)) | None => {}
        }
        let given = *budget;
        let walked = walk(budget).map(Rc::new);
        self.ways_kept += match &walked {
            Ok(walked) => (walked.len() + 1) * (lanes.len() + 1),
            Err(TooMuch) => lanes.len() + 1,
        };
        if self.ways_kept > WAYS_KEPT {
            self.ways.clear();
            self.ways_kept = 0;
        }
        let known = match &walked {
            Ok(walked) => KnownWays::Listed(Rc::clone(walked)),
            Err(TooMuch) => KnownWays::MoreThan(given),
        };
        self.ways.insert(key, known);
        walked
    }

    /// A request that a lane takes in, if one is found soon: its last part.
    pub(in crate::iam) fn example(
        &mut self,
        patterns: &Patterns,
        found: &Found,
        lane: &Lane,
        template: &Template,
    ) -> Option<String> {
        let ready = patterns.last(lane.pattern)?;
        for (number, verb) in template.verbs.iter().enumerate() {
            if lane.covers.get(number) == Some(&Cover::None) {
                continue;
            }
            let begin = Template::path_begins(verb);
            let learn = || {
                let (before, path) = verb.split_at(begin);
                let soon = ready.is_short().then(|| {
                    ready.example_from(ready.after_all(before), path, other_letter([ready]))
                });
                soon.flatten()
                    .or_else(|| one(ready, verb).map(|it| it.chars().skip(begin).collect()))
            };
            let along = self.along.get_mut(found.path);
            let text: Option<String> = match along.zip(lane.rests.get(number)) {
                Some((along, rest)) => along.examples.entry(*rest).or_insert_with(learn).clone(),
                None => learn(),
            };
            if let Some(text) = text {
                let before = verb.iter().take(begin).map_while(|piece| match piece {
                    Piece::Letter(letter) => Some(*letter),
                    Piece::Parameter | Piece::Greedy => None,
                });
                return Some(before.chain(text.chars()).collect());
            }
        }
        None
    }
}

/// A request of a verb that a pattern takes in, if one is found soon. Listing finds it in less work than a search for a
/// witness, where the ways are few, as they mostly are.
fn one(ready: &Ready, verb: &[Piece]) -> Option<String> {
    let mut listed = None;
    let searched = Bank::new(&[ready]).search(verb, &mut LISTED.clone(), &mut |met, example| {
        match met {
            [Truth::True] => listed = Some(example()),
            [Truth::Unknown] => return Next::On,
            _ => return Next::Settled,
        }
        Next::Stop
    });
    if searched.is_ok() {
        return listed;
    }
    let other = other_letter([ready]);
    if let Some(guessed) = guess::met(ready, verb, other) {
        return Some(guessed);
    }
    witness(verb, (&[ready], &[]), other, &mut FEW.clone()).ok()?
}

/// What is more work than the bound allows counts as some.
fn whole(ready: &Ready, verb: &[Piece]) -> Cover {
    let cover = ready.cover(verb, &mut BUDGET.clone());
    cover.unwrap_or(Cover::Some)
}

impl Found {
    /// Puts patterns where they belong.
    fn take_in(&mut self, group: &Group, covers: Vec<Cover>) {
        let patterns = [group.first]
            .into_iter()
            .chain(group.others.iter().copied());
        if covers.iter().all(|it| *it == Cover::All) {
            self.whole.extend(patterns);
        } else if covers.iter().any(|it| *it != Cover::None) {
            let lane = u32::try_from(self.part.len()).unwrap_or(u32::MAX);
            self.lanes.extend(patterns.map(|it| (it, lane)));
            self.part.push(Lane {
                pattern: group.first,
                covers,
                rests: group.behind.iter().map(|(_, rest)| *rest).collect(),
            });
        }
    }
}
