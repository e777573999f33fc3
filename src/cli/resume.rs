//! What an interrupted command keeps, and what a later one goes on with.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewatch::aws::client::Identity;
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::render::read_so_far;
use gatewatch::run::resumable;
use jiff::{SignedDuration, Timestamp};

use super::common::{Stop, saved};
use super::output::{create, note, replace};
use super::resume_args::ResumeArgs;

/// The end of a command that was interrupted while it read.
pub(super) fn interrupted(resume: Option<&ResumeArgs>, inventory: &Inventory) -> Stop {
    match resume {
        Some(resume) => resume.keep(inventory),
        None => Stop::Incomplete(anyhow!(
            "interrupted: {}\nnothing was judged or changed, and what was read is not kept",
            read_so_far(inventory)
        )),
    }
}

/// Says that the file of an interrupted command is of no use any more. It is left where it is.
pub(super) fn note_whole(resume: Option<&ResumeArgs>) {
    if let Some(path) = resume.and_then(|it| it.resume.as_deref()) {
        note(format_args!(
            "everything is read: {} is not needed any more",
            path.display()
        ));
    }
}

impl ResumeArgs {
    /// What the interrupted command read. `None`: everything is read anew. Says how old it is.
    pub(super) fn part(
        &self,
        identity: &Identity,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Option<Inventory>, Stop> {
        let Some(path) = &self.resume else {
            return Ok(None);
        };
        let shown = path.display();
        let part = saved(path)?;
        let max_age = SignedDuration::from_hours(self.max_age_hours.into());
        let part = resumable(part, identity, scope, max_age, now);
        let part = part.map_err(|error| {
            Stop::Usage(anyhow!(error).context(format!("{shown} cannot be gone on with")))
        })?;
        let minutes = now.duration_since(part.taken_at).as_mins().max(0);
        note(format_args!(
            "going on with {shown}: what is in it was read from {} on, {minutes} minute(s) ago; the rest is read now, \
             and the whole counts as read then",
            part.taken_at
        ));
        Ok(Some(part))
    }

    /// Keeps what was read until a command was interrupted, where the next one finds it.
    fn keep(&self, inventory: &Inventory) -> Stop {
        match self.kept(inventory) {
            Ok(path) => Stop::Incomplete(anyhow!(
                "interrupted: {}\nnothing was judged, remembered or sent; what was read is in {shown}\n\
                 to go on, add --resume {shown} to the same command; to see what was found so far: gatewatch check {shown}",
                read_so_far(inventory),
                shown = path.display()
            )),
            Err(error) => {
                let read = read_so_far(inventory);
                Stop::Incomplete(
                    error.context(format!("interrupted, and what was read is lost: {read}")),
                )
            }
        }
    }

    fn kept(&self, inventory: &Inventory) -> anyhow::Result<PathBuf> {
        let text = inventory
            .to_json()
            .context("the inventory could not be written as JSON")?;
        // All of the file was taken over, so that nothing is lost with it.
        if let Some(path) = self.resume.as_deref().filter(|it| *it != Path::new("-")) {
            replace(path, &text)?;
            return Ok(path.to_owned());
        }
        let taken_at = inventory.taken_at.strftime("%Y%m%dT%H%M%SZ");
        let name = format!("gatewatch-{}-{taken_at}.unfinished.json", inventory.account);
        let path = PathBuf::from(name);
        create(&path, &text)?;
        Ok(path)
    }
}
