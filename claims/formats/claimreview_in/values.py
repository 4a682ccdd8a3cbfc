"""The values of other people's documents, put right as far as that takes no guessing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from claims import dates
from claims.formats.claimreview_in.record import MOST_URL
from claims.formats.fields import standard_language
from claims.text import bidi_controls
from claims.text.characters import is_blank
from claims.text.dates import dates_in

JSON = dict[str, Any]

# What stands in exports where there is nothing.
NOTHING = frozenset({"", "none", "null", "nan", "n/a", "undefined", "-", "—"})
MOST_DATE = 500  # characters in which a date is looked for

_TAG = re.compile(
    r"</?(?:p|br|em|i|b|strong|span|div|a|ul|ol|li|h[1-6]|blockquote|q|u|sup|sub)\b[^<>]*>",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_QUOTED = {'"': '"', "“": "”", "«": "»", "„": "“"}


def texts(value: Any) -> Iterator[str]:
    """The texts in a value: of a list all of them, of an object with @value that."""
    match value:
        case str():
            yield value
        case bool():
            return
        case int() | float():
            yield str(value)
        case list():
            for it in value:
                yield from texts(it)
        case dict():
            yield from texts(value.get("@value"))


def text(value: Any) -> str | None:
    """The first text in a value on one line, without markup and entities; None where there is none.

    Entities are resolved twice: `&amp;quot;` is what becomes of `"` in two systems in a row.
    """
    for it in texts(value):
        plain = _SPACES.sub(" ", unmarked(it)).strip()
        if not nothing(plain):
            return plain
    return None


def paragraphs(value: Any) -> str | None:
    """As `text`, but lines stay lines."""
    for it in texts(value):
        plain = _LINE_SPACES.sub(" ", unmarked(it)).strip()
        if not nothing(plain):
            return re.sub(r" ?\n ?(?:\n ?)*", "\n", plain)
    return None


def unmarked(value: str) -> str:
    if "&" in value:
        value = html.unescape(html.unescape(value))
    if "<" in value:
        value = _TAG.sub(" ", value)
    if not value.isprintable():
        value = _CONTROL.sub("", value.replace("\r\n", "\n"))
        # Half characters come of broken decoders; they can be neither stored nor told.
        value = value.encode("utf-8", "ignore").decode()
    return value


def nothing(value: str) -> bool:
    return value.lower() in NOTHING or is_blank(value)


def name(value: Any) -> str | None:
    """A text that names somebody: without quotation marks around it and control characters."""
    plain = text(value)
    if plain is None:
        return None
    while len(plain) > 1 and _QUOTED.get(plain[0]) == plain[-1] and plain[0] not in plain[1:-1]:
        plain = plain[1:-1].strip()
    if bidi_controls(plain):
        unseen = set(bidi_controls(plain))
        plain = "".join(letter for i, letter in enumerate(plain) if i not in unseen).strip()
    return None if nothing(plain) else plain


def address(value: Any) -> str | None:
    """An absolute http or https address as it can be kept; None where it is none.

    Letters that an address cannot have are percent-encoded, a missing scheme is https.
    """
    if isinstance(value, dict):
        value = value.get("url") or value.get("@id") or value.get("@value")
    plain = text(value)
    if plain is None or len(plain) > MOST_URL:
        return None
    if plain.startswith("//"):
        plain = f"https:{plain}"
    elif re.match(r"www\.[^\s/]+\.", plain):
        plain = f"https://{plain}"
    plain = re.sub(r'[\s<>"\\^`{|}]', lambda it: quote(it[0]), plain)
    try:
        parts = urlsplit(plain)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "." not in host.strip("."):
        return None
    if parts.username is not None or parts.password is not None or len(plain) > MOST_URL:
        return None
    if site_of(plain) is None:
        return None
    if bidi_controls(plain) or re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", plain):
        return None
    return plain


def site_of(url: str) -> str | None:
    """The host of an address as Google's API has it: lower case, without `www.`."""
    host = (urlsplit(url).hostname or "").strip(".").removeprefix("www.")
    usable = "." in host and len(host) <= 253 and not re.search(r"[\s/@:\[\]]", host)
    return host if usable else None


def same_address(url: str) -> str:
    """One form for spellings of an address: of host and scheme in capitals, letters in percent."""
    parts = urlsplit(url)
    path, query = (unquote(it, errors="replace") for it in (parts.path, parts.query))
    return f"{site_of(url)}{path.rstrip('/')}?{query}"


def language(value: Any) -> str | None:
    plain = text(value)
    return None if plain is None else standard_language(plain.replace("_", "-"))


# Languages that are written in Latin letters alone: nothing of them is in Arabic ones.
LATIN = frozenset(["en", "fr", "es", "pt", "de", "it", "nl", "tr", "id", "pl", "ro", "sv", "da"])


def language_of(words: str) -> str:
    """By its letters alone: Arabic in letters that no other language adds to; else not known."""
    arabic = sum("\u0620" <= it <= "\u064a" for it in words)
    foreign = any(it in "پچژگکیےٹڈڑںھہۆێڕڵۇۋې" for it in words)
    letters = sum(map(str.isalpha, words))
    return "ar" if arabic * 2 > letters and not foreign else "und"


def day(value: Any, spoken: str | None) -> str | None:
    """The date that a value states, as EDTF; None where none can be read.

    Of an instant the day as written. spoken: the language, for dates in prose (Arabic, English).
    """
    plain = text(value)
    return None if plain is None else _day(plain[:MOST_DATE], spoken)


_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_PARTED = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?:[T ]\d.*)?")


@lru_cache(maxsize=4096)
def _day(plain: str, spoken: str | None) -> str | None:
    if found := _COMPACT.fullmatch(plain):
        plain = "-".join(found.groups())
    elif found := _PARTED.fullmatch(plain):
        plain = f"{found[1]}-{int(found[3]):02}-{int(found[4]):02}"
    try:
        return dates.parse(plain).text
    except dates.InvalidDate:
        pass
    if re.fullmatch(r"[\d:TZ.+\-\s/]*", plain) and re.match(r"\d{4}", plain):
        return None  # meant as a date of figures, and none: 0000-00-00
    for it in dates_in(plain, spoken, most=3):
        if it.value is not None and not (it.relative or it.inferred or it.problems):
            return it.value
    return None


def number(value: Any) -> float | None:
    """A number, or one written as a text; None for what is none and for what no scale has."""
    if isinstance(value, bool):
        return None
    for it in texts(value):
        plain = it.strip().replace(",", ".")
        if re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,9})?", plain):
            return float(plain)
        return None
    return None
