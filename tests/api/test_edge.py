"""The lean edge answers as Django does, byte for byte what matters, or leaves it to Django."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any
from urllib.parse import urlencode

import orjson
import psycopg
import pytest
from django.core.asgi import get_asgi_application
from django.db import connections, transaction
from django.utils import timezone

from claims.api import rates
from claims.api.claims import Claims
from claims.api.edge import Edge
from claims.api.filtering import ClaimFilters
from claims.api.plain_reads import plain_reads
from claims.api.plain_writes import plain_writes
from claims.api.rates import PerCaller
from claims.api.stats import TOLD_BY
from claims.models import Article, Claim, LogEntry, Organization, Publisher, Speaker
from claims.vocabulary import Scope
from tests import make
from tests.api.test_as_of import History
from tests.api.test_stats import counted
from tests.log import numbered
from tests.models.rows import run as run_sql

pytestmark = pytest.mark.usefixtures("committed")

BASE = "/api/v1"


@dataclass
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    by_edge: bool = False

    @property
    def told(self) -> tuple[int, dict[bytes, list[bytes]], Any]:
        """What has to be equal: bodies after parsing, parts of headers in any order."""
        headers = {name.lower(): sorted(value.split(b"; ")) for name, value in self.headers}
        headers.pop(b"content-length", None)
        return self.status, headers, orjson.loads(self.body) if self.body else None

    def header(self, name: str) -> str | None:
        found = {n.lower(): v.decode() for n, v in self.headers}
        return found.get(name.encode())


@dataclass
class Both:
    """The application with the edge in front, and without."""

    django: Any = field(default_factory=get_asgi_application)
    left: int = 0  # requests that the edge left to Django

    def __post_init__(self) -> None:
        self.edge = Edge(self.behind, plain_reads(), plain_writes())

    async def behind(self, scope: Any, receive: Any, send: Any) -> None:
        self.left += 1
        await self.django(scope, receive, send)

    async def ask(
        self,
        path: str,
        *,
        plainly: bool = True,
        method: str = "GET",
        content: Sequence[bytes] = (b"",),
        **headers: str,
    ) -> Answer:
        """plainly: through the edge; content: the body, as it arrives; headers: with _ for -."""
        address, _, query = path.partition("?")
        sent = {"host": "testserver", **{n.replace("_", "-"): v for n, v in headers.items()}}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": address,
            "raw_path": address.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("testserver", 80),
        }
        parts: list[Any] = []
        more = [True] * (len(content) - 1) + [False]
        body = iter(
            {"type": "http.request", "body": part, "more_body": more}
            for part, more in zip(content, more, strict=True)
        )

        async def receive() -> Any:
            return next(body, None) or await asyncio.Event().wait()

        async def send(message: Any) -> None:
            parts.append(message)

        before = self.left
        await (self.edge if plainly else self.django)(scope, receive, send)
        start, *rest = parts
        text = b"".join(part["body"] for part in rest)
        return Answer(start["status"], start["headers"], text, plainly and self.left == before)

    async def alike(self, path: str, **headers: str) -> Answer:
        """The edge's answer, which has to be Django's."""
        await self.ask(path, **headers)  # the first of its kind is Django's own
        by_edge = await self.ask(path, **headers)
        by_django = await self.ask(path, plainly=False, **headers)
        for mine, its in zip(by_edge.told, by_django.told, strict=True):
            assert mine == its, path
        return by_edge


def run(what: Callable[[Both], Any]) -> None:
    async def all_of_it() -> None:
        both = Both()
        try:
            await what(both)
        finally:
            await both.edge.lines.close()
            await both.edge.writing.lines.close()

    connections.close_all()
    asyncio.run(all_of_it())


@pytest.fixture
def history() -> History:
    with transaction.atomic():
        history = History(random.Random(11))
        history.run(steps=40)
        one, other = (Claim.objects.get(pk=pk) for pk in history.claims[:2])
        make.relation(one, other, history.desks[0].checker, "same")
    numbered()
    return history


def queries(history: History) -> Iterator[dict[str, str]]:
    """Each filter and ordering of claims by itself, and by chance with others."""
    values: dict[str, Sequence[Any]] = {
        "kind": ["fact", "statement"],
        "status": ["unverified", "disputed", "contested"],
        "language": ["ar", "ar-IQ", "sw"],
        "speaker": [history.speakers[0].pk],
        "subject": [make.FACT["subject"], "no such thing"],
        "property": [make.FACT["property"]],
        "changed_after": ["2020-01-01", "2999-01-01T00:00:00Z"],
        "created_after": ["2020-01-01"],
        "created_before": ["2999-01-01", "2001-01-01T00:00:00+03:00"],
        "article": [history.articles[0].pk],
        "publisher": [history.publishers[0].pk],
        "published_after": ["2020-03-14", "2021-01-01"],
        "published_before": ["2020-03-14"],
        "organization": [desk.organization.pk for desk in history.desks],
        "outcome": ["disputed", "withdrawn"],
        "has_verdict": ["true", "false"],
        "same_as": [history.claims[0]],
        "related_to": [history.claims[1]],
    }
    assert set(values) == set(ClaimFilters.base_filters)
    single = [{name: value} for name, several in values.items() for value in several]
    yield {}
    yield from single
    chance = random.Random(3)
    for ordering, _ in product(Claims.orderings, range(15)):
        chosen = chance.sample(single, chance.randint(0, 4))
        yield {k: v for it in chosen for k, v in it.items()} | {"ordering": ordering}
    words = [
        {"q": "Iraq"},
        {"q": "iraq -basra", "ordering": "created_at"},
        {"q": '"declared victory" OR condemned', "ordering": "-relevance"},
        {"q": "IRAQ", "fold": "none"},
        {"q": "Iraq", "fold": "none"},
        {"q": "wonderful nothing"},
    ]
    for searched in words:
        yield searched
        for name in ("language", "published_after", "organization", "has_verdict"):
            yield {name: values[name][0]} | searched


def test_every_filter_and_order_of_claims_page_by_page(history: History) -> None:
    async def read(both: Both) -> None:
        edge, seen = 0, 0
        for asked in queries(history):
            path: str | None = f"{BASE}/claims/?{urlencode(asked | {'page_size': 7})}"
            before = None
            for _ in range(3):
                assert path is not None
                answer = await both.alike(path)
                assert answer.by_edge, path
                page = orjson.loads(answer.body)
                edge, seen = edge + 1, seen + len(page["results"])
                before = page["previous"] or before
                path = page["next"] and page["next"].removeprefix("http://testserver")
                if path is None:
                    break
            if before:
                await both.alike(before.removeprefix("http://testserver"))
        assert edge > 100
        assert seen > 250

    run(read)


def test_a_list_is_not_told_again_while_nothing_happens(history: History) -> None:
    def happen() -> None:
        try:
            with transaction.atomic():
                make.publisher()
        finally:
            connections.close_all()

    def count() -> None:
        try:
            numbered()
        finally:
            connections.close_all()

    def erase() -> None:
        try:
            gone = "text = NULL, salt = NULL, erased_at = now()"
            one = "SELECT id FROM claims_content WHERE text IS NOT NULL LIMIT 1"
            run_sql(f"UPDATE claims_content SET {gone} WHERE id = ({one})", using="owner")
        finally:
            connections.close_all()

    async def read(both: Both) -> None:
        tags = []
        for happening in (None, happen, count, erase):
            if happening is not None:
                await asyncio.to_thread(happening)
            for query in ("", "?status=disputed", "?language=ar&kind=fact", "?subject=nothing"):
                answer = await both.alike(f"{BASE}/claims/{query}")
                assert (answer.status, answer.by_edge) == (200, True)
                tag = answer.header("etag")
                assert tag is not None
                again = await both.alike(f"{BASE}/claims/{query}", if_none_match=f'"x", {tag}')
                assert (again.status, again.body, again.by_edge) == (304, b"", True)
                for old in tags:
                    assert (
                        await both.ask(f"{BASE}/claims/{query}", if_none_match=old)
                    ).status == 200
            tags.append(tag)
        assert len(set(tags)) == 4

    run(read)


def test_a_list_has_no_tag_while_much_waits_for_its_number() -> None:
    with transaction.atomic():
        for _ in range(101):
            make.publisher()

    async def read(both: Both) -> None:
        answer = await both.alike(f"{BASE}/claims/")
        assert (answer.status, answer.by_edge, answer.header("etag")) == (200, True, None)

    run(read)


def asked_of_statistics(history: History) -> Iterator[dict[str, str]]:
    """Each figure by whatever tells it apart, as a series, and by each filter of claims."""
    for figure, names in TOLD_BY.items():
        if figure != "drafts":
            open_to_all = [name for name in names if name != "checker"]
            for by in (None, *open_to_all, "status,speaker"):
                yield {"figures": figure} | ({} if by is None else {"by": by})
            yield {"figures": figure, "every": "day", "time_zone": "Asia/Kathmandu"}
    yield {"by": "speaker", "status": "disputed", "every": "week", "since": "2020-01-01"}
    yield {"figures": ",".join(it for it in TOLD_BY if it != "drafts"), "by": "kind", "most": "1"}
    for filters in queries(history):
        if "ordering" not in filters:
            yield {**filters, "figures": "claims,backlog,times", "by": "language"}


def test_statistics(history: History) -> None:
    """But for of when they are: with nothing new, that is when they were asked for."""
    key = make.key(history.desks[0].admin)
    counted()

    def told(answer: Answer) -> Any:
        status, headers, document = answer.told
        if document["backlog"] or document["period"]["every"]:
            headers.pop(b"etag")  # which changes with the minute
        assert document.pop("age") == 0
        assert document.pop("as_of")
        return status, headers, document

    async def read(both: Both) -> None:
        callers: list[dict[str, str]] = [{}, {"authorization": f"Bearer {key}"}]
        asked = [*asked_of_statistics(history)]
        assert len(asked) > 70
        for number, query in enumerate(asked):
            path, sent = f"{BASE}/stats/?{urlencode(query)}", callers[number % 2]
            await both.ask(path, **sent)
            by_edge = await both.ask(path, **sent)
            by_django = await both.ask(path, plainly=False, **sent)
            assert (by_edge.by_edge, by_edge.status) == (True, 200), path
            assert told(by_edge) == told(by_django), path
        unchanged = f"{BASE}/stats/?by=speaker"
        tag = (await both.ask(unchanged)).header("etag")
        assert tag is not None
        again = await both.alike(unchanged, if_none_match=tag)
        assert (again.status, again.body, again.by_edge) == (304, b"", True)
        nobody = "0190a000-0000-7000-8000-000000000000"
        for query in (
            "by=checker&figures=verdicts",
            "by=grade",
            "figures=drafts",
            f"figures=backlog&organization={nobody}",
        ):
            refused = await both.alike(f"{BASE}/stats/?{query}")
            assert refused.status in (400, 401)
            assert not refused.by_edge

    run(read)


def test_single_documents_histories_and_the_feed(history: History) -> None:
    documents = [
        (name, str(pk))
        for name, model in (
            ("claims", Claim),
            ("articles", Article),
            ("publishers", Publisher),
            ("speakers", Speaker),
            ("organizations", Organization),
        )
        for pk in model.objects.values_list("pk", flat=True)[:12]
    ]
    claims = [pk for name, pk in documents if name == "claims"]
    desk = history.desks[0]
    make.invitation(desk.admin, email="findable@example.org")
    keys = [make.key(desk.admin), make.key(desk.reader)]
    numbered()
    head = LogEntry.objects.count()
    callers: list[dict[str, str]] = [{}, *({"authorization": f"Bearer {it}"} for it in keys)]

    async def read(both: Both) -> None:
        for name, pk in documents:
            answer = await both.alike(f"{BASE}/{name}/{pk}/")
            assert answer.by_edge
            tag = answer.header("etag")
            assert tag is not None
            again = await both.alike(f"{BASE}/{name}/{pk}/", if_none_match=f'"x", W/{tag}')
            assert (again.status, again.body, again.by_edge) == (304, b"", True)
            await both.alike(f"{BASE}/{name}/{pk}/", if_none_match="*")
        for pk in claims:
            for query, sent in product(("", "?page_size=1", "?ordering=-number"), callers):
                path = f"{BASE}/claims/{pk}/history/{query}"
                assert (await both.alike(path, **sent)).by_edge
        for query in (
            "",
            "?after=3&page_size=2",
            f"?after={head}",
            f"?after={head + 1}",
            "?language=ar",
            "?status=disputed&page_size=1",
            f"?claim={claims[0]}",
            f"?organization={history.desks[0].organization.pk}&page_size=3",
            "?wait=0",
        ):
            for sent in callers:
                answer = await both.alike(f"{BASE}/changes/{query}", **sent)
                assert answer.by_edge or answer.status == 409

        told = []
        for sent in callers:
            answer = await both.alike(f"{BASE}/changes/?type=invitation.created", **sent)
            told.append([it in answer.body for it in (b"A admin", b"findable@example.org")])
        assert told == [[False, False], [True, True], [True, False]]

        for query, sent in product(("", "?after=3&page_size=2", "?language=ar"), callers):
            path, stream = f"{BASE}/changes/{query}", {"accept": "text/event-stream", **sent}
            await both.ask(path, **stream)
            by_edge = await both.ask(path, **stream)
            by_django = await both.ask(path, plainly=False, **stream)
            assert (by_edge.by_edge, by_edge.status) == (True, 200)
            assert by_edge.header("content-type") == by_django.header("content-type")
            assert by_edge.body == by_django.body

    run(read)


NOT_PLAIN: list[tuple[str, dict[str, str]]] = [
    ("/claims/", {"accept": "text/html"}),
    ("/claims/", {"accept": "application/json;q=0.9, text/html"}),
    ("/claims/", {"accept": "application/xml"}),
    ("/claims/", {"cookie": "sessionid=x"}),
    ("/claims/", {"host": "elsewhere.example"}),
    ("/claims/", {"authorization": "Bearer isnad_wrong"}),
    ("/claims/", {"authorization": "Basic x"}),
    ("/claims/", {"authorization": "Bearer \xff"}),
    ("/claims/?as_of=2999-01-01", {}),
    ("/claims/?unknown=1", {}),
    ("/claims/?status=x", {}),
    ("/claims/?status=", {}),
    ("/claims/?status=disputed&status=verified", {}),
    ("/claims/?page_size=201", {}),
    ("/claims/?ordering=text", {}),
    ("/claims/?cursor=forged", {}),
    ("/claims/?subject=%00", {}),
    ("/claims/?subject=%ED%A0%80", {}),
    ("/claims/?subject=%zz", {}),
    ("/claims/?speaker=1", {}),
    ("/claims/?" + "&".join(f"a{i}=1" for i in range(1_001)), {}),
    ("/claims/00000000-0000-7000-8000-000000000000/", {}),
    ("/claims/00000000-0000-7000-8000-000000000000/history/", {}),
    ("/claims/x/", {}),
    ("/changes/?after=-1", {}),
    ("/changes/?after=99999999999999999999", {}),
    ("/changes/?wait=61", {}),
    ("/changes/?type=claim.created", {}),
    ("/changes/", {"accept": "text/event-stream", "last-event-id": "0"}),
    ("/claims/", {"accept": "text/event-stream"}),
]


def test_what_is_not_plain_is_answered_by_django(subtests: pytest.Subtests) -> None:
    async def read(both: Both) -> None:
        for path, headers in NOT_PLAIN:
            with subtests.test(path, **headers):
                await both.ask(BASE + path)
                answer = await both.ask(BASE + path, **headers)
                assert not answer.by_edge
                by_django = await both.ask(BASE + path, plainly=False, **headers)
                assert answer.status == by_django.status
                if "html" not in headers.get("accept", ""):  # which has a token of its own
                    assert answer.body == by_django.body

    run(read)


def test_every_other_method_is_left_to_django() -> None:
    async def read(both: Both) -> None:
        for method in ("HEAD", "OPTIONS", "POST", "PUT", "DELETE"):
            assert not (await both.ask(f"{BASE}/claims/", method=method)).by_edge

    run(read)


def test_the_language_of_the_caller_is_kept() -> None:
    async def read(both: Both) -> None:
        for language in ("ar", "en", "ar-IQ,en;q=0.5", "tlh"):
            answer = await both.alike(f"{BASE}/claims/", accept_language=language)
            assert answer.by_edge
            assert answer.header("content-language") == language[:2].replace("tl", "en")

    run(read)


def test_a_key_is_judged_at_each_request() -> None:
    with transaction.atomic():
        desk = make.desk()
        claim = make.fact()
        good = make.key(desk.reader)
        blind = make.key(desk.reader, scopes=(Scope.WRITE,))
        late = make.key(desk.reader, expires_at=timezone.now() + timedelta(days=1))
    numbered()
    one = f"{BASE}/claims/{claim.pk}/"
    paths = [f"{BASE}/claims/", f"{BASE}/changes/", one, f"{one}history/"]

    def revoke() -> None:
        try:
            desk.reader.api_keys.update(revoked_at=timezone.now())
        finally:
            connections.close_all()

    async def read(both: Both) -> None:
        for path, (key, status) in product(paths, ((good, 200), (late, 200), (blind, 403))):
            answer = await both.alike(path, authorization=f"Bearer {key}")
            assert (answer.status, answer.by_edge) == (status, status == 200)
        await asyncio.to_thread(revoke)
        for path, key in product(paths, (good, late)):
            answer = await both.alike(path, authorization=f"Bearer {key}")
            assert (answer.status, answer.by_edge) == (401, False)

    run(read)


def test_reads_beyond_the_rate_are_refused_whoever_answers(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.READS_PER_MINUTE = (5, 4)
    monkeypatch.setattr(rates.time, "time", lambda: 1_700_000_000.0)
    with transaction.atomic():
        key = make.key(make.desk().reader)

    async def read(both: Both) -> None:
        for sent, limit in (({}, 4), ({"authorization": f"Bearer {key}"}, 5)):
            found = [await both.ask(f"{BASE}/claims/", **sent) for _ in range(limit + 2)]
            assert [it.status for it in found] == [200] * limit + [429] * 2
            assert any(it.by_edge for it in found)
            assert found[-1].header("retry-after")

    PerCaller.tallies.clear()
    run(read)


def test_while_the_database_is_away_django_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(both: Both) -> None:
        await both.alike(f"{BASE}/claims/")

        async def broken(*_args: object) -> None:
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr(both.edge.lines, "ask", broken)
        answer = await both.ask(f"{BASE}/claims/")
        assert (answer.status, answer.by_edge) == (200, False)

    run(read)
