//! The custom domain names that lead to an API, and those that may, as they could not be read.

use foldhash::HashMap;

use crate::audit::exposure::outsiders::ResourcePolicies;
use crate::inventory::{Api, CustomDomain, DomainMapping, Inventory, Stage};

/// The custom domain names that lead to an API, and those that may.
#[derive(Debug)]
pub(in crate::audit) struct DomainNames<'a> {
    /// By the API's Region and id.
    leading: HashMap<(&'a str, &'a str), Vec<Named<'a>>>,
    /// By Region, what of its names could not be read.
    unread: HashMap<&'a str, Unread<'a>>,
    /// The resource policies of the APIs.
    pub(in crate::audit) policies: ResourcePolicies,
}

/// What of a Region's custom domain names could not be read. What they are called, or why none are known.
#[derive(Debug, Default)]
struct Unread<'a> {
    /// Those that may lead to an API that is not private.
    public: Vec<&'a str>,
    /// Those that may lead to a private API.
    private: Vec<&'a str>,
}

/// A custom domain name with the mapping that leads to an API.
pub(in crate::audit) type Named<'a> = (&'a CustomDomain, &'a DomainMapping);

impl<'a> DomainNames<'a> {
    pub(in crate::audit) fn new(inventory: &'a Inventory) -> Self {
        let mut leading: HashMap<(&str, &str), Vec<Named<'_>>> = HashMap::default();
        for domain in inventory.domains.iter().flatten() {
            for mapping in &domain.mappings {
                let api = (domain.region.as_str(), mapping.api_id.as_str());
                leading.entry(api).or_default().push((domain, mapping));
            }
        }
        let mut unread: HashMap<&str, Unread<'_>> = HashMap::default();
        for api in &inventory.apis {
            let region = api.region.as_str();
            unread
                .entry(region)
                .or_insert_with(|| Unread::of(inventory, region));
        }
        DomainNames {
            leading,
            unread,
            policies: ResourcePolicies::default(),
        }
    }

    /// The names that may lead to an API and could not be read. Empty: every name of the Region was read.
    pub(super) fn unread(&self, api: &Api) -> &[&'a str] {
        let unread = self.unread.get(api.region.as_str());
        unread.map_or(&[], |it| match api.is_private() {
            true => &it.private,
            false => &it.public,
        })
    }

    /// Those that lead to a stage of an API, in the order of the inventory.
    pub(in crate::audit) fn of<'b>(
        &'b self,
        api: &'b Api,
        stage: &'b Stage,
    ) -> impl Iterator<Item = Named<'a>> + use<'a, 'b> {
        let all = self.leading.get(&(api.region.as_str(), api.id.as_str()));
        let leads_here = move |mapping: &DomainMapping| {
            let named = mapping.stage.as_ref();
            named.is_none_or(|it| *it == stage.name)
        };
        let all = all.into_iter().flatten().copied();
        all.filter(move |(_, mapping)| leads_here(mapping))
    }
}

/// What stands for all names of a Region.
const ALL: &str = "the custom domain names";

impl<'a> Unread<'a> {
    /// A private name leads to private APIs only, a public one to the others only. One whose kind is not known
    /// may lead to both.
    ///
    /// Source: [private custom domain names](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html).
    fn of(inventory: &'a Inventory, region: &str) -> Self {
        let mut unread = Unread::default();
        let mut add = |name, is_private: Option<bool>| {
            if is_private != Some(true) {
                unread.public.push(name);
            }
            if is_private != Some(false) {
                unread.private.push(name);
            }
        };
        // A file has some of them: that another one leads to its APIs is not known to be wrong.
        if inventory.domains.is_none() || inventory.scope.template.is_some() {
            add(ALL, None);
            return unread;
        }
        for gap in inventory.domain_gaps(region) {
            let name = gap.subject.as_deref();
            let domains = inventory.domains.iter().flatten();
            let of_name =
                domains.filter(|it| it.region == region && Some(it.name.as_str()) == name);
            let kind = |it: &CustomDomain| (!it.endpoint_types.is_empty()).then(|| it.is_private());
            let mut kinds = of_name.map(kind);
            let first = kinds.next().flatten();
            let is_one_kind = kinds.all(|it| it == first);
            add(name.unwrap_or(ALL), first.filter(|_| is_one_kind));
        }
        unread
    }
}

/// The most names that are listed.
const NAMED: usize = 3;

/// Names that could not be read, in words that go before "could not be read".
pub(super) fn in_words(names: &[&str]) -> String {
    if names.contains(&ALL) {
        return ALL.to_owned();
    }
    let listed: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let listed = listed.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => format!("where {listed} leads"),
        more => format!("where {listed} and {more} other custom domain names lead"),
    }
}
