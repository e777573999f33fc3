//! From a report, or a digest, to those who must know.

mod batch;
mod bus;
mod config;
mod outlets;
mod security_hub;
mod sns;

pub use batch::{BatchError, Unsent, publish_batch};
pub use bus::{BusError, UnsentEvent, put_events};
pub use config::{ConfigError, put_evaluations};
pub use outlets::{OutletError, Outlets};
pub use security_hub::{RefusedFinding, SecurityHubError, import_findings};
pub use sns::{DeliveryError, TopicArn, audience, publish};
