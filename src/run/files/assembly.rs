//! An assembly as `cdk synth` writes it: its manifest names the stacks, and where in the sources their resources are made.
//!
//! Source: [Cloud assembly schema](https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/cloud-assembly-schema/lib/manifest.ts).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::found::{Found, Stack, What};

const MANIFEST: &str = "manifest.json";

/// Assemblies in assemblies: a pipeline has stages, which are one level.
const DEEPEST: usize = 10;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    environment: Option<String>,
    properties: Option<Properties>,
    metadata: Option<Metadata>,
    additional_metadata_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
    directory_name: Option<String>,
}

/// What is noted of each construct, by its path.
type Metadata = BTreeMap<String, Vec<Note>>;

#[derive(Deserialize)]
struct Note {
    #[serde(rename = "type")]
    kind: String,
    data: Option<serde_json::Value>,
    trace: Option<Vec<String>>,
}

/// Whether a folder is an assembly.
pub(super) fn is_one(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) else {
        return false;
    };
    text.contains("\"artifacts\"") && text.contains("\"version\"")
}

/// The stacks of an assembly, and of those in it. One without a manifest that can be read is a file that cannot be.
pub(super) fn stacks(folder: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    add(folder, 0, &mut found);
    found
}

fn add(folder: &Path, depth: usize, found: &mut Vec<Found>) {
    let path = folder.join(MANIFEST);
    let manifest = match read(&path) {
        Ok(manifest) => manifest,
        Err(why) => {
            found.push(Found {
                path,
                what: What::Unreadable(format!("is no manifest of `cdk synth`: {why}")),
            });
            return;
        }
    };
    for (name, artifact) in manifest.artifacts {
        let properties = artifact.properties.as_ref();
        match artifact.kind.as_str() {
            "aws:cloudformation:stack" => {
                let file = properties.and_then(|it| it.template_file.clone());
                let Some(file) = file else {
                    let why = format!("names no template of the stack `{name}`");
                    found.push(unreadable(&path, why));
                    continue;
                };
                found.push(Found {
                    path: folder.join(file),
                    what: What::Stack(Stack {
                        name: Some(
                            properties
                                .and_then(|it| it.stack_name.clone())
                                .unwrap_or(name),
                        ),
                        account: artifact.environment.as_deref().and_then(account),
                        region: artifact.environment.as_deref().and_then(region),
                        sources: sources(folder, &artifact),
                    }),
                });
            }
            "cdk:cloud-assembly" => {
                let inner = properties.and_then(|it| it.directory_name.as_ref());
                match inner.filter(|_| depth < DEEPEST) {
                    Some(inner) => add(&folder.join(inner), depth + 1, found),
                    None => {
                        let why = format!("names no folder of the assembly `{name}`");
                        found.push(unreadable(&path, why));
                    }
                }
            }
            _ => {}
        }
    }
}

fn unreadable(path: &Path, why: String) -> Found {
    Found {
        path: path.to_owned(),
        what: What::Unreadable(why),
    }
}

fn read(path: &PathBuf) -> Result<Manifest, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// The Region of `aws://ACCOUNT/REGION`. `None`: the stack is for any.
fn region(environment: &str) -> Option<String> {
    let (_, region) = environment.strip_prefix("aws://")?.split_once('/')?;
    (region != "unknown-region").then(|| region.to_owned())
}

/// The account of `aws://ACCOUNT/REGION`. `None`: the stack is for any.
fn account(environment: &str) -> Option<String> {
    let (account, _) = environment.strip_prefix("aws://")?.split_once('/')?;
    (account != "unknown-account").then(|| account.to_owned())
}

/// Where in the sources each resource is made, by its logical id. Newer versions keep that in a file of its own.
fn sources(folder: &Path, artifact: &Artifact) -> BTreeMap<String, String> {
    let more = artifact.additional_metadata_file.as_ref();
    let more = more.and_then(|it| fs::read_to_string(folder.join(it)).ok());
    let more: Option<Metadata> = more.and_then(|it| serde_json::from_str(&it).ok());
    let all = artifact.metadata.iter().chain(&more);
    let notes = all.flat_map(|it| it.values()).flatten();
    notes
        .filter(|it| it.kind == "aws:cdk:logicalId")
        .filter_map(|note| {
            let id = note.data.as_ref()?.as_str()?;
            let place = note.trace.iter().flatten().find_map(|it| own_place(it))?;
            Some((id.to_owned(), place))
        })
        .collect()
}

/// The place that a line of a stack trace names, where it is one of the project's own: `… (/app/lib/shop.ts:12:5)`.
fn own_place(line: &str) -> Option<String> {
    let place = match line.rsplit_once('(') {
        Some((_, place)) => place.trim_end().trim_end_matches(')'),
        None => line.trim().trim_start_matches("at ").trim(),
    };
    let is_own = !place.contains("node_modules") && !place.starts_with("node:");
    let (rest, column) = place.rsplit_once(':')?;
    let (file, number) = rest.rsplit_once(':')?;
    let is_number = |it: &str| !it.is_empty() && it.chars().all(|letter| letter.is_ascii_digit());
    let is_place = !file.is_empty() && is_number(number) && is_number(column);
    (is_own && is_place).then(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_names_the_projects_own_place() {
        for (line, wanted) in [
            (
                "new Shop (/app/lib/shop.ts:12:5)",
                Some("/app/lib/shop.ts:12:5"),
            ),
            ("    at /app/bin/app.ts:7:1", Some("/app/bin/app.ts:7:1")),
            (
                "new Method (/app/node_modules/aws-cdk-lib/aws-apigateway/lib/method.js:1:2)",
                None,
            ),
            (
                "Object.<anonymous> (node:internal/modules/cjs/loader:1:2)",
                None,
            ),
            ("new Shop (<anonymous>)", None),
            ("", None),
        ] {
            assert_eq!(own_place(line).as_deref(), wanted, "{line}");
        }
    }

    #[test]
    fn the_environment_tells_the_account_and_the_region() {
        assert_eq!(
            region("aws://111122223333/eu-west-1").as_deref(),
            Some("eu-west-1")
        );
        assert_eq!(region("aws://unknown-account/unknown-region"), None);
        assert_eq!(region("eu-west-1"), None);
        assert_eq!(
            account("aws://111122223333/eu-west-1").as_deref(),
            Some("111122223333")
        );
        assert_eq!(account("aws://unknown-account/unknown-region"), None);
    }
}
