"""The pictures of the docs that show what gatewatch prints and sends, drawn as SVG from what it really prints and sends.

    make pictures

The report is that of the examples. The digest, and what a chat gets of it, come out of an emulated account like the one of
`make demo`: nothing here touches a real one. Ids and times are made the same in every run. Mail programs, Slack and Teams
look otherwise in detail; the texts are the ones that they are given.
"""

import argparse
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "testbed"), str(pathlib.Path(__file__).parent)]
sys.dont_write_bytecode = True

import aws  # noqa: E402
import demo  # noqa: E402

MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SANS = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
ANSI = {"1": ("font-weight", "700"), "2": ("opacity", "0.65"), "31": ("fill", "#ff7b72"), "32": ("fill", "#7ee787"),
        "33": ("fill", "#e3b341"), "34": ("fill", "#79c0ff"), "35": ("fill", "#d2a8ff"), "36": ("fill", "#56d4dd")}
MAIL, CHAT = "security@example.com", "chat@example.com"


# --- SVG --------------------------------------------------------------------------------------

def svg(width, height, title, *parts):
    body = "\n".join(part for part in parts if part)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    label, said = html.escape(title, quote=True), html.escape(title)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">\n'
            f"<title>{said}</title>\n{body}\n</svg>\n")


def box(x, y, width, height, fill, radius=0, stroke=None):
    edge = f' stroke="{stroke}"' if stroke else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}"{edge}/>'


def text(x, y, words, size, fill, font=SANS, weight=400, length=None):
    """A line of text. `length`: how wide it is drawn, whatever font the reader has."""
    fixed = f' textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"' if length else ""
    return (f'<text x="{x}" y="{y}" font-family="{font}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
            f'xml:space="preserve"{fixed}>{html.escape(words)}</text>')


def wrapped(line, width):
    """A line in several, each as far indented as the first."""
    indent = len(line) - len(line.lstrip())
    return textwrap.wrap(line, width, subsequent_indent=" " * (indent + 2), break_on_hyphens=False) or [""]


# --- A terminal -------------------------------------------------------------------------------

def terminal(title, prompt, output, columns, rows):
    """What a terminal shows of a colored output, with the command before it."""
    advance, leading, left, top = 7.3, 18, 18, 62
    lines = [f"\x1b[2m$\x1b[0m {prompt}", *output.splitlines()]
    shown = lines[:rows] + (["\x1b[2m[…]\x1b[0m"] if len(lines) > rows else [])
    width, height = round(2 * left + columns * advance), top + leading * len(shown) + 4
    parts = [box(0, 0, width, height, "#0d1117", 10), text(left + 70, 27, title, 13, "#8b949e")]
    parts += [f'<circle cx="{left + 8 + 20 * place}" cy="22" r="6" fill="{fill}"/>'
              for place, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    parts += [ansi(left, top + leading * place, line, columns, advance) for place, line in enumerate(shown)]
    return svg(width, height, title, *parts)


def ansi(x, y, line, columns, advance):
    spans, style, at = [], {}, 0
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", part):
            for number in code[1].split(";"):
                style = {} if number in ("", "0") else {**style, **dict([ANSI[number]])}
            continue
        room = columns - at
        shown = part if len(part) <= room else part[:max(room - 1, 0)] + "…"[:room]
        if shown:
            styles = "".join(f' {name}="{value}"' for name, value in style.items())
            spans.append(f'<tspan x="{x + at * advance:.1f}" textLength="{len(shown) * advance:.1f}" '
                         f'lengthAdjust="spacingAndGlyphs"{styles}>{html.escape(shown)}</tspan>')
        at += len(shown)
    return (f'<text y="{y}" font-family="{MONO}" font-size="12" fill="#e6edf3" xml:space="preserve">'
            f'{"".join(spans)}</text>')


# --- A phone ----------------------------------------------------------------------------------

def phone(mail, rows):
    """A mail as a phone shows it before anybody scrolls."""
    width, left, leading = 400, 26, 18
    subject = textwrap.wrap(mail["subject"], 44)
    body = [part for line in mail["text"].splitlines() for part in wrapped(line, 56)][:rows]
    top = 96 + 22 * len(subject)
    height = top + 26 + leading * len(body) + 30
    parts = [box(0, 0, width, height, "#1c1c1e", 40), box(10, 10, width - 20, height - 20, "#ffffff", 32),
             box(150, 20, 100, 20, "#1c1c1e", 10), text(left, 36, "06:02", 13, "#1c1c1e", weight=600)]
    parts += [text(left, 74 + 22 * place, line, 16, "#1c1c1e", weight=700) for place, line in enumerate(subject)]
    parts += [text(left, top - 18, f"AWS Notifications · to {mail['to']}", 11, "#6e6e73"),
              f'<line x1="{left}" y1="{top - 4}" x2="{width - left}" y2="{top - 4}" stroke="#e5e5ea"/>']
    parts += [text(left, top + 18 + leading * place, line, 11.5, "#1c1c1e", MONO, 700 if heading(line) else 400,
                   length=len(line) * 6.2 if line else None)
              for place, line in enumerate(body)]
    return svg(width, height, "A digest on a phone", *parts)


def heading(line):
    return bool(re.match(r"^(\s*(\d+ )?(NEW|WORSE|RESOLVED|REOPENED)|\d+\. |INCOMPLETE)", line))


# --- Chats ------------------------------------------------------------------------------------

def chat(notices, look):
    """Notifications as a channel shows them: `look` has the colors, and how wide a message is."""
    width, left, y, parts = 640, 76, 24, []
    for notice in notices:
        content = notice["content"]
        parts += [box(24, y, 38, 38, look["icon"], look["round"]), text(36, y + 25, "Q", 18, "#ffffff", weight=700),
                  text(left, y + 14, "Amazon Q", 14, look["ink"], weight=700),
                  box(left + 88, y + 2, 30, 15, look["quiet"], 3),
                  text(left + 93, y + 13, "APP", 9, look["paper"], weight=700),
                  text(left + 128, y + 14, "06:02", 11, look["quiet"])]
        y += 34
        begin = y - 14
        inner = []
        for line in textwrap.wrap(content["title"], 62):
            inner.append(text(left + 16, y + 6, line, 14, look["ink"], weight=700))
            y += 20
        steps = ["Next steps", *("• " + it for it in content.get("nextSteps", [])[:2])] if content.get("nextSteps") else []
        for line in [*content["description"].splitlines(), *steps]:
            for place, part in enumerate(wrapped(line, 66 if "`" in line[:3] else 76)):
                is_code = part.strip().startswith("`") or (place and line.startswith("`")) or line.startswith("• `")
                font, fill = (MONO, look["code"]) if is_code else (SANS, look["ink"])
                inner.append(text(left + 16, y + 6, part.replace("`", ""), 12, fill, font,
                                  700 if line == "Next steps" else 400))
                y += 17
        card = y - begin + 6
        parts += [box(left, begin, width - left - 24, card, look["card"], look["edge"], look["line"]),
                  box(left, begin, 4, card, "#d13212"), *inner]
        y += 30
    return svg(width, y, look["title"], box(0, 0, width, y, look["paper"], 10), *parts)


SLACK = {"title": "A notification in Slack", "paper": "#ffffff", "card": "#ffffff", "line": "#dddddd", "ink": "#1d1c1d",
         "quiet": "#616061", "code": "#b3123d", "icon": "#5a30b5", "round": 8, "edge": 4}
TEAMS = {"title": "A notification in Teams", "paper": "#f5f5f5", "card": "#ffffff", "line": "#e1e1e1", "ink": "#242424",
         "quiet": "#616161", "code": "#444791", "icon": "#5a30b5", "round": 19, "edge": 6}


# --- What is drawn ----------------------------------------------------------------------------

def sent(binaries):
    """What an emulated account's first run sends: the mail, and the notifications for a chat, worst first."""
    with aws.emulator() as (endpoint, mailbox):
        account = aws.Account(endpoint)
        store = aws.create_petstore(account)
        demo.create_groups(account)
        stack = aws.deploy_template(account, "gatewatch", str(binaries / "gatewatch-lambda"), str(ROOT / "template.yaml"), {
            "PolicyFile": demo.POLICY_FILE, "AlertEmail": MAIL, "RequireTls": "false", "ChatTopic": "true"})
        account.client("sns").subscribe(TopicArn=stack["ChatTopicArn"], Protocol="email", Endpoint=CHAT)
        answer = account.client("lambda").invoke(FunctionName=stack["FunctionName"], Payload=b"{}")
        if answer.get("FunctionError"):
            sys.exit("pictures: the Lambda failed: " + answer["Payload"].read().decode())
        mails = [json.loads(always_the_same(line, store["api_id"])) for line in open(mailbox, encoding="utf-8")]
    digest = [mail for mail in mails if mail["to"] == MAIL][-1]
    return digest, [json.loads(mail["text"]) for mail in mails if mail["to"] == CHAT]


STORY_POLICY = "version: 1\ngroups:\n  - name: pet-callers\n    invoke: [{api: PetStore}]\n"


def story(binaries):
    """The chapter about a fix, from the emulated account of `make test-story`: what each of its commands shows."""
    with aws.emulator() as (endpoint, _), tempfile.TemporaryDirectory() as folder:
        account = aws.Account(endpoint)
        store = aws.create_petstore(account)
        iam = account.client("iam")
        iam.create_group(GroupName="pet-callers")
        for name in ("alice", "mallory"):
            iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="pet-callers", UserName="alice")
        (pathlib.Path(folder) / "gatewatch.yaml").write_text(STORY_POLICY, encoding="utf-8")
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": folder, "AWS_ENDPOINT_URL": endpoint,
                       "AWS_ACCESS_KEY_ID": aws.ACCOUNT, "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": aws.REGION}

        def shown(prompt, status, more=()):
            command = [binaries / "gatewatch", *prompt.split()[1:], *more]
            made = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=environment, check=False)
            if made.returncode != status:
                sys.exit(f"pictures: `{prompt}` ends with {made.returncode}: {made.stdout}")
            # A plan is shown again before it is carried out.
            _, step, rest = made.stdout.partition("\nstep ")
            return prompt, always_the_same(step.strip() + " " + rest if step else made.stdout, store["api_id"],
                                           # As long as the emulator's own: the columns of a table stay where they are.
                                           "a1b2c3d4")

        return {
            "story-find.svg": shown("gatewatch scan --brief", 1, ["--color", "always"]),
            "story-plan.svg": shown("gatewatch fix --rule open-method --plan-out fix-plan.json", 1),
            "story-apply.svg": shown("gatewatch fix --apply fix-plan.json --probe --verb POST", 0, [
                "--yes", "--journal", "journal.jsonl", "--endpoint-override", endpoint, "--allow-loopback"]),
            "story-undo.svg": shown("gatewatch fix --undo journal.jsonl", 0, ["--yes"]),
        }


def always_the_same(line, api_id, shown="a1b2c3d4e5"):
    """The same with ids and times that are the same in every run."""
    line = line.replace(api_id, shown)
    line = re.sub(r"\bdeployment [0-9a-z]+ serves", "deployment dep111 serves", line)
    line = re.sub(r"\bdeployment [0-9a-f]{8}\b", "deployment dep111", line)
    line = re.sub(r"\b(invoke-[0-9a-z]+)-[0-9a-f]{12}\b", r"\1-0a1b2c3d4e5f", line)
    line = re.sub(r"\bgatewatch-statebucket-[0-9a-f]+", "gatewatch-statebucket-1a2b3c", line)
    line = re.sub(r"(--resource-id )[0-9a-z]+", r"\1petsid", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-06-15 06:00 UTC", line)
    return re.sub(r"\b[0-9a-f]{32}\b", "ad9b1203aafe861a4e4d4a85ee9b80ed", line)


def report(binaries):
    command = ["check", "examples/petstore.inventory.json", "--config", "examples/gatewatch.yaml"]
    made = subprocess.run([binaries / "gatewatch", *command, "--color", "always"], cwd=ROOT, capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}, check=False)
    if made.returncode != 1:
        sys.exit(f"pictures: the report ends with {made.returncode}: {made.stderr}")
    # How many days an exemption has left changes by the day.
    return " ".join(["gatewatch", *command]), re.sub(r"-?\d+ days left", "213 days left", made.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bin-dir", required=True, type=pathlib.Path, help="where cargo put gatewatch and gatewatch-lambda")
    parser.add_argument("--images", default=ROOT / "docs" / "images", type=pathlib.Path, help="where the pictures go")
    options = parser.parse_args()
    binaries = options.bin_dir.resolve()
    digest, notices = sent(binaries)
    pictures = {
        "report-terminal.svg": terminal("A report in a terminal", *report(binaries), 118, 34),
        "digest-phone.svg": phone(digest, 32),
        "chat-slack.svg": chat(notices[:1], SLACK),
        "chat-teams.svg": chat(notices[:1], TEAMS),
    }
    for name, (prompt, output) in story(binaries).items():
        pictures[name] = terminal("From an open API to a closed one", prompt, output, 118, 40)
    for name, picture in pictures.items():
        (options.images / name).write_text(picture, encoding="utf-8")
        print(options.images / name)


if __name__ == "__main__":
    main()
