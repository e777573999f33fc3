//! `gatewatch completions` and `gatewatch man`: what a shell and `man` are to know of the commands.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::args::Cli;
use super::common::{CLEAN, Stop};
use super::output::{self, note, print};

/// Prints the script that completes commands and options in this shell.
pub(super) fn completions(shell: Shell) -> Result<u8, Stop> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "gatewatch", &mut script);
    let script = String::from_utf8(script).context("the script is no text")?;
    print(&script).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

/// Writes a page for gatewatch, and one for each of its commands, to a folder.
pub(super) fn pages(folder: &Path) -> Result<u8, Stop> {
    let cannot = || format!("{} cannot be written to", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let mut main = Cli::command().disable_help_subcommand(true);
    main.build();
    let mut names = Vec::new();
    for command in std::iter::once(&main).chain(main.get_subcommands()) {
        let man = Man::new(command.clone());
        let name = man.get_filename();
        let title = name.trim_end_matches(".1").to_uppercase();
        let man = man
            .title(title)
            .source(concat!("gatewatch ", env!("CARGO_PKG_VERSION")));
        let mut page = Vec::new();
        man.render(&mut page).with_context(cannot)?;
        let page = String::from_utf8(page).context("a page is no text")?;
        output::replace(&folder.join(&name), &page)?;
        names.push(name);
    }
    note(format_args!(
        "wrote {} to {}",
        names.join(", "),
        folder.display()
    ));
    Ok(CLEAN)
}
