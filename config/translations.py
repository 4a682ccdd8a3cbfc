"""The Arabic words for the messages of claims/: all of them, and compiled as they stand.

Usage: python -m config.translations [--write]

Without --write: exit 1 when django.po lacks a message, has one that is empty, fuzzy, unused or
has other placeholders than the original, or when django.mo is not what django.po compiles to.
With --write: takes in new messages, drops unused ones, and compiles.

Babel does it, so that no gettext has to be on the machine. Places in the code are left out of
django.po: it changes when words do.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CLAIMS = Path(__file__).resolve().parent.parent / "claims"
LANGUAGE = "ar"

KEYWORDS: dict[str, None] = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def main(arguments: list[str], source: Path = CLAIMS, folder: Path | None = None) -> int:
    """The exit status; what is wrong goes to standard error.

    source: where the messages are; folder: where django.po and django.mo are.
    """
    folder = folder or source / "locale" / LANGUAGE / "LC_MESSAGES"
    po, mo = folder / "django.po", folder / "django.mo"
    used = messages(source)
    catalog = read(po)
    if "--write" in arguments:
        catalog = only(used, catalog)
        po.write_bytes(written(catalog))
        mo.write_bytes(compiled(catalog))
    wrong = list(faults(used, catalog))
    if not mo.exists() or mo.read_bytes() != compiled(catalog):
        wrong.append("django.mo is not what django.po compiles to")
    if wrong:
        wrong.append("Mend django.po, then run: python -m config.translations --write")
        sys.stderr.write("\n".join(wrong) + "\n")
    return 1 if wrong else 0


def messages(source: Path) -> list[str]:
    """The messages of all modules and templates below `source`, sorted."""
    found: set[str] = set()
    for path in sorted(source.rglob("*.py")):
        found.update(extracted("python", path.read_text("utf-8")))
    for path in sorted(source.rglob("*.html")):
        # What is not a message becomes a row of X: not Python, but JavaScript reads it.
        text = templatize(path.read_text("utf-8"), origin=str(path))
        found.update(extracted("javascript", text))
    return sorted(found)


def extracted(language: str, text: str) -> Iterator[str]:
    options = {"encoding": "utf-8"}
    for found in extract(language, io.BytesIO(text.encode()), KEYWORDS, options=options):
        message = found[1]
        assert isinstance(message, str), "plural forms are not provided for"
        yield message


def read(po: Path) -> Catalog:
    if not po.exists():
        return Catalog(locale=LANGUAGE, domain="django", project="Isnad", fuzzy=False)
    with po.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain="django")


def only(used: list[str], catalog: Catalog) -> Catalog:
    """The same catalog with these messages alone; new ones are empty."""
    known = translations(catalog)
    kept = Catalog(locale=LANGUAGE, domain="django", fuzzy=False)
    kept.header_comment = catalog.header_comment
    kept.mime_headers = catalog.mime_headers
    for message in used:
        kept.add(message, string=known.get(message, ""))
    return kept


def translations(catalog: Catalog) -> dict[str, str]:
    return {str(entry.id): str(entry.string or "") for entry in catalog if entry.id}


def faults(used: list[str], catalog: Catalog) -> Iterator[str]:
    known = translations(catalog)
    for message in used:
        if message not in known:
            yield f"not in django.po: {message}"
        elif not known[message].strip():
            yield f"not translated: {message}"
        elif places(message) != places(known[message]):
            yield f"other placeholders than in the original: {message}"
    for message in known.keys() - set(used):
        yield f"used no more: {message}"
    for entry in catalog.obsolete.values():
        yield f"used no more: {entry.id}"
    for entry in catalog:
        if entry.id and entry.fuzzy:
            yield f"fuzzy: {entry.id}"


def places(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def written(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=100, no_location=True)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
