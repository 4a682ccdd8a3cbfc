"""The JSON-LD of an HTML page, read as data: nothing of the page is run, loaded or resolved.

No tree is made and no entities of a document's own are known, so neither can grow. The standard
library's html.parser (3.11) is not used: for each comment that does not end it reads the rest of
the page (16,000 take 4 s, a page of 8 MB has room for a hundred times as many), and `<![` raises an
AssertionError. Finding scripts is less than parsing: their text ends at `</script`, whatever is in
it, and what is in comments, styles and text areas is no script.

Source: HTML Standard, 13.2.5 (tokenization), 13.1.2 (raw text elements).
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator

MOST_BLOCKS = 200
MOST_TAGS = 2_000  # of elements with raw text, in which a page's scripts are looked for
LONGEST_TAG = 1_000
MEDIA_TYPE = "application/ld+json"

# As Python calls them. Source: WHATWG Encoding Standard, names and labels.
ENCODINGS = frozenset(
    ["utf-8", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "cp866", "cp874", "mac-roman"]
    + ["gbk", "gb2312", "gb18030", "big5", "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr"]
    + [f"cp{number}" for number in range(1250, 1259)]
    + [f"iso8859-{number}" for number in range(1, 17) if number != 12]
)

_OPENS = re.compile(
    r"<!--|<(script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>="']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")
# What pages put around the markup, so that old browsers do not show it: each with its end.
_WRAPPINGS = (
    ("<!--", "-->"),
    ("//<![CDATA[", "//]]>"),
    ("// <![CDATA[", "// ]]>"),
    ("/*<![CDATA[*/", "/*]]>*/"),
    ("/* <![CDATA[ */", "/* ]]> */"),
    ("<![CDATA[", "]]>"),
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f]")


def blocks(page: str) -> list[str]:
    """The JSON-LD blocks of a page, in order, without what pages wrap around them. Linear."""
    found = []
    for kind, text in scripts(page):
        if kind.partition(";")[0].strip().lower() == MEDIA_TYPE:
            found.append(unwrapped(text))
            if len(found) == MOST_BLOCKS:
                break
    return found


def scripts(page: str) -> Iterator[tuple[str, str]]:
    """The type and the text of each script."""
    lower = page.lower()
    if len(lower) != len(page):  # a letter whose small form is two
        lower = page
    at = 0
    for _tag in range(MOST_TAGS):
        opening = _OPENS.search(page, at)
        if opening is None:
            return
        if opening[1] is None:
            at = page.find("-->", opening.end())
            if at < 0:
                return
            continue
        begin, attributes = tag(page, opening.end())
        if begin is None:
            at = opening.end()
            continue
        name = opening[1].lower()
        end = lower.find(f"</{name}", begin)
        if name == "script":
            yield attributes.get("type", ""), page[begin : len(page) if end < 0 else end]
        if end < 0:
            return
        at = end


def tag(page: str, at: int) -> tuple[int | None, dict[str, str]]:
    """Where the text behind a tag begins, and its attributes; None where it does not end."""
    attributes: dict[str, str] = {}
    most = min(len(page), at + LONGEST_TAG)
    while at < most:
        found = _ATTRIBUTE.match(page, at, most)
        if found is None:
            while at < most and page[at] in " \t\n\r\f/\"'=":
                at += 1
            return (at + 1, attributes) if at < most and page[at] == ">" else (None, attributes)
        value = next((it for it in found.groups()[1:] if it is not None), "")
        attributes.setdefault(found[1].lower(), html.unescape(value))
        at = found.end()
    return None, attributes


def unwrapped(block: str) -> str:
    block = block.strip().rstrip("; \t\r\n")
    for opening, closing in _WRAPPINGS:
        if block.startswith(opening):
            block = block.removeprefix(opening).removesuffix(closing)
            return block.strip().rstrip("; \t\r\n")
    return block


def mended(block: str) -> str:
    """A block that is no JSON, as it is often meant: line breaks within texts, encoded quotes."""
    if '"' not in block and "&quot;" in block:
        block = html.unescape(block)
    # Between values these are white space as well, so a space stands for each of them anywhere.
    block = _CONTROL.sub(" ", block)
    return re.sub(r",(\s*[}\]])", r"\1", block)


def decoded(page: bytes, charset: str | None = None) -> str:
    """The text of a page: UTF-8, or the encoding that is named. What cannot be read is U+FFFD.

    Python has codecs that are no encodings of pages, some of which take the square of a page's
    length (punycode): those of browsers alone are heeded.
    """
    if page.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return page.decode("utf-16", "replace")
    page = page.removeprefix(b"\xef\xbb\xbf")
    try:
        return page.decode()
    except UnicodeDecodeError:
        pass
    named = charset
    if named is None and (found := _CHARSET.search(page[:2048])):
        named = found[1].decode()
    try:
        codec = codecs.lookup(named or "windows-1252").name
    except (LookupError, ValueError):
        codec = ""
    return page.decode(codec if codec in ENCODINGS else "utf-8", "replace")
