//! What can be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use gatewatch::aws::deliver::TopicArn;
use gatewatch::aws::store::StorePlace;
use gatewatch::ledger::Settings;

pub(super) use super::account_args::{AccountArgs, AccountsArgs, Format, MembersArgs, RegionsArgs};
use super::file_args::{InitArgs, OverArgs, SchemaArgs, TemplateArgs, parameter};
pub(super) use super::fix_args::{Canary, FixArgs, FixForm};
pub(super) use super::judging::{Judging, PolicyArgs, ReportFormat};
use super::probe_args::ProbeArgs;
use super::resume_args::ResumeArgs;
use super::terminal::ColorArg;

/// Finds the deployed API Gateway methods that anyone can call, and checks the IAM groups that may call
/// the rest.
///
/// Exit status: 0 clean, 1 findings, 2 a mistake in the call or the configuration, 3 incomplete
/// (something could not be read, or not be published).
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read an AWS account and report what is wrong
    Scan(ScanArgs),
    /// Read an AWS account and save what was read, to be checked later or elsewhere
    Collect(CollectArgs),
    /// Report what is wrong in a saved inventory, a template or an API definition, without credentials
    /// or network
    Check(CheckArgs),
    /// Say what is required of a method of a saved inventory or a template, which entry of the policy file decides, and
    /// why; or why there is a finding; or what a rule is about, and how its findings are fixed
    Explain(ExplainArgs),
    /// Say which groups, users and roles can call which methods: all of a method's requests, some, or none
    Access(AccessArgs),
    /// Ask the deployed URLs of a saved inventory, and report where they answer otherwise than the
    /// configuration says. A GET is executed where the method asks for nothing
    Probe(ProbeArgs),
    /// Plan how findings are mended: what is set, deployed and granted, in order, who can call afterwards and who
    /// loses access. Nothing is changed
    Fix(FixArgs),
    /// Say what requests would be answered under policies that need not be attached yet: JSON lines in,
    /// JSON lines out
    Simulate(SimulateArgs),
    /// Say what changed between two saved inventories, or two reports: what was opened and closed, who gained and who
    /// lost access
    Diff(DiffArgs),
    /// Say what is remembered of earlier scans: what was found when, and what was announced
    History(HistoryArgs),
    /// Send a test message along the path of the digests, encryption included
    Notify(NotifyArgs),
    /// Check what a run needs, step by step: credentials, permissions, Regions, the state, the policy file, the
    /// topics, the accounts
    Doctor(DoctorArgs),
    /// List the rules, and what it means when each fires
    Rules(RulesArgs),
    /// Write a policy file to begin with: of an account as it is, or an empty one with comments
    Init(InitArgs),
    /// Print the JSON Schema of the policy file, or of what a command writes as JSON
    Schema(SchemaArgs),
    /// Print what completes commands and options in a shell
    Completions(CompletionsArgs),
    /// Write a manual page for gatewatch and one for each of its commands
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that reads it
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Where the pages go, as NAME.1; the folder is made where there is none
    #[arg(value_name = "FOLDER")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) resume: ResumeArgs,
    #[command(flatten)]
    pub(super) judging: Judging,
    /// Say on standard error how many requests were sent to AWS, by operation
    #[arg(long)]
    pub(super) stats: bool,
    #[command(flatten)]
    pub(super) accounts: AccountsArgs,
    /// Also publish the report to this SNS topic; with --state, the digest of what changed
    #[arg(long, value_name = "TOPIC_ARN")]
    pub(super) publish: Option<TopicArn>,
    /// Remember what was found in this directory or `s3://BUCKET/PREFIX`, and announce only changes
    #[arg(long, value_name = "PLACE")]
    pub(super) state: Option<StorePlace>,
    /// Show the digest that would be announced, and neither send nor remember anything
    #[arg(long, requires = "state", conflicts_with = "output")]
    pub(super) dry_run: bool,
    /// Announce high and critical findings again after so many days; 0 is never
    #[arg(long, value_name = "DAYS", requires = "state", default_value_t = Settings::REMIND_AFTER_DAYS,
          value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub(super) remind_after_days: u32,
    /// Send a digest at least every so many days, though nothing changed; 0 is never
    #[arg(long, value_name = "DAYS", requires = "state", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub(super) heartbeat_days: u32,
}

#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// Where it is remembered: a directory or `s3://BUCKET/PREFIX`
    #[arg(long, value_name = "PLACE")]
    pub(super) state: StorePlace,
    /// Only this account
    #[arg(long, value_name = "ID")]
    pub(super) account: Option<String>,
    /// Only findings of which this holds; repeat it for several [default: all]
    #[arg(long, value_enum, value_name = "STANDING")]
    pub(super) standing: Vec<StandingArg>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// The profile of the shared AWS configuration to use; it comes before keys in the environment
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StandingArg {
    /// It is there
    Open,
    /// It is there, and an exemption covers it
    Exempt,
    /// The policy file was edited so that it accepts it
    Accepted,
    /// Another rule describes what is wrong at its place
    Became,
    /// Its API or its stage is no longer there
    Gone,
    /// It is not there any more
    Resolved,
}

#[derive(Debug, Args)]
pub(super) struct NotifyArgs {
    /// Send a message that says that it is a test; nothing else can be sent by hand
    #[arg(long, required = true)]
    pub(super) test: bool,
    /// The topic that digests are published to
    #[arg(long, value_name = "TOPIC_ARN")]
    pub(super) publish: TopicArn,
    /// The topic for chat applications
    #[arg(long, value_name = "TOPIC_ARN")]
    pub(super) chat_topic: Option<TopicArn>,
    /// The profile of the shared AWS configuration to use; it comes before keys in the environment
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) regions: RegionsArgs,
    #[command(flatten)]
    pub(super) members: MembersArgs,
    /// The policy file, or `s3://BUCKET/KEY` [default: gatewatch.yaml, where there is one in the current folder]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<String>,
    /// Where it is remembered: a directory or `s3://BUCKET/PREFIX`. Some small objects are written there
    #[arg(long, value_name = "PLACE")]
    pub(super) state: Option<StorePlace>,
    /// How many hours old the last scan over everything may be
    #[arg(long, value_name = "HOURS", requires = "state", default_value_t = 48,
          value_parser = clap::value_parser!(u32).range(1..=8760))]
    pub(super) max_age_hours: u32,
    /// The topic that digests are published to. Nothing is sent
    #[arg(long, value_name = "TOPIC_ARN")]
    pub(super) publish: Option<TopicArn>,
    /// The topic for chat applications
    #[arg(long, value_name = "TOPIC_ARN")]
    pub(super) chat_topic: Option<TopicArn>,
    /// The stack of template.yaml, whose schedule, alarms, rules, function and trail are looked at
    #[arg(long, value_name = "NAME")]
    pub(super) stack: Option<String>,
    /// How to print the steps
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// When to color them; `auto` colors what a terminal shows, unless NO_COLOR is set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
}

#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) resume: ResumeArgs,
    /// Write the inventory to this file; `-`, or none, is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// An inventory as `gatewatch collect` wrote it, a CloudFormation or SAM template, an OpenAPI or Swagger document, or a
    /// Terraform plan or state as `terraform show -json` prints it; `-` is standard input. Several templates and folders make
    /// one report: a folder is searched for all of these, for `cdk.out` and for `.serverless`
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// A report, as `--format json` wrote it: what it has already is counted as known, and only what is new decides about the
    /// exit status. What could not be read always does
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) over: OverArgs,
    #[command(flatten)]
    pub(super) template: TemplateArgs,
    #[command(flatten)]
    pub(super) judging: Judging,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The method: a verb and a path (`POST /pets`), a path for all its verbs (`/pets`), a route key (`$default`), or a
    /// request that it answers (`GET /pets/42`, a URL); or a finding, by its id or the first eight digits of it. Without a
    /// file: the name of a rule, as `gatewatch rules` lists it
    #[arg(value_name = "METHOD_OR_FINDING_OR_RULE")]
    pub(super) what: String,
    /// The inventory with the method, as `gatewatch collect` wrote it, a template, or an API definition; for a finding,
    /// also a report, as `gatewatch check --format json` wrote it; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Only the methods of this API, by id or name
    #[arg(long, value_name = "ID_OR_NAME", requires = "file")]
    pub(super) api: Option<String>,
    /// Only the methods of this stage
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(super) stage: Option<String>,
    #[command(flatten)]
    pub(super) template: TemplateArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    /// How to print the explanation
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    /// The inventory, as `gatewatch collect` wrote it, or a template or plan with IAM in it, as `gatewatch check` reads
    /// it; `-` is standard input. Without one, the account is read
    #[arg(value_name = "FILE")]
    pub(super) inventory: Option<PathBuf>,
    /// The value of a template's parameter; repeat it for several
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameter: Vec<(String, String)>,
    /// Who can call this method: a verb and a path (`POST /pets`), a path for all its verbs (`/pets`), a route key
    /// (`$default`), or a request that it answers (`GET /pets/42`, a URL)
    #[arg(long, value_name = "METHOD")]
    pub(super) who_can: Option<String>,
    /// What this group, user or role can call: `group/NAME`, `user/NAME`, `role/NAME`, a name or an ARN
    #[arg(long, value_name = "PRINCIPAL")]
    pub(super) what_can: Option<String>,
    /// Whom to ask about; repeat it for several [default: groups, accounts and
    /// organizations; all with --who-can]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) principals: Vec<PrincipalsArg>,
    /// Only the methods of this stage
    #[arg(long, value_name = "NAME")]
    pub(super) stage: Option<String>,
    /// Only these answers; repeat it for several [default: all but none]
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub(super) verdict: Vec<VerdictArg>,
    /// Name the statements that decide
    #[arg(long)]
    pub(super) why: bool,
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = AccessFormat::Table)]
    pub(super) format: AccessFormat,
    /// When to color the table; `auto` colors what a terminal shows, unless NO_COLOR is set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) resume: ResumeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PrincipalsArg {
    /// What a group gives to each of its members
    Groups,
    /// Users, with everything that their groups give them
    Users,
    /// Roles
    Roles,
    /// Other accounts, and principals of theirs, whom the resource policy of an API lets in
    Accounts,
    /// Organizations whose accounts the resource policy of an API lets in
    Organizations,
    /// All of them
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum VerdictArg {
    /// Every request of the method
    All,
    /// Some, and others not
    Some,
    /// No request
    None,
    /// A policy could not be read, or deciding would take too long
    Undecided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AccessFormat {
    /// For people
    Table,
    /// For programs: versioned, with every detail
    Json,
    /// For spreadsheets: one line a method and principal
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The earlier inventory, as `gatewatch collect` wrote it, or the earlier report, as `gatewatch check --format json`
    /// did; `-` is standard input
    #[arg(value_name = "BEFORE")]
    pub(super) before: PathBuf,
    /// The later one, of the same kind
    #[arg(value_name = "AFTER")]
    pub(super) after: PathBuf,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub(super) format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Table,
    /// For programs: versioned, with every detail
    Json,
    /// For an issue, a wiki or a comment: at most 60,000 characters
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// The cases, one JSON object a line; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    pub(super) cases: Option<PathBuf>,
}
