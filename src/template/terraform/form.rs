//! Which JSON is of Terraform.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::template::first_key::begins_with;

/// The largest plan that is read, in bytes. It has every resource of an estate in it, three times.
pub(in crate::template) const LARGEST: usize = 64 * 1024 * 1024;

/// Whether a JSON text is what Terraform prints of a plan or a state.
pub(in crate::template) fn is_terraform(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Keys {
        format_version: Option<IgnoredAny>,
        #[serde(rename = "Resources")]
        resources: Option<IgnoredAny>,
        openapi: Option<IgnoredAny>,
        swagger: Option<IgnoredAny>,
    }
    // Nothing else is parsed for the sake of a guess where the first key says it.
    let others = ["\"Resources\"", "\"openapi\"", "\"swagger\""];
    if begins_with(text, "format_version") && !others.iter().any(|it| text.contains(it)) {
        return true;
    }
    // Without it, nothing is parsed for the sake of a guess.
    if !text.contains("\"format_version\"") {
        return false;
    }
    let keys = serde_json::from_str::<Keys>(text);
    keys.is_ok_and(|keys| {
        let others = [keys.resources, keys.openapi, keys.swagger];
        keys.format_version.is_some() && others.iter().all(Option::is_none)
    })
}

/// What else Terraform writes as JSON, and nobody can check.
pub(in crate::template) fn is_another_form(text: &str) -> Option<&'static str> {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    if begins_with(text, "@level") {
        Some(
            "is the log of `terraform plan -json`: give what `terraform show -json FILE` prints of the plan that `-out FILE` wrote",
        )
    } else if has("terraform_version") && has("lineage") && has("serial") {
        Some("is the state as Terraform keeps it: give what `terraform show -json` prints of it")
    } else {
        None
    }
}
