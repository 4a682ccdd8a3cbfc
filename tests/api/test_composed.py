"""What PostgreSQL composes is what the serializer says: for records of every kind."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from claims.actions.queue import take
from claims.api import contests
from claims.api.claims import ClaimOut, ClaimTold
from claims.api.composed import composer
from claims.api.drafts import MovesOfDraft
from claims.api.publishers import PublisherOut
from claims.api.resource import Resource
from claims.api.urls import urlpatterns
from claims.api.verdicts import VerdictOut
from claims.formats.answers import MemberNamed
from claims.formats.changes import ChangeOut
from claims.formats.composing import CannotCompose, composition
from claims.formats.moves import reading
from claims.formats.telling import telling
from claims.models import Change, Publisher, Verdict
from claims.queries import documents, feed
from tests import make
from tests.api.test_as_of import History
from tests.log import numbered
from tests.models.rows import run


def views() -> Iterator[Any]:
    """Each resource of rows, with each of its documents."""
    seen = set()
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "cls", None)
        if view is None or not issubclass(view, Resource) or not hasattr(view, "model"):
            continue
        for action in sorted({"list", "retrieve"} & {*pattern.callback.actions.values()}):
            answers: Any = view(action=action).answers
            if issubclass(answers, serializers.ModelSerializer) and (view, answers) not in seen:
                seen.add((view, answers))
                yield view, answers


def told(answers: type[serializers.Serializer], rows: Any, **context: Any) -> list[Any]:
    """As the serializer tells it."""
    found = answers(rows, many=True, context=context).data
    return list(json.loads(json.dumps(found, default=str)))


def composed(answers: type[serializers.Serializer], rows: Any, ids: Any, **given: Any) -> list[Any]:
    return [json.loads(it) for it in composer(answers, rows).documents(list(ids), **given)]


def told_by_chance() -> History:
    """A claim of every kind, in articles that change, judged, withdrawn, edited."""
    history = History(random.Random(7))
    history.run(steps=40)
    desk = history.desks[0]
    make.webhook(desk.admin)
    make.key(desk.admin)
    make.invitation(desk.admin)
    quantity = {"subject": "s", "property": "p", "value_type": "quantity", "value": "3"}
    make.fact(fact={**quantity, "unit": "year", "approximate": True}, stated_on="2017-12")
    make.fact(fact={**quantity, "value": None, "lower": "2.5", "upper": "4"})
    make.snapshot(withheld=True)
    one, other = make.fact(), make.fact()
    make.relation(one, other, desk.checker, "same", score=Decimal("0.25"), reasons=["alike"])
    make.note(one, desk.checker, mentions=[desk.editor.pk, desk.reader.pk])
    make.note(one, desk.editor)
    for claim in (one, other, history.claim()):
        take(item_id=make.queued(claim, desk.checker).pk, by=desk.checker)
    make.queued(one, desk.editor, due_at=datetime(2020, 1, 1, tzinfo=UTC))
    make.queued(make.fact(), desk.editor)
    make.verdict(other, desk.editor)
    numbered()
    make.scale(desk.editor)
    make.verdict(one, desk.checker, label="Wrong date", valid_until=date(2020, 3, 14))
    make.verdict(one, desk.checker, label="False", recheck_on=date(2021, 1, 1))
    make.scale(desk.editor, [])
    make.relation(other, one, desk.checker, "withdrawn")
    make.relation(one, other, history.desks[1].checker, "narrows")
    make.upheld(make.verdict(one, desk.checker), desk.editor)
    make.corrected(make.verdict(other, desk.checker), desk.editor)
    make.contest(
        make.verdict(other, desk.checker),
        contact="reader@example.org",
        language="ar",
        evidence=[{"url": "https://example.org/", "quote": "يوم قبله"}],
    )
    confirmed = make.draft(one, desk.checker)
    make.confirmed(confirmed, desk.editor)
    make.draft(other, desk.checker, evidence=[{"url": "https://example.org/", "stance": "context"}])
    numbered()
    make.verdict(history.claim(), desk.checker)  # which has no number yet
    return history


def test_a_document_is_the_same_whoever_makes_it(db: None, subtests: pytest.Subtests) -> None:
    member = told_by_chance().desks[0].checker
    reader = MovesOfDraft.given_to(member) | reading(member)
    reader |= contests.given_to(member)
    for view, answers in views():
        with subtests.test(f"{view.resource}, {answers.__name__}"):
            rows = view.all_rows()
            ids = list(view.model._default_manager.order_by("pk").values_list("pk", flat=True))
            assert ids or view.resource == "deliveries"
            by_id = rows().in_bulk(ids)
            assert composed(answers, rows, ids, **reader) == told(
                answers, [by_id[pk] for pk in ids], **reader
            )


def test_a_verdict_is_the_same_told_in_little_time(db: None) -> None:
    told_by_chance()
    verdicts = list(documents.verdicts())
    assert any(verdict.pieces for verdict in verdicts)  # type: ignore[attr-defined]
    found = [orjson.loads(orjson.dumps(telling(VerdictOut())(it))) for it in verdicts]
    assert found == told(VerdictOut, verdicts)


def test_what_only_a_serializer_can_tell_is_not_told_in_little_time() -> None:
    with pytest.raises(CannotCompose):
        telling(ClaimOut())


@pytest.mark.usefixtures("committed")
def test_a_change_is_told_the_same_whoever_tells_it_erased_or_not() -> None:
    with transaction.atomic():
        history = told_by_chance()
    judged = Change.objects.filter(outcome__isnull=False).order_by("pk")
    erase(Verdict.objects.get(pk=judged[0].subject_id).rationale_id)
    erase(judged[1].document_id)
    erase(Change.objects.filter(type="claim.created").order_by("pk")[0].document_id)
    erase(Change.objects.filter(before__isnull=False).order_by("pk")[0].before_id)
    changes = feed.with_texts(list(feed.changes().order_by("log_entry__number")))
    ids = [change.pk for change in changes]
    own, other = history.desks[:2]
    for reader in (None, own.reader, own.checker, own.editor, own.admin, other.admin):
        found = composed(ChangeOut, feed.changes, ids, **reading(reader))
        assert found == told(ChangeOut, changes, **reading(reader))
        assert {change["type"] for change in found} >= {"api_key.created", "verdict.withdrawn"}
        assert [change["erased"] for change in found if change["erased"]]


def erase(content: Any) -> None:
    statement = (
        "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s"
    )
    run(statement, [content], using="owner")


# No NUL and no lone surrogates: neither can be stored.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(deadline=None)
@given(text=TEXT, names=st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_text_comes_through_as_it_is(
    django_db_blocker: Any, django_db_setup: None, text: str, names: dict[str, str]
) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        given = {"name": f"x{text}"[:300], "names": names, "by": None}
        publisher = make.publisher(**given)
        claim = make.fact(text=f"x{text}")
        [document] = composed(PublisherOut, Publisher.objects.all, [publisher.pk])
        assert (document["name"], document["names"]) == (given["name"], names)
        [document] = composed(ClaimTold, documents.claims, [claim.pk])
        assert document["text"] == f"x{text}"
        transaction.set_rollback(True)


def test_text_is_not_escaped_where_it_need_not_be(db: None) -> None:
    claim = make.fact(text="وأعلن العراق تحرير كامل أراضيه")
    [text] = composer(ClaimTold, documents.claims).documents([claim.pk])
    assert "وأعلن العراق تحرير كامل أراضيه".encode() in text


class Shouting(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return str(value).upper()


def test_a_serializer_that_has_no_sql_is_refused_when_it_is_compiled(db: None) -> None:
    class Loud(serializers.ModelSerializer):
        name = Shouting()

        class Meta:
            model = Publisher
            fields = ["name"]

    class Elsewhere(serializers.ModelSerializer):
        staff = MemberNamed(many=True)

        class Meta:
            model = Publisher
            fields = ["staff"]

    class Method(serializers.ModelSerializer):
        length = serializers.SerializerMethodField()

        class Meta:
            model = Publisher
            fields = ["length"]

    for answers, reason in ((Loud, "Shouting"), (Elsewhere, "staff"), (Method, "no column")):
        with pytest.raises(CannotCompose, match=reason):
            composition(answers(), Publisher.objects.all())
