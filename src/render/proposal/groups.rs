//! `groups` of a proposed policy file.

use super::lines::{Entry, in_quotes, is_plain_name};
use crate::audit::proposal::GroupToday;

const HEAD: &str = "\n# Groups whose members can call methods with AWS_IAM, and the policies that let them. They must keep these.\n";

/// `None`: the groups were not read.
pub(super) fn groups(groups: Option<&[GroupToday]>) -> String {
    let Some(groups) = groups else {
        return "\n# groups: the IAM principals could not be read\n".to_owned();
    };
    let mut written = String::new();
    let mut any = false;
    for group in groups {
        let (entry, counts) = of_group(group);
        any |= counts;
        written += &entry.written(counts);
    }
    match (written.is_empty(), any) {
        (true, _) => "\n# groups: no group can call a method with AWS_IAM\n".to_owned(),
        (false, true) => format!("{HEAD}groups:\n{written}"),
        (false, false) => format!("{HEAD}# groups:\n{written}"),
    }
}

/// The entry of a group, and whether it can count as it is.
fn of_group(group: &GroupToday) -> (Entry, bool) {
    let mut entry = Entry::default();
    entry.live(0, format!("- name: {}", shown(&group.name)));
    let mut counts = false;
    for (key, names) in [("policies", &group.policies), ("inline", &group.inline)] {
        let named: Vec<String> = names
            .iter()
            .filter(|it| is_plain_name(it))
            .map(|it| in_quotes(it))
            .collect();
        if named.is_empty() {
            continue;
        }
        counts = true;
        entry.live(2, format!("{key}: [{}]", named.join(", ")));
    }
    for blanket in &group.blanket {
        let says = format!(
            "its policy {} lets it call every API, which is reported until it is taken away, or accepted by `blanket: accepted`",
            in_quotes(blanket)
        );
        entry.said(2, &says);
    }
    (entry, counts && is_plain_name(&group.name))
}

/// A name in quotes. What cannot stand there is in an entry that does not count.
fn shown(name: &str) -> String {
    in_quotes(&crate::render::plain(name))
}
