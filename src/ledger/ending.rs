//! Why a finding is no longer one that is open: each way of ending is called by its name, and says why.

use super::entry::{Entry, Standing};
use crate::audit::Report;
use crate::inventory::quoted;

/// How the API or the stage of a finding went, for a run that read where it was. `None`: both are still there, or the
/// finding is not about an API.
pub(super) fn departure(entry: &Entry, report: &Report) -> Option<String> {
    let place = &entry.place;
    let (region, api) = (place.region.as_ref()?, place.api.as_ref()?);
    let (region, id) = (region.to_string(), api.id.to_string());
    if !report.apis.contains(&(region.clone(), id.clone())) {
        return Some("the API is no longer there".to_owned());
    }
    let stage = place.stage.as_ref()?;
    let is_there = report
        .deployments
        .contains_key(&(region, id, stage.to_string()));
    (!is_there).then(|| format!("stage {} is no longer there", quoted(stage)))
}

impl Entry {
    /// Why it is not open, in words: what exempts it, which line of the policy file accepts it, which finding took its
    /// place, or what went away. `None`: it is open, or what was wrong is mended.
    pub fn reason(&self) -> Option<String> {
        match self.standing {
            Standing::Open | Standing::Resolved => None,
            Standing::Exempt => self.exemption.as_ref().map(|it| {
                let (reason, owner, expires) = (&it.reason, &it.owner, it.expires);
                format!("{reason}, owner {owner}, until {expires}")
            }),
            Standing::Accepted => Some(match &self.accepted {
                Some(accepted) => format!("{}; it is not fixed", accepted.how),
                None => "it is not fixed".to_owned(),
            }),
            Standing::Became => self.became.as_ref().map(|it| {
                let (severity, rule) = (it.severity, &it.rule);
                format!("it is {severity} {rule} now, and not fixed")
            }),
            Standing::Gone => self.gone.as_ref().map(|it| it.how.clone()),
        }
    }
}
