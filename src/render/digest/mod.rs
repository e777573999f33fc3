//! The digest of an account, in every form in which it is sent: changes, never states.
//!
//! Whoever gets it has to do something, or sees that something was done, or that gatewatch could not see.

mod asff;
mod chat;
pub(in crate::render) mod cut;
mod event;
pub(in crate::render) mod json;
pub(in crate::render) mod light;
pub(in crate::render) mod message;
pub(in crate::render) mod single;
pub(in crate::render) mod text;
mod trial;
pub(in crate::render) mod words;

pub use asff::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity, asff, imports,
};
pub use chat::{ChatNotice, chat_notices};
pub use event::{BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, bus_events};
pub use json::{DigestDocument, digest_document};
pub use message::digest_notice;
pub use single::single_notices;
pub use text::digest_text;
pub use trial::{test_chat_notice, test_notice};
