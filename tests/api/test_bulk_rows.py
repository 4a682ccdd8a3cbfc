"""Many rows in one request: what becomes of each is what would become of it by itself."""

from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.db import transaction

from claims.models import Article, Change, Claim, IdempotencyKey, Speaker
from tests.api import bodies
from tests.api.bodies import WRITES
from tests.api.conftest import rows_in_all_tables
from tests.api.threads import at_once, statuses
from tests.conftest import Api, places, problem

NOT_THE_SAME = {"id", "number", "created_at", "changed_at", "captured_at"}
UNKNOWN = "0190b4c8-5d1e-7a35-8c2b-3f1d9e7a6b54"
SPEAKER = WRITES["speaker"].body
FACT, STATEMENT = WRITES["fact"].body, WRITES["statement"].body
ARTICLE = WRITES["article"].body

# Rows of all kinds that can be told apart by what becomes of them; {names} stand for ids.
CLAIMS: list[Any] = [
    FACT,
    STATEMENT,
    {name: it for name, it in FACT.items() if name != "appearance"},
    None,
    [],
    "a claim",
    {},
    FACT | {"kind": "rumour"},
    FACT | {"number": 7},
    FACT | {"odd": 7},
    FACT | {"text": "\u200f"},
    FACT | {"language": "xx-zz"},
    FACT | {"speaker": UNKNOWN},
    FACT | {"speaker": "nobody"},
    FACT | {"stated_on": "2020-02-31"},
    FACT | {"fact": None},
    FACT | {"fact": FACT["fact"] | {"upper": "1"}},
    FACT | {"appearance": {"snapshot": UNKNOWN, "exact": "x"}},
    FACT | {"appearance": {"snapshot": "{snapshot}", "exact": "No such words"}},
    FACT | {"appearance": {"snapshot": "{snapshot}", "exact": "Iraq declared victory"}},
    FACT | {"appearance": {"snapshot": "{snapshot}", "start": 5, "end": 9_000}},
    FACT | {"appearance": FACT["appearance"] | {"article": UNKNOWN}},
    FACT | {"appearance": FACT["appearance"] | {"relayed_by": ["{speaker}", UNKNOWN]}},
    STATEMENT | {"asserts": ["{fact}", UNKNOWN]},
    STATEMENT | {"asserts": ["{statement}"]},
    STATEMENT | {"speech": None},
]
SPEAKERS: list[Any] = [
    SPEAKER,
    {"type": "person", "name": "A name"},
    7,
    {},
    SPEAKER | {"id": UNKNOWN},
    SPEAKER | {"type": "spirit"},
    SPEAKER | {"names": {"xx-zz": "A name"}},
    SPEAKER | {"roles": [{"title": "A title", "since": "soon"}]},
]
ARTICLES: list[Any] = [
    ARTICLE,
    {"publisher": "{publisher}", "language": "en", "headline": "A headline"},
    ARTICLE | {"url": "https://example.org/withheld", "withheld": True},
    ARTICLE | {"url": "https://example.org/1"},
    ARTICLE | {"publisher": UNKNOWN},
    ARTICLE | {"date_published": "yesterday"},
    ARTICLE | {"text": " "},
    {"publisher": "{publisher}", "language": "en"},
]
KINDS = {"claims": CLAIMS, "speakers": SPEAKERS, "articles": ARTICLES}


@pytest.fixture
def made(db: None) -> bodies.World:
    return bodies.world()


def rows_of(kind: str, made: bodies.World) -> list[Any]:
    return [bodies.filled(row, made.ids) for row in KINDS[kind]]


def sent(api: Api, kind: str, rows: list[Any], query: str = "", **headers: str) -> Any:
    return api.post(f"/{kind}/bulk/{query}", {"rows": rows}, **headers)


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content.decode()
    return list(response.json()["results"])


def told(value: Any) -> Any:
    """A document without what differs between two that are filed alike."""
    if isinstance(value, dict):
        return {name: told(it) for name, it in value.items() if name not in NOT_THE_SAME}
    return [told(it) for it in value] if isinstance(value, list) else value


# As if by itself


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_recorded_or_refused_as_it_would_be_by_itself(
    made: bodies.World, kind: str
) -> None:
    rows = rows_of(kind, made)
    singly = [made.api.post(f"/{kind}/", orjson.dumps(row)) for row in rows]
    recorded = [response.status_code == 201 for response in singly]
    assert any(recorded)
    assert not all(recorded)
    if kind == "articles":  # whose addresses are taken now
        rows = [row | {"url": row["url"] + "2"} if "url" in row else row for row in rows]
        rows[3]["url"] = "https://example.org/1"
    became = results(sent(made.api, kind, rows))
    assert len(became) == len(rows)
    for single, row in zip(singly, became, strict=True):
        assert row["status"] == single.status_code, (row, single.content.decode())
        if row["status"] == 201:
            assert row["problem"] is None
            filed = made.api.read(f"/{kind}/{row['id']}/")
            first = single.json()
            if kind == "articles":
                filed["url"] = first["url"]
            assert told(filed) == told(first)
        else:
            assert row["id"] is None
            assert row["problem"] == single.json()


def test_rows_of_one_request_are_held_to_each_other_in_their_order(made: bodies.World) -> None:
    row = bodies.filled(ARTICLE, made.ids)
    first, second = results(sent(made.api, "articles", [row, row]))
    assert first["status"] == 201
    assert second["status"] == 409
    assert second["problem"]["type"] == "/problems/duplicate"
    assert first["id"] in second["problem"]["detail"]


@pytest.mark.parametrize("kind", ["speakers", "articles"])
def test_what_the_database_alone_refuses_is_told_of_its_row(
    made: bodies.World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another request was quicker: the check beforehand has seen nothing."""
    monkeypatch.setattr("claims.actions.articles.refuse_known_url", lambda *_, **__: None)
    rows = [bodies.filled(row, made.ids) for row in (ARTICLE, ARTICLES[1], ARTICLES[3], ARTICLE)]
    if kind == "speakers":
        rows = [SPEAKER, SPEAKER]
    became = results(sent(made.api, kind, rows))
    if kind == "speakers":
        assert [row["status"] for row in became] == [201, 201]
    else:
        assert [row["status"] for row in became] == [201, 201, 409, 409]
        assert became[2]["problem"]["type"] == "/problems/duplicate"
        assert Article.objects.filter(headline=ARTICLE["headline"]).count() == 2


def test_a_thousand_claims_take_few_statements(
    made: bodies.World, django_assert_max_num_queries: Any
) -> None:
    row = bodies.filled(FACT, made.ids)
    with django_assert_max_num_queries(150):
        became = results(sent(made.api, "claims", [row] * 1_000))
    assert {it["status"] for it in became} == {201}
    assert len({it["id"] for it in became}) == 1_000
    assert [str(pk) for pk in Claim.objects.order_by("id").values_list("id", flat=True)][
        -1_000:
    ] == [it["id"] for it in became]


# All or none


@pytest.mark.parametrize("kind", KINDS)
def test_atomic_records_nothing_where_one_row_is_refused(made: bodies.World, kind: str) -> None:
    rows = rows_of(kind, made)
    loose = [made.api.post(f"/{kind}/", orjson.dumps(row)).status_code for row in rows]
    if kind == "articles":
        Article.objects.filter(url=ARTICLE["url"]).update(url="https://example.org/other")
        withheld = ARTICLES[2]["url"]
        Article.objects.filter(url=withheld).update(url="https://example.org/another")
    before = rows_in_all_tables()
    document = problem(sent(made.api, kind, rows, "?atomic=true"), "rows-refused", 409)
    assert rows_in_all_tables() == before
    told = document["results"]
    assert [row["status"] for row in told] == [424 if it == 201 else it for it in loose]
    refused = {i for i, it in enumerate(loose) if it != 201}
    assert {int(at.split("/")[2]) for at in places(document)} == refused
    for i in refused:
        own = {fault["pointer"] for fault in told[i]["problem"].get("errors", [])}
        whole = {at for at in places(document) if at == f"#/rows/{i}" or f"/rows/{i}/" in at}
        assert whole == {f"#/rows/{i}{at.removeprefix('#')}" for at in own}


@pytest.mark.parametrize("kind", KINDS)
def test_atomic_records_all_where_all_are_sound(made: bodies.World, kind: str) -> None:
    rows = rows_of(kind, made)[:2]
    became = results(sent(made.api, kind, rows, "?atomic=true"))
    assert [row["status"] for row in became] == [201, 201]
    assert all(made.api.read(f"/{kind}/{row['id']}/") for row in became)


def test_atomic_is_true_or_false(made: bodies.World) -> None:
    for query, at in (("?atomic=yes", "atomic"), ("?similar=true", "similar")):
        response = sent(made.api, "speakers", [SPEAKER], query)
        assert places(problem(response, "bad-parameter", 400)) == {at}


# As every write


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_request_again_gets_the_same_answer(made: bodies.World, kind: str) -> None:
    rows = rows_of(kind, made)
    first = sent(made.api, kind, rows, idempotency_key="once")
    stored = rows_in_all_tables()
    again = sent(made.api, kind, rows, idempotency_key="once")
    assert again["Idempotency-Replayed"] == "true"
    assert results(again) == results(first)
    assert rows_in_all_tables() == stored
    problem(sent(made.api, kind, rows[:1], idempotency_key="once"), "idempotency-key-reused", 422)


def test_a_refusal_of_all_is_not_kept(made: bodies.World) -> None:
    rows = [SPEAKER, {}]
    query = "?atomic=true"
    problem(sent(made.api, "speakers", rows, query, idempotency_key="k"), "rows-refused", 409)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "#/rows"),
        ({"rows": []}, "#/rows"),
        ({"rows": {}}, "#/rows"),
        ({"rows": [SPEAKER] * 1_001}, "#/rows"),
        ({"rows": [SPEAKER], "atomic": True}, "#/atomic"),
        ([SPEAKER], "#"),
    ],
)
def test_a_body_that_has_no_rows_is_refused(made: bodies.World, body: Any, at: str) -> None:
    before = Speaker.objects.count()
    document = problem(made.api.post("/speakers/bulk/", body), "invalid", 400)
    assert places(document) == {at}
    assert Speaker.objects.count() == before


def test_a_body_may_be_as_large_as_that_of_an_article(made: bodies.World) -> None:
    large = [{"type": "person", "name": "x" * 300, "other_names": ["y" * 300] * 100}]
    document = results(sent(made.api, "speakers", large * 100))  # 3 MB, if in vain
    assert {row["status"] for row in document} == {400}
    problem(sent(made.api, "speakers", large * 300), "too-large", 413)
    problem(made.api.post("/claims/", {"text": "x" * 2_100_000}), "too-large", 413)


def test_rows_are_counted_apart_from_other_writes(
    made: bodies.World, settings: LazySettings
) -> None:
    settings.BULK_ROWS_PER_MINUTE = (5, 0)
    assert len(results(sent(made.api, "speakers", [SPEAKER] * 4))) == 4
    refused = sent(made.api, "speakers", [SPEAKER] * 2)
    assert "5 rows" in problem(refused, "too-many-requests", 429)["detail"]
    assert int(refused["Retry-After"]) >= 1
    assert made.api.post("/speakers/", SPEAKER).status_code == 201


def test_refusals_are_told_in_the_language_of_who_asks(made: bodies.World) -> None:
    [row] = results(sent(made.api, "speakers", [{}], accept_language="ar"))
    single = made.api.post("/speakers/", {}, accept_language="ar")
    assert row["problem"] == single.json()


# At the same instant


@pytest.mark.usefixtures("committed")
def test_of_requests_at_once_one_files_an_address_and_all_rows_are_accounted_for() -> None:
    with transaction.atomic():
        made = bodies.world()
    rows = [
        bodies.filled(ARTICLE | {"url": f"https://example.org/at-once/{n}"}, made.ids)
        for n in range(12)
    ]
    before = Change.objects.count()
    calls = [lambda part=part: sent(made.api, "articles", part) for part in (rows, rows)]
    calls += [lambda row=row: made.api.post("/articles/", row) for row in rows[::5]]
    *bulks, one, two, three = at_once(calls)
    assert Article.objects.filter(url__contains="at-once").count() == 12
    recorded = [row for response in bulks for row in results(response) if row["status"] == 201]
    refused = [row for response in bulks for row in results(response) if row["status"] != 201]
    assert {row["problem"]["type"] for row in refused} == {"/problems/duplicate"}
    singly = statuses([one, two, three])
    assert singly.keys() <= {201, 409}
    assert len(recorded) + singly[201] == 12
    assert Change.objects.count() == before + 24  # each with its text


@pytest.mark.usefixtures("committed")
def test_claims_in_bulk_and_one_by_one_at_once_are_all_filed() -> None:
    with transaction.atomic():
        made = bodies.world()
    row = bodies.filled(FACT, made.ids)
    calls = [lambda: sent(made.api, "claims", [row] * 40) for _ in range(3)]
    calls += [lambda: made.api.post("/claims/", row) for _ in range(5)]
    answers = at_once(calls)
    assert all(len(results(response)) == 40 for response in answers[:3])
    assert statuses(answers[3:]) == {201: 5}
    assert Claim.objects.filter(text=FACT["text"]).count() == 125
