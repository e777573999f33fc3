//! What is missing where nothing answers a URL.

use super::url::Url;
use crate::inventory::served::ServedMethods;
use crate::inventory::{Inventory, url_suffix};

/// What is missing where nothing answers a URL, and what there is instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// No API and no custom domain name that was read has the host.
    Host {
        /// The host.
        host: String,
        /// The hosts that there are.
        known: Vec<String>,
    },
    /// The host is known, and its path names no stage, or no mapping leads anywhere.
    Stage {
        /// The host.
        host: String,
        /// The stages, or the base paths, that there are.
        known: Vec<String>,
    },
    /// The stage is known, and serves nothing there.
    Method {
        /// The stage in words.
        stage: String,
        /// The path below it.
        path: String,
        /// The paths that it serves.
        known: Vec<String>,
    },
}

impl Url<'_> {
    /// What is missing. `None`: where it leads cannot be told.
    pub(super) fn lacking(self, inventory: &Inventory) -> Option<Lacking> {
        let stages = self.stages(inventory).ok()?;
        if let Some((api, stage, path)) = stages.first() {
            let served = ServedMethods::of(api, stage);
            let mut known: Vec<String> = served
                .iter()
                .filter(|it| it.is_served())
                .map(|it| it.path.to_owned())
                .collect();
            known.dedup();
            return Some(Lacking::Method {
                stage: format!("stage {} of {} ({})", stage.name, api.name, api.id),
                path: path.clone(),
                known,
            });
        }
        let host = self.host().to_owned();
        if let Some(api) = inventory.apis.iter().find(|it| self.is_of(it)) {
            let stages = api.stages.iter().flatten();
            let known = stages.map(|it| it.name.clone()).collect();
            return Some(Lacking::Stage { host, known });
        }
        let domains = self.domains(inventory).ok()?;
        if !domains.is_empty() {
            let mappings = domains.iter().flat_map(|it| &it.mappings);
            let known = mappings.map(|it| format!("/{}", it.base_path)).collect();
            return Some(Lacking::Stage { host, known });
        }
        let suffix = url_suffix(&inventory.partition);
        let own = inventory.apis.iter().zip(std::iter::repeat(suffix));
        let own = own.filter_map(|(api, suffix)| {
            Some(format!("{}.execute-api.{}.{}", api.id, api.region, suffix?))
        });
        let named = inventory.domains.iter().flatten();
        let known = own.chain(named.map(|it| it.name.clone())).collect();
        Some(Lacking::Host { host, known })
    }
}
