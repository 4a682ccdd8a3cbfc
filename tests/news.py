"""Articles that are not ours to copy, where ISNAD_SHARED says they are, and the claims marked in
them (`tests/data/suggestions.json`)."""

import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("ISNAD_SHARED", Path(__file__).parents[2] / "shared"))
SEEDS = SHARED / "seeds"
GOLD = SEEDS / "sputnik-2020-03-14.gold.json"
MARKED = Path(__file__).parent / "data" / "suggestions.json"

needs_shared = pytest.mark.skipif(
    not GOLD.exists(), reason="the articles are not ours to copy: ISNAD_SHARED says where they are"
)


@dataclass(frozen=True)
class Article:
    """A text and what was marked in it: see `marked` in the file."""

    name: str
    text: str
    published: date
    speakers: dict[str, list[tuple[int, int]]]
    claims: list[dict[str, Any]]


@cache
def articles() -> list[Article]:
    """Those that are marked. Raises ValueError where a text is another than was marked."""
    return [_article(entry) for entry in json.loads(MARKED.read_text("utf-8"))["articles"]]


def _article(entry: dict[str, Any]) -> Article:
    text = _text(entry)
    if hashlib.sha256(text.encode()).hexdigest() != entry["sha256"]:
        raise ValueError(f"{entry['file']} is not the text in which claims were marked")
    name = f"{Path(entry['file']).name.split('.')[0]}" + (
        f" {entry['line']}" if "line" in entry else ""
    )
    speakers = {key: [(a, b) for a, b in spans] for key, spans in entry["speakers"].items()}
    return Article(name, text, date.fromisoformat(entry["published"]), speakers, entry["claims"])


def _text(entry: dict[str, Any]) -> str:
    path = SHARED / entry["file"]
    if "line" not in entry:
        return path.read_bytes().decode()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if number == entry["line"]:
                return str(json.loads(line)["content"])
    raise ValueError(f"{entry['file']} has no line {entry['line']}")
