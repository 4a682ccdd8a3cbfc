"""Documents of claims as tables: NDJSON, which keeps them whole, CSV and Parquet, which are flat.

What the columns of the flat ones mean is told in docs/exports.md.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Protocol

import orjson

from claims.vocabulary import Outcome

Json = Mapping[str, Any]

BOM = "\ufeff"  # by which spreadsheets tell UTF-8
BETWEEN = "; "  # what stands between several values in one cell
# What begins a formula in spreadsheets. Source: OWASP, CSV Injection; with the wide forms that
# East Asian input makes of them, which are taken for the same.
FORMULA = re.compile("[\\s]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Rows, and bytes of their documents, that are in memory until Parquet has them whole.
ROW_GROUP, HEAVY = 10_000, 16_000_000


class Table(Protocol):
    """A way to write documents one after the other. media_type, extension: of what it makes."""

    media_type: ClassVar[str]
    extension: ClassVar[str]

    def begin(self) -> bytes: ...

    def page(self, documents: Sequence[bytes]) -> bytes:
        """Documents as JSON; what is ready to be sent, perhaps nothing yet."""
        ...

    def end(self, count: int, as_of: int) -> bytes:
        """What is left. count: of all documents; as_of: the number that they are told after."""
        ...


class Ndjson:
    """A document a line; the last line is no document: it says that these are all."""

    media_type: ClassVar[str] = "application/x-ndjson"
    extension: ClassVar[str] = "ndjson"

    def begin(self) -> bytes:
        return b""

    def page(self, documents: Sequence[bytes]) -> bytes:
        return b"\n".join(documents) + b"\n"

    def end(self, count: int, as_of: int) -> bytes:
        return end_line(count, as_of)


def end_line(count: int, as_of: int) -> bytes:
    """What stands behind the last document: where it is missing, the stream was cut off."""
    return orjson.dumps({"end": True, "count": count, "as_of": as_of}) + b"\n"


@dataclass(frozen=True, slots=True)
class Column:
    """of: from a document to its value. kind: of the value; `texts` are several."""

    name: str
    of: Callable[[Json], Any]
    kind: str = "text"


def at(*path: str) -> Callable[[Json], Any]:
    """What stands at a path; None where something on the way is null."""

    def found(document: Json) -> Any:
        value: Any = document
        for name in path:
            if value is None:
                return None
            value = value[name]
        return value

    return found


def time_at(name: str) -> Callable[[Json], datetime]:
    return lambda document: datetime.fromisoformat(document[name])


def found_by(document: Json, *, outcome: Outcome) -> list[str]:
    """Names of the organizations whose standing verdict has this outcome."""
    return [it["organization"]["name"] for it in document["verdicts"] if it["outcome"] == outcome]


def of_verdicts(document: Json, *, name: str) -> list[str]:
    return [it[name] for it in document["verdicts"] if it[name] is not None]


COLUMNS: tuple[Column, ...] = (
    Column("id", at("id")),
    Column("kind", at("kind")),
    Column("text", at("text")),
    Column("language", at("language")),
    Column("status", at("status")),
    Column("speaker", at("speaker", "name")),
    Column("speaker_id", at("speaker", "id")),
    Column("stated_on", at("stated_on")),
    Column("speech", at("speech")),
    *(
        Column(name, at("fact", name))
        for name in ("subject", "property", "value", "value_type", "unit")
    ),
    Column("approximate", at("fact", "approximate"), "flag"),
    Column("lower", at("fact", "lower")),
    Column("upper", at("fact", "upper")),
    Column("asserts", at("asserts"), "texts"),
    Column("publisher", at("article", "publisher", "name")),
    Column("publisher_id", at("article", "publisher", "id")),
    Column("article", at("article", "headline")),
    Column("article_id", at("article", "id")),
    Column("article_url", at("article", "url")),
    Column("date_published", at("article", "date_published")),
    Column("passage", at("appearance", "exact")),
    *(
        Column(f"{outcome.value}_by", partial(found_by, outcome=outcome), "texts")
        for outcome in (Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE)
    ),
    Column("labels", partial(of_verdicts, name="label"), "texts"),
    Column("verdict_urls", partial(of_verdicts, name="url"), "texts"),
    Column("created_at", time_at("created_at"), "time"),
    Column("changed_at", time_at("changed_at"), "time"),
    Column("number", at("number"), "number"),
)


class Csv:
    """For spreadsheets: RFC 4180 in UTF-8 with a byte order mark, no cell of which is a formula."""

    media_type: ClassVar[str] = "text/csv"
    extension: ClassVar[str] = "csv"

    def begin(self) -> bytes:
        return (BOM + written([[column.name for column in COLUMNS]])).encode()

    def page(self, documents: Sequence[bytes]) -> bytes:
        return written(map(cells, map(orjson.loads, documents))).encode()

    def end(self, count: int, as_of: int) -> bytes:
        return b""


def written(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def cells(document: Json) -> Iterator[str]:
    return (cell(column.of(document)) for column in COLUMNS)


def cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return defused(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            return defused(BETWEEN.join(value))


def defused(text: str) -> str:
    """With an apostrophe before what a spreadsheet would work out; a number is left as it is."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


class Parquet:
    """Raises ImportError where pyarrow is not installed."""

    media_type: ClassVar[str] = "application/vnd.apache.parquet"
    extension: ClassVar[str] = "parquet"

    def __init__(self) -> None:
        import pyarrow
        import pyarrow.parquet

        self.pyarrow = pyarrow
        kinds = {
            "text": pyarrow.string(),
            "texts": pyarrow.list_(pyarrow.string()),
            "flag": pyarrow.bool_(),
            "number": pyarrow.int64(),
            "time": pyarrow.timestamp("us", tz="UTC"),
        }
        self.schema = pyarrow.schema([(it.name, kinds[it.kind]) for it in COLUMNS])
        self.sink = Sink()
        self.writer = pyarrow.parquet.ParquetWriter(self.sink, self.schema, compression="zstd")
        self.waiting: list[bytes] = []

    def begin(self) -> bytes:
        return self.sink.taken()

    def page(self, documents: Sequence[bytes]) -> bytes:
        self.waiting += documents
        whole = len(self.waiting) >= ROW_GROUP or sum(map(len, self.waiting)) >= HEAVY
        return self.group() if whole else b""

    def group(self) -> bytes:
        rows = [orjson.loads(it) for it in self.waiting]
        self.waiting = []
        columns = [
            self.pyarrow.array([column.of(row) for row in rows], type=kind)
            for column, kind in zip(COLUMNS, self.schema.types, strict=True)
        ]
        self.writer.write_table(self.pyarrow.Table.from_arrays(columns, schema=self.schema))
        return self.sink.taken()

    def end(self, count: int, as_of: int) -> bytes:
        last = self.group() if self.waiting else b""
        self.writer.add_key_value_metadata({"count": str(count), "as_of": str(as_of)})
        self.writer.close()
        return last + self.sink.taken()


class Sink(io.RawIOBase):
    """A file that is taken away piece by piece as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []
        self.length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.length

    def write(self, part: Any) -> int:
        self.parts.append(bytes(part))
        self.length += len(self.parts[-1])
        return len(self.parts[-1])

    def taken(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)
