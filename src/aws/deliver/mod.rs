//! From a report, or a digest, to those who must know.
//!
//! - In: a digest that is ready, and where it goes: SNS first, then the sinks ([`Sink`]).
//! - Out: what was taken, and what was not. A digest counts as announced by SNS alone.
//! - Not known here: what a finding means, and when something is announced.

mod asff;
mod batch;
mod bus;
mod chat;
mod config;
mod outlet;
mod outlets;
mod security_hub;
mod sink;
mod sns;

pub use batch::{BatchError, Unsent, publish_batch};
pub use bus::{BusError, EventBus, UnsentEvent, put_events};
pub use chat::ChatTopic;
pub use config::{ConfigError, put_evaluations, try_evaluation};
pub use outlet::{Channel, OrganizationOutlet, Outlet};
pub use outlets::{OutletError, Outlets};
pub use security_hub::{RefusedFinding, SecurityHub, SecurityHubError, import_findings};
pub use sink::{Sink, SinkError};
pub use sns::{DeliveryError, Subscribers, TopicArn, audience, publish, subscribers};
