"""Documents: complete, at a constant cost, and each version with a name of its own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from claims.actions.claims import add_appearance
from claims.models import Article, Claim, Relay, Snapshot, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.api.holdings import ordered
from tests.api.walking import both_ways
from tests.conftest import Api
from tests.log import numbered

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,6})?Z")

# Documents

SNAPSHOT = {"id", "sha256", "length", "captured_at", "withheld"}
ARTICLE = {
    "id", "publisher", "headline", "language", "date_published", "url", "snapshot", "created_at"
}  # fmt: skip
PASSAGE = {
    "id", "snapshot", "exact", "prefix", "suffix", "start", "end", "anchor", "current", "relayed_by"
}  # fmt: skip
CLAIM = {
    "id", "kind", "text", "language", "status", "speaker", "fact", "speech", "asserts", "stated_on",
    "article", "appearance", "verdicts", "disagreement", "created_at", "changed_at", "number",
    "allowed_moves",
}  # fmt: skip
VERDICT = {
    "id", "claim", "organization", "outcome", "label", "rationale", "evidence", "supersedes", "url",
    "title", "language", "date_published", "issued_by", "confirmed_by", "issued_at",
    "number", "rating", "valid_until", "recheck_on",
}  # fmt: skip
CHANGE = {
    "number", "id", "type", "claim", "subject", "organization", "status", "language", "outcome",
    "document", "before", "salts", "erased", "recorded_by", "recorded_at",
}  # fmt: skip
SPEAKER = {"id", "type", "name", "names", "other_names", "same_as", "roles", "created_at"}
MEMBER = {"id", "organization", "name", "role", "ended_at", "erased_at", "created_at"}
INVITATION = {
    "id", "organization", "role", "name", "email", "expires_at", "revoked_at", "accepted_at",
    "accepted_by", "created_at", "created_by",
}  # fmt: skip
API_KEY = {
    "id", "member", "label", "hint", "scopes", "expires_at", "revoked_at", "created_at"
}  # fmt: skip


def bare_and_full_documents(desk: make.Desk) -> list[tuple[str, set[str]]]:
    """Of each resource what says least and what says most: its path, and the fields it has."""
    article = make.article(date_published=None, url="https://example.org/", headline=None)
    withheld = make.snapshot(of=article, withheld=True)
    claim = make.fact(appearance={"article": article.pk})
    verdict = make.verdict(claim, desk.checker, Outcome.VERIFIED)
    full = rich_claim([desk, make.desk()])
    return [
        (f"/publishers/{article.publisher_id}/", {"id", "name", "names", "url", "created_at"}),
        (f"/articles/{make.article().pk}/", ARTICLE),
        (f"/articles/{article.pk}/", ARTICLE),
        (f"/articles/{article.pk}/snapshots/{withheld.pk}/", SNAPSHOT | {"article", "text"}),
        (f"/speakers/{make.speaker().pk}/", SPEAKER),
        (f"/claims/{make.fact().pk}/", CLAIM),
        (f"/claims/{claim.pk}/", CLAIM),
        (f"/claims/{full.pk}/", CLAIM),
        (
            f"/claims/{claim.pk}/appearances/{claim.appearances.get().pk}/",
            PASSAGE | {"claim", "article", "created_at"},
        ),
        (f"/claims/{claim.pk}/verdicts/{verdict.pk}/", VERDICT),
        (f"/claims/{full.pk}/verdicts/{full.verdicts.latest('id').pk}/", VERDICT),
        (
            f"/organizations/{desk.organization.pk}/",
            {"id", "name", "url", "external_site", "review_policy", "created_at"},
        ),
        (f"/organizations/{desk.organization.pk}/members/{desk.checker.pk}/", MEMBER),
        (
            f"/organizations/{desk.organization.pk}/invitations/{make.invitation(desk.admin)[0].pk}/",
            INVITATION,
        ),
        (f"/api-keys/{desk.admin.api_keys.latest('id').pk}/", API_KEY),
    ]


def test_a_document_has_every_field_null_where_it_does_not_apply(desk: make.Desk) -> None:
    api = Api(make.key(desk.admin))
    for path, fields in bare_and_full_documents(desk):
        document = api.read(path)
        assert document.keys() == fields, path
        assert ID.fullmatch(document["id"])
        for name, value in document.items():
            assert not name.endswith("_at") or value is None or INSTANT.fullmatch(value), name
        alone = path.rstrip("/").rpartition("/")[0] + "/?page_size=200"
        [listed] = [row for row in api.read(alone)["results"] if row["id"] == document["id"]]
        assert listed == {name: document[name] for name in listed}
        assert fields - listed.keys() <= {"text"}


def test_what_stands_in_a_claim_has_every_field_too(desk: make.Desk, anyone: Api) -> None:
    full = rich_claim([desk, make.desk()])
    claim = anyone.read(f"/claims/{full.pk}/")
    assert claim["speaker"].keys() == {"id", "name"}
    assert claim["article"].keys() == {"id", "headline", "url", "date_published", "publisher"}
    assert claim["appearance"].keys() == PASSAGE
    assert claim["appearance"]["current"].keys() == {"snapshot", "start", "end"}
    assert all(verdict.keys() == VERDICT for verdict in claim["verdicts"])
    assert claim["verdicts"][0]["evidence"][0].keys() == {
        "id", "url", "stance", "title", "quote", "archive_url", "derived_from"
    }  # fmt: skip
    assert [claim[name] for name in ("fact", "stated_on")] == [None, None]
    assert len(claim["asserts"]) == 2
    fact = anyone.read(f"/claims/{claim['asserts'][0]}/")
    assert fact["fact"] == make.FACT | dict.fromkeys(("unit", "approximate", "lower", "upper"))
    nothing = ("speaker", "speech", "stated_on", "article", "appearance")
    assert [fact[name] for name in nothing] == [None] * 5
    assert (fact["asserts"], fact["verdicts"]) == ([], [])
    history = anyone.read(f"/claims/{full.pk}/history/")["results"]
    assert all(change.keys() == CHANGE for change in history)


def test_a_snapshot_tells_its_text_alone_and_not_in_a_list(anyone: Api) -> None:
    snapshot = make.snapshot()
    path = f"/articles/{snapshot.article_id}/snapshots/"
    assert anyone.read(f"{path}{snapshot.pk}/")["text"] == make.TEXT
    assert "text" not in anyone.read(path)["results"][0]


# What it costs


def rich_claim(desks: list[make.Desk], passages: int = 1, pieces: int = 2) -> Claim:
    """A statement with all that hangs on one, two or more of each."""
    article = make.article()
    old = make.snapshot(of=article)
    claim = make.statement(
        asserts=[make.fact().pk, make.fact().pk],
        appearance=passage(old),
    )
    for _ in range(passages - 1):
        add_appearance(claim_id=claim.pk, appearance=passage(old), by=desks[0].checker)
    for n in range(2):
        make.snapshot(f"{n} {make.TEXT}", of=article)
    evidence = [{"url": "https://example.org/", "stance": "refutes", "quote": "q"}] * pieces
    for desk in desks:
        for outcome in (Outcome.VERIFIED, Outcome.DISPUTED):
            make.verdict(claim, desk.checker, outcome, evidence=evidence)
    return claim


def passage(snapshot: Any) -> Any:
    chain = [make.speaker().pk, make.speaker().pk]
    return {"snapshot": snapshot.pk, "exact": "كامل أراضيه", "relayed_by": chain}


class Cost:
    """Counts the statements of a request, but for those that count requests."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def of(self, path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.api.read(path)
        return len([it for it in captured if "claims_ratecount" not in it["sql"]])


# Reviewed by hand: raise one only with a reason. Reading as a member costs one more, for the key.
LISTS = {
    "/publishers/": 1,
    "/articles/": 1,
    "/articles/{article}/snapshots/": 2,  # is there such an article?
    "/speakers/": 1,
    "/claims/": 2,  # and its entity tag
    "/claims/{claim}/appearances/": 2,  # is there such a claim?
    "/claims/{claim}/verdicts/": 2,  # is there such a claim?
    "/claims/{claim}/history/": 2,  # is there such a claim?
    "/organizations/": 1,
    "/organizations/{organization}/members/": 2,  # key
    "/organizations/{organization}/invitations/": 2,  # key
    "/api-keys/": 2,  # key
}
DETAILS = {  # each with one for the entity tag
    "/publishers/{publisher}/": 2,
    "/articles/{article}/": 2,
    "/articles/{article}/snapshots/{snapshot}/": 4,  # is it there, and its article?
    "/speakers/{speaker}/": 2,
    "/claims/{claim}/": 2,
    "/claims/{claim}/appearances/{appearance}/": 4,
    "/claims/{claim}/verdicts/{verdict}/": 4,
    "/organizations/{organization}/": 2,
    "/organizations/{organization}/members/{member}/": 4,  # key; may it be seen?
    "/organizations/{organization}/invitations/{invitation}/": 4,
    "/api-keys/{key}/": 4,
}


def one_of_each(desks: list[make.Desk], **more: int) -> dict[str, Any]:
    claim = rich_claim(desks, **more)
    make.key(desks[0].admin)
    appearance = claim.appearances.get(position=0)
    article = appearance.article
    return {
        "claim": claim.pk,
        "appearance": appearance.pk,
        "verdict": claim.verdicts.latest("id").pk,
        "article": article.pk,
        "snapshot": appearance.snapshot_id,
        "publisher": article.publisher_id,
        "speaker": claim.speaker_id,
        "organization": desks[0].organization.pk,
        "member": desks[0].checker.pk,
        "invitation": make.invitation(desks[0].admin)[0].pk,
        "key": desks[0].admin.api_keys.latest("id").pk,
    }


def test_reading_costs_the_same_for_one_and_for_ten_and_as_many_statements_as_reviewed(
    desk: make.Desk,
) -> None:
    def costs(ids: dict[str, Any]) -> dict[str, int]:
        own = tuple(f"/organizations/{{organization}}/{it}" for it in ("members", "invitations"))
        own = ("/api-keys/", *own)
        return {
            path: Cost(member if path.startswith(own) else anyone).of(path.format(**ids))
            for path in (*LISTS, *DETAILS)
        }

    member, anyone = Api(make.key(desk.admin)), Api()
    one = costs(one_of_each([desk]))
    for _ in range(9):
        one_of_each([desk])
    ten = costs(one_of_each([desk, *(make.desk() for _ in range(9))], passages=10, pieces=10))
    assert one == LISTS | DETAILS
    assert ten == one


def test_a_filtered_list_costs_no_more_statements(desk: make.Desk, anyone: Api) -> None:
    ids = one_of_each([desk])
    query = (
        f"kind=statement&language=en&speaker={ids['speaker']}&publisher={ids['publisher']}"
        f"&article={ids['article']}&organization={ids['organization']}&outcome=disputed"
        "&published_after=2020-01-01&created_after=2020-01-01&has_verdict=true"
    )
    assert len(anyone.read(f"/claims/?{query}")["results"]) == 1
    assert Cost(anyone).of(f"/claims/?{query}") == LISTS["/claims/"]


def test_a_version_that_is_known_already_costs_one_statement(desk: make.Desk, anyone: Api) -> None:
    path = f"/claims/{rich_claim([desk]).pk}/"
    tag = anyone.etag(path)
    with CaptureQueriesContext(connection) as captured:
        assert anyone.get(path, if_none_match=tag).status_code == 304
    assert len([it for it in captured if "claims_ratecount" not in it["sql"]]) == 1


# Entity tags


def relay_of(desk: make.Desk) -> Any:
    return Relay.objects.earliest("id").speaker_id


def edit(api: Api, path: str, body: Any) -> None:
    response = api.patch(path, body, if_match=api.etag(path))
    assert response.status_code == 200, response.content


def judge(api: Api, ids: dict[str, Any]) -> None:
    path = f"/claims/{ids['claim']}/"
    api.made(f"{path}verify/", {"rationale": "Seen."}, if_match=api.etag(path))


def capture(api: Api, ids: dict[str, Any]) -> None:
    api.made(f"/articles/{ids['article']}/snapshots/", {"text": "All is different now."})


# What happens → the documents in which that is to be seen.
SEEN: dict[str, tuple[Callable[[Api, dict[str, Any]], None], set[str]]] = {
    "publisher edited": (
        lambda api, ids: edit(api, f"/publishers/{ids['publisher']}/", {"name": "Other"}),
        {"publisher", "article", "claim", "appearance"},
    ),
    "article edited": (
        lambda api, ids: edit(api, f"/articles/{ids['article']}/", {"headline": "Other"}),
        {"article", "claim", "appearance"},
    ),
    "article moved to another publisher": (
        lambda api, ids: edit(
            api, f"/articles/{ids['article']}/", {"publisher": str(make.publisher(name="B").pk)}
        ),
        {"article", "claim", "appearance"},
    ),
    "speaker edited": (
        lambda api, ids: edit(api, f"/speakers/{ids['speaker']}/", {"name": "Other"}),
        {"speaker", "claim"},
    ),
    "relaying speaker edited": (
        lambda api, ids: edit(api, f"/speakers/{ids['relay']}/", {"name": "Other"}),
        {"claim", "appearance"},
    ),
    "organization edited": (
        lambda api, ids: edit(api, f"/organizations/{ids['organization']}/", {"name": "Other"}),
        {"organization", "claim", "verdict"},
    ),
    "member edited": (
        lambda api, ids: edit(
            api,
            f"/organizations/{ids['organization']}/members/{ids['member']}/",
            {"name": "Other"},
        ),
        {"member", "claim", "verdict"},
    ),
    "verdict issued": (judge, {"claim"}),
    "snapshot captured": (capture, {"article", "claim", "appearance"}),
}
PATHS = {name.strip("/").split("/")[-1].strip("{}"): name for name in DETAILS}


@pytest.mark.parametrize("what", SEEN)
def test_the_entity_tag_changes_exactly_when_something_in_the_document_does(
    desk: make.Desk, what: str
) -> None:
    ids = one_of_each([desk]) | {"relay": relay_of(desk)}
    api = Api(make.key(desk.admin))
    happens, seen = SEEN[what]

    def state() -> dict[str, tuple[Any, str]]:
        paths = {name: path.format(**ids) for name, path in PATHS.items()}
        return {name: (api.read(path), api.etag(path)) for name, path in paths.items()}

    before, again = state(), state()
    assert again == before  # reading changes nothing
    happens(api, ids)
    after = state()
    for name in PATHS:
        (old, old_tag), (new, new_tag) = before[name], after[name]
        assert (old != new) == (name in seen), name
        if old != new:
            assert old_tag != new_tag, f"{name} changed in secret"
        path = PATHS[name].format(**ids)
        known = api.get(path, if_none_match=f'"x", W/{old_tag}')
        if old_tag == new_tag:
            assert (known.status_code, known.content, known["ETag"]) == (304, b"", new_tag)
        else:
            assert (known.status_code, known["ETag"]) == (200, new_tag)


def test_an_added_appearance_and_an_edit_before_judgement_are_new_versions(checker: Api) -> None:
    claim = f"/claims/{make.marked_fact()[0].pk}/"
    tags = [checker.etag(claim)]
    checker.made(f"{claim}appearances/", {"article": str(make.article().pk)})
    tags.append(checker.etag(claim))
    edit(checker, claim, {"text": "Other words"})
    tags.append(checker.etag(claim))
    assert len(set(tags)) == 3


def test_a_text_that_a_law_forced_out_is_a_new_version(committed: str) -> None:
    anyone = Api()
    with transaction.atomic():
        ids = one_of_each([make.desk()])
    claim, verdict, snapshot = (
        PATHS[name].format(**ids) for name in ("claim", "verdict", "snapshot")
    )
    stored = Verdict.objects.get(pk=ids["verdict"])
    texts = {
        "quote": (stored.evidence.get(position=1).quote_id, [claim, verdict]),
        "rationale": (stored.rationale_id, [claim, verdict]),
        "text": (Snapshot.objects.get(pk=ids["snapshot"]).content_id, [snapshot]),
    }
    for what, (content, paths) in texts.items():
        before = [(anyone.etag(path), anyone.read(path)) for path in paths]
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s", [content]
            )
        for path, (tag, document) in zip(paths, before, strict=True):
            assert anyone.read(path) != document, what
            assert anyone.etag(path) != tag, what


def test_equal_documents_of_two_rows_have_two_tags(anyone: Api) -> None:
    one, two = (anyone.etag(f"/publishers/{make.publisher().pk}/") for _ in range(2))
    assert one != two


def test_any_version_will_do_where_a_star_is_sent(anyone: Api) -> None:
    path = f"/publishers/{make.publisher().pk}/"
    assert anyone.get(path, if_none_match="*").status_code == 304
    missing = "/publishers/00000000-0000-7000-8000-000000000000/"
    assert anyone.get(missing, if_none_match="*").status_code == 404


def test_head_tells_the_version_without_the_document(anyone: Api) -> None:
    path = f"/publishers/{make.publisher().pk}/"
    response = anyone.send("HEAD", path)
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == anyone.etag(path)


def test_what_was_written_has_the_version_that_is_read(checker: Api) -> None:
    response = checker.post("/publishers/", {"name": "An outlet"})
    path = response["Location"].removeprefix("/api/v1")
    assert response["ETag"] == checker.etag(path)
    assert response.json() == checker.read(path)


# The other lists


def test_every_list_has_its_pages_in_both_orders(desk: make.Desk) -> None:
    """All made in one transaction, so at one and the same instant."""
    ids = one_of_each([desk])
    api = Api(make.key(desk.admin))
    path = f"/claims/{ids['claim']}/"
    for n in range(3):
        api.made(f"{path}appearances/", {"article": str(make.article().pk)})
        judge(api, ids)
        make.snapshot(f"text {n}", of=Article.objects.get(pk=ids["article"]))
        make.key(desk.admin)
        make.invitation(desk.admin)
        make.desk()
        make.speaker()
        make.fact()
    numbered()
    column_of = {"snapshots": "captured_at", "verdicts": "issued_at", "history": "number"}
    for path in LISTS:
        address = path.format(**ids)
        column = column_of.get(path.strip("/").split("/")[-1], "created_at")
        every = api.read(f"{address}?page_size=200")["results"]
        assert len(every) >= 4, path
        rows = [Row(row["id"], row[column]) for row in every]
        for ordering in (column, f"-{column}"):
            expected = ordered(rows, ordering.replace(column, "at"))
            for size in (1, 3):
                read = both_ways(api, f"{address}?ordering={ordering}&page_size={size}", size)
                assert [row["id"] for row in read] == [row.id for row in expected], address


class Row:
    def __init__(self, id: str, at: str) -> None:
        self.id, self.at = id, at


@pytest.mark.parametrize("path", ["/publishers/", "/speakers/", "/organizations/"])
def test_sources_are_filtered_by_the_time_of_their_filing(anyone: Api, path: str) -> None:
    makers = {"/publishers/": make.publisher, "/speakers/": make.speaker}
    makers.get(path, make.desk)()
    [row] = anyone.read(path)["results"]
    at = row["created_at"]
    for query in (f"created_after={at}", f"created_before={at}", f"created_after={at[:10]}"):
        assert anyone.read(f"{path}?{query}")["results"] == [row]
    assert anyone.read(f"{path}?created_before={at[:10]}")["results"] == [row]
    for query in ("created_after=2999-01-01", "created_before=2020-01-01"):
        assert anyone.read(f"{path}?{query}")["results"] == []


def test_the_root_is_described_as_the_object_that_it_is(anyone: Api) -> None:
    schema = anyone.client.get("/api/schema/", headers={"accept": JSON_SCHEMA}).json()
    answer = schema["paths"]["/api/v1/"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"]["type"] == "object"
    assert all(isinstance(address, str) for address in anyone.read("/").values())


JSON_SCHEMA = "application/vnd.oai.openapi+json"
