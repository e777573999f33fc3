//! What can be written behind `gatewatch probe`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gatewatch::aws::probe::Instead;

use super::judging::Judging;
use super::values::{parameter, time, verb};

/// The heading of the options that say what is asked.
const ASKED: &str = "What is asked";

/// The heading of the options that say how it is sent.
const SENT: &str = "How it is sent";

#[derive(Debug, Args)]
pub(super) struct ProbeArgs {
    /// The inventory, as `gatewatch collect` wrote it; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) inventory: PathBuf,
    /// List the requests, and send none
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Ask only this API, by id or name; repeat it for several
    #[arg(long, help_heading = ASKED, value_name = "ID_OR_NAME")]
    pub(super) api: Vec<String>,
    /// Ask only this stage; repeat it for several
    #[arg(long, help_heading = ASKED, value_name = "NAME")]
    pub(super) stage: Vec<String>,
    /// Also send requests with this verb; repeat it for several [default: GET, or HEAD where there is no GET]
    #[arg(long, help_heading = ASKED, value_name = "VERB", value_parser = verb)]
    pub(super) verb: Vec<String>,
    /// Also send POST, PUT, PATCH and DELETE, where --verb names them, to methods that execute what anyone sends
    #[arg(long, help_heading = ASKED, requires = "verb")]
    pub(super) i_know_it_executes: bool,
    /// The value of a path parameter; repeat it for several [default: gatewatch-probe]
    #[arg(long, help_heading = ASKED, value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) param: Vec<(String, String)>,
    /// Also send a signed request to each method that asks for AWS_IAM. It is executed where its caller is let in
    #[arg(long, help_heading = ASKED)]
    pub(super) signed: bool,
    /// The profile of the shared AWS configuration to sign with; it comes before keys in the environment
    #[arg(long, help_heading = ASKED, value_name = "NAME", requires = "signed")]
    pub(super) profile: Option<String>,
    /// Begin so many requests a second, at most
    #[arg(long, help_heading = SENT, value_name = "NUMBER", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(super) rate: u32,
    /// Have so many requests under way at the same time, at most
    #[arg(long, help_heading = SENT, value_name = "NUMBER", default_value_t = 8,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) concurrency: u16,
    /// Wait so long for an answer, such as `10s` or `500ms`
    #[arg(long, help_heading = SENT, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(super) timeout: Duration,
    /// Send every request to this host, such as a VPC endpoint, in place of that of its URL, which the Host header names.
    /// With --signed, it gets the signatures, too
    #[arg(long, help_heading = SENT, value_name = "URL")]
    pub(super) endpoint_override: Option<Instead>,
    /// Connect to loopback addresses, too
    #[arg(long, help_heading = SENT)]
    pub(super) allow_loopback: bool,
    #[command(flatten)]
    pub(super) judging: Judging,
}
