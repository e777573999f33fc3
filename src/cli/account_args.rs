//! The options that say whose account is read, and how.

use clap::{Args, ValueEnum};
use gatewatch::aws::collect::requests_per_second;
use gatewatch::inventory::region_name;
use gatewatch::ledger::organization::account_id;

/// Whose account, and which of its Regions.
#[derive(Debug, Args)]
pub(super) struct RegionsArgs {
    /// A Region to read; repeat it for several [default: the profile's or AWS_REGION]
    #[arg(long, value_name = "REGION", value_parser = region_name)]
    pub(super) region: Vec<String>,
    /// Read all Regions that the account has enabled
    #[arg(long, conflicts_with = "region")]
    pub(super) all_regions: bool,
    /// With --all-regions, leave this Region out; repeat it for several. Nothing is said of what is in it
    #[arg(long, value_name = "REGION", value_parser = region_name)]
    pub(super) exclude_region: Vec<String>,
    /// Send no more requests a second to a Region's API Gateway than this [default: 9.8, after a burst,
    /// and fewer after a throttle; AWS gives 10]
    #[arg(long, value_name = "NUMBER", value_parser = requests_per_second)]
    pub(super) requests_per_second: Option<f64>,
    /// The profile of the shared AWS configuration to use; it comes before keys in the environment
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    #[command(flatten)]
    pub(super) regions: RegionsArgs,
    /// Leave out the drafts of REST APIs, the slowest part: then nothing is said of what the next
    /// deployment would change
    #[arg(long)]
    pub(super) no_draft: bool,
    /// Read only this API, by id or name; repeat it for several
    #[arg(long, value_name = "ID_OR_NAME")]
    pub(super) api: Vec<String>,
}

/// Other accounts than that of the credentials.
#[derive(Debug, Args)]
pub(super) struct MembersArgs {
    /// Read all accounts of the organization; the credentials must be those of its management account or of
    /// a delegated administrator
    #[arg(long, requires = "role_name")]
    pub(super) organization: bool,
    /// Read these accounts; with --organization, only these of it
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = account_id, requires = "role_name")]
    pub(super) accounts: Vec<String>,
    /// Leave this account out; repeat it for several
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = account_id)]
    pub(super) exclude_account: Vec<String>,
    /// The role that lets the credentials read each of the accounts, but for their own
    #[arg(long, value_name = "NAME")]
    pub(super) role_name: Option<String>,
    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID", requires = "role_name")]
    pub(super) external_id: Option<String>,
}

/// The same, and how they are read.
#[derive(Debug, Args)]
pub(super) struct AccountsArgs {
    #[command(flatten)]
    pub(super) members: MembersArgs,
    /// How many accounts are read at once
    #[arg(long, value_name = "NUMBER", default_value_t = 4, requires = "role_name",
          value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) accounts_at_once: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// For programs: versioned, with every detail
    Json,
}
