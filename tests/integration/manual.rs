//! What a shell and `man` are told of the commands.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use crate::support::command::Shell;

/// The commands, as `--help` lists them.
fn commands() -> BTreeSet<String> {
    let help = Shell::bare().run(&["--help"]).stdout;
    let listed = help.split("Commands:").nth(1).unwrap();
    let listed = listed.split("Options:").next().unwrap().lines();
    let names = listed.filter(|it| it.starts_with("  ") && !it.starts_with("   "));
    let names = names.map(|it| it.split_whitespace().next().unwrap().to_owned());
    names.filter(|it| it != "help").collect()
}

#[test]
fn every_command_has_a_page_that_man_can_show() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("man1");
    let run = Shell::bare().run(&["man", place.to_str().unwrap()]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let written = fs::read_dir(&place).unwrap();
    let written: BTreeSet<String> = written
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut wanted: BTreeSet<String> = commands()
        .iter()
        .map(|it| format!("gatewatch-{it}.1"))
        .collect();
    assert!(wanted.len() > 10, "{wanted:?}");
    wanted.insert("gatewatch.1".to_owned());
    assert_eq!(written, wanted);
    for page in written {
        let text = fs::read_to_string(place.join(&page)).unwrap();
        let title = page.trim_end_matches(".1").to_uppercase();
        assert!(text.contains(&format!(".TH {title} 1")), "{page}: {text}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"] {
            assert!(
                text.contains(&format!(".SH {section}")),
                "{page}: {section}"
            );
        }
    }
    let scan = fs::read_to_string(place.join("gatewatch-scan.1")).unwrap();
    assert!(scan.contains("\\-\\-all\\-regions"), "{scan}");
}

/// Each script names every command, and bash reads its own without a complaint.
#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = Shell::bare().run(&["completions", shell]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        for command in commands() {
            assert!(run.stdout.contains(&command), "{shell}: {command}");
        }
        assert!(run.stdout.contains("all-regions"), "{shell}");
    }
    let run = Shell::bare().run(&["completions", "cmd"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
}

#[test]
fn bash_completes_a_command_an_option_and_a_value() {
    let script = Shell::bare().run(&["completions", "bash"]).stdout;
    for (line, wanted) in [
        ("gatewatch sc", "scan schema"),
        ("gatewatch scan --all-r", "--all-regions"),
        ("gatewatch check --format c", "csv"),
    ] {
        let ask = format!(
            "COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _gatewatch gatewatch \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[*]}}\""
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &format!("{script}\n{ask}")]);
        let done = bash.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(
            said.trim(),
            wanted,
            "{line}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
}
