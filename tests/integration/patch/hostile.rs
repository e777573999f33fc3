//! Sources that are written to be misread.

use std::fmt::Write as _;

use super::{apply, fix, git, ids, mended, read, write};
use crate::support::command::Shell;

const ROUTE: &str = "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n  R:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      RouteKey: GET /a\n";

#[test]
fn names_of_files_are_no_part_of_the_patch() {
    for name in [
        "my api.yaml",
        "infra/a b/ü.yaml",
        "a\"b\\c.yaml",
        "-x.yaml",
        "b/a.yaml",
        "tab\there.yaml",
    ] {
        let shell = Shell::bare();
        write(&shell, name, ROUTE);
        let given = format!("./{name}");
        let run = fix(&shell, &[&given]);
        assert_eq!(run.status, 1, "{name}: {}", run.stderr);
        apply(&shell, &run.stdout).unwrap_or_else(|why| panic!("{name}: {why}\n{}", run.stdout));
        assert!(
            read(&shell, name).contains("AuthorizationType: AWS_IAM"),
            "{name}"
        );
    }
}

/// As whoever runs it in a folder of a repository sees it.
#[test]
fn a_patch_is_for_the_folder_that_it_is_made_in() {
    let shell = Shell::bare();
    assert!(git(&shell, &["init", "-q"]).status.success());
    write(&shell, "infra/deep/template.yaml", ROUTE);
    let run = fix(&shell, &["infra"]);
    assert!(
        run.stdout.starts_with("--- a/infra/deep/template.yaml\n"),
        "{}",
        run.stdout
    );
    apply(&shell, &run.stdout).unwrap();
    assert!(ids(&shell, &["infra"]).1.is_empty());
}

#[test]
fn what_git_would_not_change_is_refused() {
    let outside = Shell::bare();
    write(&outside, "template.yaml", ROUTE);
    let shell = Shell::bare();
    let path = outside.folder().join("template.yaml");
    let run = fix(&shell, &[path.to_str().unwrap()]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("outside the working folder"),
        "{}",
        run.stderr
    );
    write(&shell, "real.yaml", ROUTE);
    std::os::unix::fs::symlink("real.yaml", shell.folder().join("link.yaml")).unwrap();
    let run = fix(&shell, &["link.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("is a link"), "{}", run.stderr);
    let utf_16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(ROUTE.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    write(&shell, "utf16.yaml", utf_16);
    let run = fix(&shell, &["utf16.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("is no UTF-8"), "{}", run.stderr);
}

#[test]
fn odd_bytes_around_a_change_are_kept() {
    for (name, text) in [
        (
            "unicode before",
            ROUTE.replace(
                "Resources:",
                "Description: '\u{1f600} é \u{2028}'\nResources:",
            ),
        ),
        (
            "unicode on the line",
            ROUTE.replace("GET /a", "GET /\u{1f600}é # \u{1f600}"),
        ),
        ("blanks behind values", ROUTE.replace("/a\n", "/a   \t\n")),
        ("an empty line at the end", format!("{ROUTE}\n\n")),
        ("no line break at the end", ROUTE.trim_end().to_owned()),
        (
            "a comment at the end",
            format!("{ROUTE}      # AuthorizationType: NONE"),
        ),
        ("a document mark", format!("---\n{ROUTE}...\n")),
        (
            "a text that looks like it",
            ROUTE.replace(
                "Resources:",
                "Description: |\n  AuthorizationType: NONE\n  R:\nResources:",
            ),
        ),
        (
            "a key in a list",
            ROUTE.replace(
                "Resources:",
                "Metadata:\n- AuthorizationType: NONE\nResources:",
            ),
        ),
        ("one blank", ROUTE.replace("  ", " ")),
        ("eight blanks", ROUTE.replace("  ", "        ")),
        (
            "an explicit key",
            ROUTE.replace("    Properties:\n", "    ? Properties\n    :\n"),
        ),
        ("a folded value", ROUTE.replace("GET /a", "GET\n        /a")),
        (
            "a quoted value over two lines",
            ROUTE
                .replace("GET /a", "\"GET\n\n        /a\"")
                .replace("GET\n\n", "GET\\\n"),
        ),
        (
            "flow over lines",
            ROUTE.replace(
                "\n      ApiId: !Ref Api\n      RouteKey: GET /a\n",
                " {\n      ApiId: !Ref Api, # which\n      RouteKey: GET /a # what\n    }\n",
            ),
        ),
        (
            "flow with a comma at its end",
            ROUTE.replace(
                "\n      ApiId: !Ref Api\n      RouteKey: GET /a\n",
                " {ApiId: !Ref Api, RouteKey: GET /a,}\n",
            ),
        ),
        (
            "a tag of YAML",
            ROUTE.replace("RouteKey: GET", "RouteKey: !!str GET"),
        ),
    ] {
        let (patch, _) = mended("template.yaml", text.as_bytes());
        assert!(patch.contains("AuthorizationType"), "{name}");
    }
}

#[test]
fn several_documents_are_none() {
    let shell = Shell::bare();
    write(&shell, "template.yaml", format!("{ROUTE}---\n{ROUTE}"));
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
}

/// Hundreds of methods in one file, some of which cannot be mended.
#[test]
fn a_large_file_is_mended_as_a_whole() {
    let mut text = "Parameters: {Kind: {Type: String, Default: NONE}}\nResources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n".to_owned();
    for index in 0..400 {
        let kind = if index % 100 == 7 {
            ", AuthorizationType: !Ref Kind"
        } else {
            ""
        };
        writeln!(text, "  R{index}: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: GET /a{index}{kind}}}}}").unwrap();
    }
    let shell = Shell::bare();
    write(&shell, "template.yaml", text);
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    apply(&shell, &run.stdout).unwrap();
    assert_eq!(ids(&shell, &["template.yaml"]).1.len(), 4);
}
