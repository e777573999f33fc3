//! Which account is read, and how.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::anyhow;
use gatewatch::aws::client::{self, Clients, Connection, Failure, Identity, ProfileError};
use gatewatch::aws::collect::{Progress, Reading};
use gatewatch::inventory::{Inventory, Reason, Scope, region_name, unknown_region};
use gatewatch::render::plain;
use gatewatch::run::{self, Account as _, Live, NoRegion, Regions, Watched};
use jiff::Timestamp;

use super::args::{AccountArgs, RegionsArgs};
use super::common::{Stop, now};
use super::output::note;
use super::progress::Seen;
use super::resume::{interrupted, note_whole};
use super::resume_args::ResumeArgs;
use super::{interrupt, progress};

/// The Region whose STS is asked if nothing names a Region. All Regions are read then, and nearly every account has
/// this one.
const ANYWHERE: &str = "us-east-1";

/// An account that is about to be read.
pub(super) struct Connected {
    pub(super) live: Live,
    /// All that is watched of it.
    pub(super) watched: Scope,
    pub(super) reading: Reading,
    /// The APIs that were asked for. Empty: all of them.
    pub(super) apis: Vec<String>,
    /// Where an interrupted command keeps what it read. `None`: it keeps nothing.
    pub(super) resume: Option<ResumeArgs>,
    /// Whether nobody wants to see how far the reading is.
    pub(super) quiet: bool,
}

impl Connected {
    /// What was asked for.
    pub(super) fn scope(&self) -> Scope {
        self.watched.clone().only_apis(self.apis.clone())
    }

    /// The account, whose reading a bar shows.
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown {
            live: &self.live,
            progress: &self.reading.progress,
            quiet: self.quiet,
        }
    }

    /// The same, read without a word on how far it is, where that is asked for.
    pub(super) fn quietly(self, quiet: bool) -> Self {
        Connected { quiet, ..self }
    }
}

/// An account in AWS, with a bar that shows how far the reading is.
pub(super) struct Shown<'a> {
    live: &'a Live,
    progress: &'a Progress,
    quiet: bool,
}

impl run::Account for Shown<'_> {
    fn id(&self) -> &str {
        self.live.id()
    }

    async fn inventory(&self, scope: Scope, reading: &Reading, now: Timestamp) -> Inventory {
        let inventory = self.live.inventory(scope, reading, now);
        let seen = || read_so_far(self.progress, "APIs".to_owned());
        let inventory = progress::shown(self.quiet, seen, inventory);
        interrupt::during(&reading.interrupt, inventory).await
    }

    async fn with_principals(&self, earlier: Inventory, now: Timestamp) -> Inventory {
        self.live.with_principals(earlier, now).await
    }
}

/// How many APIs have been read, of those that have been listed.
pub(super) fn read_so_far(progress: &Progress, what: String) -> Seen {
    Seen {
        done: progress.read(),
        all: progress.listed(),
        what,
    }
}

impl AccountArgs {
    /// Refuses options that are for reading an account, where there is a file. A template takes a Region.
    pub(super) fn refuse_beside_a_file(&self, is_template: bool) -> Result<(), Stop> {
        let regions = &self.regions;
        match is_template && regions.region.len() < 2 {
            false => self.refuse_beside_an_inventory(),
            true if regions.all_regions
                || !regions.exclude_region.is_empty()
                || regions.profile.is_some()
                || self.no_draft =>
            {
                Err(Stop::Usage(anyhow!(
                    "--all-regions, --exclude-region, --no-draft and --profile are for reading an account, and a template was \
                     given"
                )))
            }
            true => Ok(()),
        }
    }

    /// Refuses options that are for reading an account, where there is an inventory.
    pub(super) fn refuse_beside_an_inventory(&self) -> Result<(), Stop> {
        let regions = &self.regions;
        let is_read = !regions.region.is_empty()
            || regions.all_regions
            || !regions.exclude_region.is_empty()
            || regions.profile.is_some()
            || self.no_draft;
        if is_read {
            return Err(Stop::Usage(anyhow!(
                "--region, --all-regions, --exclude-region, --no-draft and --profile are for reading an account, and an \
                 inventory was given"
            )));
        }
        Ok(())
    }
}

/// Connects to the account of the credentials. `resume`: what an interrupted command read, and where this one keeps it;
/// `None` for a command that needs all of it as it is now.
pub(super) async fn connect(
    account: AccountArgs,
    resume: Option<ResumeArgs>,
) -> Result<Connected, Stop> {
    let apis = account.api.clone();
    let (clients, identity, watched) = clients(account).await?;
    let (watched, mut reading) = watched
        .of(&clients, &identity)
        .await
        .map_err(|NoRegion| Stop::Usage(anyhow!("--exclude-region leaves no Region to read")))?;
    let scope = watched.clone().only_apis(apis.clone());
    if let Some(resume) = &resume {
        reading.part = resume.part(&identity, &scope, now())?;
    }
    note(format_args!("reading {}", watched.regions.join(", ")));
    Ok(Connected {
        live: Live { clients, identity },
        watched,
        reading,
        apis,
        resume,
        quiet: false,
    })
}

/// Loads the credentials, names their owner, and checks that Regions are named.
pub(super) async fn clients(account: AccountArgs) -> Result<(Clients, Identity, Watched), Stop> {
    let profile = account.regions.profile.clone();
    let (clients, watched) = unasked(account.regions).await?;
    let identity = identity(&clients, profile.as_deref()).await?;
    hint_at_unknown(&watched.excluded);
    let watched = Watched {
        without_drafts: account.no_draft,
        ..watched
    };
    Ok((clients, identity, watched))
}

/// Loads the credentials, and checks that Regions are named. No call is made yet.
pub(super) async fn unasked(args: RegionsArgs) -> Result<(Clients, Watched), Stop> {
    let RegionsArgs {
        profile,
        region: mut regions,
        all_regions,
        exclude_region: excluded,
        requests_per_second,
    } = args;
    check_excluded(&regions, all_regions, &excluded)?;
    let connection = Connection {
        profile,
        region: regions.first().cloned(),
    };
    let clients = client::connect(connection).await.map_err(no_profile)?;
    let own = (clients.region().map(region_name).transpose()).map_err(|error| anyhow!(error))?;
    if regions.is_empty() && !all_regions {
        regions.extend(own.clone());
    }
    let first = (regions.first().cloned().or(own))
        .or(all_regions.then(|| ANYWHERE.to_owned()))
        .ok_or_else(|| {
            anyhow!(
                "no Region: give --region or --all-regions, or set AWS_REGION or a profile with one"
            )
        })?;
    let regions = if all_regions {
        Regions::Enabled
    } else {
        Regions::Listed(regions)
    };
    let watched = Watched {
        excluded,
        requests_per_second,
        ..Watched::new(regions)
    };
    Ok((clients.in_region(&first), watched))
}

/// Asks whose credentials these are, and says so: nobody should read another account than they think.
pub(super) async fn identity(clients: &Clients, profile: Option<&str>) -> Result<Identity, Stop> {
    watch(clients);
    let identity = clients.identity().await.map_err(|failure| match profile {
        _ if failure.is_expired_session() => expired(failure, profile),
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

/// Says what is being waited for, each thing once, for as long as the command runs: a call that hangs ends only after some
/// time, and a lock when the other run ends.
pub(super) fn watch(clients: &Clients) {
    let clients = clients.clone();
    tokio::spawn(async move {
        let mut said = BTreeSet::new();
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            for what in clients.overdue() {
                if said.insert(what.clone()) {
                    note(format_args!("still waiting for {what}"));
                }
            }
        }
    });
}

/// The session is over, which only whoever it belongs to can change.
fn expired(failure: Failure, profile: Option<&str>) -> Stop {
    // The failure says what to do, and does not know the profile.
    let named = profile.map_or_else(String::new, |it| {
        format!(" (`aws sso login --profile {}`)", plain(it))
    });
    let says = format!("the session has expired, and nothing was checked{named}");
    let lacks = failure.reason == Reason::NoCredentials;
    let error = anyhow!(failure).context(says);
    if lacks {
        Stop::Usage(error)
    } else {
        Stop::Incomplete(error)
    }
}

/// The profile does not exist, and no call was made.
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

/// Says so if an excluded Region may be mistyped: that would leave nothing out.
fn hint_at_unknown(excluded: &[String]) {
    for region in excluded {
        if let Some(hint) = unknown_region(region) {
            note(format_args!("--exclude-region: {hint}"));
        }
    }
}

/// The account is not known, so there is nothing to report on.
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

/// Reads an account, with a bar that shows how far it is. What was read until somebody interrupts is kept.
pub(super) async fn inventory_now(connected: Connected, now: Timestamp) -> Result<Inventory, Stop> {
    let account = connected.shown();
    let inventory = account
        .inventory(connected.scope(), &connected.reading, now)
        .await;
    if connected.reading.interrupt.is_raised() {
        return Err(interrupted(connected.resume.as_ref(), &inventory));
    }
    note_whole(connected.resume.as_ref());
    Ok(inventory)
}
