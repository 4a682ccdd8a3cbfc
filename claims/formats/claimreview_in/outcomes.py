"""What the words of a rating mean for the claim, by a table that people read and extend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from claims.text.sameness import same
from claims.vocabulary import JUDGEMENTS, Outcome

TABLE = Path(__file__).with_name("outcomes.toml")
BEFORE, SITE = "before", "site"

_PUNCTUATION = re.compile(r"[^\w\s]+|_+")
_SPACES = re.compile(r"\s+")
# Between words that are ratings of their own: "Truth! & Fiction!".
_JOINTS = re.compile(r"\s*(?:[&/+,،]|\band\b)\s*")
# What ends the rating where an explanation follows: "Conclusion: False. There is no evidence …".
_ENDS = re.compile(r"[.!؟?;؛](?=\s)|\s[-\u2013\u2014]\s|\n")


class BadTable(ValueError):
    """A table that cannot be used; says where and why."""


def form(words: str) -> str:
    """One for all spellings of a rating, without its punctuation."""
    return _SPACES.sub(" ", _PUNCTUATION.sub(" ", same(words))).strip()


@dataclass(slots=True)
class Outcomes:
    """known: by site (None: anybody's) and the form of the rating. before: see the table."""

    known: dict[tuple[str | None, str], Outcome] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def of(self, label: str, site: str | None = None) -> Outcome | None:
        """The outcome of a rating; None where no table knows it.

        Tried in this order: all of it, what follows a word such as "Verdict:", the sentence that it
        begins with, and words that are joined, which together are inconclusive where they differ.
        """
        for asked in (label, _ENDS.split(label, maxsplit=1)[0]):
            for words in (asked, self.without_before(asked)):
                if (found := self.known_as(words, site)) is not None:
                    return found
            parts = [it for it in _JOINTS.split(same(self.without_before(asked))) if form(it)]
            if len(parts) > 1:
                together = {self.known_as(it, site) for it in parts}
                if None not in together:
                    return together.pop() if len(together) == 1 else Outcome.INCONCLUSIVE
        return None

    def known_as(self, words: str, site: str | None) -> Outcome | None:
        asked = form(words)
        return self.known.get((site, asked)) or self.known.get((None, asked))

    def without_before(self, label: str) -> str:
        asked = form(label)
        for words in self.before:
            if asked.startswith(f"{words} "):
                rest = asked[len(words) + 1 :]
                # As it stood, so that joints are still seen.
                head, colon, tail = label.partition(":")
                return tail if colon and form(head) == words else rest
        return label

    def add(self, table: Mapping[str, Any], *, source: str) -> None:
        """What this table says goes before what was added earlier. Raises BadTable."""
        for name, section in table.items():
            if not isinstance(section, Mapping):
                raise BadTable(f"{source}: {name} is no section: write [{name}]")
            if name == BEFORE:
                words = section.get("words", [])
                self.before += map(form, listed(words, f"{source}: [{name}] words"))
                continue
            sites = section.items() if name == SITE else [(None, section)]
            for site, outcomes in sites:
                self.add_section(site, outcomes, source=f"{source}: [{name}]")
        self.before.sort(key=len, reverse=True)

    def add_section(self, site: str | None, outcomes: Any, *, source: str) -> None:
        if not isinstance(outcomes, Mapping):
            raise BadTable(f'{source}: write [site."{site}"]')
        own: dict[str, Outcome] = {}
        for outcome, labels in outcomes.items():
            if outcome not in JUDGEMENTS:
                raise BadTable(f"{source}: {outcome} is none of {', '.join(sorted(JUDGEMENTS))}")
            for label in listed(labels, f"{source} {outcome}"):
                means, asked = Outcome(outcome), form(label)
                if not asked or own.setdefault(asked, means) != means:
                    raise BadTable(f"{source}: {label!r} stands under two outcomes, or is no word")
        self.known |= {(site, asked): means for asked, means in own.items()}


def listed(value: Any, source: str) -> Iterable[str]:
    if not isinstance(value, list) or not all(isinstance(it, str) for it in value):
        raise BadTable(f"{source} is a list of texts")
    return value


@lru_cache(maxsize=4)
def outcomes(more: str | None = None) -> Outcomes:
    """The table of the project, and the one at the path `more`. Raises BadTable, OSError."""
    table = Outcomes()
    for path in (TABLE, *([Path(more)] if more else ())):
        try:
            table.add(tomllib.loads(path.read_text("utf-8")), source=path.name)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise BadTable(f"{path.name}: {wrong}") from None
    return table
