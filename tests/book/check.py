"""Follows every local link of a built book: to files that are there, and to anchors that their pages have.

    make book
"""

import html.parser
import os
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = set(), set()
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)


def broken(pages, path, link):
    """What is wrong with a link. None: it leads somewhere, or out of the book."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    target = path
    if parts.path:
        target = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(parts.path)))
    if os.path.isdir(target):
        target = os.path.join(target, "index.html")
    if not os.path.isfile(target):
        return "there is no such file"
    fragment = urllib.parse.unquote(parts.fragment)
    if fragment and target in pages and fragment not in pages[target].anchors:
        return "the page has no such anchor"
    return None


def main():
    root = os.path.abspath(sys.argv[1])
    files = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
    pages = {path: Page(path) for path in files if path.endswith(".html")}
    followed, wrong = 0, []
    for path, page in sorted(pages.items()):
        # Links of the page for pages that are not found start from the root of the site, wherever that is.
        if os.path.basename(path) == "404.html":
            continue
        for link in sorted(page.links):
            followed += 1
            why = broken(pages, path, link)
            if why:
                wrong.append("{}: {}: {}".format(os.path.relpath(path, root), link, why))
    if wrong or len(pages) < 30:
        sys.exit("\n".join(wrong) or "only {} pages below {}".format(len(pages), root))
    print("{} links of {} pages lead somewhere".format(followed, len(pages)))


if __name__ == "__main__":
    main()
