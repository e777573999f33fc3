//! The function's settings: its environment, and the policy file beside its binary.

use std::path::PathBuf;
use std::{env, fs, io};

use gatewatch::config::PolicyFile;
use gatewatch::deliver::TopicArn;
use gatewatch::model::region_name;
use jiff::civil::Date;

use crate::error::RunError;

/// The settings as they came. They are validated at each run, so that a wrong one fails the run with
/// its reason instead of the start without one.
#[derive(Debug)]
pub(crate) struct Settings {
    topic: Option<String>,
    regions: Option<String>,
    own_region: Option<String>,
    policy: Option<String>,
    package: Option<PathBuf>,
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
            own_region: variable("AWS_REGION"),
            policy: variable("GATEWATCH_POLICY"),
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
    pub(crate) fn regions(&self) -> Result<Vec<String>, RunError> {
        let regions = self.regions.as_ref().or(self.own_region.as_ref());
        let regions = regions.into_iter().flat_map(|regions| regions.split(','));
        let regions = regions.map(str::trim).filter(|region| !region.is_empty());
        let listed: Result<Vec<String>, String> = regions.map(region_name).collect();
        let listed =
            listed.map_err(|error| RunError::BadSetting(format!("GATEWATCH_REGIONS: {error}")))?;
        if listed.is_empty() {
            let message = "GATEWATCH_REGIONS and AWS_REGION name no Region";
            return Err(RunError::BadSetting(message.to_owned()));
        }
        Ok(listed)
    }

    /// The policy file, as it is to be used on a day (UTC): the inline one, else the packaged one, else
    /// the defaults.
    pub(crate) fn policy(&self, today: Date) -> Result<PolicyFile, RunError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 6, 15);

    fn settings() -> Settings {
        Settings {
            topic: None,
            regions: None,
            own_region: Some("eu-west-1".to_owned()),
            policy: None,
            package: None,
        }
    }

    #[test]
    fn the_listed_regions_come_before_the_functions_own() {
        assert_eq!(settings().regions().unwrap(), ["eu-west-1"]);
        let listed = Settings {
            regions: Some("us-east-1, eu-west-1,".to_owned()),
            ..settings()
        };
        assert_eq!(listed.regions().unwrap(), ["us-east-1", "eu-west-1"]);
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
        assert_ne!(packaged.policy(TODAY).unwrap(), PolicyFile::default());
        let inline = Settings {
            policy: Some("version: 1\n".to_owned()),
            ..packaged
        };
        assert_eq!(inline.policy(TODAY).unwrap(), PolicyFile::default());
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
        let error = packaged().policy(TODAY).unwrap_err().in_full();
        assert!(error.contains("gatewatch.yaml:2:1"), "{error}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(matches!(
            packaged().policy(TODAY),
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
        let error = inline.policy(TODAY).unwrap_err().in_full();
        assert!(error.contains("GATEWATCH_POLICY:3:"), "{error}");
        assert!(error.contains("may last 365"), "{error}");
    }

    #[test]
    fn a_missing_topic_is_named() {
        let error = settings().topic().unwrap_err().to_string();
        assert!(error.contains("GATEWATCH_TOPIC_ARN"), "{error}");
    }
}
