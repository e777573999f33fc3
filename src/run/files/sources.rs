//! Sources that only a tool makes templates of. A check that passed over them would call clean what it has not seen.

use std::path::{Path, PathBuf};

use crate::template::Looks;

/// The sources that a folder holds.
#[derive(Debug, Default)]
pub(super) struct Sources {
    terraform: Vec<PathBuf>,
    serverless: Vec<PathBuf>,
    cdk: Vec<PathBuf>,
    has_plan: bool,
    has_assembly: bool,
}

impl Sources {
    /// Notes a file, if it is a source.
    pub(super) fn saw(&mut self, path: &Path, name: &str, looks: Looks, text: &str) -> bool {
        let of_tool = match looks {
            Looks::TerraformSources => &mut self.terraform,
            Looks::ServerlessSources => &mut self.serverless,
            _ if name == "cdk.json" && text.contains("\"app\"") => &mut self.cdk,
            _ => return false,
        };
        of_tool.push(path.to_owned());
        true
    }

    pub(super) fn saw_plan(&mut self) {
        self.has_plan = true;
    }

    pub(super) fn saw_assembly(&mut self) {
        self.has_assembly = true;
    }

    /// Those of which nothing was checked, each with what to do about it.
    pub(super) fn not_made(&self) -> Vec<(PathBuf, &'static str)> {
        let mut all = Vec::new();
        if !self.has_plan {
            // One says it of all that stand beside it: a module has many files.
            let mut folders: Vec<Option<&Path>> = Vec::new();
            for path in &self.terraform {
                if !folders.contains(&path.parent()) {
                    folders.push(path.parent());
                    all.push((
                        path.clone(),
                        "is a source of Terraform, and is not read: check what `terraform show -json` prints of a plan",
                    ));
                }
            }
        }
        let serverless = self.serverless.iter().filter(|it| !is_packaged(it));
        all.extend(serverless.map(|it| {
            let why = "is a source of the Serverless Framework, and is not read: run `serverless package`, and check its `.serverless` folder";
            (it.clone(), why)
        }));
        if !self.has_assembly {
            all.extend(self.cdk.iter().map(|it| {
                let why = "belongs to an app of the CDK, which is not read: run `cdk synth`, and check its `cdk.out` folder";
                (it.clone(), why)
            }));
        }
        all
    }

    /// How many of them stand beside what a tool made of them, which was checked.
    pub(super) fn made(&self) -> usize {
        let all = self.terraform.len() + self.serverless.len() + self.cdk.len();
        let untold_modules = match self.has_plan {
            true => 0,
            false => self.terraform.len(),
        };
        let not_made = self.not_made();
        let others = not_made
            .iter()
            .filter(|(path, _)| !self.terraform.contains(path));
        all.saturating_sub(untold_modules + others.count())
    }
}

/// Whether the Serverless Framework has written its templates beside its configuration.
fn is_packaged(configuration: &Path) -> bool {
    let folder = configuration.with_file_name(".serverless");
    folder
        .join("cloudformation-template-update-stack.json")
        .is_file()
}
