"""The dates of a text, as its quotations are told with them."""

from dataclasses import dataclass
from datetime import date

from claims.text.dates import dates_in


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the text; value: in EDTF; None where it cannot be told."""

    start: int
    end: int
    value: str | None


def moments_of(text: str, language: str | None, published: date | None) -> list[Moment]:
    """All dates of a text, in order; language, published: as `dates_in` takes them."""
    return [Moment(it.start, it.end, it.value) for it in dates_in(text, language, published)]
