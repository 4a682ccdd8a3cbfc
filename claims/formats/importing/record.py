"""Why a record is not imported, or not all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from django.utils.functional import Promise


class Worded(Enum):
    """A word for programs, and what it says to people."""

    @property
    def word(self) -> str:
        word: str = self.value[0]
        return word

    @property
    def says(self) -> str | Promise:
        says: str | Promise = self.value[1]
        return says


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record that cannot be imported. url: what it is about, as far as that is known."""

    place: str
    reason: Worded
    url: str | None = None


class Refused(Exception):
    """What is wrong with the record that is being read."""

    def __init__(self, reason: Worded) -> None:
        super().__init__(reason.word)
        self.reason = reason


class Placed(Protocol):
    """A record. place: where it stood; url: what it is about."""

    @property
    def place(self) -> str: ...

    @property
    def url(self) -> str | None: ...


def refused(record: Placed, reason: Worded) -> dict[str, str | None]:
    """That a record was refused, as JSON."""
    return {
        "place": record.place,
        "url": record.url,
        "reason": reason.word,
        "detail": str(reason.says),
    }
