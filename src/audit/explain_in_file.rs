//! Why methods of a template are judged as they are.

use jiff::civil::Date;

use super::comments;
use super::finding::Source;
use super::in_file::{InFile, locate, retell, told};
use super::rules::{
    Asked, ExemptionUse, Explained, ExplainedFinding, Explanation, NoSuchFinding, NotFound,
    evaluate, exemption_verdicts, explain, explain_finding_among,
};
use crate::policy_file::PolicyFile;
use crate::template::Translated;

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
    let uses = comments::uses(file.excused.clone(), &file.inventory, (policy, today));
    for method in &mut explained.methods {
        retell_method(method, &file, &uses);
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
    let mut evaluation = evaluate(&file.inventory, policy, today);
    file.tell(&mut evaluation, (policy, today));
    let mut explained = explain_finding_among(evaluation, (&file.inventory, policy), asked, today)?;
    let uses = comments::uses(file.excused.clone(), &file.inventory, (policy, today));
    if let Some(method) = &mut explained.method {
        retell_method(method, &file, &uses);
    }
    Ok(explained)
}

/// Says where a method stands, without what only a deployment has: a draft beside it, and the URLs of its default endpoint. What
/// the file exempts itself is exempted.
fn retell_method(method: &mut Explanation, file: &InFile, uses: &[ExemptionUse]) {
    locate(&mut method.place, &file.origins);
    method.readings.retain(|it| it.source != Source::Draft);
    if let Some(reach) = &mut method.reach {
        reach.urls = told(&reach.urls);
    }
    for judged in &mut method.judged {
        retell(&mut judged.finding, &file.origins);
        let verdicts = exemption_verdicts(&judged.finding, uses, &file.inventory);
        judged.exempted |= verdicts.iter().any(|it| it.refusal.is_none());
        judged.exemptions.extend(verdicts);
    }
}
