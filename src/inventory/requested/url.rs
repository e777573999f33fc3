//! Which stages a URL leads to, and for which path.

use crate::inventory::{Api, CustomDomain, DomainMapping, Inventory, Stage};

/// The name of the stage of an HTTP API that is served without its name in the path.
const DEFAULT_STAGE: &str = "$default";

/// A URL, as far as API Gateway routes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Url<'t> {
    host: &'t str,
    /// With its first slash, or empty.
    path: &'t str,
}

impl<'t> Url<'t> {
    /// `None`: the text is no URL.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let schemes = ["https://", "http://", "wss://", "ws://"];
        let rest = schemes.into_iter().find_map(|it| text.strip_prefix(it))?;
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (rest, _) = rest.split_at_checked(end)?;
        let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
        let host = authority.split_once(':').map_or(authority, |(it, _)| it);
        (!host.is_empty()).then_some(Url { host, path })
    }

    pub(super) fn host(self) -> &'t str {
        self.host
    }

    /// The stages that answer, each with the path below it. Empty: nothing that was read has such a URL.
    ///
    /// # Errors
    /// What leads to several, where the URL does not tell which.
    pub(super) fn stages(
        self,
        inventory: &Inventory,
    ) -> Result<Vec<(&Api, &Stage, String)>, String> {
        let own = inventory.apis.iter().find(|it| self.is_of(it));
        if let Some(api) = own {
            return Ok(self.below(api, self.path).into_iter().collect());
        }
        let domains = self.domains(inventory)?.into_iter();
        let mappings = domains.flat_map(|it| it.mappings.iter().map(move |to| (it, to)));
        let fitting = mappings.filter_map(|(domain, to)| Some((domain, to, self.behind(to)?)));
        let fitting: Vec<_> = fitting.collect();
        // The longest base path decides.
        let longest = fitting.iter().map(|(_, to, _)| to.base_path.len()).max();
        let mut found: Vec<(&Api, &Stage, String)> = Vec::new();
        for (domain, to, path) in fitting {
            if Some(to.base_path.len()) != longest {
                continue;
            }
            let mut apis = inventory.apis.iter();
            let Some(api) = apis.find(|it| it.region == domain.region && it.id == to.api_id) else {
                continue;
            };
            let stages = api.stages.iter().flatten();
            match &to.stage {
                Some(name) => {
                    let path = if path.is_empty() { "/" } else { path };
                    let stage = stages.filter(|it| it.name == *name);
                    found.extend(stage.map(|it| (api, it, path.to_owned())));
                }
                None => found.extend(self.below(api, path)),
            }
        }
        found.dedup_by(|(one, first, _), (other, second, _)| {
            std::ptr::eq(*one, *other) && first.name == second.name
        });
        match found.as_slice() {
            [] | [_] => Ok(found),
            several => {
                let names = several.iter();
                let names =
                    names.map(|(api, stage, _)| format!("{} stage {}", api.name, stage.name));
                let names: Vec<String> = names.collect();
                Err(format!(
                    "the custom domain name {} leads to {}: name one with --api and --stage",
                    self.host,
                    names.join(" and to ")
                ))
            }
        }
    }

    /// The custom domain names that the host is: one of just this name comes before one with `*`.
    ///
    /// # Errors
    /// Where such a name was not read completely, so that another path of it may lead elsewhere.
    pub(super) fn domains(self, inventory: &Inventory) -> Result<Vec<&CustomDomain>, String> {
        let all = inventory.domains.iter().flatten();
        let mut domains: Vec<&CustomDomain> =
            all.filter(|it| is_host(&it.name, self.host)).collect();
        let is_exact = |it: &&CustomDomain| it.name.eq_ignore_ascii_case(self.host);
        if domains.iter().any(is_exact) {
            domains.retain(is_exact);
        }
        let unread = domains.iter().find(|domain| {
            let mut gaps = inventory.domain_gaps(&domain.region);
            gaps.any(|gap| {
                let subject = gap.subject.as_deref();
                subject.is_none_or(|it| it == domain.name || is_host(it, self.host))
            })
        });
        match unread {
            None => Ok(domains),
            Some(domain) => Err(format!(
                "where {} leads was not read completely: name the method by its path, with --api and --stage",
                domain.name
            )),
        }
    }

    /// Whether the host is an API's own: `ID.execute-api.REGION.amazonaws.com`, or, through a VPC endpoint,
    /// `ID-VPCE.execute-api.…`.
    pub(super) fn is_of(self, api: &Api) -> bool {
        let mut parts = self.host.split('.');
        let (id, service, region) = (parts.next(), parts.next(), parts.next());
        let id = id.and_then(|it| it.split('-').next());
        // A host is the same in capitals.
        let is =
            |part: Option<&str>, own: &str| part.is_some_and(|it| it.eq_ignore_ascii_case(own));
        is(id, &api.id) && is(service, "execute-api") && is(region, &api.region)
    }

    /// The path behind the base path of a mapping. `None`: it has another one.
    fn behind(self, mapping: &DomainMapping) -> Option<&'t str> {
        if mapping.base_path.is_empty() {
            return Some(self.path);
        }
        let path = self.path.strip_prefix('/')?;
        let behind = path.strip_prefix(mapping.base_path.as_str())?;
        (behind.is_empty() || behind.starts_with('/')).then_some(behind)
    }

    /// The stage that the first part of a path names, and the path below it; or else the default stage.
    fn below<'a>(self, api: &'a Api, path: &str) -> Option<(&'a Api, &'a Stage, String)> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
        let mut stages = api.stages.iter().flatten();
        if let Some(stage) = stages.find(|it| it.name == first) {
            return Some((api, stage, format!("/{behind}")));
        }
        let mut stages = api.stages.iter().flatten();
        let default = stages.find(|it| it.name == DEFAULT_STAGE)?;
        Some((api, default, format!("/{rest}")))
    }
}

/// Whether a host is that of a custom domain name, which may begin with `*.`.
fn is_host(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host
            .split_once('.')
            .is_some_and(|(_, behind)| behind.eq_ignore_ascii_case(rest)),
        None => name.eq_ignore_ascii_case(host),
    }
}
