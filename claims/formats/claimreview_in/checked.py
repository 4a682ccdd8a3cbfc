"""One review that is checked, and what is found wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from django.utils.text import format_lazy

from claims.formats.claimreview_in.documents import Thing, local
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import MOST_LABEL
from claims.formats.fields import escaped

Words = Any  # a text, translated when it is told
JSON = dict[str, Any]

REQUIRED, RECOMMENDED = "required", "recommended"
LEVELS = (REQUIRED, RECOMMENDED)


class Finding(NamedTuple):
    """pointer: to what is wrong, or to where something is missing. rule: a word that is stable."""

    pointer: str
    rule: str
    level: str
    why: Words
    mend: Words


@dataclass(frozen=True, slots=True)
class Checked:
    """One review of a document. today: what lies after it is still to come."""

    node: JSON
    pointer: str
    graph: dict[str, JSON]
    outcomes: Outcomes
    today: date

    @property
    def review(self) -> Thing:
        return Thing(self.node, self.graph)

    def at(self, *path: str | int) -> str:
        """The pointer to a property, by the names that the document itself uses."""
        pointer, value = self.pointer, cast(Any, self.node)
        for step in path:
            if isinstance(value, list) and not isinstance(step, int):
                pointer, value = f"{pointer}/0", value[0] if value else None
            if isinstance(value, dict):
                step = next((it for it in value if local(it) == step), step)
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step] if step < len(value) else None
            elif pointer != self.pointer:
                break  # a text stands where a thing should be: that is where it is wrong
            pointer = f"{pointer}/{escaped(str(step))}"
        return pointer

    def finding(
        self, rule: str, level: str, why: Words, mend: Words, *path: str | int, **told: object
    ) -> Finding:
        said = {name: cut(it) if isinstance(it, str) else it for name, it in told.items()}
        why, mend = (format_lazy(words, **said) for words in (why, mend))
        return Finding(self.at(*path), rule, level, why, mend)


def cut(words: str) -> str:
    return words if len(words) <= MOST_LABEL else f"{words[:MOST_LABEL]}…"


Rule = Callable[[Checked], Iterator[Finding]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check
