"""Reviews in tables, one a row: a mapping says which column is what.

A mapping is a TOML file; those of this folder (`mappings/`) are known by their names::

    format = "ndjson"              # or "csv"; left out: by the name of the file
    empty = ["", "None"]           # what stands where there is nothing, beside the usual
    quoted = false                 # texts stand in quotation marks of their own

    [columns]                      # of a review: the column, or the columns of which the first
    claim = "claimReviewed"        # that is filled counts
    claimant = "speaker"
    explanations = ["reason"]

    [constants]                    # what is the same in every row
    language = "en"
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.reading import Said, settle
from claims.formats.claimreview_in.record import Reason, Record
from claims.formats.importing import Unusable

MAPPINGS = Path(__file__).parent / "mappings"
FORMATS = ("ndjson", "csv")
SEVERAL = frozenset({"appearances", "explanations", "citations"})
# Who said it is a person or an organization where a mapping says so of all.
PROPERTIES = frozenset(it.name for it in fields(Said)) - {"claimant_type", "markup_by"}
MOST_FIELD = 1_000_000  # characters in a cell of CSV


class BadMapping(ValueError):
    """A mapping that cannot be used; says why and which there are."""


@dataclass(frozen=True, slots=True)
class TableMapping:
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None
    empty: frozenset[str] = frozenset()
    quoted: bool = False

    def read_as(self, media_type: str) -> TableMapping:
        """This mapping for a file of that media type."""
        return replace(self, format="csv" if media_type == "text/csv" else "ndjson")

    def record(self, row: object, place: str, outcomes: Outcomes) -> Record:
        if not isinstance(row, dict):
            return Unusable(place, Reason.NOT_A_RECORD)
        return settle(self.said(row), place, outcomes)

    def said(self, row: Mapping[str, Any]) -> Said:
        said = Said()
        for name, value in self.constants.items():
            setattr(said, name, value)
        for name, columns in self.columns.items():
            filled = [it for it in (self.cell(row.get(column)) for column in columns) if it]
            if name in SEVERAL:
                setattr(said, name, filled)
            elif filled:
                setattr(said, name, filled[0])
        return said

    def cell(self, value: Any) -> Any:
        if isinstance(value, str):
            if self.quoted and len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1].replace('""', '"')
            if value.strip() in self.empty or values.nothing(value):
                return None
        return value


def names() -> list[str]:
    return sorted(path.stem for path in MAPPINGS.glob("*.toml"))


def mapping(name: str) -> TableMapping:
    """One of the project, by its name, or the one in the file of that path. Raises BadMapping."""
    path = MAPPINGS / f"{name}.toml"
    if name not in names():
        path = Path(name)
    try:
        return mapped(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise BadMapping(
            f"{name} is no mapping: name a file, or one of {', '.join(names())}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadMapping(f"{path.name}: {wrong}") from None


def mapped(table: Mapping[str, Any]) -> TableMapping:
    """Raises BadMapping."""
    unknown = table.keys() - {"format", "empty", "quoted", "columns", "constants"}
    if unknown:
        raise BadMapping(f"a mapping has no {', '.join(sorted(unknown))}")
    columns, constants = table.get("columns", {}), table.get("constants", {})
    for section in (columns, constants):
        if not isinstance(section, dict):
            raise BadMapping("write [columns] and [constants]")
        if odd := section.keys() - PROPERTIES:
            raise BadMapping(
                f"a review has no {', '.join(sorted(odd))}: it has {', '.join(sorted(PROPERTIES))}"
            )
    named = {
        name: (given,) if isinstance(given, str) else tuple(given) if is_texts(given) else None
        for name, given in columns.items()
    }
    if not named.get("claim") or not named.get("url") or None in named.values():
        raise BadMapping("[columns] says of claim and url at least in which columns they are")
    if not all(isinstance(it, str) for it in constants.values()) or SEVERAL & constants.keys():
        raise BadMapping("[constants] are texts")
    if table.get("format") not in (None, *FORMATS):
        raise BadMapping(f"format is one of {', '.join(FORMATS)}")
    if not is_texts(table.get("empty", [])) or not isinstance(table.get("quoted", False), bool):
        raise BadMapping("empty is a list of texts, quoted is true or false")
    return TableMapping(
        columns={name: given for name, given in named.items() if given},
        constants=constants,
        format=table.get("format"),
        empty=frozenset(table.get("empty", ())),
        quoted=table.get("quoted", False),
    )


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) for it in value)


def rows(lines: Iterator[str]) -> Iterator[dict[str, Any] | None]:
    """The rows of CSV with a head; None for one that cannot be read."""
    csv.field_size_limit(MOST_FIELD)
    reader = csv.DictReader(lines, strict=False)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None
        else:
            row.pop(None, None)  # cells beyond the head
            yield row
