"""What became of drafts: told to their organization alone, and what a reckoning gives."""

import random
from collections import Counter
from typing import Any

import pytest

from claims.actions.desks import add_member
from claims.actions.drafts import edit_draft, return_draft, withdraw_draft
from claims.models import Draft, Member
from claims.queries.etags import etag
from claims.vocabulary import DraftState, Outcome, Role
from tests import make, row_by_row
from tests.api.test_stats import counted, ident, stats, whole
from tests.conftest import Api, problem
from tests.row_by_row import Drafted, RowByRow


def known(draft: Draft) -> frozenset[str]:
    tag = etag(Draft, draft.pk)
    assert tag is not None
    return frozenset({tag})


def played(authors: list[Member], seed: int) -> None:
    """Drafts by chance, of which some are returned, mended, confirmed or withdrawn."""
    chance = random.Random(seed)
    speakers = [None, make.speaker().pk, make.speaker().pk]
    for _ in range(30):
        speaker = chance.choice(speakers)
        claim = make.fact(language=chance.choice(["ar", "en", "ar-IQ"]), speaker=speaker)
        author, second = chance.sample(authors, 2)
        draft = make.draft(claim, author, chance.choice([Outcome.DISPUTED, Outcome.VERIFIED]))
        while chance.random() < 0.4:
            return_draft(draft_id=draft.pk, reasons="Which day?", by=second, if_match=known(draft))
            if chance.random() < 0.5:
                break
            changes = {"rationale": f"It was the {chance.randrange(1000)}th day."}
            edit_draft(draft_id=draft.pk, changes=changes, by=author, if_match=known(draft))
        draft.refresh_from_db()
        end = chance.choice(["confirmed", "withdrawn", "none"])
        if end == "confirmed" and draft.state == DraftState.OPEN:
            make.confirmed(draft, second)
        elif end == "withdrawn":
            withdraw_draft(draft_id=draft.pk, by=author, if_match=known(draft))


def is_told(told: Any, due: list[Drafted]) -> None:
    states = Counter(it.draft.state for it in due)
    assert told["drafts"] == len(due)
    assert told["states"] == {word: states[word] for word in DraftState.values}
    assert told["ever_returned"] == sum(it.returned for it in due)
    for name, many in (
        ("share_confirmed", states["confirmed"]),
        ("share_returned", told["ever_returned"]),
    ):
        assert told[name] == (pytest.approx(many / len(due)) if due else None)


@pytest.fixture
def team(desk: make.Desk) -> list[Member]:
    third = add_member(
        organization=desk.organization, name="Another checker", role=Role.CHECKER, by=None
    )
    return [desk.editor, desk.checker, third]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"language": "ar"},
        {"status": "disputed"},
        {"outcome": "verified", "kind": "fact"},
        {"organization": "own"},
        {"organization": "0190a000-0000-7000-8000-000000000000"},
    ],
)
def test_drafts_are_counted_as_a_reckoning_counts_them(
    team: list[Member], seed: int, filters: dict[str, str]
) -> None:
    played(team, seed)
    counted()
    api, own = Api(make.key(team[0])), str(team[0].organization_id)
    filters = {name: own if it == "own" else it for name, it in filters.items()}
    its = RowByRow(row_by_row.rows(), filters)
    due = its.drafts(own)
    of_speakers = Counter(
        it.draft.claim.speaker_id and str(it.draft.claim.speaker_id)
        for it in its.whatever_was_found.drafts(own)
    )
    for by in ("language", "outcome", "checker", "status", "kind", "speaker"):
        told = stats(api, figures="drafts", by=by, every="month", **filters)["drafts"]
        is_told(told, due)
        ways = {
            "language": lambda it: it.draft.claim.language,
            "outcome": lambda it: it.draft.outcome,
            "checker": lambda it: str(it.draft.created_by_id),
            "status": lambda it: it.draft.claim.status,
            "kind": lambda it: it.draft.claim.kind,
            "speaker": lambda it: it.draft.claim.speaker_id and str(it.draft.claim.speaker_id),
        }
        groups = {ident(it["group"][by]): it for it in told["groups"]}
        for value, group in groups.items():
            if value is not None and by not in ("checker", "language"):
                asked = filters | {by: value}
                assert whole(stats(api, figures="drafts", **asked)["drafts"]) == whole(group)
        assert groups.keys() == {ways[by](it) for it in due}
        for value, group in groups.items():
            is_told(group, [it for it in due if ways[by](it) == value])
            assert group["of"] == (of_speakers[value] if by == "speaker" else len(due))
        assert sum(it["drafts"] for it in told["series"]) == len(due)


def test_drafts_are_told_to_their_organization_alone(anyone: Api, team: list[Member]) -> None:
    played(team, 4)
    counted()
    other_desk = make.desk()
    problem(anyone.get("/stats/?figures=drafts"), "not-authenticated", 401)
    told = stats(Api(make.key(other_desk.checker)), figures="drafts", by="speaker", every="day")
    assert (told["drafts"]["drafts"], told["drafts"]["share_confirmed"]) == (0, None)
    assert told["drafts"]["groups"] == []


def test_what_happens_to_a_draft_is_told_at_once(team: list[Member]) -> None:
    counted()
    api, path = Api(make.key(team[0])), "/stats/?figures=drafts"
    draft = make.draft(make.fact(), team[0])
    assert api.read(path)["drafts"]["states"]["open"] == 1
    assert "ETag" not in api.get(path).headers
    withdraw_draft(draft_id=draft.pk, by=team[0], if_match=known(draft))
    assert api.read(path)["drafts"]["states"] == {
        "open": 0,
        "returned": 0,
        "confirmed": 0,
        "withdrawn": 1,
    }
