"""Notes on a claim: for the members of one organization, and part of no public record."""

from typing import Any

import pytest

from claims.models import Note
from tests import make
from tests.api.walking import both_ways
from tests.conftest import Api, places, problem
from tests.log import numbered
from tests.models.rows import run

TEXT = "لم تجب الوزارة بعد.\n\nAsk again on Monday."
NOTHING = "00000000-0000-7000-8000-000000000000"


def write(api: Api, claim: Any, **more: Any) -> Any:
    return api.made(f"/claims/{claim.pk}/notes/", {"text": TEXT} | more)


def ids(api: Api, path: str) -> list[str]:
    return [note["id"] for note in api.read(path)["results"]]


def test_a_note_says_what_who_and_when(checker: Api, desk: make.Desk) -> None:
    claim = make.fact()
    body = {"text": TEXT, "mentions": [str(desk.editor.pk), str(desk.reader.pk)]}
    answer = checker.post(f"/claims/{claim.pk}/notes/", body)
    assert answer.status_code == 201
    note = answer.json()
    path = f"/claims/{claim.pk}/notes/{note['id']}/"
    assert answer["Location"] == f"/api/v1{path}"
    assert answer["ETag"] == checker.etag(path)
    assert checker.read(path) == note
    assert note == note | {
        "claim": str(claim.pk),
        "text": TEXT,
        "mentions": [
            {"id": str(desk.editor.pk), "name": "A editor"},
            {"id": str(desk.reader.pk), "name": "A reader"},
        ],
        "created_by": {"id": str(desk.checker.pk), "name": "A checker"},
    }


def test_the_organization_alone_sees_that_there_is_one(
    checker: Api, colleague: Api, rival: Api, anyone: Api, desk: make.Desk
) -> None:
    claim = make.fact()
    note = write(checker, claim)
    here = f"/claims/{claim.pk}/notes/"
    reader = Api(make.key(desk.reader))
    for api in (colleague, reader):
        assert ids(api, here) == ids(api, "/notes/") == [note["id"]]
    problem(reader.post(here, {"text": TEXT}), "forbidden", 403)
    theirs = write(rival, claim)
    assert ids(rival, here) == ids(rival, "/notes/") == [theirs["id"]]
    problem(rival.get(f"{here}{note['id']}/"), "not-found", 404)
    for path in (here, f"{here}{note['id']}/", "/notes/"):
        problem(anyone.get(path), "not-authenticated", 401)


PUBLIC = ("/claims/{}/", "/claims/{}/history/", "/claims/", "/changes/", "/log/")


def test_no_public_record_has_it(checker: Api, anyone: Api) -> None:
    claim = make.fact()
    numbered()
    paths = [path.format(claim.pk) for path in PUBLIC]
    before = [anyone.get(path).content for path in paths]
    tag = anyone.etag(paths[0])
    write(checker, claim)
    assert numbered() == 0
    after = [anyone.get(path).content for path in paths]
    assert after[:3] == before[:3]
    assert anyone.etag(paths[0]) == tag
    assert not any(b"note" in it or b"Monday" in it for it in after)


def test_whom_it_mentions_is_a_member_of_the_same_organization(
    checker: Api, desk: make.Desk
) -> None:
    path = f"/claims/{make.fact().pk}/notes/"
    stranger = make.desk().checker
    mentions = [str(desk.editor.pk), str(stranger.pk), NOTHING]
    wrong = problem(checker.post(path, {"text": TEXT, "mentions": mentions}), "invalid", 400)
    assert places(wrong) == {"#/mentions/1", "#/mentions/2"}
    twice = {"text": TEXT, "mentions": [str(desk.editor.pk)] * 2}
    assert places(problem(checker.post(path, twice), "invalid", 400)) == {"#/mentions"}
    assert not Note.objects.exists()


def test_those_that_concern_somebody_are_a_list(
    checker: Api, colleague: Api, desk: make.Desk
) -> None:
    claims = [make.fact(), make.fact()]
    mine = [write(checker, it, mentions=[str(desk.editor.pk)])["id"] for it in claims]
    other = write(colleague, claims[0], mentions=[str(desk.checker.pk)])["id"]
    assert ids(colleague, "/notes/?mentions=me") == mine[::-1]
    assert ids(checker, "/notes/?mentions=me") == [other]
    assert ids(checker, f"/notes/?mentions={desk.editor.pk}") == mine[::-1]
    assert ids(checker, "/notes/?created_by=me&ordering=created_at") == mine
    assert set(ids(checker, f"/notes/?claim={claims[0].pk}")) == {mine[0], other}
    rows = both_ways(checker, "/notes/?page_size=2", 2)
    assert [row["id"] for row in rows] == [other, *mine[::-1]]
    wrong = problem(checker.get("/notes/?mentions=you"), "bad-parameter", 400)
    assert places(wrong) == {"mentions"}


def test_a_note_stays_as_it_was_written(checker: Api) -> None:
    claim = make.fact()
    path = f"/claims/{claim.pk}/notes/{write(checker, claim)['id']}/"
    for method in ("PATCH", "PUT", "DELETE"):
        problem(checker.send(method, path, {"text": "Other"}), "method-not-allowed", 405)


def test_a_note_on_nothing_is_not_found(checker: Api) -> None:
    for path in (f"/claims/{NOTHING}/notes/", "/claims/x/notes/"):
        problem(checker.get(path), "not-found", 404)
        problem(checker.post(path, {"text": TEXT}), "not-found", 404)


@pytest.mark.usefixtures("committed")
def test_a_text_that_is_forced_out_is_gone_and_the_note_stays() -> None:
    desk = make.desk()
    api, claim = Api(make.key(desk.checker)), make.fact()
    note = write(api, claim)
    path = f"/claims/{claim.pk}/notes/{note['id']}/"
    tag = api.etag(path)
    content = Note.objects.get(pk=note["id"]).content_id
    run(
        "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s",
        [content],
        using="owner",
    )
    assert api.read(path) == note | {"text": None}
    assert api.etag(path) != tag
