//! The function's settings: its environment variables, parsed once into types.

use std::path::PathBuf;
use std::{env, fs, io};

use gatewatch::aws::client::{Clients, MemberRole};
use gatewatch::aws::collect::requests_per_second;
use gatewatch::aws::deliver::{Sink, TopicArn};
use gatewatch::aws::store::{self, StorePlace};
use gatewatch::ledger::Settings as AnnounceSettings;
use gatewatch::ledger::organization::account_id;
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::Regions;
use gatewatch::run::doctor::{Destination, PolicySource, Trouble};
use gatewatch::run::organization::Accounts;
use jiff::civil::Date;

use crate::environment::variable;
use crate::error::RunError;
use crate::variables::{CHAT_TOPIC, Variables};

/// The function's settings. Each is an environment variable; the names stand in [`Settings::parse`].
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where digests go.
    pub(crate) topic: TopicArn,
    /// Where the ledger is.
    pub(crate) state: StorePlace,
    /// The Regions to read if the event names none.
    pub(crate) regions: Regions,
    /// The Regions that are left out on purpose.
    pub(crate) excluded_regions: Vec<String>,
    /// The most requests a second to a Region's control plane.
    pub(crate) requests_per_second: Option<f64>,
    /// When to announce what has not changed.
    pub(crate) announce: AnnounceSettings,
    /// Whether each change is also a message of its own.
    pub(crate) message_per_finding: bool,
    /// The places besides the topic that are told what changed.
    pub(crate) sinks: Vec<Box<dyn Sink>>,
    /// The same places but the chat's topic, as a checkup asks about them.
    pub(crate) destinations: Vec<Destination>,
    /// The topic for chat applications, which is one of those places.
    pub(crate) chat: Option<TopicArn>,
    /// The function's name.
    pub(crate) function: String,
    /// The function's memory, in MB. `None`: Lambda did not tell it.
    pub(crate) megabytes: Option<u32>,
    /// Which accounts of an organization are read.
    pub(crate) accounts: Accounts,
    member_role: Option<MemberRole>,
    policy: PolicyFileSource,
}

/// Where the policy file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyFileSource {
    /// An object in S3.
    Object(String),
    /// The text itself.
    Inline(String),
    /// A file in the function's package. Without that file, the defaults count.
    Packaged(PathBuf),
    /// The defaults.
    Default,
}

impl Settings {
    /// Reads the environment. The text says what is wrong with it. A wrong setting fails each run with that text: if
    /// it failed the start, nobody would see why.
    #[expect(
        clippy::disallowed_methods,
        reason = "a front reads the environment and passes it in"
    )]
    pub(crate) fn from_environment() -> Result<Self, String> {
        // A variable that is not UTF-8 is read as far as possible. So it is a mistake, and not treated as unset.
        let variable = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
        Settings::parse(&variable, package())
    }

    /// Parses the variables. `package`: the folder of the function's package.
    fn parse(
        variable: &dyn Fn(&str) -> Option<String>,
        package: Option<PathBuf>,
    ) -> Result<Self, String> {
        // A template cannot leave out a variable, so an empty one counts as unset.
        let variables = Variables(&|name| variable(name).filter(|it| !it.trim().is_empty()));
        let own_region = variables.get("AWS_REGION");
        let (regions, excluded_regions) = variables.regions(own_region.as_deref())?;
        let named = variables.list("GATEWATCH_ACCOUNTS", account_id)?;
        let remind = variables.days("GATEWATCH_REMIND_AFTER_DAYS")?;
        let heartbeat = variables.days("GATEWATCH_HEARTBEAT_DAYS")?;
        let external_id = variables.get("GATEWATCH_EXTERNAL_ID");
        let member_role = variables.get("GATEWATCH_MEMBER_ROLE");
        Ok(Settings {
            topic: variables.required("GATEWATCH_TOPIC_ARN")?,
            state: variables.required("GATEWATCH_STATE")?,
            regions,
            excluded_regions,
            requests_per_second: variables
                .parsed("GATEWATCH_REQUESTS_PER_SECOND", requests_per_second)?,
            announce: AnnounceSettings::after_days(
                remind.unwrap_or(AnnounceSettings::REMIND_AFTER_DAYS),
                heartbeat.unwrap_or(0),
            ),
            message_per_finding: variables.flag("GATEWATCH_MESSAGE_PER_FINDING")?,
            sinks: variables.sinks(own_region)?,
            destinations: variables.destinations()?,
            chat: variables.parsed(CHAT_TOPIC, str::parse)?,
            function: variables
                .get("AWS_LAMBDA_FUNCTION_NAME")
                .unwrap_or_else(|| "gatewatch".to_owned()),
            megabytes: variables
                .get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
                .and_then(|it| it.parse().ok()),
            accounts: Accounts {
                organization: named.is_empty(),
                named,
                excluded: variables.list("GATEWATCH_EXCLUDED_ACCOUNTS", account_id)?,
            },
            member_role: member_role.map(|name| MemberRole { name, external_id }),
            policy: PolicyFileSource::named_by(&variables, package),
        })
    }

    /// The role to read other accounts with.
    pub(crate) fn member_role(&self) -> Result<&MemberRole, RunError> {
        self.member_role.as_ref().ok_or_else(|| {
            let message = "GATEWATCH_MEMBER_ROLE names no role to read other accounts with";
            RunError::BadSetting(message.to_owned())
        })
    }

    /// Where the policy file comes from, with its text where that is at hand.
    pub(crate) fn policy_source(&self) -> PolicySource {
        let (from, text) = match &self.policy {
            PolicyFileSource::Object(uri) => return PolicySource::Object(uri.clone()),
            PolicyFileSource::Inline(text) => ("GATEWATCH_POLICY", Ok(text.clone())),
            PolicyFileSource::Packaged(path) => ("gatewatch.yaml", fs::read_to_string(path)),
            PolicyFileSource::Default => return PolicySource::Defaults,
        };
        match text {
            Err(error) if error.kind() == io::ErrorKind::NotFound => PolicySource::Defaults,
            text => PolicySource::Text {
                from: from.to_owned(),
                text: text.map_err(|error| Trouble {
                    reason: None,
                    message: error.to_string(),
                }),
            },
        }
    }

    /// The policy file, as it is to be used on a day (UTC). If one is named and cannot be read, the run fails; the
    /// defaults never stand in for it.
    pub(crate) async fn policy(
        &self,
        clients: &Clients,
        today: Date,
    ) -> Result<PolicyFile, RunError> {
        self.policy.read(clients, today).await
    }
}

impl PolicyFileSource {
    /// The policy file, as it is to be used on a day (UTC).
    pub(crate) async fn read(
        &self,
        clients: &Clients,
        today: Date,
    ) -> Result<PolicyFile, RunError> {
        match self {
            PolicyFileSource::Object(uri) => {
                let read = store::object(clients, uri).await.map_err(|error| {
                    RunError::BadSetting(format!("GATEWATCH_POLICY_URI: {error}"))
                })?;
                let mut policy = PolicyFile::from_yaml_on(uri, &read.text, today)?;
                if let Some(origin) = &mut policy.origin {
                    origin.version_id = read.version_id;
                }
                Ok(policy)
            }
            other => other.local(today),
        }
    }

    /// Where the policy file comes from: S3, else the text, else the package.
    pub(crate) fn named_by(variables: &Variables<'_>, package: Option<PathBuf>) -> Self {
        let object = (variables.get("GATEWATCH_POLICY_URI")).map(PolicyFileSource::Object);
        let inline = || {
            variables
                .get("GATEWATCH_POLICY")
                .map(PolicyFileSource::Inline)
        };
        let packaged = || Some(PolicyFileSource::Packaged(package?.join("gatewatch.yaml")));
        let source = object.or_else(inline).or_else(packaged);
        source.unwrap_or(PolicyFileSource::Default)
    }

    /// The policy file, unless it is an object in S3.
    fn local(&self, today: Date) -> Result<PolicyFile, RunError> {
        let path = match self {
            PolicyFileSource::Inline(text) => {
                return Ok(PolicyFile::from_yaml_on("GATEWATCH_POLICY", text, today)?);
            }
            PolicyFileSource::Packaged(path) => path,
            PolicyFileSource::Object(_) | PolicyFileSource::Default => {
                return Ok(PolicyFile::default());
            }
        };
        match fs::read_to_string(path) {
            Ok(text) => Ok(PolicyFile::from_yaml_on("gatewatch.yaml", &text, today)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(PolicyFile::default()),
            // The file exists and cannot be read: somebody meant it to count.
            Err(error) => Err(RunError::BadSetting(format!("{}: {error}", path.display()))),
        }
    }
}

/// The folder of the function's package.
pub(crate) fn package() -> Option<PathBuf> {
    let beside_binary = || env::current_exe().ok()?.parent().map(PathBuf::from);
    let package = variable("LAMBDA_TASK_ROOT").map(PathBuf::from);
    package.or_else(beside_binary)
}

#[cfg(test)]
mod tests {
    use gatewatch::policy_file::Origin;
    use std::collections::BTreeMap;
    use std::path::Path;

    use gatewatch::policy_file::PolicyFile;
    use jiff::SignedDuration;

    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 6, 15);

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    /// The settings of a function whose environment has these variables besides those that it must have.
    fn parsed(more: &[(&str, &str)], package: Option<&Path>) -> Result<Settings, String> {
        let mut variables = BTreeMap::from([
            ("AWS_REGION", "eu-west-1"),
            ("GATEWATCH_TOPIC_ARN", TOPIC),
            ("GATEWATCH_STATE", "s3://state"),
        ]);
        variables.extend(more.iter().copied());
        let variable = |name: &str| variables.get(name).map(|it| (*it).to_owned());
        Settings::parse(&variable, package.map(Path::to_owned))
    }

    fn settings(more: &[(&str, &str)]) -> Settings {
        parsed(more, None).unwrap()
    }

    fn mistake(more: &[(&str, &str)]) -> String {
        parsed(more, None).unwrap_err()
    }

    #[test]
    fn the_listed_regions_come_before_the_functions_own() {
        let regions = |value: &str| settings(&[("GATEWATCH_REGIONS", value)]).regions;
        let listed =
            |names: &[&str]| Regions::Listed(names.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(regions(""), listed(&["eu-west-1"]));
        assert_eq!(regions("all"), Regions::Enabled);
        let two = regions("us-east-1, eu-west-1,");
        assert_eq!(two, listed(&["us-east-1", "eu-west-1"]));
        let none = mistake(&[("GATEWATCH_REGIONS", ","), ("AWS_REGION", "")]);
        assert!(none.contains("name no Region"), "{none}");
    }

    #[test]
    fn a_region_is_either_read_or_left_out() {
        let excluding = |regions: &str, excluded: &str| {
            let variables = [
                ("GATEWATCH_REGIONS", regions),
                ("GATEWATCH_EXCLUDED_REGIONS", excluded),
            ];
            parsed(&variables, None).map(|it| it.excluded_regions)
        };
        assert!(settings(&[]).excluded_regions.is_empty());
        let excluded = excluding("all", "us-east-1, sa-east-1");
        assert_eq!(excluded.unwrap(), ["us-east-1", "sa-east-1"]);
        for (regions, excluded, expected) in [
            (
                "us-east-1,eu-west-1",
                "eu-west-1",
                "Region eu-west-1 is one",
            ),
            ("all", "eu_west_1", "`eu_west_1` is no Region's name"),
        ] {
            let error = excluding(regions, excluded).unwrap_err();
            assert!(error.contains("GATEWATCH_EXCLUDED_REGIONS"), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_inline_policy_comes_before_the_packaged_one() {
        let package = tempfile::tempdir().unwrap();
        let file = package.path().join("gatewatch.yaml");
        fs::write(&file, "version: 1\npreflight: accept-all\n").unwrap();
        let policy = |more: &[(&str, &str)]| {
            let settings = parsed(more, Some(package.path())).unwrap();
            settings.policy.local(TODAY).unwrap()
        };
        assert_ne!(policy(&[]), PolicyFile::default());
        let text = "version: 1\n".to_owned();
        let inline = policy(&[("GATEWATCH_POLICY", &text)]);
        let default = PolicyFile::default();
        let origin = Some(Origin::of("GATEWATCH_POLICY", text.as_bytes()));
        let expected = PolicyFile {
            text,
            origin,
            ..default
        };
        assert_eq!(inline, expected);
        let both = [
            ("GATEWATCH_POLICY", "version: 1\n"),
            ("GATEWATCH_POLICY_URI", "s3://state/gatewatch.yaml"),
        ];
        let object = PolicyFileSource::Object("s3://state/gatewatch.yaml".to_owned());
        assert_eq!(settings(&both).policy, object);
    }

    #[test]
    fn a_broken_policy_never_gives_way_to_the_defaults() {
        let package = tempfile::tempdir().unwrap();
        let file = package.path().join("gatewatch.yaml");
        let policy = || {
            let settings = parsed(&[], Some(package.path())).unwrap();
            settings.policy.local(TODAY).unwrap_err()
        };
        fs::write(&file, "version: 1\nrequires: []\n").unwrap();
        let error = policy().in_full();
        assert!(error.contains("gatewatch.yaml:2:1"), "{error}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(matches!(policy(), RunError::BadSetting(_)));
    }

    #[test]
    fn an_exemption_without_an_end_in_sight_is_a_mistake() {
        let text = "version: 1\nexemptions:\n  - {rule: open-method, match: {path: /a}, reason: r, \
                    owner: o, severity: high, expires: 2099-12-31}\n";
        let inline = settings(&[("GATEWATCH_POLICY", text)]);
        let error = inline.policy.local(TODAY).unwrap_err().in_full();
        assert!(error.contains("GATEWATCH_POLICY:3:"), "{error}");
        assert!(error.contains("may last 365"), "{error}");
    }

    #[test]
    fn days_and_flags_are_read_and_mistakes_are_named() {
        assert_eq!(settings(&[]).announce, AnnounceSettings::default());
        let never = settings(&[
            ("GATEWATCH_REMIND_AFTER_DAYS", "0"),
            ("GATEWATCH_HEARTBEAT_DAYS", "30"),
            ("GATEWATCH_SECURITY_HUB", "true"),
        ]);
        assert_eq!(never.announce.reminder, None);
        let heartbeat = never.announce.heartbeat;
        assert_eq!(heartbeat, Some(SignedDuration::from_hours(720)));
        for (name, value) in [
            ("GATEWATCH_REMIND_AFTER_DAYS", "a week"),
            ("GATEWATCH_HEARTBEAT_DAYS", "-1"),
            ("GATEWATCH_SECURITY_HUB", "yes"),
            ("GATEWATCH_MESSAGE_PER_FINDING", "1"),
            ("GATEWATCH_CHAT_TOPIC_ARN", "chat"),
            ("GATEWATCH_REQUESTS_PER_SECOND", "1000"),
            ("GATEWATCH_ACCOUNTS", "1111"),
            ("GATEWATCH_EXCLUDED_ACCOUNTS", "all"),
            ("GATEWATCH_STATE", ""),
            ("GATEWATCH_TOPIC_ARN", ""),
        ] {
            let error = mistake(&[(name, value)]);
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn the_sinks_are_those_that_are_set() {
        let names = |more: &[(&str, &str)]| {
            let sinks = settings(more).sinks.into_iter();
            sinks.map(|it| it.name()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[("GATEWATCH_SECURITY_HUB", "false")]), [""; 0]);
        let all = [
            ("GATEWATCH_EVENT_BUS", "security"),
            ("GATEWATCH_SECURITY_HUB", "true"),
            ("GATEWATCH_CHAT_TOPIC_ARN", TOPIC),
        ];
        let expected = ["the chat topic", "Security Hub CSPM", "the event bus"];
        assert_eq!(names(&all), expected);
    }

    #[test]
    fn without_a_role_no_other_account_is_read() {
        assert!(settings(&[]).member_role().is_err());
        let variables = [
            ("GATEWATCH_MEMBER_ROLE", "gatewatch-member"),
            ("GATEWATCH_EXTERNAL_ID", "id"),
        ];
        let settings = settings(&variables);
        let role = settings.member_role().unwrap();
        assert_eq!(role.name, "gatewatch-member");
        assert_eq!(role.external_id.as_deref(), Some("id"));
        assert!(settings.accounts.organization);
    }
}
