"""The report's page in Chromium: as people use it, with a mouse, with keys, with a screen reader, on paper.

    python browser.py --gatewatch target/debug/gatewatch --axe .../axe.min.js [--chromium /usr/bin/chromium] [--images FOLDER] [--looks FOLDER]

An account with 2,000 findings, one with 10,000, one whose page lists only some of its findings, five accounts in one page, and an
organization in numbers, in light and dark, wide and narrow, and on paper. Held against the same report as JSON. Status 1 where
anything is not as it should be. `--images` also writes the pictures of the docs, `--looks` a picture of every look.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import estate
from playwright.sync_api import sync_playwright

# Without these, Chromium asks its maker's hosts for this and that.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in ((1440, 900), (390, 844))]
FIRST_PAINT = 1000  # milliseconds
FILTER = 100
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

failures = []


def check(is_so, what, *seen):
    if not is_so:
        failures.append(what)
        print(f"  FAILED {what}", *(" ".join(str(it).split())[:300] for it in seen))


def gatewatch(binary, folder, form, *more):
    command = [binary, "check", "inventory.json", "--config", "gatewatch.yaml", "--format", form, *more]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    # The account has gaps: whatever is found, the report is incomplete.
    check(made.returncode == 3, f"the report as {form} is made", made.stderr)
    return made.stdout


def data_of(page):
    """Where the data of a page begins and ends."""
    begin = page.index('id="data">') + len('id="data">')
    return begin, page.index("</script>", begin)


def with_data(page, change):
    """A page with other data: they are not part of what the policy of the page hashes."""
    begin, end = data_of(page)
    text = json.dumps(change(json.loads(page[begin:end])), ensure_ascii=False)
    return page[:begin] + text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + page[end:]


def cut(data, most):
    """The data of a page that lists the worst findings alone."""
    [account] = data["accounts"]
    report = account["report"]
    left = {name: max(0, len(report[name]) - most) for name in ("findings", "exempted")}
    for name in left:
        report[name] = report[name][:most]
    report["left_out"] = {"exemptions": 0, "rules": 0, "requirements": 0, "gaps": 0, "assumptions": 0, "warnings": 0, "accepted_by_name": 0} | left
    account["access"], account["without_access"] = None, "too-many"
    return data


NUMBERS = [("111122223301", "payments", "findings", [2, 5, 0, 1, 0], 0), ("111122223302", "shop", "clean", [0, 0, 0, 0, 0], 0),
           ("111122223303", "</td><script>alert(1)</script>", "incomplete", [0, 1, 0, 0, 0], 3)]


def in_numbers(data):
    """The data of an organization's page, which has no report: one account was not read."""
    [one] = data["accounts"]
    bare = one | {"report": None, "apis": [], "consoles": {}, "access": None, "without_access": "not-given", "has_ledger": False,
                  "new": [], "since": {}, "ended": [], "ended_in_all": 0}
    accounts = [bare | {"account": account, "name": name, "status": status, "elsewhere": {
        "page": f"https://eu-west-1.console.aws.amazon.com/s3/object/state?region=eu-west-1&prefix=reports/{account}/latest.html",
        "taken_at": "2026-06-15T06:00:00Z", "apis": 7, "methods": 90, "gaps": gaps,
        "open": dict(zip(("critical", "high", "medium", "low", "informational"), counts)) | {"total": sum(counts), "exempt": 1}}}
        for account, name, status, counts, gaps in NUMBERS]
    unread = bare | {"account": "999999999999", "name": "legacy", "status": "not-read",
                     "not_read": {"reason": "access-denied", "message": "the role gatewatch-member could not be assumed"}}
    return data | {"accounts": accounts + [unread], "trend": []}


def several_accounts(page, count):
    """The page of an account, as that of several of the same: its data is not part of what the policy of the page hashes."""
    begin, end = data_of(page)
    data = json.loads(page[begin:end])
    [one] = data["accounts"]
    own = one["account"]
    text = json.dumps(one)
    accounts = [json.loads(text.replace(own, f"{int(own) + place:012}")) for place in range(count)]
    for place, account in enumerate(accounts):
        account["name"] = ("security", "retail-prod", "retail-test", "payments", "sandbox")[place % 5]
    unread = {"account": "999999999999", "name": "legacy", "status": "not-read", "report": None,
              "not_read": {"reason": "access-denied", "message": "the role gatewatch-member could not be assumed"}, "elsewhere": None, "apis": [],
              "consoles": {}, "access": None, "without_access": "not-given", "has_ledger": False, "new": [], "since": {}, "ended": [], "ended_in_all": 0}
    return with_data(page, lambda it: it | {"accounts": accounts + [unread]})


class Visit:
    """One page in one look. Whatever a page must never do is noted for as long as it is open."""

    def __init__(self, browser, path, scheme, size):
        self.context = browser.new_context(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
        self.page = self.context.new_page()
        self.name = f"{path.stem}, {scheme}, {size[0]}"
        self.path, self.narrow = path, size[0] < 1000
        page, own = self.page, path.as_uri()
        page.on("console", lambda it: check(it.type not in ("error", "warning"), f"{self.name}: the console is quiet", it.text))
        page.on("pageerror", lambda it: check(False, f"{self.name}: no error", it))
        page.on("dialog", lambda it: (check(False, f"{self.name}: no name runs as a script", it.message), it.dismiss()))
        page.on("request", lambda it: check(it.url.split("#")[0] == own, f"{self.name}: no request", it.url))

    def check(self, is_so, what, *seen):
        check(is_so, f"{self.name}: {what}", *seen)

    def open(self):
        self.page.goto(self.path.as_uri(), wait_until="commit")
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
        paint = self.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity")
        self.check(paint < FIRST_PAINT, f"first paint in less than {FIRST_PAINT} ms", paint)
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.check(width <= 0, "nothing is wider than the page", width)
        return paint

    def filter(self, report):
        """Filters as a reader would, held against the report; each in time."""
        findings = report["findings"]
        steps = [
            ("one severity", "document.querySelector('.toggles [data-severity=high]').click()",
             [it for it in findings if it["severity"] == "high"]),
            ("a rule besides", "set('rule', 'undeployed-fix')",
             [it for it in findings if it["severity"] == "high" and it["rule"] == "undeployed-fix"]),
            ("a text besides", "type('/v1/orders')",
             [it for it in findings if it["severity"] == "high" and it["rule"] == "undeployed-fix" and "/v1/orders" in it["path"]]),
            ("nothing that there is", "type('no such thing')", []),
            ("none of it", "document.querySelector('.shown button').click()", findings),
            ("what is exempt", "set('status', 'exempt')", report["exempted"]),
            ("open again", "set('status', 'open')", findings),
        ]
        slowest = 0
        for what, act, expected in steps:
            taken, shown, listed = self.page.evaluate("""async ([act]) => {
                const set = (name, value) => { const it = document.querySelector(`select[name=${name}]`); it.value = value;
                                               it.dispatchEvent(new Event("change")); };
                const type = (text) => { const it = document.querySelector("input[type=search]"); it.value = text;
                                         it.dispatchEvent(new Event("input")); };
                const begun = performance.now();
                eval(act);
                document.body.getBoundingClientRect();
                const taken = performance.now() - begun;
                return [taken, document.querySelector("#result").textContent,
                        document.querySelector("[role=option]")?.getAttribute("aria-setsize") ?? "0"];
            }""", [act])
            slowest = max(slowest, taken)
            count = len(expected)
            self.check(taken < FILTER, f"{what}: filtered in less than {FILTER} ms", taken)
            self.check(shown.replace(",", "").startswith(f"{count} "), f"{what}: {count} findings are counted", shown)
            if count:
                self.check(int(listed) == count, f"{what}: {count} findings are listed", listed)
        return slowest

    def open_findings(self, report):
        """Walks the list by keys, and reads what is chosen."""
        page, first = self.page, report["findings"]
        page.focus("#list")
        for key, place in (("Home", 0), ("ArrowDown", 1), ("End", len(first) - 1), ("Home", 0)):
            page.keyboard.press(key)
            finding = first[place]
            text = page.inner_text("#detail")
            for part in [finding["id"], finding["remedy"]["commands"][0], *(it["says"] for it in finding["evidence"]), *finding["urls"]]:
                self.check(part in text, f"finding {place} is shown with all that is known", part)
            active = page.get_attribute("#list", "aria-activedescendant")
            chosen = page.locator(f"#{active}")
            self.check(chosen.get_attribute("aria-selected") == "true", f"finding {place} is the chosen one")
        page.keyboard.press("Enter")
        self.check(page.evaluate("document.activeElement.id") == "detail", "Enter goes to the finding")
        copy = page.locator("#detail .command button").first
        copy.click()
        page.wait_for_timeout(100)
        self.check(copy.inner_text().startswith("Copied"), "the fix can be copied", copy.inner_text())
        page.keyboard.press("Escape")
        self.check(page.evaluate("document.activeElement.id") == "list", "Escape goes back to the list")
        drawn = page.locator("[role=option]").count()
        self.check(drawn < 100, "only what is seen is drawn", drawn)

    def walk_the_matrix(self, access):
        """Walks the grid by keys: the focus moves, and the reasons are those of the cell."""
        page, rows = self.page, access["rows"]
        page.locator(".grid [tabindex='0']").first.focus()
        page.keyboard.press("Control+Home")
        walk = [("Control+Home", 0, 0), ("ArrowRight", 0, 1), ("ArrowDown", 1, 1), ("End", 1, len(access["holders"]) - 1),
                ("Control+End", len(rows) - 1, len(access["holders"]) - 1), ("Control+Home", 0, 0)]
        words = {"a": "All requests", "s": "Some requests", "n": "No request", "u": "Not decided"}
        for key, row, column in walk:
            page.keyboard.press(key)
            said = page.inner_text(".why")
            letter = rows[row]["cells"][column]
            for part in (access["holders"][column]["name"], rows[row]["method"], words[letter.lower()]):
                self.check(part in said, f"{key}: the reasons are those of the cell", part, said)
            for statement in rows[row]["why"].get(str(column), {}).get("statements", []):
                self.check(statement in said, f"{key}: the statements are named", statement)
            box = page.evaluate("(() => { const a = document.activeElement.getBoundingClientRect(), "
                                "f = document.querySelector('.grid-frame').getBoundingClientRect(); "
                                "return a.width > 0 && a.left >= f.left && a.right <= f.right && a.top >= f.top && a.bottom <= f.bottom; })()")
            self.check(box, f"{key}: the cell that has the focus is seen")
            self.check(page.evaluate("document.activeElement.getAttribute('role')") == "gridcell", f"{key}: a cell has the focus")

    def judged(self, report, folder):
        """What an auditor asks: by which file, and what each rule looked at."""
        page = self.page
        said = page.inner_text("#judged")
        digest = hashlib.sha256((folder / "gatewatch.yaml").read_bytes()).hexdigest()
        for part in (digest, "gatewatch.yaml", *(it["says"] for it in report["requirements"])):
            self.check(part in said, "it is said how it was judged", part, said)
        lines = page.evaluate("""() => Object.fromEntries([...document.querySelectorAll("#rules tbody tr")].map((line) =>
            [line.id.slice("rule-".length), [...line.querySelectorAll("td.number")].map((it) => it.innerText.split("\\n")[0].replaceAll(",", ""))]))""")
        for it in report["rules"]:
            counts = [str(it[name]) for name in ("looked_at", "findings", "exempted", "undecided", "passed")]
            self.check(lines.get(it["rule"]) == counts, f"{it['rule']}: what it looked at is counted", lines.get(it["rule"]), counts)
            findings = sum(finding["rule"] == it["rule"] for finding in report["findings"])
            self.check(it["findings"] == findings, f"{it['rule']}: as many findings as there are", it["findings"], findings)
        self.check("Security Hub CSPM" in page.inner_text("#rule-open-method"), "the controls of standards are named")

    def picture(self, folder):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            name = self.name.replace(", ", "-")
            self.page.screenshot(path=folder / f"{name}.png")
            for section in ("judged", "access"):
                self.page.evaluate("id => document.getElementById(id).scrollIntoView()", section)
                self.page.screenshot(path=folder / f"{name}-{section}.png")
            self.page.evaluate("scrollTo(0, 0)")

    def print(self, count):
        """On paper stands every finding that the filters leave."""
        pdf = self.page.pdf(format="A4")
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        self.page.emulate_media(media="print")
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        rows = self.page.locator("#printed tbody tr").count()
        self.check(rows == count, f"{count} findings on paper", rows)
        self.check(pages > count / 60, "the pages have room for them", pages)
        self.page.evaluate("dispatchEvent(new Event('afterprint'))")
        self.page.emulate_media(media="screen")
        return pages

    def axe(self, source):
        """No violation, as a whole and with a finding chosen."""
        self.page.evaluate(source)
        result = self.page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
        for violation in result["violations"]:
            nodes = [" ".join(map(str, node["target"])) for node in violation["nodes"][:4]]
            self.check(False, f"axe: {violation['id']}", violation["help"], nodes, violation["nodes"][0].get("failureSummary"))


def pictures(browser, path, folder):
    """The pictures of the docs."""
    for scheme, size, what in (("light", (1440, 900), "overview"), ("light", (1440, 900), "findings"), ("dark", (1440, 900), "access"),
                               ("dark", (390, 844), "narrow")):
        context = browser.new_context(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        if what in ("findings", "access"):
            page.evaluate("id => document.getElementById(id).scrollIntoView()", what)
        if what == "access":
            page.locator(".cell[data-answer='s']").first.click()
        page.screenshot(path=folder / f"report-{what}.png")
        context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gatewatch", type=pathlib.Path, required=True)
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--images", type=pathlib.Path)
    parser.add_argument("--looks", type=pathlib.Path)
    parser.add_argument("--findings", type=int, nargs="+", default=[2_000, 10_000])
    arguments = parser.parse_args()
    binary, axe = arguments.gatewatch.resolve(), arguments.axe.read_text(encoding="utf-8")
    if not pathlib.Path(arguments.chromium).exists():
        sys.exit(f"there is no Chromium at {arguments.chromium}: install it (Debian: apt-get install chromium), or name one with CHROMIUM=PATH")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=FLAGS)
        scratch = pathlib.Path(scratch)
        for count in arguments.findings:
            folder = scratch / str(count)
            estate.write(count, folder)
            report = json.loads(gatewatch(binary, folder, "json"))
            path = folder / f"account-of-{count}.html"
            gatewatch(binary, folder, "html", "-o", path.name)
            own = read_data(path)["accounts"][0]
            for scheme, size in LOOKS:
                look_at(Visit(browser, path, scheme, size), (report, folder), own["access"], axe, arguments.looks)
            if count == arguments.findings[0]:
                organization = folder / "organization.html"
                organization.write_text(several_accounts(path.read_text(encoding="utf-8"), 5), encoding="utf-8")
                look_at_several(browser, organization, report, axe, arguments.looks)
                made = path.read_text(encoding="utf-8")
                part, numbers = folder / "part.html", folder / "numbers.html"
                part.write_text(with_data(made, lambda it: cut(it, 100)), encoding="utf-8")
                numbers.write_text(with_data(made, in_numbers), encoding="utf-8")
                look_at_part(browser, part, report, axe, arguments.looks)
                look_at_numbers(browser, numbers, axe, arguments.looks)
                if arguments.images:
                    pictures(browser, path, arguments.images)
        browser.close()
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


def read_data(path):
    page = path.read_text(encoding="utf-8")
    begin, end = data_of(page)
    return json.loads(page[begin:end])


def look_at(visit, made, access, axe, looks):
    report, folder = made
    paint = visit.open()
    visit.picture(looks)
    visit.judged(report, folder)
    slowest = visit.filter(report)
    visit.open_findings(report)
    visit.walk_the_matrix(access)
    visit.axe(axe)
    pages = visit.print(len(report["findings"]))
    visit.check("2 gaps" in visit.page.inner_text("#coverage"), "what was not read is said")
    visit.context.close()
    print(f"{visit.name}: first paint {paint:.0f} ms, slowest filter {slowest:.0f} ms, {pages} pages on paper")


def look_at_part(browser, path, report, axe, looks):
    """Only some findings are listed: all are counted, and what is left out is said."""
    for scheme, size in LOOKS:
        visit = Visit(browser, path, scheme, size)
        visit.open()
        visit.picture(looks)
        said = visit.page.inner_text("#left-out").replace(",", "")
        visit.check(f"{len(report['findings']) - 100} findings" in said, "what is left out is said", said)
        counted = sum(int(it.replace(",", "")) for it in visit.page.locator("#counts li:not([data-severity=exempt]) b").all_inner_texts())
        visit.check(counted == len(report["findings"]), "all findings are counted", counted)
        rule = next(it for it in report["rules"] if it["findings"] > 100)
        line = visit.page.inner_text(f"#rule-{rule['rule']}").replace(",", "")
        visit.check(str(rule["findings"]) in line, "a rule counts all of its findings", line)
        shown = visit.page.inner_text("#result").replace(",", "")
        visit.check(f"{len(report['findings']) - 100} left out" in shown, "the list says that it is not whole", shown)
        visit.check("more answers than fit" in visit.page.inner_text("#access"), "who can call what is said not to be there")
        visit.axe(axe)
        visit.print(100)
        visit.context.close()
        print(f"{visit.name}: seen")


def look_at_numbers(browser, path, axe, looks):
    """An organization: each account in numbers, those that were not read first, and nothing that looks clean."""
    for scheme, size in LOOKS:
        visit = Visit(browser, path, scheme, size)
        visit.open()
        visit.picture(looks)
        page = visit.page
        said = page.inner_text("#coverage")
        visit.check("1 account not read, and so not clean" in said, "the account that was not read is named", said)
        visit.check("3 gaps in 1 account" in said, "gaps are counted", said)
        links = page.locator("#coverage tbody th a")
        visit.check(links.count() == len(NUMBERS), "each account that was read leads to its page", links.count())
        for account, _, _, counts, gaps in NUMBERS:
            line = page.locator("#coverage tbody tr", has_text=account).locator("td.number").all_inner_texts()
            visit.check(line == [str(it) for it in (*counts[:4], gaps)], f"{account}: its numbers", line)
        for place in ("findings", "exposure", "access", "exemptions", "judged"):
            visit.check("in the page of each account" in page.inner_text(f"#{place}"), f"{place}: it is said where they are")
        everything = page.inner_text("main")
        for clean in ("0 open findings", "Nothing was found", "Everything that was asked for was read"):
            visit.check(clean not in everything, f"nothing says `{clean}`")
        visit.axe(axe)
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        visit.check("in the page of each account" in page.inner_text("#access"), "paper says it, too")
        visit.check(page.locator("#printed tr").count() == 0, "no empty list of findings is printed")
        visit.context.close()
        print(f"{visit.name}: seen")


def look_at_several(browser, path, report, axe, looks):
    """Several accounts: each can be chosen, and one that was not read is named first."""
    for scheme, size in LOOKS:
        visit = Visit(browser, path, scheme, size)
        paint = visit.open()
        visit.picture(looks)
        visit.check(visit.page.locator("#access .grid").count() == 5, "who can call what is shown for each account")
        text = visit.page.inner_text("#coverage")
        visit.check("1 account not read, and so not clean" in text and "999999999999" in text, "the account that was not read is named")
        visit.page.select_option("select[name=account]", "111122223335")
        shown = visit.page.inner_text("#result").replace(",", "")
        visit.check(shown.startswith(f"{len(report['findings'])} of {5 * len(report['findings'])} "), "one account is listed", shown)
        visit.check("111122223335" in visit.page.inner_text("#detail"), "a finding of it is shown")
        visit.axe(axe)
        visit.context.close()
        print(f"{visit.name}: first paint {paint:.0f} ms")


if __name__ == "__main__":
    main()
