//! The one digest of a run over an organization's accounts.
//!
//! What each account has to announce is turned into a [`Part`] at once, so that its ledger and its report can
//! be dropped: of thousands of accounts no more is kept than one message can show.

mod digest;
mod json;
mod message;
mod page;
mod part;
mod parts;
mod row;
mod table;
mod text;

pub use digest::OrganizationDigest;
pub use json::{OrganizationDocument, organization_document};
pub use message::organization_notice;
pub use page::write_organization_html;
pub use part::Part;
pub use parts::Parts;
pub use text::organization_text;
