//! Values to words: terminal, JSON, CSV, e-mail, chat and the formats of other services, one file a format.
//!
//! - In: a report, a digest, who can call what, an explanation.
//! - Out: texts, within the limits of whoever takes them.
//! - Not known here: the clock, files and AWS. Nothing is decided, and no finding is left out but for size, which the text
//!   says.

mod access;
mod cells;
mod config_rule;
mod digest;
mod doctor;
mod explanation;
mod fix;
mod history;
mod html;
mod metrics;
mod notice;
mod organization;
mod plain;
mod report;
mod resources;
mod rule_page;
mod rules;
mod words;

pub use access::{
    AccessQuestion, AccessReport, NothingThere, Selection, access_csv, access_text, write_access,
};
pub use config_rule::{About, ConfigAsk, Evaluation, evaluations, not_applicable};
pub use digest::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity, BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, ChatNotice, DigestDocument,
    asff, bus_events, chat_notices, digest_document, digest_notice, digest_text, imports,
    single_notices, test_chat_notice, test_notice,
};
pub use doctor::{Check, Checkup, CheckupDocument, Light, Telling, checkup_document, checkup_text};
pub use explanation::{ExplanationDocument, explanation, explanation_document};
pub use fix::{PlanDocument, fix_commands, fix_text, plan_document};
pub use history::{HistoryDocument, history_document, history_text};
pub use html::{PageAccount, write_html};
pub use metrics::{RunMetrics, coverage_percent, metrics};
pub use notice::{Attribute, LIMIT, Notice};
pub(crate) use notice::{SUBJECT_LIMIT, fitted, fitting, most_entries, subject_line};
pub use organization::{
    OrganizationDigest, OrganizationDocument, Part, Parts, organization_document,
    organization_notice, organization_text,
};
use plain::inert;
pub use plain::plain;
pub use report::{
    AccountReport, AccountsDocument, Detail, Filter, View, accounts_document, accounts_markdown,
    accounts_table, email, json, markdown, screen, table, write_accounts_csv, write_accounts_ocsf,
    write_csv, write_ocsf,
};
pub use rule_page::{RuleManual, rule_manual, rule_page, rule_severity, rule_text};
pub use rules::{RuleLine, rules_list, rules_text};
use words::by_severity;
pub(crate) use words::{capitalized, compact, minute, plural};
pub use words::{pretty, write_pretty};
