//! What can be written on the command line of files: of policy files, of templates, of schemas.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use gatewatch::inventory::{AuthorizationType, region_name};
use gatewatch::render::schema_names;
use gatewatch::template;

/// The policy file that is read without being named.
pub(super) const DEFAULT_POLICY: &str = "gatewatch.yaml";

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Of what
    #[arg(value_name = "NAME", default_value = POLICY_FILE, value_parser = PossibleValuesParser::new(schema_arg_names()))]
    pub(super) name: String,
}

/// The name of the policy file's schema.
pub(super) const POLICY_FILE: &str = "policy-file";

fn schema_arg_names() -> Vec<&'static str> {
    [POLICY_FILE].into_iter().chain(schema_names()).collect()
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Propose what is there today in this inventory, as `gatewatch collect` wrote it; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) inventory: Option<PathBuf>,
    /// Without an inventory: a type that is accepted besides AWS_IAM, such as JWT; repeat it for several
    #[arg(long, value_name = "TYPE", conflicts_with = "inventory", value_parser = besides_iam)]
    pub(super) authorization: Vec<AuthorizationType>,
    /// Write the policy file here; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_POLICY)]
    pub(super) output: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// What a template does not say itself.
#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    /// The Region that a template is meant for [default: us-east-1 stands in for it]
    #[arg(long, value_name = "REGION", value_parser = region_name)]
    pub(super) region: Option<String>,
    /// The value of a template's parameter; repeat it for several
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) parameter: Vec<(String, String)>,
    /// Also read the files outside its folder that a template names (`AWS::Include`, `DefinitionUri`,
    /// `BodyS3Location`)
    #[arg(long)]
    pub(super) follow_outside: bool,
}

/// The account that templates are laid over.
#[derive(Debug, Args)]
pub(super) struct OverArgs {
    /// Say what the templates change of an account, by its inventory, as `gatewatch collect` wrote it: what is opened and
    /// closed, who gains and loses access. With the formats table, markdown and json
    #[arg(long, value_name = "INVENTORY", conflicts_with_all = ["baseline", "also"])]
    pub(super) with: Option<PathBuf>,
    /// Which API of the account one of a template is: its logical id, address or title, and the id that AWS gave it, or
    /// `new`; repeat it for several
    #[arg(long, value_name = "NAME=ID", requires = "with", value_parser = parameter)]
    pub(super) api: Vec<(String, String)>,
    /// The stack that the template is deployed as: by it, APIs, groups, users, roles and policies are known whose names
    /// CloudFormation made
    #[arg(long, value_name = "NAME", requires = "with")]
    pub(super) stack: Option<String>,
    /// The template as it is deployed today, so that what it had and has no more is known to go
    #[arg(long, value_name = "FILE", requires = "with")]
    pub(super) was: Option<PathBuf>,
}

impl TemplateArgs {
    /// What is known of the deployment to come.
    pub(super) fn options(&self) -> template::Options {
        template::Options {
            region: (self.region.clone()).unwrap_or_else(|| template::REGION.to_owned()),
            region_is_known: self.region.is_some(),
            parameters: self.parameter.iter().cloned().collect(),
            around: None,
        }
    }
}

pub(super) fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a parameter looks like NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The types that can be accepted besides AWS_IAM: NONE is accepted where it is meant, and not everywhere.
fn besides() -> impl Iterator<Item = AuthorizationType> {
    let is_besides =
        |it: &AuthorizationType| !matches!(it, AuthorizationType::None | AuthorizationType::AwsIam);
    AuthorizationType::KNOWN.into_iter().filter(is_besides)
}

pub(super) fn known_besides_iam() -> String {
    let known: Vec<AuthorizationType> = besides().collect();
    let names: Vec<&str> = known.iter().map(AuthorizationType::as_str).collect();
    names.join(", ")
}

/// Reads the name of such a type.
pub(super) fn besides_iam(text: &str) -> Result<AuthorizationType, String> {
    let read = AuthorizationType::from(text.to_ascii_uppercase());
    besides()
        .find(|it| *it == read)
        .ok_or_else(|| format!("`{text}` is none of {}", known_besides_iam()))
}
