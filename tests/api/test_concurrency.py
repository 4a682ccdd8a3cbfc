"""What many do at the same instant: nothing is lost or written twice, nobody waits for ever."""

from typing import Any

import pytest
from django.db import transaction

from claims.models import Article, Claim, Member, Snapshot, Verdict
from claims.vocabulary import Outcome, status_of
from tests import make
from tests.api.threads import at_once, statuses
from tests.conftest import Api, problem

pytestmark = pytest.mark.usefixtures("committed")

FINDING = {"rationale": "Looked at again."}


def keys(*members: Member) -> list[Api]:
    return [Api(make.key(member)) for member in members]


@pytest.fixture
def desk(committed: str) -> make.Desk:
    return make.desk()


@pytest.fixture
def claim(committed: str) -> Claim:
    with transaction.atomic():
        return make.fact()


def path_of(claim: Claim) -> str:
    return f"/claims/{claim.pk}/"


def sound(claim: Claim) -> None:
    """The chains of verdicts are whole, and the status is what follows from them."""
    claim.refresh_from_db()
    verdicts = list(claim.verdicts.all())
    for organization in {verdict.organization_id for verdict in verdicts}:
        chain = [verdict for verdict in verdicts if verdict.organization_id == organization]
        superseded = [verdict.supersedes_id for verdict in chain if verdict.supersedes_id]
        assert len(superseded) == len(set(superseded)) == len(chain) - 1
    standing = [Outcome(verdict.outcome) for verdict in claim.verdicts.standing()]
    assert claim.status == status_of(standing)


@pytest.mark.parametrize("round_", range(3))
def test_of_two_checkers_of_one_organization_one_is_accepted_and_the_other_told(
    desk: make.Desk, claim: Claim, round_: int
) -> None:
    path = path_of(claim)
    pair = keys(desk.checker, desk.editor)
    first = at_once([lambda api=api: api.post(f"{path}verify/", FINDING) for api in pair])
    assert statuses(first) == {201: 1, 428: 1}
    for response in first:
        if response.status_code == 428:
            problem(response, "precondition-required", 428)
    read = pair[0].etag(path)
    second = at_once(
        [lambda api=api: api.post(f"{path}dispute/", FINDING, if_match=read) for api in pair]
    )
    assert statuses(second) == {201: 1, 412: 1}
    assert claim.verdicts.count() == 2
    sound(claim)


def test_of_sixteen_checkers_of_one_organization_one_is_accepted_each_time(
    desk: make.Desk, claim: Claim
) -> None:
    path = path_of(claim)
    [api] = keys(desk.checker)
    outcomes = [*Outcome][:3]
    for n in range(3):
        headers = {"if_match": api.etag(path)} if n else {}
        answers = at_once(
            [
                lambda i=i, headers=headers: api.post(
                    f"{path}verdicts/", FINDING | {"outcome": outcomes[i % 3]}, **headers
                )
                for i in range(16)
            ]
        )
        assert statuses(answers) == {201: 1, 412 if n else 428: 15}
        assert claim.verdicts.count() == n + 1
        sound(claim)


def test_two_organizations_at_once_both_get_in_with_one_retry_at_most(claim: Claim) -> None:
    path = path_of(claim)
    desks = [make.desk(), make.desk()]
    pair = keys(*(each.checker for each in desks))
    read = pair[0].etag(path)
    moves = ["verify", "dispute"]

    def judge(api: Api, move: str, **headers: str) -> Any:
        return api.post(f"{path}{move}/", FINDING, **headers)

    # The first verdict of each needs no If-Match: both are in at once.
    first = at_once(
        [lambda a=api, m=move: judge(a, m) for api, move in zip(pair, moves, strict=True)]
    )
    assert statuses(first) == {201: 2}
    sound(claim)
    assert claim.status == "contested"

    # With one, the document that was read is another by now for one of them.
    read = pair[0].etag(path)
    second = at_once(
        [
            lambda a=api, m=move: judge(a, m, if_match=read)
            for api, move in zip(pair, moves[::-1], strict=True)
        ]
    )
    assert statuses(second) == {201: 1, 412: 1}
    for response, api, move in zip(second, pair, moves[::-1], strict=True):
        if response.status_code == 412:
            assert judge(api, move, if_match=api.etag(path)).status_code == 201
    assert claim.verdicts.count() == 4
    sound(claim)


def test_eight_organizations_at_once_are_all_in(claim: Claim) -> None:
    apis = keys(*(make.desk().checker for _ in range(8)))
    answers = at_once(
        [lambda api=api: api.post(f"{path_of(claim)}verify/", FINDING) for api in apis]
    )
    assert statuses(answers) == {201: 8}
    sound(claim)


def test_an_edit_and_a_first_verdict_at_once_do_not_both_happen_to_the_same_words(
    desk: make.Desk,
) -> None:
    one, other = keys(desk.checker, desk.editor)
    for _ in range(4):
        with transaction.atomic():
            path = path_of(make.fact())
        read = one.etag(path)
        edited, judged = at_once(
            [
                lambda path=path, read=read: one.patch(path, {"text": "Other"}, if_match=read),
                lambda path=path, read=read: other.post(f"{path}verify/", FINDING, if_match=read),
            ]
        )
        assert (edited.status_code, judged.status_code) in {(200, 412), (412, 201)}
        document = one.read(path)
        assert bool(document["verdicts"]) == (judged.status_code == 201)


def test_one_url_at_once_is_one_article_and_the_others_are_told(desk: make.Desk) -> None:
    [api] = keys(desk.checker)
    body = {
        "publisher": str(make.publisher().pk),
        "headline": "x",
        "language": "ar",
        "url": "https://example.org/ع",
        "text": "A text",
    }
    answers = at_once([lambda: api.post("/articles/", body)] * 8)
    assert statuses(answers) == {201: 1, 409: 7}
    for response in answers:
        if response.status_code == 409:
            problem(response, "duplicate", 409)
    assert Article.objects.count() == Snapshot.objects.count() == 1


def test_one_text_at_once_is_one_snapshot_and_the_others_are_told(desk: make.Desk) -> None:
    [api] = keys(desk.checker)
    path = f"/articles/{make.article().pk}/snapshots/"
    answers = at_once([lambda: api.post(path, {"text": "A text"})] * 8)
    assert statuses(answers) == {201: 1, 409: 7}
    for response in answers:
        if response.status_code == 409:
            problem(response, "duplicate", 409)
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize("resource", ["publishers", "articles", "speakers", "claims"])
def test_of_eight_edits_of_one_version_one_is_made(desk: make.Desk, resource: str) -> None:
    [api] = keys(desk.checker)
    makers: dict[str, Any] = {
        "publishers": make.publisher,
        "articles": make.article,
        "speakers": make.speaker,
        "claims": make.fact,
    }
    field = {"articles": "headline", "claims": "text"}.get(resource, "name")
    with transaction.atomic():
        path = f"/{resource}/{makers[resource]().pk}/"
    read = api.etag(path)
    answers = at_once(
        [lambda n=n: api.patch(path, {field: f"Edit {n}"}, if_match=read) for n in range(8)]
    )
    assert statuses(answers) == {200: 1, 412: 7}
    [made] = [response for response in answers if response.status_code == 200]
    assert api.read(path) == made.json()


@pytest.mark.parametrize("edit", [{"role": "reader"}, {"ended": True}])
def test_of_two_admins_who_remove_each_other_one_stays(
    desk: make.Desk, edit: dict[str, Any]
) -> None:
    second = Member.objects.create(organization=desk.organization, name="Second", role="admin")
    pair = keys(desk.admin, second)
    members = f"/organizations/{desk.organization.pk}/members/"
    tags = {member.pk: pair[0].etag(f"{members}{member.pk}/") for member in (desk.admin, second)}

    def remove(api: Api, other: Member) -> Any:
        return api.patch(f"{members}{other.pk}/", edit, if_match=tags[other.pk])

    answers = at_once([lambda: remove(pair[0], second), lambda: remove(pair[1], desk.admin)])
    assert statuses(answers)[200] == 1
    assert statuses(answers).keys() <= {200, 401, 403, 409}
    left = Member.objects.filter(
        organization=desk.organization, role="admin", ended_at__isnull=True
    )
    assert left.count() == 1


def test_snapshots_appearances_and_verdicts_at_once_never_lock_each_other_for_ever(
    desk: make.Desk,
) -> None:
    with transaction.atomic():
        articles = [make.article() for _ in range(2)]
        snapshots = [make.snapshot(of=article) for article in articles]
        claims = [
            make.fact(appearance={"snapshot": snapshot.pk, "exact": "كامل أراضيه"})
            for snapshot in snapshots * 2
        ]
    [api] = keys(desk.checker)

    def capture(n: int) -> Any:
        article = articles[n % 2]
        return api.post(f"/articles/{article.pk}/snapshots/", {"text": f"{n} {make.TEXT}"})

    def appear(n: int) -> Any:
        body = {"snapshot": str(snapshots[n % 2].pk), "exact": "وأعلن العراق"}
        return api.post(f"{path_of(claims[(n * 3) % 4])}appearances/", body)

    def judge(n: int) -> Any:
        rival = rivals[n]
        return rival.post(f"{path_of(claims[n % 4])}verify/", FINDING)

    def file(n: int) -> Any:
        passage = {"snapshot": str(snapshots[n % 2].pk), "exact": "كامل أراضيه"}
        body = {"kind": "fact", "text": f"{n}", "language": "en", "fact": make.FACT}
        return api.post("/claims/", body | {"appearance": passage})

    rivals = keys(*(make.desk().checker for _ in range(4)))
    calls = [lambda do=do, n=n: do(n) for n in range(4) for do in (capture, appear, judge, file)]
    answers = at_once(calls)
    assert statuses(answers) == {201: 16}, [
        response.content for response in answers if response.status_code != 201
    ]
    for claim in Claim.objects.all():
        sound(claim)
        newest = {article.pk: newest_of(article) for article in articles}
        for appearance in claim.appearances.all():
            last = appearance.anchors.order_by("position").last()
            assert last is not None
            assert last.snapshot_id == newest[appearance.article_id]
    assert Verdict.objects.count() == 4


def newest_of(article: Article) -> Any:
    return article.snapshots.order_by("captured_at", "id").last().pk
