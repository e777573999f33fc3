//! The digest of an account, in every form in which it is sent: changes, never states.
//!
//! It tells its reader what is to be done, what was done, and what could not be read.

mod asff;
mod asff_types;
pub(in crate::render) mod change_text;
mod chat;
pub(in crate::render) mod cut;
mod event;
pub(in crate::render) mod glance;
pub(in crate::render) mod json;
pub(in crate::render) mod light;
mod markup;
pub(in crate::render) mod message;
mod place;
pub(in crate::render) mod single;
pub(in crate::render) mod text;
mod trial;
pub(in crate::render) mod words;

pub use asff::{asff, imports};
pub use asff_types::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity,
};
pub use chat::{ChatNotice, NOTICES as CHAT_NOTICES, chat_notices};
pub use event::{BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, bus_events};
pub use json::{DigestDocument, digest_document};
pub use message::digest_notice;
pub use single::single_notices;
pub use text::digest_text;
pub use trial::{test_chat_notice, test_notice};
