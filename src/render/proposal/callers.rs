//! `invokers` of a proposed policy file.

use super::apis::matching;
use super::lines::{Entry, in_quotes, is_plain_name};
use crate::audit::proposal::CallersToday;

const HEAD: &str = "
# Who can call the methods with AWS_IAM. An API that no entry names is not looked at: add each new one.
";

/// `None`: the principals were not read.
pub(super) fn callers(callers: Option<&[CallersToday]>) -> String {
    let Some(callers) = callers else {
        return "\n# invokers: the IAM principals could not be read\n".to_owned();
    };
    let mut written = Vec::new();
    let mut any = false;
    for entry in callers {
        let (entry, counts) = of_apis(entry);
        any |= counts;
        written.push(entry.written(counts));
    }
    let written = written.join("\n");
    match (written.is_empty(), any) {
        (true, _) => "\n# invokers: nobody can call a method with AWS_IAM\n".to_owned(),
        (false, true) => format!("{HEAD}invokers:\n{written}"),
        (false, false) => format!("{HEAD}# invokers:\n{written}"),
    }
}

/// The entry of some APIs, and whether it lists anybody.
fn of_apis(callers: &CallersToday) -> (Entry, bool) {
    let mut entry = Entry::default();
    let is_named = matching(&mut entry, &callers.of);
    let mut lists = false;
    for (key, names) in [("groups", &callers.groups), ("roles", &callers.roles)] {
        lists |= live(&mut entry, key, names);
    }
    for (why, key, names) in [
        (
            "anyone can become these roles: mend their trust policies first",
            "roles",
            &callers.guest_roles,
        ),
        (
            "these users have grants of their own: give them a group, or list them",
            "users",
            &callers.users,
        ),
        (
            "resource policies let these accounts in: list those who are meant to be",
            "accounts",
            &callers.accounts,
        ),
        (
            "resource policies let these organizations in: list those that are meant to be",
            "organizations",
            &callers.organizations,
        ),
    ] {
        off(&mut entry, (why, key), names);
    }
    for undecided in &callers.undecided {
        entry.said(2, &format!("not decided, and not listed: {undecided}"));
    }
    (entry, is_named && lists)
}

/// A list that counts. Whether it names anybody.
fn live(entry: &mut Entry, key: &str, names: &[String]) -> bool {
    let (named, others): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|it| is_plain_name(it));
    if !named.is_empty() {
        entry.live(2, format!("{key}:"));
        for name in &named {
            entry.live(4, format!("- {}", in_quotes(name)));
        }
    }
    for name in others {
        entry.said(
            4,
            &format!(
                "not listed, as it would be a pattern, or is not seen: {}",
                in_quotes(name)
            ),
        );
    }
    !named.is_empty()
}

/// A list for whoever decides.
fn off(entry: &mut Entry, (why, key): (&str, &str), names: &[String]) {
    if names.is_empty() {
        return;
    }
    entry.said(2, why);
    entry.off(2, format!("{key}:"));
    for name in names {
        let name = in_quotes(&crate::render::plain(name));
        entry.off(4, format!("- {name}"));
    }
}
