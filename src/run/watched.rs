//! What of an account is watched, and how it is read.

use std::time::Duration;

use tokio::time::Instant;

use crate::aws::client::{Clients, Identity};
use crate::aws::collect::{Interrupt, Progress, Reading, enabled_regions};
use crate::inventory::{Gap, Scope};

/// Which Regions of an account are watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// Those that the account has enabled.
    Enabled,
    /// These, at least one.
    Listed(Vec<String>),
}

/// What of an account is watched, and how it is read: the settings of a front, as types.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The Regions.
    pub regions: Regions,
    /// The Regions that are left out on purpose.
    pub excluded: Vec<String>,
    /// Whether the drafts of REST APIs are left out.
    pub without_drafts: bool,
    /// The most requests a second to one Region's control plane. `None`: as many as AWS allows.
    pub requests_per_second: Option<f64>,
    /// When the reading stops. `None`: when everything is read.
    pub until: Option<Instant>,
    /// How much longer a read that began before `until` may take.
    pub grace: Duration,
    /// Ends the reading before everything is read.
    pub interrupt: Interrupt,
    /// Counts what is read.
    pub progress: Progress,
}

/// The settings leave out every Region of an account.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("every Region of the account is left out, so there is nothing to read")]
pub struct NoRegion;

impl Watched {
    /// These Regions, from the beginning to the end.
    pub fn new(regions: Regions) -> Self {
        Watched {
            regions,
            excluded: Vec::new(),
            without_drafts: false,
            requests_per_second: None,
            until: None,
            grace: Duration::ZERO,
            interrupt: Interrupt::default(),
            progress: Progress::default(),
        }
    }

    /// What is watched of one account, and how it is read. If the account's Regions cannot be listed, these are the
    /// Regions that every account has, and the reading has a gap.
    ///
    /// # Errors
    /// [`NoRegion`].
    pub async fn of(
        &self,
        clients: &Clients,
        identity: &Identity,
    ) -> Result<(Scope, Reading), NoRegion> {
        let (regions, gaps) = match &self.regions {
            Regions::Listed(regions) => (regions.clone(), Vec::<Gap>::new()),
            Regions::Enabled => enabled_regions(clients, identity).await,
        };
        let scope = Scope {
            without_drafts: self.without_drafts,
            ..Scope::new(regions, Vec::new()).without_regions(&self.excluded)
        };
        if scope.regions.is_empty() {
            return Err(NoRegion);
        }
        let reading = Reading {
            all_regions: self.regions == Regions::Enabled,
            until: self.until,
            grace: self.grace,
            interrupt: self.interrupt.clone(),
            requests_per_second: self.requests_per_second,
            gaps,
            progress: self.progress.clone(),
            ..Reading::default()
        };
        Ok((scope, reading))
    }
}
