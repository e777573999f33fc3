//! Sources that only a tool makes templates of. A check that passed over them would call clean what it has not seen.
//!
//! What a tool made speaks for the sources of its own project alone: a folder may hold many projects.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::walk::real;
use crate::template::{self, Looks};

/// The folder that `cdk synth` writes where nothing else is said.
const CDK: &str = "cdk.out";

/// What the Serverless Framework packages a service into, beside its configuration.
const PACKAGE: &str = ".serverless/cloudformation-template-update-stack.json";

/// The sources that a folder holds, and what was made of some. All paths of folders are real ones.
#[derive(Debug, Default)]
pub(super) struct Sources {
    terraform: Vec<Terraform>,
    serverless: Vec<Serverless>,
    cdk: Vec<Cdk>,
    plans: Vec<PathBuf>,
    /// The folders of the assemblies of which a stack was read.
    assemblies: BTreeSet<PathBuf>,
    /// The files that were read, and whether each has an API.
    read: BTreeMap<PathBuf, bool>,
}

/// A file of Terraform's sources.
#[derive(Debug)]
struct Terraform {
    path: PathBuf,
    folder: PathBuf,
    /// The resources of API Gateway that it declares, such as `aws_api_gateway_method.get`.
    declares: BTreeSet<String>,
}

/// The configuration of a service.
#[derive(Debug)]
struct Serverless {
    path: PathBuf,
    /// Whether it says itself that it has an API.
    has_api: bool,
}

/// An app.
#[derive(Debug)]
struct Cdk {
    path: PathBuf,
    folder: PathBuf,
    output: PathBuf,
}

/// A source of which nothing was checked, and what to do about it.
type NotMade = (PathBuf, &'static str);

impl Sources {
    /// Notes a file, if it is a source.
    pub(super) fn saw(&mut self, path: &Path, name: &str, looks: Looks, text: &str) -> bool {
        let folder = folder(path);
        let path = path.to_owned();
        match looks {
            Looks::TerraformSources => self.terraform.push(Terraform {
                path,
                folder,
                declares: template::declared_by_terraform(text),
            }),
            Looks::ServerlessSources => self.serverless.push(Serverless {
                path,
                has_api: template::has_http_events(text),
            }),
            _ if name == "cdk.json" => self.cdk.push(Cdk {
                output: folder.join(output(text)),
                folder,
                path,
            }),
            _ => return false,
        }
        true
    }

    pub(super) fn saw_plan(&mut self, path: &Path) {
        self.plans.push(path.to_owned());
    }

    pub(super) fn saw_assembly(&mut self, folder: &Path) {
        self.assemblies.insert(real(folder));
    }

    /// Notes a file that was read. `has_api`: whether it has an API, or what may be one.
    pub(super) fn saw_template(&mut self, path: &Path, has_api: bool) {
        self.read.insert(real(path), has_api);
    }

    /// Those of which nothing was checked, and how many others there are.
    pub(super) fn told(&self) -> (Vec<NotMade>, usize) {
        let (mut not_made, made) = self.of_terraform();
        let all = made + self.serverless.len() + self.cdk.len();
        let others = not_made.len();
        let serverless = self.serverless.iter();
        not_made.extend(serverless.filter_map(|it| Some((it.path.clone(), self.no_package(it)?))));
        let cdk = self.cdk.iter().filter(|it| !self.is_synthesized(it));
        not_made.extend(cdk.map(|it| {
            let why = "belongs to an app of the CDK, which is not read: run `cdk synth`, and check its `cdk.out` folder";
            (it.path.clone(), why)
        }));
        let made = all.saturating_sub(not_made.len().saturating_sub(others));
        (not_made, made)
    }

    fn of_terraform(&self) -> (Vec<NotMade>, usize) {
        let mut folders: BTreeMap<&Path, Vec<&Terraform>> = BTreeMap::new();
        for source in &self.terraform {
            folders.entry(&source.folder).or_default().push(source);
        }
        // A plan may be large: it is looked into only where there is something to be found in it.
        let plans: &[PathBuf] = match folders.is_empty() {
            true => &[],
            false => &self.plans,
        };
        let plans = plans.iter().map(|it| Plan::of(it, &folders));
        let plans: Vec<Plan> = plans.collect();
        let (mut not_made, mut made) = (Vec::new(), 0);
        for (folder, sources) in folders {
            if plans.iter().any(|it| it.makes(folder, &sources)) {
                made += sources.len();
            } else if let Some(first) = sources.first() {
                // One says it of all that stand beside it: a module has many files.
                let why = "is a source of Terraform, and is not read: check what `terraform show -json` prints of its plan, in the same folder or one above";
                not_made.push((first.path.clone(), why));
            }
        }
        (not_made, made)
    }

    /// Why the package of a service does not stand for it. `None`: it does.
    fn no_package(&self, source: &Serverless) -> Option<&'static str> {
        match self.read.get(&real(&source.path.with_file_name(PACKAGE))) {
            Some(has_api) if *has_api || !source.has_api => None,
            Some(_) => Some(
                "is a source of the Serverless Framework with an API, and its package in `.serverless` has none: run `serverless package` again",
            ),
            None => Some(
                "is a source of the Serverless Framework, and is not read: run `serverless package`, and check its `.serverless` folder",
            ),
        }
    }

    /// Whether a stack of an app was read: from the folder that the app names, or another one below it that is nearer to no
    /// other app.
    fn is_synthesized(&self, app: &Cdk) -> bool {
        let is_nearer = |other: &Cdk, assembly: &Path| {
            other.folder != app.folder
                && other.folder.starts_with(&app.folder)
                && assembly.starts_with(&other.folder)
        };
        self.assemblies.iter().any(|assembly| {
            let is_below = assembly.starts_with(&app.folder);
            *assembly == real(&app.output)
                || is_below && !self.cdk.iter().any(|it| is_nearer(it, assembly))
        })
    }
}

/// What a plan or a state makes of the sources below its folder.
struct Plan {
    folder: PathBuf,
    /// The resources, and whether it makes as many of this name as there are folders that declare one.
    made: BTreeMap<String, bool>,
}

impl Plan {
    fn of(path: &Path, folders: &BTreeMap<&Path, Vec<&Terraform>>) -> Plan {
        let plan = folder(path);
        let below = folders.iter().filter(|(it, _)| it.starts_with(&plan));
        let mut declared: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, sources) in below {
            let names: BTreeSet<&String> = sources.iter().flat_map(|it| &it.declares).collect();
            for name in names {
                *declared.entry(name).or_default() += 1;
            }
        }
        let text = fs::read(path)
            .ok()
            .and_then(|it| template::decoded(it).ok());
        let made = text.map(|it| template::made_by_terraform(&it));
        let made = made.unwrap_or_default().into_iter();
        Plan {
            folder: plan,
            made: made
                .map(|(name, count)| {
                    let wanted = declared.get(name.as_str()).copied();
                    (name, wanted.is_none_or(|it| it <= count))
                })
                .collect(),
        }
    }

    /// Whether all that the sources of a folder declare is in the plan.
    fn makes(&self, folder: &Path, sources: &[&Terraform]) -> bool {
        let mut names = sources.iter().flat_map(|it| &it.declares);
        folder.starts_with(&self.folder) && names.all(|it| self.made.get(it) == Some(&true))
    }
}

/// The real path of the folder that a file is in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => real(folder),
        _ => real(Path::new(".")),
    }
}

/// The folder that an app is written into, as its `cdk.json` says.
fn output(text: &str) -> String {
    let settings = serde_json::from_str::<serde_json::Value>(text).ok();
    let output = settings.as_ref().and_then(|it| it.get("output")?.as_str());
    output.unwrap_or(CDK).to_owned()
}
