"""The plain reads that the edge answers: lists, single documents, histories, feed, statistics."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from psycopg.pq.abc import PGresult

from claims.api import stats
from claims.api.articles import Articles
from claims.api.asking import FEED, STREAM
from claims.api.callers import key_in, who
from claims.api.changes import AFTER, HIGHEST, WAIT, Changes, events, number_in, told
from claims.api.claims import Claims
from claims.api.composed import IDS, Composer, body, composer
from claims.api.desks import Organizations
from claims.api.edge import Read
from claims.api.filtering import cleaned, fields_of, filtered
from claims.api.lines import Lines
from claims.api.pagination import CONTROLS, DEFAULT_SIZE, MOST, SIZE, Key, Pages, keys, page_size
from claims.api.preconditions import tags_known
from claims.api.publishers import Publishers
from claims.api.queries import Query
from claims.api.reading import Reading
from claims.api.resource import Resource, refuse_parameters
from claims.api.searching import ORDERINGS as SEARCHED_BY
from claims.api.searching import PARAMETERS, STEMS, Found, Searching, asked_in
from claims.api.speakers import Speakers
from claims.api.stats_out import Figures
from claims.errors import BeyondTheLog
from claims.formats.changes import READER, READS_AS
from claims.formats.composing import Given, Statement
from claims.formats.moves import reader_of, reading
from claims.models import Member
from claims.queries import feed
from claims.queries.etags import OF_RECORD, tag_sql, tag_to, tag_to_anybody
from claims.queries.statistics.reading import NAMING, STATE, State

logger = logging.getLogger(__name__)

UUID_IN_PATH = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
MOST_SHAPES = 500
USUAL_SIZES = {DEFAULT_SIZE, MOST}  # of pages; each plan that a connection keeps costs it 700 kB

# With one of these alone an index holds just what is asked, in the order of the list, whatever
# the value: the statement is planned once. Else the best plan depends on the values, and the
# rows of the page are looked for by a plan of their own.
ONE_INDEX = frozenset(
    {"kind", "status", "speaker", "subject", "property", "article", "publisher", "organization"}
    | {"outcome", "has_verdict", "created_after", "created_before", "claim"}
)

# To a caller who has this list already, no more needs to be told.
UNCHANGED = "SELECT who.caller, t.tag {who} CROSS JOIN ({tag}) AS t(tag)"
# Each tells the entity tag too.
PAGE = """
    SELECT who.caller, p.key, p.at, p.document, t.tag {who} CROSS JOIN ({tag}) AS t(tag)
    LEFT JOIN LATERAL ({page}) AS p ON true ORDER BY p.place"""
KEYS = """
    SELECT who.caller, k.id, k.at, NULL, t.tag {who} CROSS JOIN ({tag}) AS t(tag)
    LEFT JOIN LATERAL ({page}) AS k(id, at) ON true ORDER BY k.at {way}, k.id {way}"""
NO_TAG = "SELECT NULL::text"
ONE = """
    SELECT who.caller, t.tag,
        CASE WHEN t.tag <> ALL(%s) THEN (SELECT one.text FROM ({document}) AS one(text)) END
    {who} CROSS JOIN (SELECT %s::uuid) AS page(id) LEFT JOIN LATERAL ({tag}) AS t(tag) ON true"""
NEWS = """
    SELECT who.caller, p.key, p.at, p.document, (SELECT max(number) FROM claims_logentry) {who}
    LEFT JOIN LATERAL ({page}) AS p ON true ORDER BY p.place"""
COUNTED = "SELECT who.caller, k.* {who} LEFT JOIN ({state}) AS k ON true"

WRITTEN = {READER: "who.organization_id", READS_AS: "who.reads_as"}


@dataclass(slots=True)
class Made:
    caller: bytes | None
    body: bytes
    status: int = 200
    tag: bytes | None = None


class Shapes:
    """Statements by the shape of what is asked: made when first needed, the rarest forgotten."""

    def __init__(self) -> None:
        self.made: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, shape: Hashable, make: Callable[[], Any]) -> Any:
        if shape in self.made:
            self.made.move_to_end(shape)
            return self.made[shape]
        self.made[shape] = made = make()
        if len(self.made) > MOST_SHAPES:
            self.made.popitem(last=False)
        return made


class Listing:
    """Pages of documents. composer: what makes them; tag: SELECTs the entity tag; to_caller: as
    Resource has it."""

    def __init__(self, composer: Composer, tag: str = NO_TAG, *, to_caller: bool = False) -> None:
        self.composer, self.tag = composer, tag
        self.told_tag = to_reader if to_caller else lambda _caller, tag: tag
        self.shapes = Shapes()
        self.by_id = Query.of(composer.by_id(), planned_once=True)
        self.stems = Query.of(STEMS, planned_once=True)

    async def page(
        self,
        lines: Lines,
        asking: Any,
        pages: Pages,
        digest: bytes | None,
        given: Mapping[str, Any],
        rows: Callable[[], QuerySet[Any]],
        shape: Sequence[Hashable],
    ) -> Made | None:
        """rows: those that are listed, with Given in place of `given`; shape: of these."""
        if (tags := tags_known(asking)) is None:
            return None
        if tags and self.tag != NO_TAG:
            unchanged = await self.unchanged(lines, digest, tags)
            if unchanged is not None:
                return unchanged
        at_once = is_planned_once(given, pages)
        whole = (*shape, digest is None, *pages.shape)
        query = self.shapes.of(whole, lambda: self.query(pages, digest, rows(), at_once))
        given = {**given, "digest": digest}
        if pages.beyond is not None:
            given["at"], given["after"] = pages.beyond
        found = await lines.ask(query, given)
        caller, tag = found.get_value(0, 0), found.get_value(0, 4)
        count = rows_in(found)
        shown = range(min(count, pages.size))
        if at_once or not count:
            documents = [found.get_value(i, 3) or b"" for i in shown]
        else:
            ids = [(found.get_value(i, 1) or b"").decode() for i in shown]
            texts = await lines.ask(self.by_id, {IDS: ids, **reading(member_in(caller))})
            documents = [texts.get_value(i, 0) or b"" for i in range(texts.ntuples)]
        ends = [key_at(found, i, pages.column) for i in dict.fromkeys((0, len(shown) - 1)) if shown]
        links = pages.links(ends, more=count > pages.size)
        told = body(documents[::-1] if pages.backwards else documents, **links)
        return Made(caller, told, tag=self.told_tag(caller, tag))

    async def found(
        self, lines: Lines, asking: Any, searching: Searching, digest: bytes | None
    ) -> Made | None:
        """A page of what is searched for."""
        if (tags := tags_known(asking)) is None:
            return None
        if tags:
            unchanged = await self.unchanged(lines, digest, tags)
            if unchanged is not None:
                return unchanged
        asks = who(digest)

        def make() -> Query:
            statement = searching.statement(self.composer, asks, self.tag)
            return Query.of(statement, planned_once=True, **WRITTEN)

        query = self.shapes.of((digest is None, *searching.shape), make)
        rows = rows_of(await lines.ask(query, {**searching.given, "digest": digest}))
        page = Found(searching, rows)
        if unknown := page.unknown():
            languages, words = map(list, zip(*unknown, strict=True))
            told = await lines.ask(self.stems, {"languages": languages, "words": words})
            page.know([(row[0], row[1], row[2]) for row in rows_of(told)])
        caller, tag = (None if it is None else it.encode() for it in (rows[0][0], rows[0][4]))
        return Made(caller, page.body(), tag=self.told_tag(caller, tag))

    async def unchanged(
        self, lines: Lines, digest: bytes | None, tags: Sequence[str]
    ) -> Made | None:
        """304 where the caller has it.

        By a statement of its own: to plan that of the list may take longer than all of this.
        """
        query = self.shapes.of(
            digest is None, lambda: query_of(UNCHANGED, digest, planned_once=True, tag=self.tag)
        )
        found = await lines.ask(query, {"digest": digest})
        caller = found.get_value(0, 0)
        tag = self.told_tag(caller, found.get_value(0, 1))
        is_known = tag is not None and tag.decode().removeprefix("W/") in tags
        return Made(caller, b"", 304, tag) if is_known else None

    def query(
        self, pages: Pages, digest: bytes | None, rows: QuerySet[Any], at_once: bool
    ) -> Query:
        """at_once: documents and all, by one plan; else the keys alone, planned each time."""
        beyond = None if pages.beyond is None else (Given("at"), Given("after"))
        down, most = pages.reads_down, pages.size + 1
        read = keys(rows, pages.column, descending=down, beyond=beyond, most=most)
        parts: dict[str, Any] = {"tag": self.tag, "way": "DESC" if down else "ASC"}
        if at_once:
            inner = self.composer.by_page(read, descending=down, size=pages.size)
        else:
            sql, parameters = read.query.sql_with_params()
            inner = Statement(sql, tuple(parameters))
        template = PAGE if at_once else KEYS
        return query_of(template, digest, planned_once=at_once, **parts, page=inner)


def is_planned_once(asked: Mapping[str, Any], pages: Pages) -> bool:
    answered = len(asked) == 1 and asked.keys() <= ONE_INDEX and pages.column != "changed_at"
    return (not asked or answered) and pages.size in USUAL_SIZES


def query_of(template: str, digest: bytes | None, *, planned_once: bool, **parts: Any) -> Query:
    """A statement put together: `who` comes before the part that has parameters."""
    asks = who(digest)
    statements = [asks, *(it for it in parts.values() if isinstance(it, Statement))]
    texts = {name: it.sql if isinstance(it, Statement) else it for name, it in parts.items()}
    sql = template.format(who=asks.sql, **texts)
    parameters = tuple(it for statement in statements for it in statement.parameters)
    return Query.of(Statement(sql, parameters), planned_once=planned_once, **WRITTEN)


def rows_in(found: PGresult) -> int:
    """How many rows there are beside the one that says who asks."""
    return 0 if found.get_value(0, 1) is None else found.ntuples


def rows_of(found: PGresult) -> list[tuple[Any, ...]]:
    values = (
        (found.get_value(row, column) for column in range(found.nfields))
        for row in range(found.ntuples)
    )
    return [tuple(None if it is None else it.decode() for it in row) for row in values]


def member_in(caller: bytes | None) -> Member | None:
    key = key_in(caller)
    return None if key is None else key.member


def to_reader(caller: bytes | None, tag: bytes | None) -> bytes | None:
    """The tag of a document that tells a reader what they may do with it."""
    return None if tag is None else tag_to(reader_of(member_in(caller)), tag.decode()).encode()


def key_at(found: PGresult, row: int, column: str) -> Key:
    pk, at = ((found.get_value(row, i) or b"").decode() for i in (1, 2))
    return Key(pk, int(at) if column == "number" else datetime.fromisoformat(at))  # type: ignore[arg-type]


class Lists:
    """The list of a resource that everybody sees whole."""

    def __init__(self, view: type[Resource], path: str) -> None:
        self.view, self.path = view, path
        self.right = (view.resource, "list")
        self.fields = fields_of(view)
        documents = composer(view.answers, view.all_rows())
        self.listing = Listing(documents, OF_RECORD, to_caller=view.to_caller)

    def matches(self, path: str) -> dict[str, str] | None:
        return {} if path == self.path else None

    async def answer(
        self, lines: Lines, asking: Any, digest: bytes | None, **path: str
    ) -> Made | None:
        search = asked_in(asking.query_params)
        pages = Pages(asking, SEARCHED_BY if search else self.view.orderings)
        refuse_parameters(asking, known=(*self.fields, *CONTROLS, *PARAMETERS))
        given = cleaned(self.fields, asking.query_params)
        if search is not None:
            searching = Searching(self.view, pages, search, given)
            return await self.listing.found(lines, asking, searching, digest)
        # What is true or false changes the statement, all other values are handed over.
        shape = sorted((name, it if isinstance(it, bool) else "") for name, it in given.items())

        def rows() -> QuerySet[Any]:
            told = {n: it if isinstance(it, bool) else Given(n) for n, it in given.items()}
            return filtered(self.view, told, ordering=pages.ordering)

        return await self.listing.page(lines, asking, pages, digest, given, rows, shape)


class Histories:
    """What happened to a claim."""

    right = ("claims", "history")
    PATH = re.compile(f"/api/v1/claims/({UUID_IN_PATH})/history/")

    def __init__(self) -> None:
        self.listing = Listing(told())

    def matches(self, path: str) -> dict[str, str] | None:
        found = self.PATH.fullmatch(path)
        return None if found is None else {"claim": found[1]}

    async def answer(
        self, lines: Lines, asking: Any, digest: bytes | None, **path: str
    ) -> Made | None:
        pages = Pages(asking, ("number", "-number"))
        refuse_parameters(asking, known=CONTROLS)
        made = await self.listing.page(
            lines,
            asking,
            pages,
            digest,
            path,
            lambda: feed.of_claim(Given("claim")),
            (),
        )
        # Where nothing is told, there may be no such claim.
        return None if made is None or made.body.endswith(b"[]}") else made


class Details:
    """A document of a resource that everybody sees whole."""

    def __init__(self, view: type[Resource], path: str) -> None:
        self.right = (view.resource, "retrieve")
        self.to_caller = view.to_caller
        self.path = re.compile(f"{path}({UUID_IN_PATH})/")
        document = composer(view.answers, view.all_rows()).document
        tag = tag_sql(view.model, "page.id")
        self.queries = {
            anonymous: Query.of(
                Statement(
                    ONE.format(document=document.sql, who=asks.sql, tag=tag),
                    (Given("tags"), *document.parameters, *asks.parameters, Given("id")),
                ),
                planned_once=True,
                **WRITTEN,
            )
            for anonymous, asks in ((True, who(None)), (False, who(b"")))
        }

    def matches(self, path: str) -> dict[str, str] | None:
        found = self.path.fullmatch(path)
        return None if found is None else {"id": found[1]}

    async def answer(
        self, lines: Lines, asking: Any, digest: bytes | None, **path: str
    ) -> Made | None:
        refuse_parameters(asking, known=())
        tags = tags_known(asking)
        if tags is None:
            return None
        # What the caller has is of the same version, at least.
        known = [tag_to_anybody(it) for it in tags] if self.to_caller else tags
        given = {**path, "tags": known, "digest": digest}
        found = await lines.ask(self.queries[digest is None], given)
        caller, tag, text = (found.get_value(0, i) for i in range(3))
        if tag is None:
            return None
        if self.to_caller:
            tag = to_reader(caller, tag) or b""
            if text is None and tag.decode() not in tags:
                return None  # may do other things with it than when it was read
        return Made(caller, text or b"", 304 if text is None else 200, tag)


class News:
    """The feed, but for what is filtered by type."""

    right = ("changes", "list")
    PATH = FEED

    def __init__(self) -> None:
        self.fields = fields_of(Changes)
        self.shapes = Shapes()

    def matches(self, path: str) -> dict[str, str] | None:
        return {} if path == self.PATH else None

    async def answer(
        self, lines: Lines, asking: Any, digest: bytes | None, **path: str
    ) -> Made | None:
        query, streams = asking.query_params, asking.accept == STREAM
        if "type" in query or (streams and b"last-event-id" in asking.sent):
            return None
        refuse_parameters(asking, known=(*self.fields, AFTER, WAIT, SIZE))
        Changes.check_wait(query)
        after, size = number_in(query, AFTER, most=HIGHEST), page_size(query)
        given = cleaned(self.fields, query)
        windowed = bool(given) and "claim" not in given
        shape = (*sorted(given), digest is None, size)

        def make() -> Query:
            rows = filtered(Changes, {name: Given(name) for name in given})
            until = Given("until") if windowed else None
            read = feed.first_after(rows, Given(AFTER), until=until, size=size)
            read = read.values_list("pk", "number")
            inner = told().by_page(read, descending=False, size=size)
            return query_of(
                NEWS, digest, page=inner, planned_once=not given and size in USUAL_SIZES
            )

        until = min(after + feed.WINDOW, HIGHEST)
        asked = {**given, AFTER: after, "until": until, "digest": digest}
        found = await lines.ask(self.shapes.of(shape, make), asked)
        count, head = rows_in(found), int(found.get_value(0, 4) or 0)
        if after > head:
            raise BeyondTheLog("")
        last = min(head, until) if windowed else head
        if count == size:
            last = int(found.get_value(count - 1, 2) or 0)
        if (reading := Reading.of(asking)) is not None:
            reading.found, reading.last, reading.head = count, last, head
        documents = [found.get_value(i, 3) or b"" for i in range(count)]
        if streams:
            return Made(found.get_value(0, 0), events(documents, last))
        following = Changes.after_this(asking, last)
        return Made(found.get_value(0, 0), body(documents, next=following, last=last, head=head))


class Statistics:
    """Figures, but for those that are told to members alone: one look whether anything new is
    counted, the rest of what the process holds, in a thread, and the names of what is told."""

    right = ("stats", "retrieve")
    PATH = "/api/v1/stats/"

    def __init__(self) -> None:
        self.fields = fields_of(stats.Stats)
        state = Statement(STATE, ())
        self.queries = {
            anonymous: query_of(COUNTED, digest, planned_once=True, state=state)
            for anonymous, digest in ((True, None), (False, b""))
        }
        self.naming = {
            kind: Query.of(Statement(sql, (Given("numbers"),)), planned_once=True)
            for kind, sql in NAMING.items()
        }

    def matches(self, path: str) -> dict[str, str] | None:
        return {} if path == self.PATH else None

    async def answer(
        self, lines: Lines, asking: Any, digest: bytes | None, **path: str
    ) -> Made | None:
        refuse_parameters(asking, known=(*self.fields, *stats.CONTROLS, *PARAMETERS))
        asked, tags = stats.asked_in(asking), tags_known(asking)
        if tags is None or "checker" in asked.by or "drafts" in asked.figures:
            return None
        search, given = asked_in(asking.query_params), cleaned(self.fields, asking.query_params)
        found = await lines.ask(self.queries[digest is None], {"digest": digest})
        caller, *told = (found.get_value(0, i) for i in range(6))
        counted = State.spelled(told)
        if counted is None:
            return None
        tag = stats.tag_of(counted, asking, asked, None)
        if tag.removeprefix("W/") in tags:
            return Made(caller, b"", 304, tag.encode())

        def reckoned() -> tuple[Figures, Mapping[str, list[int]]] | None:
            try:
                figures = stats.figures_of(given, asked, search, counted)
                return figures, figures.needed
            except DatabaseError as error:
                logger.warning("statistics were left to Django: %s", str(error).strip())
                return None
            finally:
                connection.close()

        if (made := await asyncio.to_thread(reckoned)) is None:
            return None
        figures, needed = made
        for kind, numbers in needed.items():
            rows = rows_of(await lines.ask(self.naming[kind], {"numbers": numbers}))
            if len(rows) < len(numbers):
                return None  # this copy of the record does not have them all yet
            figures.name(kind, ((int(number), *rest) for number, *rest in rows))
        tag = stats.tag_of(figures.state, asking, asked, None)
        return Made(caller, figures.body, tag=tag.encode())


def plain_reads() -> list[Read]:
    """Raises CannotCompose, before anything is served."""
    everybody_sees = (Claims, Articles, Speakers, Publishers, Organizations)
    details = [Details(view, f"/api/v1/{view.resource}/") for view in everybody_sees]
    return [Lists(Claims, "/api/v1/claims/"), *details, Histories(), News(), Statistics()]
