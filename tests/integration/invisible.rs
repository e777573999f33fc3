//! Names with characters that are not seen, or that move what is seen: every format writes them out.

use std::fs;

use gatewatch::ledger::Digest;
use gatewatch::render::{
    LIMIT, Notice, bus_events, chat_notices, digest_notice, digest_text, history_document,
    history_text, imports, pretty, single_notices,
};
use serde_json::Value;

use crate::digest::{Account, Shelf, day};
use crate::support::command::Shell;

/// One of each kind: a filler, zero width, variation selectors, bidirectional controls, C1, tags.
const UNSEEN: [char; 22] = [
    '\u{3164}',
    '\u{115f}',
    '\u{1160}',
    '\u{ffa0}',
    '\u{2800}',
    '\u{180e}',
    '\u{34f}',
    '\u{206a}',
    '\u{206f}',
    '\u{fe00}',
    '\u{fe0f}',
    '\u{e0100}',
    '\u{e01ef}',
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{200d}',
    '\u{feff}',
    '\u{80}',
    '\u{9f}',
    '\u{ad}',
    '\u{e0041}',
];

fn name() -> String {
    format!("Pet{}Store", String::from_iter(UNSEEN))
}

/// Nothing of the name is hidden, and it is there: written out, or as JSON escapes.
fn assert_seen(what: &str, text: &str) {
    let hidden: Vec<char> = UNSEEN.into_iter().filter(|it| text.contains(*it)).collect();
    assert!(hidden.is_empty(), "{what} hides {hidden:?}: {text}");
    assert!(text.contains("3164"), "{what} does not name it: {text}");
}

fn account() -> Account {
    let path = format!("/{}", name());
    Account::with(
        &name(),
        &[("POST", &path, "NONE"), ("GET", &path, "AWS_IAM")],
    )
}

#[test]
fn the_command_line_shows_what_is_not_seen() {
    let shell = Shell::bare();
    let mut inventory: Value = serde_json::from_str(&account().inventory_on(0)).unwrap();
    let arn = "arn:aws:iam::111122223333:group/";
    let allow = serde_json::json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}});
    inventory["iam"]["groups"] = serde_json::json!([{
        "name": name(), "arn": format!("{arn}{}", name()), "attached": [],
        "inline": [{"name": name(), "document": {"json": allow}}]}]);
    fs::write(shell.folder().join("inventory.json"), inventory.to_string()).unwrap();
    for arguments in [
        &["check", "inventory.json"][..],
        &["check", "inventory.json", "--format", "json"],
        &["explain", "*", "inventory.json"],
        &["access", "inventory.json"],
        &["access", "inventory.json", "--principals", "all", "--why"],
        &["access", "inventory.json", "--format", "csv"],
        &["access", "inventory.json", "--format", "json", "--why"],
    ] {
        if arguments[0] == "explain" {
            let path = format!("/{}", name());
            for format in ["table", "json"] {
                let explain = ["explain", &path, "inventory.json", "--format", format];
                assert_seen("explain", &shell.run(&explain).stdout);
            }
            continue;
        }
        let run = shell.run(arguments);
        assert_seen(&arguments.join(" "), &run.stdout);
    }
    // JSON says the same as before to a program.
    let report = shell
        .run(&["check", "inventory.json", "--format", "json"])
        .report();
    assert_eq!(report["findings"][0]["api"]["name"], name());
    let refused = shell.run(&["explain", &name(), "inventory.json"]);
    assert_seen("a mistake", &refused.stderr);
}

#[test]
fn messages_show_what_is_not_seen() {
    let report = account().seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest: Digest<'_> = shelf.due(&report, 0).unwrap();
    assert_seen("the digest", &digest_text(&digest, usize::MAX));
    assert_seen("the message", &digest_notice(&digest, LIMIT).message);
    assert_seen("the report's message", &Notice::of(&report, LIMIT).message);
    for (_, notice) in single_notices(&digest, LIMIT) {
        assert_seen("the message of a change", &notice.message);
    }
    for notice in chat_notices(&digest) {
        assert_seen("the chat", &notice.message);
        let custom: Value = serde_json::from_str(&notice.message).unwrap();
        let texts = custom["metadata"]["relatedResources"].to_string();
        assert_seen(
            "what a chat refers to",
            &(custom["content"].to_string() + &texts),
        );
    }
    for event in bus_events(&digest) {
        assert_seen("an event", &event.detail);
    }
    let json = serde_json::to_string(&imports(&digest, "eu-west-1", day(0))[0][0]).unwrap();
    let finding: Value = serde_json::from_str(&json).unwrap();
    for field in ["Title", "Description"] {
        let text = finding[field].as_str().unwrap();
        assert!(!text.contains(UNSEEN), "{text}");
    }
    assert_seen("the history", &history_text(shelf.books(), &[]));
    let history = pretty(&history_document(shelf.books(), &[])).unwrap();
    assert_seen("the history as JSON", &history);
}
