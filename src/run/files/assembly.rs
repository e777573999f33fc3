//! An assembly as `cdk synth` writes it: its manifest names the stacks, and where in the sources their resources are made.
//!
//! Source: [Cloud assembly schema](https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/cloud-assembly-schema/lib/manifest.ts).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::found::{Found, Stack, What};

const MANIFEST: &str = "manifest.json";

/// The types of the artifacts that stacks are made of.
const STACK: &str = "aws:cloudformation:stack";
const ASSEMBLY: &str = "cdk:cloud-assembly";

#[derive(Deserialize)]
struct Manifest {
    /// Nothing but an assembly has both.
    #[expect(dead_code, reason = "a manifest without it is none")]
    version: String,
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
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
}

/// What is noted of each construct, by its path.
type Metadata = BTreeMap<String, Vec<Note>>;

#[derive(Deserialize)]
struct Note {
    #[serde(rename = "type")]
    kind: String,
    data: Option<Value>,
    trace: Option<Vec<String>>,
}

/// Whether a folder is an assembly: its manifest names stacks, or assemblies that may. One that speaks of stacks and cannot be
/// read is one, too: what it names is not known.
pub(super) fn is_one(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) else {
        return false;
    };
    match serde_json::from_str::<Manifest>(&text) {
        Ok(manifest) => {
            let mut artifacts = manifest.artifacts.values();
            artifacts.any(|it| it.kind == STACK || it.kind == ASSEMBLY)
        }
        Err(_) => text.contains(STACK),
    }
}

/// What an assembly names.
#[derive(Default)]
pub(super) struct Assembly {
    /// Its stacks, and why others are not known.
    pub(super) stacks: Vec<Found>,
    /// The folders of the assemblies in it.
    pub(super) inner: Vec<PathBuf>,
}

/// The stacks of an assembly. One without a manifest that can be read is a file that cannot be. `is_allowed`: whether a path
/// that the manifest names may be read.
pub(super) fn read(folder: &Path, is_allowed: &dyn Fn(&Path) -> bool) -> Assembly {
    let path = folder.join(MANIFEST);
    let mut read = Assembly::default();
    let manifest = match manifest(&path) {
        Ok(manifest) => manifest,
        Err(why) => {
            let why = format!("is no manifest of `cdk synth`: {why}");
            read.stacks.push(unreadable(&path, why));
            return read;
        }
    };
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for file in manifest.artifacts.values().filter_map(Artifact::template) {
        *uses.entry(file).or_default() += 1;
    }
    for (name, artifact) in &manifest.artifacts {
        let named = match artifact.kind.as_str() {
            STACK => artifact.template(),
            ASSEMBLY => artifact.folder(),
            _ => continue,
        };
        let named = match named {
            None => Err(format!("names nothing that `{name}` is made of")),
            Some(named) => match folder.join(named) {
                path if is_allowed(&path) => Ok((named, path)),
                _ => Err(format!(
                    "names `{named}` for `{name}`, outside the folder: give --follow-outside to read it"
                )),
            },
        };
        match named {
            Err(why) => read.stacks.push(unreadable(&path, why)),
            Ok((_, inner)) if artifact.kind == ASSEMBLY => read.inner.push(inner),
            Ok((file, path)) => {
                let is_shared = uses.get(file).is_some_and(|it| *it > 1);
                let what = What::Stack(Stack {
                    name: is_shared.then(|| name.clone()),
                    stack_name: artifact.stack_name().unwrap_or(name).to_owned(),
                    account: artifact.environment.as_deref().and_then(account),
                    assembly: folder.to_owned(),
                    region: artifact.environment.as_deref().and_then(region),
                    parameters: artifact.parameters(),
                    sources: sources(folder, artifact),
                });
                read.stacks.push(Found { path, what });
            }
        }
    }
    read
}

impl Artifact {
    fn template(&self) -> Option<&str> {
        let properties = self.properties.as_ref().filter(|_| self.kind == STACK);
        properties?.template_file.as_deref()
    }

    /// What the stack is called, where that is another name than the artifact's.
    fn stack_name(&self) -> Option<&str> {
        self.properties.as_ref()?.stack_name.as_deref()
    }

    fn folder(&self) -> Option<&str> {
        self.properties.as_ref()?.directory_name.as_deref()
    }

    /// The values that it is deployed with. `None`: one that only a deployment tells.
    fn parameters(&self) -> BTreeMap<String, Option<String>> {
        let parameters = self.properties.iter().flat_map(|it| &it.parameters);
        let parameters = parameters.map(|(name, value)| {
            let value = match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            };
            (name.clone(), value)
        });
        parameters.collect()
    }
}

fn unreadable(path: &Path, why: String) -> Found {
    Found {
        path: path.to_owned(),
        what: What::Unreadable(why),
    }
}

fn manifest(path: &Path) -> Result<Manifest, String> {
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
