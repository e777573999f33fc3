//! Why methods of a template are judged as they are.

use jiff::civil::Date;

use super::finding::Source;
use super::in_file::InFile;
use super::located::{locate, retell};
use super::rules::{
    Asked, Explained, ExplainedFinding, Explanation, NoSuchFinding, NotFound, explain,
    explain_finding,
};
use crate::policy_file::PolicyFile;
use crate::template::{Origins, Translated};

/// Explains the methods of a template that are asked about, as [`explain`] does those of an inventory.
///
/// # Errors
/// Where the template has no such method, with what is near.
pub fn explain_in_file(
    template: Translated,
    policy: &PolicyFile,
    asked: &Asked,
    today: Date,
) -> Result<Explained, NotFound> {
    let file = InFile::new(template, policy);
    let mut explained = explain(&file.inventory, policy, asked, today)?;
    for method in &mut explained.methods {
        retell_method(method, &file.origins);
    }
    Ok(explained)
}

/// Explains a finding of a template by its id.
///
/// # Errors
/// Where the template has no such finding, with what is near.
pub fn explain_finding_in_file(
    template: Translated,
    policy: &PolicyFile,
    asked: &str,
    today: Date,
) -> Result<ExplainedFinding, NoSuchFinding> {
    let file = InFile::new(template, policy);
    let mut explained = explain_finding(&file.inventory, policy, asked, today)?;
    retell(&mut explained.judged.finding, &file.origins);
    if let Some(method) = &mut explained.method {
        retell_method(method, &file.origins);
    }
    Ok(explained)
}

/// Says where a method stands, without what only a deployment has: a draft beside it, and URLs.
fn retell_method(method: &mut Explanation, origins: &Origins) {
    locate(&mut method.place, origins);
    method.readings.retain(|it| it.source != Source::Draft);
    if let Some(reach) = &mut method.reach {
        reach.urls = [].into();
    }
    for judged in &mut method.judged {
        retell(&mut judged.finding, origins);
    }
}
