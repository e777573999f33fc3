//! The methods that no holder may call. The search ends at the first holder who may, so that most pairs are never asked
//! about.

use foldhash::HashSet;

use super::Estate;
use super::alike::Alike;
use super::holder::Holder;
use super::matrix::{Asked, Numbers, Wanted};
use super::method::CallableMethod;
use super::planes::BLOCK;
use crate::iam::{Survey, Verdict, allows_every_call, denies_calls};

impl<'a> Estate<'a> {
    /// Those of these methods that no holder may call, in order. Their APIs have no resource policy. Where a
    /// policy could not be read, its holder may call whatever there is. A method that somebody may be able to
    /// call, as it could not be decided, is not among them, and is noted as [`undecided`](Self::undecided).
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
        let numbered = self.numbers(&mut survey, &holders).into_iter();
        let numbers = numbered.map(|it| it.weighing);
        let Some(numbers) = numbers.collect::<Option<Vec<Numbers>>>() else {
            return Vec::new();
        };
        // Many holders have the same policies: one of them is asked about.
        let mut seen = HashSet::default();
        let mut each: Vec<(&Holder, Numbers)> = holders.into_iter().zip(numbers).collect();
        each.retain(|(_, it)| seen.insert(it.clone()));
        let alike = Alike::new(self.inventory, &mut survey, methods);
        let blocks = alike.each.chunks(BLOCK).map(|methods| {
            let mut asked = Asked::new(self, &mut survey, methods, (&[], Wanted::AnyRequest));
            asked.by_nobody(methods.len(), &each)
        });
        let blocks: Vec<ByNobody<'_>> = blocks.collect();
        let all = methods.iter().zip(&alike.places);
        let uncallable = all.filter(|(method, kind)| {
            let Some(block) = blocks.get(**kind / BLOCK) else {
                return false;
            };
            let at = **kind % BLOCK;
            let open = block.undecided.iter().filter(|(place, _)| *place == at);
            let is_open = open
                .inspect(|(_, holder)| self.note_undecided(holder, method))
                .count();
            is_open == 0 && block.methods & (1 << at) != 0
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

/// The methods of a block that nobody is known to be able to call.
struct ByNobody<'h> {
    /// A bit for each.
    methods: u64,
    /// Those of them, by their places, of which it could not be decided for a holder.
    undecided: Vec<(usize, &'h Holder)>,
}

impl Asked<'_, '_> {
    /// The methods, of so many, that none of these holders may call.
    fn by_nobody<'h>(&mut self, count: usize, holders: &[(&'h Holder, Numbers)]) -> ByNobody<'h> {
        let mut left = u64::MAX >> (BLOCK - count);
        for (_, numbers) in holders {
            let (_, all) = self.settled(numbers);
            left &= !all;
        }
        let mut undecided: Vec<(usize, &Holder)> = Vec::new();
        for (holder, numbers) in holders {
            let (none, _) = self.settled(numbers);
            let mut open = left & !none;
            while open != 0 {
                let at = open.trailing_zeros() as usize;
                open &= open - 1;
                // No API has a policy that would speak to one holder and not to another.
                match self.cell(at, 0, numbers).verdict {
                    Verdict::None => {}
                    Verdict::Undecided => undecided.push((at, holder)),
                    Verdict::Some | Verdict::All => left &= !(1 << at),
                }
            }
        }
        undecided.retain(|(at, _)| left & (1 << at) != 0);
        ByNobody {
            methods: left,
            undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Inventory;

    const OPEN_BY_ITS_POLICY: &str = r#"{
        "schema_version": 1, "account": "111122223333", "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
            "resource_policy": {"json": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}},
            "stages": [{"name": "prod", "deployment_id": "dep111"}],
            "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
                {"verb": "GET", "path": "/pets", "authorization": "AWS_IAM", "api_key_required": false}
            ]}],
            "draft": []
        }],
        "domains": [], "gaps": [],
        "iam": {"users": [], "roles": [], "policies": [], "groups": [
            {"name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "inline": [], "attached": []}
        ]}
    }"#;

    /// The resource policy is not weighed here, and may let somebody in.
    #[test]
    fn a_method_of_an_api_with_a_resource_policy_is_never_said_to_be_uncallable() {
        let inventory = Inventory::from_json(OPEN_BY_ITS_POLICY).unwrap();
        let estate = Estate::new(&inventory).unwrap();
        let methods: Vec<_> = estate.methods().iter().collect();
        assert_eq!(methods.len(), 1);
        assert!(estate.uncallable(&methods).is_empty());
    }
}
