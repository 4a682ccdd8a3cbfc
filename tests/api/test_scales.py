"""What an organization rates by: its versions, and the verdicts that are given by each."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.actions.rating import rated
from claims.errors import LabelNotOnScale
from claims.models import Change, Member, Rating, RatingScale, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.api.threads import at_once, statuses
from tests.conftest import Api, places, problem
from tests.log import numbered

As = Callable[[Member], Api]
FINDING = {"rationale": "The announcement was a day earlier."}


@pytest.fixture
def editor(desk: make.Desk, as_member: As) -> Api:
    return as_member(desk.editor)


@pytest.fixture
def path(desk: make.Desk) -> str:
    return f"/organizations/{desk.organization.pk}/scale/"


@pytest.fixture
def claim(db: None) -> str:
    return f"/claims/{make.fact().pk}/"


def put(api: Api, path: str, ratings: Any = make.RATINGS, **headers: str) -> Any:
    return api.send("PUT", path, {"ratings": ratings}, **headers)


def changed(api: Api, path: str, ratings: Any = make.RATINGS) -> Any:
    """The scale after a change by somebody who has read it."""
    response = put(api, path, ratings, if_match=api.etag(path))
    assert response.status_code == 200, response.content.decode()
    return response.json()


def judged(api: Api, claim: str, move: str = "dispute", **more: Any) -> Any:
    """The answer to a move by somebody who has read the claim."""
    return api.post(f"{claim}{move}/", FINDING | more, if_match=api.etag(claim))


# The scale


def test_an_organization_that_never_had_a_scale_has_none(anyone: Api, path: str) -> None:
    problem(anyone.get(path), "not-found", 404)
    assert anyone.read(path.replace("scale/", "scales/"))["results"] == []


def test_an_editor_gives_the_organization_a_scale_that_everybody_reads(
    editor: Api, anyone: Api, desk: make.Desk, path: str
) -> None:
    response = put(editor, path)
    assert response.status_code == 201
    scale = response.json()
    assert scale["version"] == 1
    assert scale["organization"]["id"] == str(desk.organization.pk)
    assert scale["created_by"]["id"] == str(desk.editor.pk)
    numbers = dict.fromkeys(("worst", "best", "value"))
    assert scale["ratings"] == [numbers | it for it in make.RATINGS]
    assert anyone.read(path) == scale
    assert anyone.etag(path) == response["ETag"]
    assert anyone.read(response["Content-Location"]) == scale
    known = anyone.get(path, if_none_match=response["ETag"])
    assert (known.status_code, known.content) == (304, b"")


def test_a_scale_changes_by_a_new_version_and_the_old_ones_stay(
    editor: Api, anyone: Api, path: str
) -> None:
    first = put(editor, path).json()
    second = changed(editor, path, make.RATINGS[:2])
    third = changed(editor, path, [])
    assert [it["version"] for it in (first, second, third)] == [1, 2, 3]
    assert anyone.read(path) == third
    assert third["ratings"] == []
    versions = path.replace("scale/", "scales/")
    assert anyone.read(versions)["results"] == [third, second, first]
    assert anyone.read(f"{versions}?ordering=version&page_size=2")["results"] == [first, second]
    following = anyone.read(f"{versions}?page_size=2")["next"]
    assert anyone.read(following)["results"] == [first]
    for it in (first, second, third):
        assert anyone.read(f"{versions}{it['id']}/") == it


def test_a_change_that_changes_nothing_makes_no_version(editor: Api, path: str) -> None:
    scale = put(editor, path).json()
    assert changed(editor, path) == scale
    assert RatingScale.objects.count() == 1


def test_no_change_of_a_colleague_is_lost(editor: Api, path: str) -> None:
    problem(put(editor, path, if_match='"0"'), "precondition-failed", 412)
    put(editor, path)
    problem(put(editor, path, []), "precondition-required", 428)
    read = editor.etag(path)
    changed(editor, path, make.RATINGS[:1])
    problem(put(editor, path, [], if_match=read), "precondition-failed", 412)
    assert editor.read(path)["version"] == 2


@pytest.mark.usefixtures("committed")
def test_of_two_first_scales_at_once_one_is_refused() -> None:
    desk = make.desk()
    path = f"/organizations/{desk.organization.pk}/scale/"
    apis = [Api(make.key(it)) for it in (desk.editor, desk.admin)]
    answers = at_once([partial(put, api, path) for api in apis])
    assert statuses(answers) == {201: 1, 428: 1}


def test_the_scale_of_another_organization_is_not_yours_to_change(
    desk: make.Desk, as_member: As, path: str
) -> None:
    problem(put(as_member(make.desk().admin), path), "forbidden", 403)
    problem(put(as_member(desk.checker), path), "forbidden", 403)
    problem(put(Api(), path), "not-authenticated", 401)
    nowhere = f"/organizations/{make.fact().pk}/scale/"
    problem(put(as_member(desk.editor), nowhere), "not-found", 404)


def test_a_change_tells_of_the_scale_before_and_after(
    editor: Api, desk: make.Desk, path: str, anyone: Api
) -> None:
    put(editor, path)
    changed(editor, path, make.RATINGS[:1])
    numbered()
    url = f"/changes/?type=organization.scale_changed&organization={desk.organization.pk}"
    first, second = anyone.read(url)["results"]
    assert first["before"] is None
    assert second["before"] == first["document"]
    assert [it["version"] for it in (first["document"], second["document"])] == [1, 2]
    told = [it["labels"] for it in second["document"]["ratings"]]
    assert told == [make.RATINGS[0]["labels"]]


# What a scale cannot be


TRUE = {"labels": {"en": "True"}, "outcome": "verified"}
UNSOUND = {
    "no list": ({}, "#/ratings"),
    "no label": ([TRUE | {"labels": {}}], "#/ratings/0/labels"),
    "a blank label": ([TRUE | {"labels": {"en": " "}}], "#/ratings/0/labels/en"),
    "a long label": ([TRUE | {"labels": {"en": 81 * "x"}}], "#/ratings/0/labels/en"),
    "no language": ([TRUE | {"labels": {"nowhere": "x"}}], "#/ratings/0/labels/nowhere"),
    "the label of another": (
        [TRUE, {"labels": {"de": "Falsch", "fr": "True"}, "outcome": "disputed"}],
        "#/ratings/1/labels/fr",
    ),
    "no outcome": ([{"labels": {"en": "True"}}], "#/ratings/0/outcome"),
    "a withdrawal": ([TRUE | {"outcome": "withdrawn"}], "#/ratings/0/outcome"),
    "two numbers of three": ([TRUE | {"worst": 1, "best": 5}], "#/ratings/0/value"),
    "best is worst": ([TRUE | {"worst": 5, "best": 5, "value": 5}], "#/ratings/0/best"),
    "above the best": ([TRUE | {"worst": 1, "best": 5, "value": 6}], "#/ratings/0/value"),
    "below the worst": ([TRUE | {"worst": 1, "best": 5, "value": 0}], "#/ratings/0/value"),
    "a number in quotes": (
        [TRUE | {"worst": "1", "best": 5, "value": 5}],
        "#/ratings/0/worst",
    ),
    "half a number": ([TRUE | {"worst": 1, "best": 5, "value": 4.5}], "#/ratings/0/value"),
    "too many": ([TRUE | {"labels": {"en": f"{i}"}} for i in range(51)], "#/ratings"),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_what_is_no_scale_is_refused(editor: Api, path: str, what: str) -> None:
    ratings, pointer = UNSOUND[what]
    assert places(problem(put(editor, path, ratings), "invalid", 400)) == {pointer}
    assert not RatingScale.objects.exists()


def test_one_label_may_be_that_of_several_languages(editor: Api, path: str) -> None:
    ratings = [TRUE | {"labels": {"en": "Satire", "fr": "Satire"}}]
    assert put(editor, path, ratings).status_code == 201


# Verdicts


def test_a_verdict_says_what_its_label_is_on_the_scale(
    editor: Api, checker: Api, path: str, claim: str
) -> None:
    put(editor, path)
    response = judged(checker, claim, label="تاريخ خاطئ")
    assert response.status_code == 201
    verdict = response.json()
    assert verdict["label"] == "تاريخ خاطئ"
    assert verdict["rating"] == {
        "labels": {"en": "Wrong date", "ar": "تاريخ خاطئ"},
        "worst": 1,
        "best": 5,
        "value": 2,
    }
    assert checker.read(response["Location"]) == verdict
    assert checker.read(claim)["verdicts"] == [verdict]
    [document] = checker.read(f"{claim}claimreview/")
    assert document["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "تاريخ خاطئ",
        "name": "disputed",
        "ratingValue": 2,
        "bestRating": 5,
        "worstRating": 1,
    }


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("wrong date", "does not have this label"),
        ("Wrong  date", "does not have this label"),
        ("True", "stands for the outcome verified"),
    ],
)
def test_a_label_that_is_not_on_the_scale_is_refused_with_those_that_would_do(
    editor: Api, checker: Api, path: str, claim: str, label: str, told: str
) -> None:
    put(editor, path)
    refusal = problem(judged(checker, claim, label=label), "label-not-on-scale", 409)
    assert places(refusal) == {"#/label"}
    assert refusal["rule"] == "label-not-on-scale"
    assert told in refusal["detail"]
    assert refusal["labels"] == ["تاريخ خاطئ", "Wrong date", "خطأ", "False"]
    assert all(it in refusal["detail"] for it in refusal["labels"])
    assert checker.read(claim)["verdicts"] == []


def test_where_no_label_would_do_it_is_left_out(
    editor: Api, checker: Api, path: str, claim: str
) -> None:
    put(editor, path, make.RATINGS[1:])
    refusal = problem(judged(checker, claim, "verify", label="True"), "label-not-on-scale", 409)
    assert refusal["labels"] == []
    assert judged(checker, claim, "verify").json()["rating"] is None
    # A withdrawal rates nothing.
    refusal = problem(judged(checker, claim, "withdraw", label="False"), "label-not-on-scale", 409)
    assert refusal["labels"] == []
    assert judged(checker, claim, "withdraw").status_code == 201


def test_a_label_is_free_text_without_a_scale_and_again_after_an_empty_one(
    editor: Api, checker: Api, rival: Api, path: str, claim: str
) -> None:
    before = judged(checker, claim, label="Anything").json()
    assert (before["label"], before["rating"]) == ("Anything", None)
    put(editor, path)
    assert judged(rival, claim, label="Anything").status_code == 201
    problem(judged(checker, claim, label="Anything"), "label-not-on-scale", 409)
    changed(editor, path, [])
    after = judged(checker, claim, label="Anything").json()
    assert (after["label"], after["rating"]) == ("Anything", None)


def test_a_verdict_keeps_the_scale_that_it_was_given_by(
    editor: Api, checker: Api, path: str, claim: str
) -> None:
    put(editor, path)
    first = judged(checker, claim, label="False").json()
    tag = checker.etag(claim)
    changed(
        editor,
        path,
        [{"labels": {"en": "False"}, "outcome": "disputed", "worst": 0, "best": 9, "value": 3}],
    )
    assert checker.read(f"{claim}verdicts/{first['id']}/")["rating"] == first["rating"]
    assert checker.etag(claim) == tag
    second = judged(checker, claim, label="False").json()
    assert second["rating"]["value"] == 3
    problem(judged(checker, claim, label="Wrong date"), "label-not-on-scale", 409)
    [document] = checker.read(f"{claim}claimreview/")
    earlier = document["correction"]["about"]["reviewRating"]
    assert (earlier["ratingValue"], document["reviewRating"]["ratingValue"]) == (1, 3)


def test_the_log_alone_tells_what_a_label_meant(
    editor: Api, checker: Api, path: str, claim: str
) -> None:
    put(editor, path)
    verdict = judged(checker, claim, label="False").json()
    number = numbered()
    changed(editor, path, [])
    judged(checker, claim, label="Anything")
    numbered()
    then = checker.read(f"{claim}?as_of={number}")
    assert then["verdicts"][0]["rating"] == verdict["rating"]
    told = Change.objects.get(subject_id=verdict["id"]).document.text
    assert '"خطأ"' in told


def test_verdicts_of_others_that_are_filed_keep_their_labels(desk: make.Desk) -> None:
    make.scale(desk.editor)
    outsider = make.outsider(by=desk.checker)
    verdict = make.verdict(make.fact(), desk.checker, external=outsider.pk, label="Pants on fire")
    assert (verdict.label, verdict.rating_id) == ("Pants on fire", None)


def test_a_dossier_is_held_to_the_scale(editor: Api, checker: Api, path: str) -> None:
    put(editor, path)
    claim = {"key": "c", "kind": "fact", "text": "It rained", "language": "en", "fact": make.FACT}

    def dossier(label: str) -> Any:
        verdict = {"outcome": "disputed", "rationale": "It did not.", "label": label}
        return {
            "isnad_dossier": 1,
            "namespace": "example.org",
            "title": {"en": "Rain"},
            "claims": [claim | {"verdicts": [verdict]}],
        }

    refusal = problem(
        checker.post("/imports/dossier/", dossier("Anything")), "label-not-on-scale", 409
    )
    assert places(refusal) == {"#/claims/0/verdicts/0/label"}
    assert checker.post("/imports/dossier/", dossier("False")).status_code in {200, 201}
    assert Verdict.objects.get().rating.value == 1  # type: ignore[union-attr]


labels = st.sampled_from(
    ["True", "صحيح", "Wrong date", "خطأ", "Unproven", "unproven", "Else", None]
)


@settings(max_examples=60)
@given(label=labels, outcome=st.sampled_from(sorted(Outcome)))
def test_a_label_is_taken_exactly_when_the_scale_has_it_for_the_outcome(
    label: str | None, outcome: str
) -> None:
    scale = [Rating(**it) for it in make.RATINGS]
    there = [it for it in make.RATINGS if label in it["labels"].values()]
    sound = label is None or any(it["outcome"] == outcome for it in there)
    try:
        found = rated(scale, Outcome(outcome), label)
        assert sound
        assert (found is None) == (label is None)
        assert found is None or label in found.labels.values()
    except LabelNotOnScale:
        assert not sound
