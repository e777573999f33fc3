"""A preprocessor of mdBook for links that are right in the repository and would lead nowhere in the book.

The book has the pages of docs/ alone: a link to another file of the repository becomes the file's path there, or, where
Cargo.toml names a repository, a link to it. And a README.md is an index.html in the book.
"""

import json
import os
import posixpath
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The words of a link, its target, and its anchor. Code is passed over: it comes first, and is no link.
LINK = re.compile(r"(?P<code>^```.*?^```|^    [^\n]*$)|\[(?P<words>[^\]]*)\]\((?P<path>[^)#:]+)(?P<anchor>#[^)]*)?\)",
                  re.MULTILINE | re.DOTALL)


def repository():
    """Where the sources can be read, by Cargo.toml. None: it does not say."""
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as file:
        found = re.search(r'^repository = "(.*)"$', file.read(), re.MULTILINE)
    return found and found.group(1)


def rewritten(text, folder, source):
    """The text of a page in this folder of docs/, without links that leave docs/."""
    def link(found):
        if found.group("code") is not None:
            return found.group(0)
        path = posixpath.normpath(posixpath.join("docs", folder, found.group("path")))
        if path.startswith("docs/"):
            return re.sub(r"\bREADME\.md\b", "index.md", found.group(0))
        words = found.group("words")
        if source:
            return "[{}]({}/blob/main/{}{})".format(words, source, path, found.group("anchor") or "")
        return words if path in words else "{} (`{}`)".format(words, path)
    return LINK.sub(link, text)


def in_chapters(items, source):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            if chapter["path"]:
                chapter["content"] = rewritten(chapter["content"], posixpath.dirname(chapter["path"]), source)
            in_chapters(chapter["sub_items"], source)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    in_chapters(book["items"], repository())
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
