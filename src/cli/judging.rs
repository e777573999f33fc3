//! How what was read is judged, and how the report is printed: the options that several commands share.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use gatewatch::audit::finding::Severity;

use super::terminal::ShownArgs;

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// The policy file [default: gatewatch.yaml, where there is one in the current folder]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Judging {
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(super) format: ReportFormat,
    /// Write the report to this file; `-`, or none, is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Also write the report to a file in another format, such as `sarif=gatewatch.sarif`; repeat it for several
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    pub(super) also: Vec<(ReportFormat, PathBuf)>,
    /// End with status 1 only for findings of this severity or worse
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<Severity>,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people
    Table,
    /// For programs: versioned, with every detail
    Json,
    /// For spreadsheets: one line a finding
    Csv,
    /// For an issue, a wiki or a comment: at most 60,000 characters
    Markdown,
    /// For a SIEM: Compliance Findings of OCSF 1.6.0, an event a line
    Ocsf,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For build servers: a finding is a test that failed
    Junit,
    /// For merge requests: GitLab's Code Quality report
    Gitlab,
    /// For pull requests: annotations of GitHub Actions, as a step prints them
    Github,
    /// For a browser: a page to filter, to print and to file, which asks nothing of the network
    Html,
}

impl Judging {
    /// Whether the report is written in a format, wherever to.
    pub(super) fn writes(&self, format: ReportFormat) -> bool {
        self.format == format || self.also.iter().any(|(it, _)| *it == format)
    }

    /// Looks whether each file that is to be written is named once, and is none of those that are read.
    pub(super) fn check_files(&self, read: &[&Path]) -> anyhow::Result<()> {
        let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let read: Vec<PathBuf> = read.iter().map(|it| place(it)).collect();
        let also = self.also.iter().map(|(_, path)| path);
        let all = self.output.iter().chain(also);
        let mut seen = BTreeSet::new();
        for path in all.filter(|it| it.as_path() != Path::new("-")) {
            let shown = path.display();
            let own = place(path);
            if own.is_file() && read.contains(&own) {
                bail!("{shown} is read, and a report would take its place: name another file");
            }
            if !seen.insert(own) {
                bail!("{shown} is named for two reports: name a file for each");
            }
        }
        Ok(())
    }
}

fn also(text: &str) -> Result<(ReportFormat, PathBuf), String> {
    let named = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let (format, file) = named.ok_or("it looks like FORMAT=FILE, such as sarif=gatewatch.sarif")?;
    let format = ReportFormat::from_str(format, false).map_err(|_| {
        let all = ReportFormat::value_variants().iter();
        let all = all.filter_map(|it| Some(it.to_possible_value()?.get_name().to_owned()));
        let all = all.collect::<Vec<_>>().join(", ");
        format!("there is no format `{format}`; the formats are {all}")
    })?;
    Ok((format, PathBuf::from(file)))
}
