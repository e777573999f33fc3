//! The methods that nobody may call: one holder who may is enough, so that most are never asked about.

use foldhash::HashSet;

use super::Estate;
use super::alike::Alike;
use super::holder::Holder;
use super::matrix::{Asked, Numbers};
use super::method::CallableMethod;
use super::planes::BLOCK;
use crate::policy::{Survey, Verdict, allows_every_call, denies_calls};

impl<'a> Estate<'a> {
    /// Those of these methods that no holder may call, in order. Their APIs have no resource policy. Where a
    /// policy could not be read, its holder may call whatever there is.
    pub fn uncallable<'m>(
        &'m self,
        methods: &[&'m CallableMethod<'a>],
    ) -> Vec<&'m CallableMethod<'a>> {
        let unread = |it: &Holder| !it.unread.is_empty();
        let mut holders = self.holders.iter();
        if methods.is_empty() || holders.any(|it| unread(it) || self.may_call_everything(it)) {
            return Vec::new();
        }
        let mut survey = Survey::default();
        let holders: Vec<&Holder> = self.holders.iter().collect();
        let numbers: Option<Vec<Numbers>> =
            self.numbers(&mut survey, &holders).into_iter().collect();
        let Some(mut numbers) = numbers else {
            return Vec::new();
        };
        // Many holders have the same policies.
        let mut seen = HashSet::default();
        numbers.retain(|it| seen.insert(it.clone()));
        let alike = Alike::new(self.inventory, &mut survey, methods);
        let blocks = alike.each.chunks(BLOCK).map(|methods| {
            let mut asked = Asked::new(self, &mut survey, methods, &[]);
            asked.by_nobody(methods.len(), &numbers)
        });
        let blocks: Vec<u64> = blocks.collect();
        let all = methods.iter().zip(&alike.places);
        let uncallable = all.filter(|(_, kind)| {
            let block = blocks.get(**kind / BLOCK).copied();
            block.is_some_and(|it| it & (1 << (**kind % BLOCK)) != 0)
        });
        uncallable.map(|(method, _)| *method).collect()
    }

    /// Whether one look at a holder's policies tells that it may call every method.
    fn may_call_everything(&self, holder: &Holder) -> bool {
        let (partition, account) = (&self.inventory.partition, &self.inventory.account);
        let mut policies = holder.sources.iter().filter_map(|it| self.policy(it));
        holder.boundary.is_none()
            && !policies.clone().any(denies_calls)
            && policies.any(|it| allows_every_call(it, partition, account))
    }
}

impl Asked<'_, '_> {
    /// The methods, of so many, that none of these holders may call, a bit each.
    fn by_nobody(&mut self, count: usize, holders: &[Numbers]) -> u64 {
        let mut left = u64::MAX >> (BLOCK - count);
        for holder in holders {
            let (_, all) = self.settled(holder);
            left &= !all;
        }
        for holder in holders {
            let (none, _) = self.settled(holder);
            let mut open = left & !none;
            while open != 0 {
                let at = open.trailing_zeros() as usize;
                open &= open - 1;
                // No API has a policy that would speak to one holder and not to another.
                if self.cell(at, 0, holder).verdict != Verdict::None {
                    left &= !(1 << at);
                }
            }
        }
        left
    }
}
