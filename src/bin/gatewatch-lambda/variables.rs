//! Variables of the environment, each parsed into a type.

use gatewatch::aws::deliver::{ChatTopic, EventBus, SecurityHub, Sink, TopicArn};
use gatewatch::inventory::region_name;
use gatewatch::run::Regions;
use gatewatch::run::doctor::Destination;

/// Names the topic for chat applications.
pub(crate) const CHAT_TOPIC: &str = "GATEWATCH_CHAT_TOPIC_ARN";

/// The variables of the environment that are set.
pub(crate) struct Variables<'v>(pub(crate) &'v dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    /// A variable as `parse` reads it. `None`: it is not set.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let value = self.get(name).map(|it| parse(&it)).transpose();
        value.map_err(|error| format!("{name}: {error}"))
    }

    /// A variable that must be set.
    pub(crate) fn required<T: std::str::FromStr<Err = String>>(
        &self,
        name: &str,
    ) -> Result<T, String> {
        let value = self.get(name).unwrap_or_default();
        value.parse().map_err(|error| format!("{name}: {error}"))
    }

    /// Words separated by commas, each of which `check` accepts.
    pub(crate) fn list(
        &self,
        name: &str,
        check: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Vec<String>, String> {
        let words = self.parsed(name, |value| {
            let words = value.split(',').map(str::trim);
            words.filter(|it| !it.is_empty()).map(check).collect()
        })?;
        Ok(words.unwrap_or_default())
    }

    /// A number of days.
    pub(crate) fn days(&self, name: &str) -> Result<Option<u32>, String> {
        self.parsed(name, |value| {
            let days = value.trim().parse::<u16>().map(u32::from);
            days.map_err(|_| format!("`{value}` is no number of days; 0 is never"))
        })
    }

    /// `true` or `false`. Unset is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        let flag = self.parsed(name, |value| match value.trim() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(format!("`{other}` is neither true nor false")),
        })?;
        Ok(flag.unwrap_or(false))
    }

    /// The Regions to read, and those that are left out on purpose.
    pub(crate) fn regions(&self, own: Option<&str>) -> Result<(Regions, Vec<String>), String> {
        const NAME: &str = "GATEWATCH_REGIONS";
        const EXCLUDED: &str = "GATEWATCH_EXCLUDED_REGIONS";
        let excluded = self.list(EXCLUDED, region_name)?;
        if self.get(NAME).is_some_and(|it| it.trim() == "all") {
            return Ok((Regions::Enabled, excluded));
        }
        let mut regions = self.list(NAME, region_name)?;
        if self.get(NAME).is_none() {
            let own = own.map(region_name).transpose();
            regions.extend(own.map_err(|error| format!("AWS_REGION: {error}"))?);
        }
        if regions.is_empty() {
            return Err(format!("{NAME} and AWS_REGION name no Region"));
        }
        if let Some(both) = excluded.iter().find(|it| regions.contains(it)) {
            return Err(format!(
                "{EXCLUDED}: Region {both} is one of those to read, too"
            ));
        }
        Ok((Regions::Listed(regions), excluded))
    }

    /// The places besides the topic that are told what changed, in the order in which they are told.
    pub(crate) fn sinks(&self, own_region: Option<String>) -> Result<Vec<Box<dyn Sink>>, String> {
        let chat: Option<TopicArn> = self.parsed(CHAT_TOPIC, str::parse)?;
        let wants_hub = self.flag("GATEWATCH_SECURITY_HUB")?;
        let hub = own_region.filter(|_| wants_hub);
        let bus = self.get("GATEWATCH_EVENT_BUS");
        let sinks = [
            chat.map(|it| Box::new(ChatTopic(it)) as Box<dyn Sink>),
            hub.map(|region| Box::new(SecurityHub { region }) as Box<dyn Sink>),
            bus.map(|it| Box::new(EventBus(it)) as Box<dyn Sink>),
        ];
        Ok(sinks.into_iter().flatten().collect())
    }

    /// The same places but the chat's topic, as a checkup asks about them.
    pub(crate) fn destinations(&self) -> Result<Vec<Destination>, String> {
        let wants_hub = self.flag("GATEWATCH_SECURITY_HUB")?;
        let hub = wants_hub.then_some(Destination::SecurityHub);
        let bus = self.get("GATEWATCH_EVENT_BUS").map(Destination::EventBus);
        let config = self.flag("GATEWATCH_CONFIG_RULE")?;
        let config = config.then_some(Destination::ConfigRule);
        Ok(bus.into_iter().chain(hub).chain(config).collect())
    }
}
