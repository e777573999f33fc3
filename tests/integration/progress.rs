//! How far a long command is, as it is seen on a terminal.

use crate::support::command::{Run, Shell};
use crate::support::testbed::Testbed;

/// So many APIs take ten seconds at this pace.
const APIS: usize = 8;
const SLOWLY: [&str; 4] = ["scan", "--format", "json", "--requests-per-second"];

fn scanned(shell: &Shell, pace: &str, more: &[&str]) -> Run {
    let run = shell.on_terminal(&[SLOWLY.as_slice(), &[pace], more].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(run.report()["coverage"]["apis"], APIS);
    run
}

#[test]
fn a_scan_says_how_far_it_is_and_how_long_the_rest_takes() {
    let mut aws = Testbed::start();
    for at in 0..APIS {
        aws.petstore_named(&format!("pets-{at}"));
    }
    let run = scanned(&aws.shell(), "2", &[]);
    let screen = &run.stderr;
    // Each state is drawn over the one before.
    let states: Vec<&str> = screen.split(['\r', '\n']).collect();
    let at = |count: usize| format!("{count}/{APIS} APIs");
    let is_shown = |count: usize| states.iter().any(|it| it.contains(&at(count)));
    assert!((1..APIS).any(is_shown), "{screen:?}");
    assert!(
        states
            .iter()
            .any(|it| it.contains(", about ") && it.contains(" left")),
        "{screen:?}"
    );
    // Nothing is told of the rest before there is something to tell it by.
    let first = states.iter().find(|it| it.contains(" APIs")).unwrap();
    assert!(!first.contains("left"), "{first:?}");
    // The line is gone before anything else is said.
    let after = screen.rsplit("\u{1b}[2K").next().unwrap();
    assert!(!after.contains('['), "{after:?}");

    for (shell, more) in [
        (aws.shell().with("TERM", "dumb"), &[][..]),
        (aws.shell(), &["--quiet"]),
    ] {
        let run = scanned(&shell, "9", more);
        assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
        assert!(!run.stderr.contains(" APIs,"), "{:?}", run.stderr);
    }
}
