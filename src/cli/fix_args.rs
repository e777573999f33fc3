//! The options of `gatewatch fix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatewatch::audit::finding::RuleId;
use gatewatch::aws::probe::Instead;

use super::account_args::{AccountArgs, Format};
use super::file_args::parameter;
use super::judging::PolicyArgs;
use super::values::{parameter as path_parameter, verb};

/// The heading of the options of sources.
const SOURCES: &str = "A patch of sources";

/// The heading of the options that change something.
const APPLIED: &str = "Carrying it out";

/// The heading of the options that say what the URLs are asked then.
const ASKED: &str = "Asking the URLs once it is done";

#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// The inventory, as `gatewatch collect` wrote it; `-` is standard input. Without one, the account is
    /// read. With `--as patch`, the sources, and folders of them, as `gatewatch check` takes them
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Only the finding with this id; repeat it for several [default: all findings]
    #[arg(long, value_name = "ID")]
    pub(super) finding: Vec<String>,
    /// Only the findings of this rule; repeat it for several
    #[arg(long, value_name = "NAME")]
    pub(super) rule: Vec<RuleId>,
    /// Only the findings of this stage
    #[arg(long, value_name = "NAME")]
    pub(super) stage: Option<String>,
    /// Only the findings about this method: a verb and a path (`POST /pets`), a path for all its verbs (`/pets`), or a
    /// route key (`$default`)
    #[arg(long, value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// The group that is to call the methods [default: the one that the policy file names]
    #[arg(long, value_name = "NAME")]
    pub(super) group: Option<String>,
    /// Also deploy what else waits in the draft, but for what would open a method
    #[arg(long)]
    pub(super) deploy_everything: bool,
    /// Also change what a CloudFormation stack or Terraform manages, by its tags
    #[arg(long)]
    pub(super) even_if_managed: bool,
    /// Also protect a method that nobody could call any more; with --undo, also take back a grant that callers need
    #[arg(long)]
    pub(super) allow_lockout: bool,
    /// What becomes of the canary of a stage that is deployed [default: such a stage is not deployed]
    #[arg(long, value_enum, value_name = "FATE", conflicts_with = "as_commands")]
    pub(super) canary: Option<Canary>,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Format::Table, conflicts_with = "as_commands")]
    pub(super) format: Format,
    /// Print the steps alone, as commands, in order; or what mends the sources, as a patch
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub(super) as_commands: Option<FixForm>,
    /// Also write the plan to this file, as JSON, with hashes of the state that it is made from
    #[arg(long, value_name = "FILE")]
    pub(super) plan_out: Option<PathBuf>,
    /// The value of a template's parameter; repeat it for several
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter, help_heading = SOURCES)]
    pub(super) parameter: Vec<(String, String)>,
    /// Also read, and change, the files outside its folder that a template names
    #[arg(long, help_heading = SOURCES)]
    pub(super) follow_outside: bool,
    /// The folder of the Terraform sources that the plan was made from
    #[arg(long, value_name = "DIR", help_heading = SOURCES)]
    pub(super) source: Option<PathBuf>,
    /// Carry the plan out, after asking; with a plan that --plan-out wrote, only if one that is made now is the same
    #[arg(long, value_name = "PLAN", num_args = 0..=1, help_heading = APPLIED,
          conflicts_with_all = ["files", "as_commands", "no_draft"])]
    #[expect(
        clippy::option_option,
        reason = "the option stands alone, or has a value"
    )]
    pub(super) apply: Option<Option<PathBuf>>,
    /// Go on with a fix that was interrupted, by its journal
    #[arg(long, value_name = "JOURNAL", help_heading = APPLIED, conflicts_with_all = ["files", "as_commands", "apply", "no_draft"])]
    pub(super) resume: Option<PathBuf>,
    /// Undo a fix by its journal, where things are still as it left them
    #[arg(long, value_name = "JOURNAL", help_heading = APPLIED,
          conflicts_with_all = ["files", "as_commands", "apply", "resume"])]
    pub(super) undo: Option<PathBuf>,
    /// With --resume: also go on with a journal that is older than a day
    #[arg(long, help_heading = APPLIED, requires = "resume")]
    pub(super) allow_old_journal: bool,
    /// With --undo: also open a method where nothing in the account shows that this fix closed it
    #[arg(long, help_heading = APPLIED, requires = "undo")]
    pub(super) allow_opening: bool,
    /// Do not ask
    #[arg(long, help_heading = APPLIED)]
    pub(super) yes: bool,
    /// Write the journal to this new file [default: gatewatch-fix-ACCOUNT-TIME.jsonl]
    #[arg(long, value_name = "FILE", help_heading = APPLIED, requires = "apply")]
    pub(super) journal: Option<PathBuf>,
    /// With --apply or --resume: ask the URLs of the mended methods once it is done, unsigned
    #[arg(long, help_heading = ASKED, conflicts_with = "undo")]
    pub(super) probe: bool,
    /// Also send a signed request, with the credentials of the fix. The method executes it where these are let in
    #[arg(long, help_heading = ASKED, requires = "probe")]
    pub(super) signed: bool,
    /// Also send requests with this verb; repeat it for several [default: GET, or HEAD where there is no GET]
    #[arg(long, help_heading = ASKED, value_name = "VERB", value_parser = verb, requires = "probe")]
    pub(super) verb: Vec<String>,
    /// The value of a path parameter; repeat it for several [default: gatewatch-probe]
    #[arg(long, help_heading = ASKED, value_name = "NAME=VALUE", value_parser = path_parameter, requires = "probe")]
    pub(super) param: Vec<(String, String)>,
    /// Send every request to this host, such as a VPC endpoint, in place of that of its URL, which the Host header names.
    /// With --signed, it gets the signatures, too
    #[arg(long, help_heading = ASKED, value_name = "URL", requires = "probe")]
    pub(super) endpoint_override: Option<Instead>,
    /// Connect to loopback addresses, too
    #[arg(long, help_heading = ASKED, requires = "probe")]
    pub(super) allow_loopback: bool,
    /// Print the policy of a role that may do this, and end; with --probe and --signed, also what these need
    #[arg(long, help_heading = APPLIED)]
    pub(super) print_role: bool,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) account: AccountArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FixForm {
    /// Commands of the AWS CLI; each waits for the one before
    AwsCli,
    /// A unified diff of CloudFormation, SAM, OpenAPI or Terraform sources, for `git apply`
    Patch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Canary {
    /// It keeps its share of the traffic, and serves the new deployment as well
    Keep,
    /// The stage itself answers all of the traffic, with the new deployment
    Promote,
}
