//! The sources that a plan of Terraform was made from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::change::{Candidate, Candidates, SourceFile, as_read, source};
use crate::audit::finding::Finding;
use crate::template::patch::{
    ResourceName, addresses, mend_resource, module_folder, not_redeployed, planned, resource_name,
};

/// The largest source that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Modules in modules.
const DEEPEST: usize = 20;

/// The sources of one configuration.
pub(super) struct Sources<'s> {
    root: &'s Path,
    /// The folder of each module, by the names of the calls that lead to it.
    folders: BTreeMap<Vec<String>, Result<PathBuf, String>>,
}

impl<'s> Sources<'s> {
    pub(super) fn new(root: &'s Path) -> Self {
        Sources {
            root,
            folders: BTreeMap::new(),
        }
    }

    /// Adds the changes for the findings of a plan.
    pub(super) fn add<'f>(
        &mut self,
        plan: &str,
        findings: Vec<&'f Finding>,
        candidates: &mut Candidates<'f>,
    ) {
        // By where the resource is written: one block may make several, in several modules.
        let mut blocks: BTreeMap<(PathBuf, ResourceName), Vec<&'f Finding>> = BTreeMap::new();
        for finding in findings {
            let location = finding.place.location.as_deref();
            let address = location.and_then(|it| it.resource.as_deref());
            let Some(name) = address.and_then(resource_name) else {
                let why = "what it stands at is no resource of Terraform".to_owned();
                candidates.refused.push((finding, why));
                continue;
            };
            match self.folder(&name.modules) {
                Ok(folder) => {
                    let of_block = blocks.entry((folder, name)).or_default();
                    of_block.push(finding);
                }
                Err(why) => candidates.refused.push((finding, why)),
            }
        }
        let read =
            fs::read_to_string(plan).map_err(|error| format!("{plan} cannot be read: {error}"));
        let all = read
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|text| addresses(text));
        // Two calls of one module are one block.
        let mut done: BTreeMap<(PathBuf, String, String), (ResourceName, Vec<&'f Finding>)> =
            BTreeMap::new();
        for ((folder, name), findings) in blocks {
            let key = (folder, name.kind.clone(), name.name.clone());
            let of_block = done.entry(key).or_insert_with(|| (name, Vec::new()));
            of_block.1.extend(findings);
        }
        let blocks: Vec<_> = done
            .into_iter()
            .map(|((folder, ..), it)| (folder, it))
            .collect();
        let names = blocks.iter().map(|(_, (name, _))| name);
        let stale = read
            .as_ref()
            .map(|text| not_redeployed(text, names))
            .unwrap_or(Ok(Vec::new()));
        let stale: BTreeSet<ResourceName> =
            stale.unwrap_or_default().into_iter().cloned().collect();
        for (folder, (name, findings)) in blocks {
            let made = all
                .clone()
                .and_then(|all| self.made_by(&all, &folder, &name));
            let candidate = made.and_then(|made| {
                let (file, mut mend) = mended(&folder, &name)?;
                if stale.contains(&name) {
                    mend.notes.push(stale_note(&name));
                }
                Ok((file, mend, made))
            });
            match candidate {
                Ok((file, mend, made)) => {
                    let file = candidates.file(file);
                    candidates.all.push(Candidate {
                        file,
                        findings,
                        mend,
                        planned: Some((plan.to_owned(), made)),
                    });
                }
                Err(why) => {
                    let all = findings.into_iter();
                    candidates.refused.extend(all.map(|it| (it, why.clone())));
                }
            }
        }
    }

    /// The addresses of all resources that a block makes.
    fn made_by(
        &mut self,
        all: &[String],
        folder: &Path,
        block: &ResourceName,
    ) -> Result<BTreeSet<String>, String> {
        let mut made = BTreeSet::new();
        for address in all {
            let Some(name) = resource_name(address) else {
                continue;
            };
            let is_alike = (&name.kind, &name.name) == (&block.kind, &block.name);
            if is_alike && self.folder(&name.modules).is_ok_and(|it| it == folder) {
                made.insert(address.clone());
            }
        }
        Ok(made)
    }

    /// The folder of a module.
    ///
    /// # Errors
    /// Where it is none of these sources.
    fn folder(&mut self, modules: &[String]) -> Result<PathBuf, String> {
        if let Some(known) = self.folders.get(modules) {
            return known.clone();
        }
        let folder = match modules.split_last() {
            None => real(self.root),
            Some(_) if modules.len() > DEEPEST => Err("it is in too many modules".to_owned()),
            Some((name, outer)) => self.folder(outer).and_then(|outer| {
                let read = texts(&outer)?;
                let texts: Vec<&str> = read.iter().map(|it| it.text.as_str()).collect();
                let folder = module_folder(&texts, name);
                real(&outer.join(folder.map_err(|why| format!("module `{name}` {why}"))?))
            }),
        };
        self.folders.insert(modules.to_vec(), folder.clone());
        folder
    }
}

fn real(folder: &Path) -> Result<PathBuf, String> {
    fs::canonicalize(folder)
        .map_err(|error| format!("{} cannot be read: {error}", folder.display()))
}

/// How files are called that say more of the same resources, and are not read: those of `.tf.json` are put over `.tf`, and
/// OpenTofu takes `.tofu` in the place of a `.tf` of the same name.
const NOT_READ: [&str; 3] = [".tf.json", ".tofu", ".tofu.json"];

/// The `.tf` files of a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.to_string_lossy();
        if NOT_READ.iter().any(|it| name.ends_with(it)) {
            return Err(format!(
                "{} may say otherwise, and is not read",
                path.display()
            ));
        }
        if path.extension().is_some_and(|it| it == "tf") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn texts(folder: &Path) -> Result<Vec<SourceFile>, String> {
    let read = |path: &PathBuf| {
        let named = |why: String| format!("{} {why}", path.display());
        let size = fs::metadata(path)
            .map_err(|error| named(format!("cannot be read: {error}")))?
            .len();
        match size > LARGEST {
            true => Err(named(format!("has more than {LARGEST} bytes"))),
            false => source(path, false).map_err(named),
        }
    };
    files(folder)?.iter().map(read).collect()
}

fn mended(
    folder: &Path,
    name: &ResourceName,
) -> Result<(SourceFile, crate::template::patch::Mend), String> {
    let mut read = texts(folder)?;
    let texts: Vec<&str> = read.iter().map(|it| it.text.as_str()).collect();
    let (index, mend) = mend_resource(&texts, name)?;
    Ok((read.swap_remove(index), mend))
}

/// What is said where nothing in a plan shows that a change reaches callers.
fn stale_note(name: &ResourceName) -> String {
    let resource = format!("{}.{}", name.kind, name.name);
    format!(
        "no `triggers` of an aws_api_gateway_deployment change with {resource} (its id stays the same): unless they hash its file, \
         Terraform makes no new deployment, and callers get the old one. Name the resource as a whole in them: \
         redeployment = sha1(jsonencode([{resource}]))"
    )
}

/// The plans as they would be with some changes, by their real paths.
pub(super) fn plans(some: &[&Candidate<'_>]) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut by_plan: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (plan, made) in some.iter().filter_map(|it| it.planned.as_ref()) {
        by_plan
            .entry(plan)
            .or_default()
            .extend(made.iter().cloned());
    }
    let one = |(plan, made): (&str, BTreeSet<String>)| {
        let path = real(Path::new(plan))?;
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{plan} cannot be read: {error}"))?;
        Ok((path, planned(&as_read(text), &made)?))
    };
    by_plan.into_iter().map(one).collect()
}
