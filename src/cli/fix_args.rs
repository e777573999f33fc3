//! The options of `gatewatch fix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatewatch::audit::finding::RuleId;

use super::account_args::{AccountArgs, Format};
use super::judging::PolicyArgs;

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
    /// Also protect a method that nobody could call any more
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
