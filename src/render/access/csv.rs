//! Access as CSV (RFC 4180): one line a method and caller.

use super::AccessReport;
use crate::audit::access::{Holder, HolderKind};
use crate::render::cells::row;

/// The answers as CSV, with a header.
pub fn access_csv(report: &AccessReport<'_>) -> String {
    let mut text = String::from(
        "region,api_id,api_name,stage,method,principal_kind,principal,verdict,conditional,admitted_only\r\n",
    );
    for answers in &report.rows {
        let method = answers.method;
        for caller in &answers.callers {
            let cells = [
                method.api.region.as_str(),
                &method.api.id,
                &method.api.name,
                &method.stage.name,
                &method.name(),
                caller.holder.kind.as_str(),
                principal(caller.holder),
                caller.cell.verdict.as_str(),
                truth(caller.cell.conditional),
                truth(caller.holder.kind.is_outside()),
            ];
            text.push_str(&row(cells));
        }
    }
    text
}

fn truth(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

/// A name or an id; of one principal of another account its ARN, as the account may have a line of its own.
fn principal(holder: &Holder) -> &str {
    let is_one = holder.kind == HolderKind::Account && !holder.arn.ends_with(":root");
    if is_one { &holder.arn } else { &holder.name }
}
