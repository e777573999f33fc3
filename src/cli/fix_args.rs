//! The options of `gatewatch fix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatewatch::audit::finding::RuleId;

use super::account_args::{AccountArgs, Format};
use super::judging::PolicyArgs;

/// The heading of the options that change something.
const APPLIED: &str = "Carrying it out";

#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// The inventory, as `gatewatch collect` wrote it; `-` is standard input. Without one, the account is
    /// read
    #[arg(value_name = "FILE")]
    pub(super) inventory: Option<PathBuf>,
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
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Format::Table, conflicts_with = "as_commands")]
    pub(super) format: Format,
    /// Print the steps alone, as commands, in order
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub(super) as_commands: Option<FixForm>,
    /// Also write the plan to this file, as JSON, with hashes of the state that it is made from
    #[arg(long, value_name = "FILE")]
    pub(super) plan_out: Option<PathBuf>,
    /// Carry the plan out, after asking; with a plan that --plan-out wrote, only if one that is made now is the same
    #[arg(long, value_name = "PLAN", num_args = 0..=1, help_heading = APPLIED,
          conflicts_with_all = ["inventory", "as_commands", "no_draft"])]
    #[expect(
        clippy::option_option,
        reason = "the option stands alone, or has a value"
    )]
    pub(super) apply: Option<Option<PathBuf>>,
    /// Go on with a fix that was interrupted, by its journal
    #[arg(long, value_name = "JOURNAL", help_heading = APPLIED, conflicts_with_all = ["inventory", "as_commands", "apply", "no_draft"])]
    pub(super) resume: Option<PathBuf>,
    /// Undo a fix by its journal, where things are still as it left them
    #[arg(long, value_name = "JOURNAL", help_heading = APPLIED,
          conflicts_with_all = ["inventory", "as_commands", "apply", "resume"])]
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
    /// Print the policy of a role that may do this, and end
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
}
