//! `gatewatch init`: a policy file to begin with.

use std::fs;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewatch::inventory::AuthorizationType;
use gatewatch::render::bare_policy_file;
use gatewatch::run::initial::{self, Initial};

use super::common::{CLEAN, INCOMPLETE, Stop, now, saved};
use super::file_args::{InitArgs, besides_iam, known_besides_iam};
use super::output::{self, note, print};

/// Writes a policy file. On a terminal, what was not said on the command line is asked for.
pub(super) fn run(args: &InitArgs) -> Result<u8, Stop> {
    let is_printed = args.output == Path::new("-");
    // Before anything is asked or read. A link that leads nowhere is there, too.
    if !is_printed && !args.force && fs::symlink_metadata(&args.output).is_ok() {
        return Err(Stop::Usage(anyhow!(
            "{} is there already: name another file by -o, or give --force to replace it",
            args.output.display()
        )));
    }
    let said = args.inventory.is_some() || !args.authorization.is_empty();
    let answers = if !said && io::stdin().is_terminal() && io::stderr().is_terminal() {
        ask(&mut io::stdin().lock(), &mut io::stderr()).context("the answer cannot be read")?
    } else {
        Answers {
            inventory: args.inventory.clone(),
            types: args.authorization.clone(),
        }
    };
    let (text, proposed) = match &answers.inventory {
        Some(path) => {
            let initial = initial::propose(&saved(path)?, now()).with_context(|| {
                format!("{} has names that no policy file can hold", path.display())
            })?;
            (initial.text.clone(), Some(initial))
        }
        None => (bare_policy_file(&answers.types), None),
    };
    if is_printed {
        print(&text).map_err(Stop::Incomplete)?;
    } else {
        write(args, &text)?;
    }
    Ok(proposed.map_or(CLEAN, |it| told(&it)))
}

/// Between the look and the writing, somebody else may have written the file: it is theirs.
fn write(args: &InitArgs, text: &str) -> anyhow::Result<()> {
    let path = &args.output;
    if args.force {
        output::replace(path, text)?;
    } else {
        output::create(path, text)?;
    }
    note(format_args!("wrote {}", path.display()));
    Ok(())
}

/// Says what a check with the proposed file comes to, which the proposal does not hide.
fn told(initial: &Initial) -> u8 {
    let report = &initial.report;
    for gap in &report.evaluation.gaps {
        note(format_args!("not read: {}", gap.in_words()));
    }
    note(format_args!(
        "a check of this inventory with it finds: {}",
        report.counts_in_words()
    ));
    if report.evaluation.gaps.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    }
}

/// What was answered on a terminal.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    inventory: Option<PathBuf>,
    types: Vec<AuthorizationType>,
}

/// Asks for the inventory and, where there is none, for the types. The end of the input is no answer: what was not answered
/// is as it is without a terminal.
fn ask(from: &mut dyn BufRead, to: &mut dyn Write) -> io::Result<Answers> {
    let mut question = |text: &str| {
        write!(to, "{text} ")?;
        to.flush()?;
        let mut line = String::new();
        from.read_line(&mut line)?;
        io::Result::Ok(line.trim().to_owned())
    };
    let inventory =
        question("A saved inventory to go by, from `gatewatch collect` (empty: none)?")?;
    if !inventory.is_empty() {
        return Ok(Answers {
            inventory: Some(PathBuf::from(inventory)),
            types: Vec::new(),
        });
    }
    let mut asked = format!(
        "Authorization types that are accepted besides AWS_IAM, of {} (empty: none)?",
        known_besides_iam()
    );
    loop {
        let answer = question(&asked)?;
        let words = answer.split([',', ' ']).filter(|it| !it.is_empty());
        match words.map(besides_iam).collect::<Result<Vec<_>, _>>() {
            Ok(types) => {
                return Ok(Answers {
                    inventory: None,
                    types,
                });
            }
            Err(error) => asked = format!("{error}. Which (empty: none)?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(typed: &str) -> (Answers, String) {
        let mut shown = Vec::new();
        let answers = ask(&mut typed.as_bytes(), &mut shown).unwrap();
        (answers, String::from_utf8(shown).unwrap())
    }

    #[test]
    fn a_few_questions_are_enough() {
        let (answers, _) = asked("inventory.json\n");
        assert_eq!(answers.inventory, Some(PathBuf::from("inventory.json")));
        let (answers, shown) = asked("\nJWT, custom\n");
        assert_eq!(
            answers.types,
            [AuthorizationType::Jwt, AuthorizationType::Custom]
        );
        assert_eq!(shown.matches('?').count(), 2);
    }

    #[test]
    fn a_wrong_answer_is_asked_again_and_the_end_is_no_answer() {
        let (answers, shown) = asked("\nNONE\n\n");
        assert_eq!(answers.types, []);
        assert!(shown.contains("`NONE` is none of CUSTOM"), "{shown}");
        let (answers, _) = asked("");
        assert_eq!((answers.inventory, answers.types), (None, Vec::new()));
        let (answers, _) = asked("\nJVT");
        assert_eq!(answers.types, []);
    }
}
