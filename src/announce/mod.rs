//! From the ledger's pending entries to the messages that are sent: changes, never states.
//!
//! Pure. A run has at most one digest; whoever gets it has to do something, or sees that something was
//! done, or that gatewatch could not see.

mod audience;
mod bus;
mod chat;
mod config_rule;
mod digest;
mod history;
mod json;
mod light;
mod message;
mod metrics;
mod organization;
mod security_hub;
mod single;
mod text;
mod trial;

pub use audience::Audience;
pub use bus::{BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, bus_events};
pub use chat::{ChatNotice, chat_notices};
pub use config_rule::{Evaluation, evaluations, not_applicable};
pub use digest::{Digest, MESSAGES, News, Occasion, Settings};
pub use history::{HistoryDocument, history_document, history_text};
pub use json::{DigestDocument, digest_document};
pub use message::digest_notice;
pub use metrics::{RunMetrics, coverage_percent, metrics};
pub use organization::{
    OrganizationDigest, OrganizationDocument, Part, Parts, organization_document,
    organization_notice, organization_text,
};
pub use security_hub::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity, asff, imports,
};
pub use single::single_notices;
pub use text::digest_text;
pub use trial::{test_chat_notice, test_notice};
