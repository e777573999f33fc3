//! The integration tests, in one binary: linking the SDK crates once is slow enough.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should panic, and tests are no library; clippy knows only functions \
              marked as tests"
)]

mod access;
mod announced;
mod any_and_verbs;
mod applied;
mod bounded;
mod called_by_name;
mod calls;
mod cli;
mod conditions;
mod contract;
mod crash;
mod credentials;
mod decisions;
mod difference;
mod digest;
mod doctor;
mod emulator;
mod endings;
mod explained;
mod faults;
mod fix;
mod formats;
mod fronts;
mod governance;
mod hook;
mod html_report;
mod init;
mod interrupted;
mod invisible;
mod judged;
mod kept_out;
mod laid_over;
mod lambda;
mod large_texts;
mod ledger;
mod managed_policies;
mod manual;
mod many_files;
mod message;
mod nulls;
mod on_screen;
mod opened;
mod organization;
mod organization_digest;
mod organization_units;
mod other_accounts;
mod outlets;
mod outside_ids;
mod outsiders;
mod owners;
mod packaging;
mod page_accounts;
mod page_commands;
mod pages;
mod patch;
mod principals_again;
mod probe;
mod progress;
mod promises;
mod real_policies;
mod remedies;
mod requested;
mod reviewed;
mod rule_pages;
mod sam;
mod scenarios;
mod schema;
mod schemas;
mod served;
mod session_ends;
mod sessions;
mod shortcuts;
mod simulate;
mod stack;
mod story;
mod strangers;
mod support;
mod template_files;
mod template_iam;
mod templates;
mod terraform;
mod through_endpoints;
mod trust;
mod unmended;
mod verbs;
mod waiting;
mod walls;
mod wire;
