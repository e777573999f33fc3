//! Which account is read, and how.

use anyhow::anyhow;
use gatewatch::collect::{
    self, Clients, Connection, Failure, Identity, ProfileError, Reading, enabled_regions,
};
use gatewatch::model::{Gap, Reason, Scope, region_name, unknown_region};
use gatewatch::report::plain;

use super::Stop;
use super::args::Account;
use super::output::note;

/// Where STS is asked where nothing names a Region: all are read then, and this one is in most partitions' all.
const ANYWHERE: &str = "us-east-1";

/// An account that is about to be read.
pub(super) struct Connected {
    pub(super) clients: Clients,
    pub(super) identity: Identity,
    pub(super) scope: Scope,
    pub(super) reading: Reading,
}

/// How accounts are read, as it was asked for.
#[derive(Clone)]
pub(super) struct How {
    /// `None`: all that an account has enabled.
    regions: Option<Vec<String>>,
    excluded: Vec<String>,
    apis: Vec<String>,
    without_drafts: bool,
    requests_per_second: Option<f64>,
}

/// Connects to the account of the credentials.
pub(super) async fn connect(account: Account) -> Result<Connected, Stop> {
    let (clients, identity, how) = clients(account).await?;
    let (scope, reading) = how.plan(&clients, &identity).await;
    if scope.regions.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "--exclude-region leaves no Region to read"
        )));
    }
    note(format_args!("reading {}", scope.regions.join(", ")));
    Ok(Connected {
        clients,
        identity,
        scope,
        reading,
    })
}

/// Loads the credentials, says whose they are, and sees that Regions are named.
pub(super) async fn clients(account: Account) -> Result<(Clients, Identity, How), Stop> {
    let Account {
        profile,
        region: mut regions,
        all_regions,
        exclude_region: excluded,
        no_draft,
        requests_per_second,
        api: apis,
    } = account;
    check_excluded(&regions, all_regions, &excluded)?;
    let connection = Connection {
        profile: profile.clone(),
        region: regions.first().cloned(),
    };
    let clients = collect::connect(connection).await.map_err(no_profile)?;
    let own = clients.region().map(region_name).transpose();
    let own = own.map_err(|error| anyhow!(error))?;
    if regions.is_empty() && !all_regions {
        regions.extend(own.clone());
    }
    let first = regions.first().cloned().or(own);
    let first = first.or(all_regions.then(|| ANYWHERE.to_owned()));
    let first = first.ok_or_else(|| {
        anyhow!(
            "no Region: give --region or --all-regions, or set AWS_REGION or a profile with one"
        )
    })?;
    let how = How {
        regions: (!all_regions).then_some(regions),
        excluded,
        apis,
        without_drafts: no_draft,
        requests_per_second,
    };
    let clients = clients.in_region(&first);
    let identity = identity(&clients, profile.as_deref()).await?;
    hint_at_unknown(&how.excluded);
    Ok((clients, identity, how))
}

/// Asks whose credentials these are, and says it: nobody should read another account than they think.
pub(super) async fn identity(clients: &Clients, profile: Option<&str>) -> Result<Identity, Stop> {
    let identity = clients.identity().await;
    let identity = identity.map_err(|failure| match profile {
        Some(profile) if failure.reason == Reason::NoCredentials => Stop::Usage(
            anyhow!(failure).context(format!("the profile `{profile}` gives no credentials")),
        ),
        _ => no_account(failure),
    })?;
    let profile = profile.map(|it| format!(", profile {}", plain(it)));
    note(format_args!(
        "account {} as {}{}",
        identity.account,
        identity.arn,
        profile.unwrap_or_default()
    ));
    Ok(identity)
}

/// The profile is not there, and no call was made.
pub(super) fn no_profile(error: ProfileError) -> Stop {
    Stop::Usage(anyhow!(error))
}

fn check_excluded(regions: &[String], all: bool, excluded: &[String]) -> Result<(), Stop> {
    if let Some(both) = excluded.iter().find(|it| regions.contains(it)) {
        return Err(Stop::Usage(anyhow!(
            "Region {both} is both asked for and excluded"
        )));
    }
    if !excluded.is_empty() && !all {
        return Err(Stop::Usage(anyhow!(
            "--exclude-region goes with --all-regions"
        )));
    }
    Ok(())
}

/// A mistyped Region is not left out.
fn hint_at_unknown(excluded: &[String]) {
    for region in excluded {
        if let Some(hint) = unknown_region(region) {
            note(format_args!("--exclude-region: {hint}"));
        }
    }
}

impl How {
    /// What is read of an account, and how.
    pub(super) async fn plan(&self, clients: &Clients, identity: &Identity) -> (Scope, Reading) {
        let (regions, gaps) = match &self.regions {
            Some(regions) => (regions.clone(), Vec::<Gap>::new()),
            None => enabled_regions(clients, identity).await,
        };
        let scope = Scope {
            without_drafts: self.without_drafts,
            ..Scope::new(regions, self.apis.clone()).without_regions(&self.excluded)
        };
        let reading = Reading {
            requests_per_second: self.requests_per_second,
            gaps,
            all_regions: self.regions.is_none(),
            ..Reading::default()
        };
        (scope, reading)
    }
}

/// Not even the account is known: there is nothing to report on.
pub(super) fn no_account(failure: Failure) -> Stop {
    match failure.reason {
        Reason::NoCredentials => Stop::Usage(
            anyhow!(failure)
                .context("no credentials: set AWS_PROFILE, give --profile, or run `aws configure`"),
        ),
        Reason::Unreachable | Reason::Timeout => Stop::Incomplete(anyhow!(failure).context(
            "AWS could not be reached, and nothing was checked: is the Region's name right?",
        )),
        _ => Stop::Incomplete(anyhow!(failure).context("nothing was checked")),
    }
}
