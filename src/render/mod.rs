//! Values to words: terminal, JSON, CSV, e-mail, chat and the formats of other services, one file a format.
//!
//! - In: a report, a digest, who can call what, an explanation.
//! - Out: texts, within the limits of whoever takes them.
//! - Not known here: the clock, files and AWS. Nothing is decided, and no finding is left out but for size, which the text
//!   says.

mod access;
mod cells;
mod config_rule;
mod console;
mod difference;
mod digest;
mod doctor;
mod explanation;
mod fix;
mod history;
mod hook;
mod html;
mod interrupted;
mod metrics;
mod notice;
mod organization;
mod patch;
mod plain;
mod probe;
mod proposal;
mod report;
mod resources;
mod rule_page;
mod rules;
mod schemas;
mod words;

pub use access::{
    AccessQuestion, AccessReport, AccessView, NothingThere, Selection, access_csv, access_text,
    write_access,
};
pub use config_rule::{About, ConfigAsk, Evaluation, evaluations, not_applicable};
pub use console::object_page;
pub use difference::{
    DifferenceDocument, difference_document, difference_markdown, difference_text,
    projection_document, projection_markdown, projection_text,
};
pub use digest::{
    Asff, AsffCompliance, AsffProviderFields, AsffRecommendation, AsffRemediation, AsffResource,
    AsffSeverity, BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, CHAT_NOTICES, ChatNotice,
    DigestDocument, asff, bus_events, chat_notices, digest_document, digest_notice, digest_text,
    imports, single_notices, test_chat_notice, test_notice,
};
pub use doctor::{Check, Checkup, CheckupDocument, Light, Telling, checkup_document, checkup_text};
pub use explanation::{
    ExplanationDocument, explanation, explanation_document, finding_explanation,
    finding_explanation_document, saved_finding,
};
pub use fix::{
    PlanDocument as FixDocument, Went, applied_text, fix_commands, fix_role, fix_text,
    not_resumed_text, plan_document as fix_document, undoing_text, undone_text,
};
pub use history::{HistoryDocument, history_document, history_text};
pub use hook::{
    HookAnnotation, HookAnswer, HookMetrics, HookResult, HookStatus, hook_answer, hook_metrics,
};
pub use html::{PageAccess, PageAccount, PageBound, PageResult, write_html};
pub use interrupted::read_so_far;
pub use metrics::{RunMetrics, coverage_percent, metrics};
pub use notice::{Attribute, LIMIT, Notice};
pub(crate) use notice::{SUBJECT_LIMIT, fitted, fitting, most_entries, subject_line};
pub use organization::{
    OrganizationDigest, OrganizationDocument, Part, Parts, organization_document,
    organization_notice, organization_text, write_organization_html,
};
pub use patch::unified_diff;
use plain::inert;
pub use plain::plain;
pub use probe::{PlanDocument, plan_document, plan_text, requests_in_words};
pub use proposal::{bare_policy_file, proposed_policy_file};
pub use report::{
    AccountReport, AccountsDocument, Detail, Filter, Judged, View, accounts_document,
    accounts_markdown, accounts_table, email, json, markdown, screen, table, write_accounts_csv,
    write_accounts_ocsf, write_csv, write_github, write_gitlab, write_junit, write_ocsf,
    write_sarif,
};
pub use rule_page::{RuleManual, rule_controls, rule_manual, rule_page, rule_severity, rule_text};
pub use rules::{RuleLine, rules_list, rules_text};
pub use schemas::{document_schema, schema_names};
use words::by_severity;
pub(crate) use words::{capitalized, compact, minute, plural};
pub use words::{pretty, write_pretty};
