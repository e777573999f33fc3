//! From findings to changes of texts that may mend them.

use std::collections::BTreeMap;
use std::path::Path;

use super::change::{Candidate, Candidates, source};
use super::terraform::Sources;
use crate::audit::finding::Finding;
use crate::audit::fix::left_alone;
use crate::audit::{CheckedFiles, Report};
use crate::inventory::Location;
use crate::template::FileKind;
use crate::template::patch::mends;

impl<'f> Candidates<'f> {
    /// The changes for these findings of a report. `sources`: the folder of the sources that plans of Terraform are made from.
    pub(super) fn of(report: &Report, findings: &[&'f Finding], sources: Option<&Path>) -> Self {
        let mut candidates = Candidates::default();
        let mut planned: BTreeMap<&str, Vec<&'f Finding>> = BTreeMap::new();
        // By file and place: one method in two stages has two findings there.
        let mut places: BTreeMap<&str, BTreeMap<(usize, usize), Vec<&'f Finding>>> =
            BTreeMap::new();
        for finding in findings {
            let location = finding.place.location.as_deref();
            let why = left_alone(finding).or_else(|| match location {
                Some(location) => generated(location, report.files.as_ref(), sources.is_some()),
                None => Some("it stands at no place of a file".to_owned()),
            });
            if let (None, Some(it)) = (&why, location)
                && kind_of(it, report.files.as_ref()) == Some(FileKind::Terraform)
            {
                planned.entry(&it.file).or_default().push(*finding);
                continue;
            }
            match (why, location) {
                (None, Some(it)) => {
                    let of_file = places.entry(&it.file).or_default();
                    of_file
                        .entry((it.line, it.column))
                        .or_default()
                        .push(*finding);
                }
                (why, _) => candidates.refused.push((*finding, why.unwrap_or_default())),
            }
        }
        for (file, of_file) in places {
            candidates.of_file(file, of_file);
        }
        if let Some(folder) = sources {
            let mut sources = Sources::new(folder);
            for (plan, findings) in planned {
                sources.add(plan, findings, &mut candidates);
            }
        }
        candidates
    }

    fn of_file(&mut self, file: &str, places: BTreeMap<(usize, usize), Vec<&'f Finding>>) {
        let spots: Vec<(usize, usize)> = places.keys().copied().collect();
        let read = source(Path::new(file), true).map_err(|why| format!("{file} {why}"));
        let read = read.and_then(|read| Ok((mends(&read.text, &spots)?, read)));
        let (mends, read) = match read {
            Ok(read) => read,
            Err(why) => {
                let all = places.into_values().flatten();
                return self.refused.extend(all.map(|it| (it, why.clone())));
            }
        };
        let index = self.file(read);
        for (mend, findings) in mends.into_iter().zip(places.into_values()) {
            match mend {
                Ok(mend) => self.all.push(Candidate {
                    file: index,
                    findings,
                    mend,
                    planned: None,
                }),
                Err(why) => {
                    let all = findings.into_iter();
                    self.refused.extend(all.map(|it| (it, why.clone())));
                }
            }
        }
    }
}

/// What a file is that was checked.
fn kind_of(location: &Location, files: Option<&CheckedFiles>) -> Option<FileKind> {
    let mut files = files.into_iter().flat_map(|it| &it.checked);
    let found = files.find(|(file, _)| *file == location.file);
    found.and_then(|(_, kind)| *kind)
}

/// Why a file is not the source of what is wrong in it. `None`: it may be, or its sources are at hand.
fn generated(
    location: &Location,
    files: Option<&CheckedFiles>,
    has_sources: bool,
) -> Option<String> {
    let made_of = |what: &str| {
        Some(format!(
            "{what} makes this file, and would make it again as it is"
        ))
    };
    match kind_of(location, files) {
        Some(FileKind::Cdk) => {
            let construct = location.resource.as_deref().unwrap_or("the construct");
            let at = location.source.as_deref().map(|it| format!(" ({it})"));
            let at = at.unwrap_or_default();
            Some(format!(
                "the CDK makes this file: change {construct}{at} in the app, by `authorizationType: AuthorizationType.IAM`"
            ))
        }
        Some(FileKind::Terraform) if has_sources => None,
        Some(FileKind::Terraform) => Some(
            "it is a plan or state of Terraform: give the folder of its sources with --source"
                .to_owned(),
        ),
        _ if is_below(&location.file, ".serverless") => made_of("the Serverless Framework"),
        _ if is_below(&location.file, ".aws-sam") => made_of("SAM"),
        _ => None,
    }
}

fn is_below(file: &str, folder: &str) -> bool {
    let mut parts = Path::new(file).components();
    parts.any(|it| it.as_os_str() == folder)
}
