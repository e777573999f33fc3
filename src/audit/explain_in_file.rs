//! Why methods of a template are judged as they are.

use jiff::civil::Date;

use super::comments::{self, Comment};
use super::finding::Source;
use super::in_file::InFile;
use super::located::{locate, retell, told};
use super::report::Report;
use super::rules::{
    Asked, Explained, ExplainedFinding, Explanation, Judged, NoSuchFinding, NotFound, explain,
    explain_finding_among,
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
    let comments = said(&file, policy, today);
    for method in &mut explained.methods {
        retell_method(method, &file, &comments);
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
    // What the template exempts itself, and findings about that, are known once all of it is judged.
    let evaluation = Report::of_template(template.clone(), policy, today).evaluation;
    let file = InFile::new(template, policy);
    let by = (&file.inventory, policy);
    let mut explained = explain_finding_among(evaluation, by, asked, today)?;
    let comments = said(&file, policy, today);
    with_comments(&mut explained.judged, &file, &comments);
    if let Some(method) = &mut explained.method {
        retell_method(method, &file, &comments);
    }
    Ok(explained)
}

/// What the file exempts itself.
fn said(file: &InFile, policy: &PolicyFile, today: Date) -> Vec<Comment> {
    comments::comments(file.excused.clone(), &file.inventory, (policy, today))
}

/// Says where a method stands, without what only a deployment has: a draft beside it, and the URLs of its default endpoint. What
/// the file exempts itself is exempted.
fn retell_method(method: &mut Explanation, file: &InFile, comments: &[Comment]) {
    locate(&mut method.place, &file.origins);
    method.readings.retain(|it| it.source != Source::Draft);
    if let Some(reach) = &mut method.reach {
        reach.urls = told(&reach.urls);
    }
    for judged in &mut method.judged {
        retell(&mut judged.finding, &file.origins);
        with_comments(judged, file, comments);
    }
}

fn with_comments(judged: &mut Judged, file: &InFile, comments: &[Comment]) {
    let verdicts = comments::verdicts(&judged.finding, comments, &file.origins);
    judged.exempted |= verdicts.iter().any(|it| it.refusal.is_none());
    judged.exemptions.extend(verdicts);
}
