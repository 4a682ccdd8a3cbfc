"""Exports: all that the filters leave, as of one number, whatever happens meanwhile.

What only a real server shows, its memory and connections, is in tests/test_exports.py.
"""

import asyncio
import csv
import io
import itertools
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import openpyxl
import orjson
import pyarrow.csv
import pyarrow.parquet
import pytest
import tablib
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import LazySettings
from django.core.asgi import get_asgi_application
from django.db import transaction
from django.test import AsyncClient

from claims.api import exporting
from claims.api.exporting import Export
from claims.api.filtering import ClaimFilters
from claims.api.lines import Lines
from claims.formats import tables
from claims.queries.feed import head
from claims.queries.past import Cutoff
from claims.vocabulary import Outcome
from tests import make
from tests.api import holdings
from tests.api.test_as_of import History
from tests.api.walking import walk
from tests.conftest import Api, places, problem
from tests.log import numbered
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("committed")

PATH = "/api/v1/exports/claims/"


@dataclass
class Told:
    headers: dict[str, str]
    body: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        assert self.body.endswith(b"\n")
        return [orjson.loads(line) for line in self.body.splitlines()]

    @property
    def claims(self) -> list[dict[str, Any]]:
        *claims, end = self.lines
        assert end == {"end": True, "count": len(claims), "as_of": int(self.headers["Isnad-As-Of"])}
        return claims

    @property
    def rows(self) -> list[dict[str, str]]:
        """As Python reads CSV."""
        text = self.body.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def exported(query: str = "", accept: str = "*/*", path: str = PATH) -> Told:
    """What an export answers, which must be a stream."""

    async def read() -> Told:
        response: Any = await AsyncClient().get(f"{path}?{query}", headers={"accept": accept})
        assert response.status_code == 200, response.content.decode()
        body = b"".join([part async for part in response.streaming_content])
        return Told(dict(response.headers), body)

    return async_to_sync(read)()


def listed(query: str = "") -> list[dict[str, Any]]:
    pages = walk(Api(), f"/claims/?ordering=created_at&page_size=200&{query}")
    # Who takes a list with them is told nothing of what they may do here.
    return [{k: v for k, v in it.items() if k != "allowed_moves"} for page in pages for it in page]


@pytest.fixture
def record(committed: str) -> make.Desk:
    """A few claims of every kind, numbered."""
    with transaction.atomic():
        desk = make.desk("Desk; of facts")
        claim, _appearance = make.marked_fact(text="وأعلن العراق تحرير كامل أراضيه")
        make.verdict(claim, desk.checker, Outcome.DISPUTED, label="=Wrong()")
        make.statement(text='He said: "no"\nand left', asserts=[claim.pk])
        make.fact(text="=1+1", fact={"subject": "x", "property": "y", "value": "-5.5"} | QUANTITY)
        make.fact(text="plain", language="ar")
    numbered()
    return desk


QUANTITY = {"value_type": "quantity", "unit": "km", "approximate": True, "lower": "-6"}


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FIRST", 2)
    monkeypatch.setattr(exporting, "PAGE", 3)


# What is in it


def test_an_export_is_the_whole_list_in_the_order_of_filing(record: make.Desk) -> None:
    told = exported()
    assert told.claims == listed()
    assert len(told.claims) == 4
    assert told.headers["Content-Type"] == "application/x-ndjson"
    assert told.headers["Isnad-As-Of"] == str(head())
    assert told.headers["Content-Disposition"] == (f'attachment; filename="claims-{head()}.ndjson"')


def test_of_an_empty_record_the_end_alone_is_told(committed: str) -> None:
    assert exported().lines == [{"end": True, "count": 0, "as_of": 0}]


@pytest.mark.usefixtures("short_pages")
def test_every_filter_leaves_what_it_leaves_in_the_list(
    committed: str, settings: LazySettings
) -> None:
    settings.EXPORTS_PER_MINUTE = (1_000, 1_000)
    with transaction.atomic():
        holdings.build()
    numbered()
    values = holdings.values()
    assert values.keys() == ClaimFilters.base_filters.keys()
    chance = random.Random(5)
    queries = [{}, *({name: value} for name, its in values.items() for value in its[:3])]
    for _ in range(40):
        names = chance.sample(sorted(values), chance.choice([2, 2, 3]))
        queries.append({name: chance.choice(values[name]) for name in names})
    for query in map(urlencode, queries):
        assert exported(query).claims == listed(query), query


def test_what_has_no_number_yet_is_left_out(record: make.Desk) -> None:
    before = exported().claims
    with transaction.atomic():
        make.fact()
        make.verdict(make.fact(), record.checker)
    assert exported().claims == before
    numbered()
    assert len(exported().claims) == len(before) + 2


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize(
    ("seed", "query"),
    [
        *itertools.product([1, 2], [{}]),
        (3, {"status": "disputed"}),
        (4, {"has_verdict": "true", "language": "ar"}),
        (5, {"published_after": "2020-01-01"}),
        (8, {"outcome": "disputed"}),
        (7, {"changed_after": "2000-01-01"}),
    ],
)
def test_what_happens_meanwhile_changes_nothing(
    committed: str, seed: int, query: dict[str, str]
) -> None:
    with transaction.atomic():
        history = History(random.Random(seed))
    for _ in range(30):
        once(history)
    numbered()
    then = listed(urlencode(query))
    as_of = head()
    assert then, "nothing to compare"
    asked = {name: field.clean(query[name]) for name, field in fields().items() if name in query}
    until = Cutoff(number=as_of).latest_filing()

    async def read() -> list[dict[str, Any]]:
        export, lines, found = Export(asked, as_of=as_of, until=until), Lines(1), []
        try:
            async for page in export.pages(lines):
                found += map(orjson.loads, page)
                for _ in range(4):
                    await sync_to_async(once)(history)
                if history.chance.random() < 0.5:  # else they wait for their numbers
                    await sync_to_async(numbered)()
        finally:
            await lines.close()
        return found

    assert async_to_sync(read)() == then
    assert listed(urlencode(query)) != then, "nothing happened"


def fields() -> dict[str, Any]:
    from claims.api.claims import Claims
    from claims.api.filtering import fields_of

    return dict(fields_of(Claims))


def once(history: History) -> None:
    """Something happens."""
    actions: list[Callable[[], object]] = [history.file, history.judge, history.judge]
    actions += [history.edit, history.appear, history.capture, history.withdraw]
    actions += [history.rename, history.move]
    with transaction.atomic():
        (history.chance.choice(actions) if history.claims else history.file)()


# CSV


def test_a_spreadsheet_reads_what_the_claims_say(record: make.Desk) -> None:
    told = exported("format=csv")
    assert told.headers["Content-Type"] == "text/csv"
    assert told.body.startswith("\ufeffid,kind,text,".encode())
    claims, rows = listed(), told.rows
    assert [row["id"] for row in rows] == [claim["id"] for claim in claims]
    judged, said, formula, plain = rows
    assert judged["text"] == claims[0]["text"]
    assert judged["passage"] == claims[0]["appearance"]["exact"]
    assert judged["article"] == claims[0]["article"]["headline"]
    assert judged["publisher"] == claims[0]["article"]["publisher"]["name"]
    assert (judged["status"], judged["disputed_by"]) == ("disputed", "Desk; of facts")
    assert judged["verified_by"] == ""
    assert judged["labels"] == "'=Wrong()"
    assert said["text"] == 'He said: "no"\nand left'
    assert said["asserts"] == claims[0]["id"]
    assert said["speaker"] == claims[1]["speaker"]["name"]
    assert formula["text"] == "'=1+1"
    assert (formula["value"], formula["lower"], formula["upper"]) == ("-5.5", "-6", "")
    assert formula["approximate"] == "true"
    assert plain["number"] == str(claims[3]["number"])


def test_another_reader_of_csv_reads_the_same(record: make.Desk) -> None:
    told = exported(accept="text/csv")
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    texts = pyarrow.csv.ConvertOptions(
        column_types={column.name: pyarrow.string() for column in tables.COLUMNS}
    )
    read = pyarrow.csv.read_csv(
        io.BytesIO(told.body), parse_options=options, convert_options=texts
    ).to_pylist()
    assert read == told.rows


def in_spreadsheet(table: str) -> list[tuple[Any, ...]]:
    """The cells of a sheet with these rows."""
    book = openpyxl.load_workbook(
        io.BytesIO(tablib.Dataset().load(table, format="csv").export("xlsx"))
    )
    return list(book.active.iter_rows())


def test_a_spreadsheet_works_nothing_out_and_arabic_is_intact(record: make.Desk) -> None:
    told = exported("format=csv")
    head, *rows = in_spreadsheet(told.body.decode("utf-8-sig"))
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    named = [dict(zip((it.value for it in head), row, strict=True)) for row in rows]
    found = [{name: cell.value or "" for name, cell in row.items()} for row in named]
    assert found == told.rows
    assert found[0]["passage"] == "وأعلن العراق تحرير كامل أراضيه"
    assert {row["text"].value for row in named} >= {"'=1+1"}
    # It would have: to this library a text that begins so is a formula.
    [_head, [cell]] = in_spreadsheet("text\r\n=1+1\r\n")
    assert cell.data_type == "f"


# Parquet


def test_parquet_has_the_same_rows_with_types(
    record: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROW_GROUP", 3)
    monkeypatch.setattr(exporting, "FIRST", 2)
    told = exported(accept="application/vnd.apache.parquet")
    file = pyarrow.parquet.ParquetFile(io.BytesIO(told.body))
    rows, claims = file.read().to_pylist(), listed()
    assert [row["id"] for row in rows] == [claim["id"] for claim in claims]
    assert file.num_row_groups == 1  # 2 and 2 claims are more than 3
    assert file.metadata.metadata[b"count"] == b"4"
    assert file.metadata.metadata[b"as_of"] == told.headers["Isnad-As-Of"].encode()
    judged, said, formula, _plain = rows
    assert judged["disputed_by"] == ["Desk; of facts"]
    assert judged["labels"] == ["=Wrong()"]
    assert said["asserts"] == [claims[0]["id"]]
    assert formula["text"] == "=1+1"
    assert formula["approximate"] is True
    assert formula["created_at"].isoformat() == claims[2]["created_at"].replace("Z", "+00:00")


def test_parquet_of_nothing_is_a_file_without_rows(committed: str) -> None:
    file = pyarrow.parquet.ParquetFile(io.BytesIO(exported("format=parquet").body))
    assert file.metadata.num_rows == 0
    assert file.schema_arrow.names == [column.name for column in tables.COLUMNS]


def test_without_pyarrow_parquet_is_refused_in_words(
    record: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for asked, header in (("?format=parquet", "*/*"), ("", "application/vnd.apache.parquet")):
        refused = Api().get(f"/exports/claims/{asked}", accept=header)
        assert "CSV" in problem(refused, "not-acceptable", 406)["detail"]


# What is refused


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("q=bridge", "q"),
        ("page_size=5", "page_size"),
        ("ordering=created_at", "ordering"),
        ("as_of=3", "as_of"),
        ("status=odd", "status"),
        ("format=xml", "format"),
        ("kind=fact&kind=fact", "kind"),
    ],
)
def test_what_has_no_meaning_here_is_refused(committed: str, query: str, at: str) -> None:
    document = problem(Api().get(f"/exports/claims/?{query}"), "bad-parameter", 400)
    assert places(document) == {at}


def test_a_media_type_that_is_not_served_is_refused(committed: str) -> None:
    problem(Api().get("/exports/claims/", accept="application/json"), "not-acceptable", 406)


def test_the_format_in_the_address_goes_before_what_is_accepted(record: make.Desk) -> None:
    assert exported("format=csv", accept="text/html").headers["Content-Type"] == "text/csv"
    assert exported(accept="text/html,*/*;q=0.8").claims


def test_head_tells_the_headers_alone(record: make.Desk) -> None:
    response = Api().send("HEAD", "/exports/claims/?format=csv")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Isnad-As-Of"] == str(head())


def test_exports_are_counted_apart(record: make.Desk, settings: LazySettings) -> None:
    settings.EXPORTS_PER_MINUTE = (5, 2)
    exported()
    exported()
    refused = Api().get("/exports/claims/")
    assert "2 exports" in problem(refused, "too-many-requests", 429)["detail"]
    assert int(refused["Retry-After"]) >= 1
    assert Api().get("/claims/").status_code == 200


# Readers


class Reader:
    """Somebody who takes one part at a time, and hangs up."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.may_go_on = asyncio.Semaphore(2)
        self.gone = asyncio.Event()
        self.asked = False
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"testserver")],
            "client": ("127.0.0.1", 50_000),
            "server": ("testserver", 80),
        }

    async def receive(self) -> Any:
        if self.asked:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        self.asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        await self.may_go_on.acquire()
        if message["type"] == "http.response.body":
            self.parts.append(message["body"])


@pytest.mark.usefixtures("short_pages")
def test_a_reader_that_goes_away_ends_it(
    record: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    pages = Export.pages

    async def watched(self: Export, lines: Lines) -> Any:
        try:
            async for page in pages(self, lines):
                yield page
        finally:
            ended.append(True)

    monkeypatch.setattr(Export, "pages", watched)

    async def read() -> None:
        reader = Reader()
        application = get_asgi_application()
        answering = asyncio.create_task(application(reader.scope, reader.receive, reader.send))
        async with asyncio.timeout(PATIENCE):
            while not reader.parts:
                await asyncio.sleep(0.01)
            assert len(reader.parts[0].splitlines()) == 2
            reader.gone.set()
            await answering
        assert len(reader.parts) == 1

    async_to_sync(read)()
    assert ended == [True]
