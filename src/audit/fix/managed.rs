//! Who manages an API, by its tags. That there is no such tag proves nothing.

use crate::inventory::{Api, Stage, quoted};

/// The tag that CloudFormation puts on what a stack makes.
const STACK: &str = "aws:cloudformation:stack-name";

/// What every tag of CloudFormation begins with. Nobody else can set one.
const CLOUDFORMATION: &str = "aws:cloudformation:";

/// A word that teams tag what Terraform makes with.
const TERRAFORM: &str = "terraform";

/// Who manages an API or its stage, in words. `None`: no tag says so.
pub(super) fn managed_by(api: &Api, stage: &Stage) -> Option<String> {
    let tags = || api.tags.iter().chain(&stage.tags);
    if let Some((_, name)) = tags().find(|(key, _)| *key == STACK) {
        return Some(format!("the CloudFormation stack {}", quoted(name)));
    }
    if tags().any(|(key, _)| key.starts_with(CLOUDFORMATION)) {
        return Some("a CloudFormation stack".to_owned());
    }
    let speaks = |text: &str| text.to_ascii_lowercase().contains(TERRAFORM);
    let (key, value) = tags().find(|(key, value)| speaks(key) || speaks(value))?;
    Some(format!(
        "Terraform (tag {}: {})",
        quoted(key),
        quoted(value)
    ))
}
