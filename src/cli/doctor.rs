//! `gatewatch doctor`

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use gatewatch::inventory::Reason;
use gatewatch::render::{Light, checkup_document, checkup_text, pretty};
use gatewatch::run::doctor::{Asked, Front, PolicySource, Trouble, examine};
use jiff::SignedDuration;

use super::account::{unasked, watch};
use super::args::{DoctorArgs, Format};
use super::common::{CLEAN, FINDINGS, Stop, dangles, members, now, read};
use super::file_args::DEFAULT_POLICY;
use super::output::print;
use super::terminal;

pub(super) async fn run(args: DoctorArgs) -> Result<u8, Stop> {
    let profile = args.regions.profile.clone();
    let asked = members(&args.members)?;
    let (clients, watched) = unasked(args.regions).await?;
    watch(&clients);
    let checkup = examine(Asked {
        clients: &clients,
        watched: &watched,
        state: args.state,
        policy: policy(args.config),
        topic: args.publish,
        chat: args.chat_topic,
        destinations: Vec::new(),
        members: asked,
        max_age: SignedDuration::from_hours(args.max_age_hours.into()),
        stack: args.stack,
        front: Front::CommandLine { profile },
        now: now(),
    })
    .await;
    let light = checkup.light();
    let text = match args.format {
        Format::Table => checkup_text(&checkup, terminal::color(args.color)),
        Format::Json => {
            let document = pretty(&checkup_document(checkup));
            document.context("the steps could not be written as JSON")?
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(match light {
        Light::Failed => FINDINGS,
        Light::Ok | Light::Unknown => CLEAN,
    })
}

/// Where the policy file comes from, with its text where it is a file. One that cannot be read is a step that fails.
fn policy(config: Option<String>) -> PolicySource {
    match config {
        Some(address) if address.starts_with("s3://") => PolicySource::Object(address),
        Some(path) => PolicySource::Text {
            text: named(Path::new(&path)),
            from: path,
        },
        None => match text(Path::new(DEFAULT_POLICY)) {
            Err(trouble)
                if trouble.reason == Some(Reason::NotFound) && !dangles(DEFAULT_POLICY) =>
            {
                PolicySource::Defaults
            }
            text => PolicySource::Text {
                from: DEFAULT_POLICY.to_owned(),
                text,
            },
        },
    }
}

/// Read as a scan reads it.
fn named(path: &Path) -> Result<String, Trouble> {
    read(path).map_err(|stop| {
        let (Stop::Usage(error) | Stop::Incomplete(error)) = stop;
        Trouble {
            reason: None,
            message: format!("{error:#}"),
        }
    })
}

fn text(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|error| Trouble {
        reason: (error.kind() == ErrorKind::NotFound).then_some(Reason::NotFound),
        message: format!("{} cannot be read: {error}", path.display()),
    })
}
