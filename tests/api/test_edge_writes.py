"""Verdicts in front of Django: the same rows and answers, once, or Django's own."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import psycopg
import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.utils import timezone

from claims.actions import judging
from claims.api import lines, rates
from claims.api.rates import PerCaller
from claims.models import Change, Claim, Verdict
from claims.queries.etags import etag
from claims.vocabulary import Outcome, Scope, status_of
from tests import make
from tests.api.test_edge import BASE, Answer, Both, run

pytestmark = pytest.mark.usefixtures("committed")

HEX = re.compile(r'\\\\x[0-9a-f]{32,64}"|[0-9a-f]{64}|"[0-9a-f]{32}(?=(-unnumbered)?")')
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")

FINDING = {"rationale": "Looked at again."}
FULL = {
    "rationale": 'لا، كان ذلك في 10 ديسمبر. It\'s "quoted" \\ %s %(x)s {0} $1 \U0001f600\u2028\t\n',
    "label": "Wrong date",
    "url": "https://desk.example/review",
    "title": "A review",
    "language": "AR-iq",
    "date_published": "2020-03~",
    "evidence": [
        {"url": "https://a.example/1", "stance": "supports"},
        {"url": "https://a.example/2", "stance": "refutes", "quote": " قال 'x' "},
        {
            "url": "https://a.example/3",
            "stance": "context",
            "title": "T",
            "quote": None,
            "archive_url": "https://web.example/3",
            "derived_from": 1,
        },
        {"url": "https://a.example/4", "stance": "refutes", "quote": "x" * 10_000},
    ],
}
BAD: list[bytes] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"\xef\xbb\xbf{}",
    b"\xff",
    b'{"rationale": "x", "rationale": "y"}',
    b'{"rationale": NaN}',
    b'{"rationale": "\\u0000"}',
    b'{"rationale": "\\ud800"}',
    b'{"rationale": " "}',
    b'{"rationale": 1}',
    b'{"rationale": "x", "other": 1}',
    b'{"rationale": "x", "evidence": {}}',
    b'{"rationale": "x", "evidence": null}',
    b'{"rationale": "x", "evidence": [{"url": "x", "stance": "refutes"}]}',
    b'{"rationale": "x", "evidence": [{"url": "https://a.example", "stance": "x"}]}',
    b'{"rationale": "x", "language": "xx-nowhere"}',
    b'{"rationale": "x", "date_published": "2020-13"}',
    b'{"rationale": "x", "label": "%s"}' % (b"l" * 81),
    b'{"rationale": "%s"}' % (b"r" * 2_000_001),
    orjson.dumps(
        FINDING
        | {"evidence": [{"url": "https://a.example", "stance": "refutes", "derived_from": 0}]}
    ),
]
PLACES = {"verify": {}, "dispute": {}, "withdraw": {}} | {
    f"verdicts {outcome}": {"outcome": outcome.value} for outcome in Outcome
}


def aside(what: Callable[[], Any]) -> Any:
    """Django's own look at the database, from a coroutine."""

    def looked() -> Any:
        try:
            return what()
        finally:
            connections.close_all()

    return asyncio.to_thread(looked)


def plain(text: str) -> str:
    """Without ids, hashes, salts, instants and places in a queue, which differ each time."""
    text = INSTANT.sub("<at>", ID.sub("<id>", HEX.sub("<hex>", text)))
    return re.sub(r'"position": \d+, "change_id"', '"change_id"', text)  # in the queue


class Onlooker:
    """Sees what is committed, over a connection of its own that stays open."""

    def __init__(self, database: str) -> None:
        self.line = psycopg.connect(os.environ["DATABASE_URL"], dbname=database, autocommit=True)
        tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        self.all_rows = " UNION ALL ".join(
            f"SELECT '{table}', to_jsonb(t)::text FROM \"{table}\" t"
            for table in sorted(tables - {"claims_ratecount"})
        )

    def look(self) -> Counter[tuple[str, str]]:
        return Counter(self.line.execute(self.all_rows).fetchall())

    async def everything(self) -> Counter[tuple[str, str]]:
        """All rows of all tables, but for counts of requests."""
        return await asyncio.to_thread(self.look)


def shape(rows: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    told: Counter[tuple[str, str]] = Counter()
    for (table, text), count in rows.items():
        told[table, plain(text)] += count
    return told


def answer_of(answer: Answer) -> Any:
    status, headers, _body = answer.told
    told = {name: [plain(it.decode()) for it in values] for name, values in headers.items()}
    return status, told, orjson.loads(plain(answer.body.decode()))


class Twins:
    """Pairs of claims of one history: one is judged through the edge, the other by Django."""

    def __init__(self, both: Both, key: str, onlooker: Onlooker) -> None:
        self.both, self.key, self.everything = both, key, onlooker.everything

    async def learn(self) -> None:
        """The first answer of each kind is Django's own."""
        for name, fixed in PLACES.items():
            claim = await aside(make_fact)
            if name in {"withdraw", "verdicts withdrawn"}:
                await self.send(str(claim.pk), "verify", FINDING)
            tag = await aside(lambda pk=claim.pk: etag(Claim, pk))
            await self.send(str(claim.pk), name, FINDING | fixed, if_match=tag)

    async def send(
        self, claim: str, name: str, body: Any, *, plainly: bool = True, **headers: str
    ) -> Answer:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        given = {
            "authorization": f"Bearer {self.key}",
            "content_type": "application/json",
            "content_length": str(len(content)),
        } | headers
        query = given.pop("query", "")
        half = len(content) // 2
        return await self.both.ask(
            f"{BASE}/claims/{claim}/{name.partition(' ')[0]}/{query}",
            plainly=plainly,
            method="POST",
            content=(content[:half], content[half:]),
            **{name: value for name, value in given.items() if value},
        )

    async def alike(
        self,
        name: str,
        body: Any,
        prepare: Callable[[], tuple[Claim, dict[str, str]]],
        **headers: str,
    ) -> Answer:
        """The edge's answer, which has to be Django's, as the rows have to be."""
        answers, left = [], []
        for plainly in (True, False):
            claim, more = await aside(prepare)
            before = await self.everything()
            answer = await self.send(str(claim.pk), name, body, plainly=plainly, **more | headers)
            after = await self.everything()
            answers.append(answer)
            left.append((shape(after - before), shape(before - after)))
        assert answer_of(answers[0]) == answer_of(answers[1])
        for by_edge, by_django in zip(*left, strict=True):
            assert by_edge - by_django == by_django - by_edge == Counter()
        written = sum(left[0][0].values())
        assert bool(written) == (answers[0].status == 201)
        return answers[0]


def make_fact() -> Claim:
    with transaction.atomic():
        return make.fact()


@pytest.fixture
def desk() -> make.Desk:
    with transaction.atomic():
        return make.desk("The desk")


@pytest.fixture
def rival() -> make.Desk:
    with transaction.atomic():
        return make.desk("Another desk")


@pytest.fixture
def twins(desk: make.Desk, committed: str) -> Iterator[Callable[[Callable[[Twins], Any]], None]]:
    with transaction.atomic():
        key = make.key(desk.checker)
    onlooker = Onlooker(committed)

    def with_twins(what: Callable[[Twins], Any]) -> None:
        async def all_of_it(both: Both) -> None:
            twins = Twins(both, key, onlooker)
            await twins.learn()
            await what(twins)

        run(all_of_it)

    with onlooker.line:
        yield with_twins


def judged(
    *by: tuple[make.Desk, Outcome], tag: bool | None
) -> Callable[[], tuple[Claim, dict[str, str]]]:
    """Makes a claim with these verdicts. tag: of its last state (or the first), or none."""

    def prepare() -> tuple[Claim, dict[str, str]]:
        with transaction.atomic():
            claim = make.fact()
            first = etag(Claim, claim.pk)
            for desk, outcome in by:
                make.verdict(claim, desk.checker, outcome)
            sent = etag(Claim, claim.pk) if tag else first
            return claim, {} if tag is None else {"if_match": str(sent)}

    return prepare


With = Callable[[Callable[[Twins], Any]], None]


@pytest.mark.unmeasured
@pytest.mark.parametrize("tag", [True, False, None], ids=["current", "first", "no tag"])
def test_every_outcome_after_every_history_leaves_the_same(
    twins: With, desk: make.Desk, rival: make.Desk, tag: bool | None
) -> None:
    V, D, I, W = Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE, Outcome.WITHDRAWN  # noqa: E741
    histories: list[Sequence[tuple[make.Desk, Outcome]]] = [
        [],
        [(desk, V)],
        [(rival, D)],
        [(desk, I), (rival, V)],
        [(desk, D), (desk, W)],
        [(rival, V), (desk, V), (rival, W)],
    ]

    async def judge(twins: Twins) -> None:
        seen: Counter[int] = Counter()
        for history in histories:
            for name, fixed in PLACES.items():
                answer = await twins.alike(name, FULL | fixed, judged(*history, tag=tag))
                assert answer.by_edge == (answer.status == 201), (history, name)
                seen[answer.status] += 1
        assert seen[201] >= 4
        assert seen.keys() == {True: {201, 409}, False: {201, 409, 412}, None: {201, 409, 428}}[tag]

    twins(judge)


@pytest.mark.parametrize("name", ["dispute", "verdicts disputed"])
def test_bodies_of_every_kind(twins: With, name: str) -> None:
    async def judge(twins: Twins) -> None:
        fine = [FINDING, FULL, FINDING | {"evidence": []}, FINDING | {"label": None, "title": None}]
        for body in fine:
            answer = await twins.alike(name, body | PLACES[name], judged(tag=None))
            assert (answer.status, answer.by_edge) == (201, True)
        for bad in BAD:
            answer = await twins.alike(name, bad, judged(tag=None))
            assert answer.status in {400, 413}, bad[:100]
            assert not answer.by_edge

    twins(judge)


def test_the_answer_is_what_is_read_of_it_then(twins: With) -> None:
    async def judge(twins: Twins) -> None:
        for body in (FINDING, FULL):
            claim = await aside(make_fact)
            answer = await twins.send(str(claim.pk), "dispute", body)
            assert (answer.status, answer.by_edge) == (201, True)
            key = f"Bearer {twins.key}"
            read = await twins.both.ask(str(answer.header("location")), authorization=key)
            assert orjson.loads(answer.body) == orjson.loads(read.body)
            assert answer.header("etag") == read.header("etag")

    twins(judge)


NOT_PLAIN: list[dict[str, str]] = [
    {"content_type": "text/plain"},
    {"content_type": ""},
    {"content_type": "application/json; charset=utf-8"},
    {"content_length": ""},
    {"content_length": "3"},
    {"transfer_encoding": "chunked"},
    {"content_length": "x"},
    {"idempotency_key": "a key {}"},
    {"cookie": "sessionid=x"},
    {"accept": "application/xml"},
    {"host": "elsewhere.example"},
    {"authorization": ""},
    {"authorization": "Bearer isnad_wrong"},
    {"authorization": "Basic x"},
    {"query": "?x=1"},
    {"query": "?x"},
    {"if_match": "*"},
    {"if_match": "x"},
    {"if_match": '"x"'},
    {"if_match": '"x", W/"y"'},
]


def test_what_is_not_plain_is_answered_by_django(twins: With, subtests: pytest.Subtests) -> None:
    async def answered_alike(twins: Twins, headers: dict[str, str]) -> None:
        answers, claims = [], []
        for plainly in (True, False):
            claim = await aside(make_fact)
            pk = str(claim.pk)
            own = {name: value.replace("{}", pk) for name, value in headers.items()}
            answers.append(await twins.send(pk, "verify", FINDING, plainly=plainly, **own))
            claims.append(claim.pk)
        assert answer_of(answers[0]) == answer_of(answers[1])
        assert not answers[0].by_edge
        count = await aside(Verdict.objects.filter(claim__in=claims).count)
        assert count == 2 * (answers[0].status == 201)

    async def judge(twins: Twins) -> None:
        for headers in NOT_PLAIN:
            with subtests.test(**headers):
                await answered_alike(twins, headers)

    twins(judge)


def test_claims_that_are_not_there(twins: With) -> None:
    async def judge(twins: Twins) -> None:
        for pk in ("00000000-0000-7000-8000-000000000000", "x", "0000-7000-8000-000000000000"):
            answer = await twins.send(pk, "verify", FINDING)
            assert (answer.status, answer.by_edge) == (404, False)

    twins(judge)


def test_a_key_is_judged_at_each_request(twins: With, desk: make.Desk) -> None:
    with transaction.atomic():
        keys = {
            "reader": (make.key(desk.reader), 403),
            "reading": (make.key(desk.checker, scopes=(Scope.READ,)), 403),
            "editor": (make.key(desk.editor), 201),
            "late": (make.key(desk.admin, expires_at=timezone.now() + timedelta(days=1)), 201),
        }

    async def judge(twins: Twins) -> None:
        for key, status in keys.values():
            sent = {"authorization": f"Bearer {key}"}
            answer = await twins.alike("verify", FINDING, judged(tag=None), **sent)
            assert (answer.status, answer.by_edge) == (status, status == 201)
        await aside(lambda: desk.admin.api_keys.update(revoked_at=timezone.now()))
        await aside(
            lambda: (
                type(desk.editor).objects.filter(pk=desk.editor.pk).update(ended_at=timezone.now())
            )
        )
        for name in ("late", "editor"):
            sent = {"authorization": f"Bearer {keys[name][0]}"}
            answer = await twins.alike("verify", FINDING, judged(tag=None), **sent)
            assert (answer.status, answer.by_edge) == (401, False)

    twins(judge)


def test_writes_beyond_the_rate_are_refused_whoever_answers(
    settings: Any, monkeypatch: pytest.MonkeyPatch, twins: With
) -> None:
    async def judge(twins: Twins) -> None:
        settings.WRITES_PER_MINUTE = (5, 4)
        monkeypatch.setattr(rates.time, "time", lambda: 1_700_000_000.0)
        PerCaller.tallies.clear()
        claims = [await aside(make_fact) for _ in range(8)]
        found = [await twins.send(str(claim.pk), "verify", FINDING) for claim in claims]
        assert [it.status for it in found] == [201] * 5 + [429] * 3
        assert [it.by_edge for it in found] == [True] * 5 + [False] * 3
        written = await aside(
            Verdict.objects.filter(claim__in=[claim.pk for claim in claims]).count
        )
        assert written == 5

    twins(judge)


def test_the_language_of_the_caller_is_kept(twins: With) -> None:
    async def judge(twins: Twins) -> None:
        for _ in range(2):
            answer = await twins.alike(
                "verify", FINDING, judged(tag=None), accept_language="ar-IQ,en;q=0.5"
            )
            assert answer.header("content-language") == "ar"
        assert answer.by_edge

    twins(judge)


def test_of_32_at_once_on_one_version_one_is_accepted(twins: With) -> None:
    async def judge(twins: Twins) -> None:
        claim = await aside(make_fact)
        pk = str(claim.pk)
        for n in range(3):
            tag = await aside(lambda: etag(Claim, claim.pk))
            before = await aside(Change.objects.count)
            sent = {"if_match": tag} if n else {}
            answers = await asyncio.gather(
                *(twins.send(pk, ("verify", "dispute")[i % 2], FINDING, **sent) for i in range(32))
            )
            told = Counter(answer.status for answer in answers)
            assert told == {201: 1, 412 if n else 428: 31}
            assert await aside(Change.objects.count) == before + 1
            assert await aside(Verdict.objects.filter(claim=claim.pk).count) == n + 1

    twins(judge)


def test_desks_at_once_come_one_after_the_other_in_the_order_of_their_instants(
    twins: With,
) -> None:
    with transaction.atomic():
        keys = [make.key(make.desk().checker) for _ in range(12)]

    async def judge(twins: Twins) -> None:
        claim = await aside(make_fact)
        moves = ("verify", "dispute")
        answers = await asyncio.gather(
            *(
                twins.send(str(claim.pk), moves[i % 2], FINDING, authorization=f"Bearer {key}")
                for i, key in enumerate(keys)
            )
        )
        assert Counter(it.status for it in answers) == {201: 12}

        def look() -> Any:
            claim.refresh_from_db()
            changes = Change.objects.filter(claim=claim.pk, type="verdict.issued")
            told = changes.order_by("recorded_at")
            return claim, list(told.values_list("recorded_at", "outcome", "status"))

        now, changes = await aside(look)
        instants, outcomes, statuses = zip(*changes, strict=True)
        assert len(set(instants)) == 12
        assert list(statuses) == [
            status_of(map(Outcome, outcomes[: n + 1])) for n in range(len(outcomes))
        ]
        assert (now.status, now.changed_at) == ("contested", instants[-1])

    twins(judge)


# When the database goes away


def broken(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """The connection is lost: before anything is looked at, before COMMIT, or with its answer."""
    begin, commit = lines.Transaction.begin, lines.Transaction.commit

    async def lose(transaction: Any) -> None:
        pid = transaction.connection.info.backend_pid
        await aside(lambda: terminate(pid))

    async def lost_begin(self: Any, *asked: Any) -> Any:
        if when == "before":
            await lose(self)
        found = await begin(self, *asked)
        if when == "between":
            await lose(self)
        return found

    async def lost_commit(self: Any, *asked: Any) -> Any:
        found = await commit(self, *asked)
        if when == "after":
            await lose(self)
            raise lines.OutcomeUnknown("lost")
        if when == "kept":
            await lose(self)
        return found

    monkeypatch.setattr(lines.Transaction, "begin", lost_begin)
    monkeypatch.setattr(lines.Transaction, "commit", lost_commit)


def terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(
    ("when", "status", "by_edge", "written"),
    [
        ("before", 201, False, 1),  # Django carries it out
        ("between", 503, True, 0),
        ("after", 503, True, 1),
        ("kept", 201, True, 1),
    ],
)
def test_a_connection_that_is_lost_doubles_nothing_and_loses_nothing_that_was_answered(
    monkeypatch: pytest.MonkeyPatch,
    twins: With,
    when: str,
    status: int,
    by_edge: bool,
    written: int,
) -> None:
    async def judge(twins: Twins) -> None:
        claim = await aside(make_fact)
        pk = str(claim.pk)
        with monkeypatch.context() as patch:
            broken(patch, when)
            answer = await twins.send(pk, "verify", FINDING)
        assert (answer.status, answer.by_edge) == (status, by_edge)
        assert await aside(Verdict.objects.filter(claim=claim.pk).count) == written
        if status == 503:
            document = orjson.loads(answer.body)
            assert document["type"] == "/problems/unavailable"
            assert answer.header("content-type") == "application/problem+json"
            assert answer.header("retry-after")
            assert answer.header("location") is None
        again = await twins.send(pk, "verify", FINDING)
        assert again.status == (428 if written else 201)

    twins(judge)


def test_what_the_database_refuses_is_worded_by_django(
    monkeypatch: pytest.MonkeyPatch, twins: With
) -> None:
    async def refused(self: Any, *asked: Any) -> Any:
        raise psycopg.errors.UniqueViolation("verdict_chain_has_one_root")

    async def judge(twins: Twins) -> None:
        claim = await aside(make_fact)
        with monkeypatch.context() as patch:
            patch.setattr(lines.Transaction, "commit", refused)
            answer = await twins.send(str(claim.pk), "verify", FINDING)
        assert (answer.status, answer.by_edge) == (201, False)
        assert await aside(Verdict.objects.filter(claim=claim.pk).count) == 1

    twins(judge)


def test_a_status_that_does_not_follow_is_refused_at_commit_and_nothing_stays(
    monkeypatch: pytest.MonkeyPatch, twins: With
) -> None:
    async def judge(twins: Twins) -> None:
        claim = await aside(make_fact)
        before = await twins.everything()
        with monkeypatch.context() as patch:
            patch.setattr(judging, "status_of", lambda _standing: "contested")
            answer = await twins.send(str(claim.pk), "verify", FINDING)
        assert (answer.status, answer.by_edge) == (409, False)
        assert await twins.everything() == before

    twins(judge)
