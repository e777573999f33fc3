//! The function's settings: its environment, and the policy file beside its binary.

use std::path::PathBuf;
use std::{env, fs, io};

use gatewatch::announce::Settings as Announce;
use gatewatch::collect::{Clients, MemberRole, requests_per_second};
use gatewatch::config::PolicyFile;
use gatewatch::deliver::TopicArn;
use gatewatch::model::region_name;
use gatewatch::organization::account_id;
use gatewatch::store::{self, StorePlace};
use jiff::civil::Date;

use crate::error::RunError;

/// The settings as they came. They are validated at each run, so that a wrong one fails the run with
/// its reason instead of the start without one.
#[derive(Debug)]
pub(crate) struct Settings {
    topic: Option<String>,
    regions: Option<String>,
    excluded_regions: Option<String>,
    own_region: Option<String>,
    policy: Option<String>,
    policy_uri: Option<String>,
    package: Option<PathBuf>,
    state: Option<String>,
    remind_after_days: Option<String>,
    heartbeat_days: Option<String>,
    message_per_finding: Option<String>,
    chat_topic: Option<String>,
    security_hub: Option<String>,
    event_bus: Option<String>,
    function: Option<String>,
    member_role: Option<String>,
    external_id: Option<String>,
    accounts: Option<String>,
    excluded_accounts: Option<String>,
    requests_per_second: Option<String>,
}

/// Which Regions are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Regions {
    /// Those that an account has enabled.
    Enabled,
    /// These.
    Listed(Vec<String>),
}

impl Settings {
    /// Reads the environment. An empty variable counts as none: templates cannot leave one out.
    #[expect(
        clippy::disallowed_methods,
        reason = "a front reads the environment and passes it in"
    )]
    pub(crate) fn from_environment() -> Self {
        // What is not UTF-8 is read as far as it can be: a mistake then, and not as if it were not set.
        let variable = |name: &str| {
            let value = env::var_os(name)?.to_string_lossy().into_owned();
            (!value.trim().is_empty()).then_some(value)
        };
        let beside_binary = || env::current_exe().ok()?.parent().map(PathBuf::from);
        Settings {
            topic: variable("GATEWATCH_TOPIC_ARN"),
            regions: variable("GATEWATCH_REGIONS"),
            excluded_regions: variable("GATEWATCH_EXCLUDED_REGIONS"),
            own_region: variable("AWS_REGION"),
            policy: variable("GATEWATCH_POLICY"),
            policy_uri: variable("GATEWATCH_POLICY_URI"),
            state: variable("GATEWATCH_STATE"),
            remind_after_days: variable("GATEWATCH_REMIND_AFTER_DAYS"),
            heartbeat_days: variable("GATEWATCH_HEARTBEAT_DAYS"),
            message_per_finding: variable("GATEWATCH_MESSAGE_PER_FINDING"),
            chat_topic: variable("GATEWATCH_CHAT_TOPIC_ARN"),
            security_hub: variable("GATEWATCH_SECURITY_HUB"),
            event_bus: variable("GATEWATCH_EVENT_BUS"),
            function: variable("AWS_LAMBDA_FUNCTION_NAME"),
            member_role: variable("GATEWATCH_MEMBER_ROLE"),
            external_id: variable("GATEWATCH_EXTERNAL_ID"),
            accounts: variable("GATEWATCH_ACCOUNTS"),
            excluded_accounts: variable("GATEWATCH_EXCLUDED_ACCOUNTS"),
            requests_per_second: variable("GATEWATCH_REQUESTS_PER_SECOND"),
            package: variable("LAMBDA_TASK_ROOT")
                .map(PathBuf::from)
                .or_else(beside_binary),
        }
    }

    /// Where the report goes.
    pub(crate) fn topic(&self) -> Result<TopicArn, RunError> {
        let topic = self.topic.as_deref().unwrap_or_default().parse();
        topic.map_err(|error| RunError::BadSetting(format!("GATEWATCH_TOPIC_ARN: {error}")))
    }

    /// The Regions to read where the event names none.
    pub(crate) fn regions(&self) -> Result<Regions, RunError> {
        if self.regions.as_deref().map(str::trim) == Some("all") {
            return Ok(Regions::Enabled);
        }
        let regions = self.regions.as_ref().or(self.own_region.as_ref());
        let listed = list("GATEWATCH_REGIONS", regions, region_name)?;
        if listed.is_empty() {
            let message = "GATEWATCH_REGIONS and AWS_REGION name no Region";
            return Err(RunError::BadSetting(message.to_owned()));
        }
        Ok(Regions::Listed(listed))
    }

    /// The Regions that are left out on purpose.
    pub(crate) fn excluded_regions(&self) -> Result<Vec<String>, RunError> {
        const NAME: &str = "GATEWATCH_EXCLUDED_REGIONS";
        let excluded = list(NAME, self.excluded_regions.as_ref(), region_name)?;
        if let Regions::Listed(regions) = self.regions()?
            && let Some(both) = excluded.iter().find(|it| regions.contains(it))
        {
            let message = format!("{NAME}: Region {both} is one of those to read, too");
            return Err(RunError::BadSetting(message));
        }
        Ok(excluded)
    }

    /// The role through which other accounts are read.
    pub(crate) fn member_role(&self) -> Result<MemberRole, RunError> {
        let name = self.member_role.clone().ok_or_else(|| {
            let message = "GATEWATCH_MEMBER_ROLE names no role to read other accounts with";
            RunError::BadSetting(message.to_owned())
        })?;
        Ok(MemberRole {
            name,
            external_id: self.external_id.clone(),
        })
    }

    /// The accounts to read, instead of all of the organisation. Empty: all of it.
    pub(crate) fn accounts(&self) -> Result<Vec<String>, RunError> {
        list("GATEWATCH_ACCOUNTS", self.accounts.as_ref(), account_id)
    }

    /// The accounts that are left out on purpose.
    pub(crate) fn excluded_accounts(&self) -> Result<Vec<String>, RunError> {
        let excluded = self.excluded_accounts.as_ref();
        list("GATEWATCH_EXCLUDED_ACCOUNTS", excluded, account_id)
    }

    /// The most requests a second to a Region's control plane.
    pub(crate) fn requests_per_second(&self) -> Result<Option<f64>, RunError> {
        let rate = self.requests_per_second.as_deref();
        let rate = rate.map(requests_per_second).transpose();
        rate.map_err(|error| {
            RunError::BadSetting(format!("GATEWATCH_REQUESTS_PER_SECOND: {error}"))
        })
    }

    /// Where the ledger is.
    pub(crate) fn state(&self) -> Result<StorePlace, RunError> {
        let place = self.state.as_deref().unwrap_or_default().parse();
        place.map_err(|error| RunError::BadSetting(format!("GATEWATCH_STATE: {error}")))
    }

    /// When to announce what has not changed.
    pub(crate) fn announce(&self) -> Result<Announce, RunError> {
        let remind = days(
            "GATEWATCH_REMIND_AFTER_DAYS",
            self.remind_after_days.as_ref(),
        )?;
        let heartbeat = days("GATEWATCH_HEARTBEAT_DAYS", self.heartbeat_days.as_ref())?;
        Ok(Announce::after_days(
            remind.unwrap_or(Announce::REMIND_AFTER_DAYS),
            heartbeat.unwrap_or(0),
        ))
    }

    /// Whether each change is also a message of its own.
    pub(crate) fn message_per_finding(&self) -> Result<bool, RunError> {
        flag(
            "GATEWATCH_MESSAGE_PER_FINDING",
            self.message_per_finding.as_ref(),
        )
    }

    /// The topic for chat applications.
    pub(crate) fn chat_topic(&self) -> Result<Option<TopicArn>, RunError> {
        let topic = self.chat_topic.as_deref().map(str::parse).transpose();
        topic.map_err(|error| RunError::BadSetting(format!("GATEWATCH_CHAT_TOPIC_ARN: {error}")))
    }

    /// The Region of the Security Hub that gets the changes: the function's own.
    pub(crate) fn security_hub(&self) -> Result<Option<String>, RunError> {
        let wanted = flag("GATEWATCH_SECURITY_HUB", self.security_hub.as_ref())?;
        Ok(self.own_region.clone().filter(|_| wanted))
    }

    /// The event bus that gets an event for each change.
    pub(crate) fn event_bus(&self) -> Option<String> {
        self.event_bus.clone()
    }

    /// The function's name.
    pub(crate) fn function(&self) -> &str {
        self.function.as_deref().unwrap_or("gatewatch")
    }

    /// The policy file, as it is to be used on a day (UTC): the object in S3, else the inline one, else the
    /// packaged one, else the defaults. One that is named and cannot be read is never passed over.
    pub(crate) async fn policy(
        &self,
        clients: &Clients,
        today: Date,
    ) -> Result<PolicyFile, RunError> {
        match &self.policy_uri {
            None => self.own_policy(today),
            Some(uri) => {
                let text = store::object(clients, uri).await;
                let text = text.map_err(|error| {
                    RunError::BadSetting(format!("GATEWATCH_POLICY_URI: {error}"))
                })?;
                Ok(PolicyFile::from_yaml_on(uri, &text, today)?)
            }
        }
    }

    fn own_policy(&self, today: Date) -> Result<PolicyFile, RunError> {
        if let Some(text) = &self.policy {
            return Ok(PolicyFile::from_yaml_on("GATEWATCH_POLICY", text, today)?);
        }
        let Some(path) = self
            .package
            .as_ref()
            .map(|package| package.join("gatewatch.yaml"))
        else {
            return Ok(PolicyFile::default());
        };
        match fs::read_to_string(&path) {
            Ok(text) => Ok(PolicyFile::from_yaml_on("gatewatch.yaml", &text, today)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(PolicyFile::default()),
            // It is there and cannot be read: somebody meant it to count.
            Err(error) => Err(RunError::BadSetting(format!("{}: {error}", path.display()))),
        }
    }
}

/// Words separated by commas, each of which `check` finds sound.
fn list(
    name: &str,
    value: Option<&String>,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<String>, RunError> {
    let words = value.into_iter().flat_map(|it| it.split(','));
    let words = words.map(str::trim).filter(|it| !it.is_empty());
    let words: Result<Vec<String>, String> = words.map(check).collect();
    words.map_err(|error| RunError::BadSetting(format!("{name}: {error}")))
}

/// A number of days.
fn days(name: &str, value: Option<&String>) -> Result<Option<u32>, RunError> {
    let days = value.map(|value| {
        let days = value.trim().parse::<u16>();
        days.map(u32::from).map_err(|_| {
            RunError::BadSetting(format!(
                "{name}: `{value}` is no number of days; 0 is never"
            ))
        })
    });
    days.transpose()
}

fn flag(name: &str, value: Option<&String>) -> Result<bool, RunError> {
    match value.map(|it| it.trim()) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(RunError::BadSetting(format!(
            "{name}: `{other}` is neither true nor false"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 6, 15);

    fn settings() -> Settings {
        Settings {
            topic: None,
            regions: None,
            excluded_regions: None,
            own_region: Some("eu-west-1".to_owned()),
            policy: None,
            policy_uri: None,
            package: None,
            state: None,
            remind_after_days: None,
            heartbeat_days: None,
            message_per_finding: None,
            chat_topic: None,
            security_hub: None,
            event_bus: None,
            function: None,
            member_role: None,
            external_id: None,
            accounts: None,
            excluded_accounts: None,
            requests_per_second: None,
        }
    }

    #[test]
    fn the_listed_regions_come_before_the_functions_own() {
        let listed =
            |names: &[&str]| Regions::Listed(names.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(settings().regions().unwrap(), listed(&["eu-west-1"]));
        let all = Settings {
            regions: Some("all".to_owned()),
            ..settings()
        };
        assert_eq!(all.regions().unwrap(), Regions::Enabled);
        let two = Settings {
            regions: Some("us-east-1, eu-west-1,".to_owned()),
            ..settings()
        };
        let expected = listed(&["us-east-1", "eu-west-1"]);
        assert_eq!(two.regions().unwrap(), expected);
    }

    #[test]
    fn a_region_is_either_read_or_left_out() {
        let excluding = |regions: &str, excluded: &str| Settings {
            regions: Some(regions.to_owned()),
            excluded_regions: Some(excluded.to_owned()),
            ..settings()
        };
        assert!(settings().excluded_regions().unwrap().is_empty());
        let excluded = excluding("all", "us-east-1, sa-east-1").excluded_regions();
        assert_eq!(excluded.unwrap(), ["us-east-1", "sa-east-1"]);
        for (regions, excluded, expected) in [
            (
                "us-east-1,eu-west-1",
                "eu-west-1",
                "Region eu-west-1 is one",
            ),
            ("all", "eu_west_1", "`eu_west_1` is no Region's name"),
        ] {
            let error = excluding(regions, excluded).excluded_regions().unwrap_err();
            let error = error.to_string();
            assert!(error.contains("GATEWATCH_EXCLUDED_REGIONS"), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_inline_policy_comes_before_the_packaged_one() {
        let package = tempfile::tempdir().unwrap();
        let file = package.path().join("gatewatch.yaml");
        fs::write(&file, "version: 1\npreflight: accept-all\n").unwrap();
        let packaged = Settings {
            package: Some(package.path().to_owned()),
            ..settings()
        };
        assert_ne!(packaged.own_policy(TODAY).unwrap(), PolicyFile::default());
        let inline = Settings {
            policy: Some("version: 1\n".to_owned()),
            ..packaged
        };
        let policy = inline.own_policy(TODAY).unwrap();
        let text = "version: 1\n".to_owned();
        let default = PolicyFile::default();
        assert_eq!(policy, PolicyFile { text, ..default });
    }

    #[test]
    fn a_broken_policy_never_gives_way_to_the_defaults() {
        let package = tempfile::tempdir().unwrap();
        let file = package.path().join("gatewatch.yaml");
        let packaged = || Settings {
            package: Some(package.path().to_owned()),
            ..settings()
        };
        fs::write(&file, "version: 1\nrequires: []\n").unwrap();
        let error = packaged().own_policy(TODAY).unwrap_err().in_full();
        assert!(error.contains("gatewatch.yaml:2:1"), "{error}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(matches!(
            packaged().own_policy(TODAY),
            Err(RunError::BadSetting(_))
        ));
    }

    #[test]
    fn an_exemption_without_an_end_in_sight_is_a_mistake() {
        let inline = Settings {
            policy: Some(
                "version: 1\nexemptions:\n  - {rule: open-method, match: {path: /a}, reason: r, \
                 owner: o, severity: high, expires: 2099-12-31}\n"
                    .to_owned(),
            ),
            ..settings()
        };
        let error = inline.own_policy(TODAY).unwrap_err().in_full();
        assert!(error.contains("GATEWATCH_POLICY:3:"), "{error}");
        assert!(error.contains("may last 365"), "{error}");
    }

    #[test]
    fn days_and_flags_are_read_and_mistakes_are_named() {
        assert_eq!(settings().announce().unwrap(), Announce::default());
        let never = Settings {
            remind_after_days: Some("0".to_owned()),
            heartbeat_days: Some("30".to_owned()),
            ..settings()
        };
        let never = never.announce().unwrap();
        assert_eq!(never.reminder, None);
        assert_eq!(never.heartbeat, Some(SignedDuration::from_hours(720)));
        let wrong = Settings {
            remind_after_days: Some("a week".to_owned()),
            security_hub: Some("yes".to_owned()),
            ..settings()
        };
        let error = wrong.announce().unwrap_err().to_string();
        assert!(error.contains("GATEWATCH_REMIND_AFTER_DAYS"), "{error}");
        assert!(wrong.security_hub().is_err());
        let error = settings().state().unwrap_err().to_string();
        assert!(error.contains("GATEWATCH_STATE"), "{error}");
    }

    #[test]
    fn a_missing_topic_is_named() {
        let error = settings().topic().unwrap_err().to_string();
        assert!(error.contains("GATEWATCH_TOPIC_ARN"), "{error}");
    }
}
