"""Every request that has a body, with a sound one, and what can be known of its fields."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

from claims.api import (
    appearances,
    articles,
    claims,
    contests,
    desks,
    drafts,
    invitations,
    notes,
    publishers,
    queue,
    relations,
    scales,
    speakers,
    verdicts,
    webhooks,
)
from claims.api.resource import Resource
from claims.formats.fields import Body, Count, Flag, Names, Share
from claims.formats.matching import Reasons
from claims.vocabulary import Outcome, Role
from tests import make
from tests.conftest import Api

Path = tuple[str | int, ...]


@dataclass
class World:
    """One of each thing, and who may do everything with it."""

    api: Api
    ids: dict[str, str]

    def send(self, write: "Write", body: Any, **headers: str) -> Any:
        """body: JSON, or bytes as they are. An edit says which version it has read."""
        path = filled(write.path, self.ids)
        if write.method == "PATCH" and "if_match" not in headers:
            headers["if_match"] = self.api.etag(path)
        return self.api.send(write.method, path, as_json(body), **headers)

    def body(self, write: "Write") -> Any:
        return filled(write.body, self.ids)


def as_json(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a surrogate, which can be written with its number alone
        return json.dumps(body).encode()


@dataclass(frozen=True)
class Write:
    method: str
    path: str
    view: type[Resource]
    action: str
    body: Any

    @property
    def answers(self) -> type[serializers.Serializer]:
        view = self.view()
        view.action = self.action
        return view.answers

    @property
    def serializer(self) -> Body:
        return self.view.asks[self.action](
            context={"answers": self.answers, "edits": self.method == "PATCH"}
        )


def world() -> World:
    desk = make.desk()
    article = make.article(url="https://example.org/1")
    snapshot = make.snapshot(of=article)
    speaker = make.speaker()
    fact, statement = make.fact(), make.statement(speaker=speaker.pk)
    contested = make.verdict(make.fact(), desk.checker)
    contest = make.contest(contested)
    rows = {
        "organization": desk.organization,
        "member": desk.reader,
        "publisher": article.publisher,
        "article": article,
        "snapshot": snapshot,
        "speaker": speaker,
        "fact": fact,
        "statement": statement,
        "invitation": make.invitation(desk.admin)[0],
        "webhook": make.webhook(desk.editor),
        "draft": make.draft(make.fact(), desk.admin),
        "item": make.queued(statement, desk.checker),
        "checker": desk.checker,
        "contested": contested.claim,
        "contest": contest,
        "contest_of_what_stands": make.contest(
            make.verdict(make.fact(), desk.checker), text="I said it a day later."
        ),
        "later": make.verdict(contested.claim, desk.checker, Outcome.VERIFIED),
    }
    return World(Api(make.key(desk[Role.ADMIN])), {name: str(row.pk) for name, row in rows.items()})


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with ids in place of their names in braces."""
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return value.format(**ids) if isinstance(value, str) else value


NAMES = {"ar": "اسم", "en": "Name"}
URL = "https://example.org/a"
ROLE = {"title": "Spokesman", "titles": NAMES, "since": "2019", "until": "2020-03"}
SPEAKER = {
    "type": "person",
    "name": "Somebody",
    "names": NAMES,
    "other_names": ["Another name"],
    "same_as": ["https://www.wikidata.org/wiki/Q1"],
    "roles": [ROLE],
}
PASSAGE = {"snapshot": "{snapshot}", "exact": "Iraq declared victory again"}
APPEARANCE = PASSAGE | {
    "article": "{article}",
    "prefix": "victory. ",
    "suffix": ".",
    "start": 55,
    "end": 82,
    "relayed_by": ["{speaker}"],
}
QUANTITY = {
    "subject": "the training",
    "property": "lasted",
    "value": "3",
    "value_type": "quantity",
    "unit": "year",
    "approximate": True,
    "lower": "2",
    "upper": "4.5",
}
FACT = {
    "kind": "fact",
    "text": "The training lasted three years",
    "language": "en",
    "speaker": "{speaker}",
    "stated_on": "2020-03",
    "fact": QUANTITY,
    "appearance": APPEARANCE,
}
STATEMENT = {
    "kind": "statement",
    "text": "We trained them",
    "language": "en",
    "speaker": "{speaker}",
    "speech": "direct",
    "asserts": ["{fact}"],
}
EVIDENCE = {
    "url": URL,
    "stance": "refutes",
    "title": "A title",
    "quote": "A quote",
    "archive_url": "https://archive.org/1",
}
FINDING = {
    "rationale": "It was a day earlier.",
    "label": "Wrong date",
    "evidence": [EVIDENCE, EVIDENCE | {"derived_from": 0}],
    "url": "https://example.org/review",
    "title": "The review",
    "language": "en",
    "date_published": "2020-03-15",
}
ARTICLE = {
    "publisher": "{publisher}",
    "headline": "A headline",
    "language": "ar",
    "date_published": "2020-03-14",
    "url": URL,
}
WEBHOOK = {
    "url": URL,
    "types": ["verdict.issued"],
    "filters": {
        "claim": "{fact}",
        "status": "disputed",
        "language": "ar",
        "organization": "{organization}",
    },
}

WRITES: dict[str, Write] = {
    "publisher": Write(
        "POST",
        "/publishers/",
        publishers.Publishers,
        "create",
        {"name": "An outlet", "names": NAMES, "url": URL},
    ),
    "publisher edited": Write(
        "PATCH",
        "/publishers/{publisher}/",
        publishers.Publishers,
        "partial_update",
        {"name": "An outlet", "names": NAMES, "url": URL},
    ),
    "article": Write(
        "POST",
        "/articles/",
        articles.Articles,
        "create",
        ARTICLE | {"text": "A text", "withheld": False},
    ),
    "article edited": Write(
        "PATCH", "/articles/{article}/", articles.Articles, "partial_update", ARTICLE
    ),
    "snapshot": Write(
        "POST",
        "/articles/{article}/snapshots/",
        articles.Snapshots,
        "create",
        {"text": "Another text", "captured_at": "2020-03-14T09:30:00Z", "withheld": False},
    ),
    "withheld snapshot": Write(
        "POST",
        "/articles/{article}/snapshots/",
        articles.Snapshots,
        "create",
        {"withheld": True, "sha256": "0f" * 32, "length": 12},
    ),
    "speaker": Write("POST", "/speakers/", speakers.Speakers, "create", SPEAKER),
    "speaker edited": Write(
        "PATCH", "/speakers/{speaker}/", speakers.Speakers, "partial_update", SPEAKER
    ),
    "fact": Write("POST", "/claims/", claims.Claims, "create", FACT),
    "statement": Write("POST", "/claims/", claims.Claims, "create", STATEMENT),
    "claim edited": Write(
        "PATCH",
        "/claims/{fact}/",
        claims.Claims,
        "partial_update",
        {"text": "Other words", "speaker": "{speaker}", "fact": QUANTITY},
    ),
    "appearance": Write(
        "POST", "/claims/{fact}/appearances/", appearances.Appearances, "create", APPEARANCE
    ),
    "verify": Write("POST", "/claims/{fact}/verify/", claims.Claims, "verify", FINDING),
    "dispute": Write("POST", "/claims/{statement}/dispute/", claims.Claims, "dispute", FINDING),
    "verdict": Write(
        "POST",
        "/claims/{fact}/verdicts/",
        verdicts.Verdicts,
        "create",
        FINDING | {"outcome": "inconclusive"},
    ),
    "draft": Write(
        "POST",
        "/drafts/",
        drafts.Drafts,
        "create",
        FINDING | {"claim": "{fact}", "outcome": "disputed"},
    ),
    "draft edited": Write(
        "PATCH",
        "/drafts/{draft}/",
        drafts.Drafts,
        "partial_update",
        FINDING | {"outcome": "verified"},
    ),
    "relation": Write(
        "POST",
        "/claims/{fact}/relations/",
        relations.Relations,
        "create",
        {"other": "{statement}", "relation": "same", "score": 0.5, "reasons": ["Both say so"]},
    ),
    "queued": Write(
        "POST",
        "/queue/",
        queue.Queue,
        "create",
        {"claim": "{fact}", "due_at": "2030-01-01T00:00:00Z"},
    ),
    "queue edited": Write(
        "PATCH",
        "/queue/{item}/",
        queue.Queue,
        "partial_update",
        {"priority": "high", "due_at": "2030-01-01T00:00:00Z", "dropped": True},
    ),
    "assigned": Write(
        "POST",
        "/queue/{item}/assign/",
        queue.Queue,
        "assign",
        {"assignee": "{checker}", "due_at": "2030-01-01T00:00:00Z"},
    ),
    "note": Write(
        "POST",
        "/claims/{fact}/notes/",
        notes.Notes,
        "create",
        {"text": "Ask the ministry.", "mentions": ["{member}"]},
    ),
    "contest": Write(
        "POST",
        "/claims/{contested}/contests/",
        contests.Contests,
        "create",
        {
            "verdict": "{later}",
            "party": "speaker",
            "reason": "not_said",
            "text": "I did not say so.",
            "evidence": [{"url": URL, "title": "A title", "quote": "A quote"}],
            "language": "en",
            "contact": "somebody@example.org",
        },
    ),
    "contest upheld": Write(
        "POST",
        "/contests/{contest_of_what_stands}/uphold/",
        contests.DeskContests,
        "uphold",
        {"answer": "The recording says so."},
    ),
    "contest corrected": Write(
        "POST",
        "/contests/{contest}/correct/",
        contests.DeskContests,
        "correct",
        {"verdict": "{later}", "answer": "It was another day."},
    ),
    "contest rejected": Write(
        "POST",
        "/contests/{contest}/reject/",
        contests.DeskContests,
        "reject",
        {"answer": "It is about another article."},
    ),
    "organization edited": Write(
        "PATCH",
        "/organizations/{organization}/",
        desks.Organizations,
        "partial_update",
        {"name": "A desk", "url": URL},
    ),
    "scale": Write(
        "PUT",
        "/organizations/{organization}/scale/",
        scales.Scales,
        "change",
        {
            "ratings": [
                {"labels": {"en": "Right", "ar": "صحيح"}, "outcome": "verified"},
                {"labels": {"en": "Wrong"}, "outcome": "disputed"}
                | {"worst": 1, "best": 5, "value": 1},
            ]
        },
    ),
    "member": Write(
        "POST",
        "/organizations/{organization}/members/",
        desks.Members,
        "create",
        {"name": "Somebody", "role": "checker"},
    ),
    "member edited": Write(
        "PATCH",
        "/organizations/{organization}/members/{member}/",
        desks.Members,
        "partial_update",
        {"name": "Somebody", "role": "checker", "ended": True},
    ),
    "invitation": Write(
        "POST",
        "/organizations/{organization}/invitations/",
        invitations.Invitations,
        "create",
        {
            "role": "checker",
            "name": "Somebody",
            "email": "somebody@example.org",
            "expires_at": (timezone.now() + timedelta(days=30)).isoformat(),
        },
    ),
    "api key": Write(
        "POST",
        "/api-keys/",
        desks.ApiKeys,
        "create",
        {
            "label": "A key",
            "scopes": ["read"],
            "expires_at": "2999-01-01T00:00:00Z",
            "member": "{member}",
        },
    ),
    "webhook": Write("POST", "/webhooks/", webhooks.Webhooks, "create", WEBHOOK),
    "webhook edited": Write(
        "PATCH",
        "/webhooks/{webhook}/",
        webhooks.Webhooks,
        "partial_update",
        WEBHOOK | {"paused": True, "ended": True},
    ),
    "secret rotated": Write(
        "POST",
        "/webhooks/{webhook}/rotate-secret/",
        webhooks.Webhooks,
        "rotate_secret",
        {"previous_valid_for": 60},
    ),
    "replay": Write(
        "POST", "/webhooks/{webhook}/replay/", webhooks.Webhooks, "replay", {"after": 0}
    ),
}


@dataclass(frozen=True)
class Spot:
    """A field of a body and where it stands in the sound one."""

    path: Path
    field: serializers.Field

    @property
    def pointer(self) -> str:
        return "#" + "".join(f"/{step}" for step in self.path)

    @property
    def kinds(self) -> set[str]:
        """The JSON types that it takes."""
        either = {"object"} if isinstance(self.field, Reasons) else set()
        return {kind_of(self.field)} | either | ({"null"} if self.field.allow_null else set())

    @property
    def required(self) -> bool:
        return bool(self.field.required and self.field.default is empty)


def kind_of(field: serializers.Field) -> str:
    if isinstance(field, (serializers.ListField, serializers.ListSerializer)):
        return "list"
    if isinstance(field, (Names, serializers.Serializer)):
        return "object"
    if isinstance(field, (Count, Share)):
        return "number"
    return {Flag: "bool", Reasons: "list"}.get(type(field), "string")


def spots(write: Write) -> list[Spot]:
    """All fields of a body, those of what is nested too, that the sound body has."""
    return list(inside(write.serializer, write.body, ()))


def inside(serializer: Any, body: Any, path: Path) -> Iterator[Spot]:
    for name, field in serializer.fields.items():
        if name not in body:
            continue
        here = (*path, name)
        yield Spot(here, field)
        value = body[name]
        if isinstance(field, serializers.ListSerializer):
            yield from inside(field.child, value[-1], (*here, len(value) - 1))
        elif isinstance(field, serializers.ListField):
            yield Spot((*here, 0), field.child)
        elif isinstance(field, Names):
            yield Spot((*here, "ar"), field.child)
        elif isinstance(field, serializers.Serializer):
            yield from inside(field, value, here)


def objects(write: Write) -> list[Path]:
    """Where objects with declared fields stand in the body, itself first."""
    found: list[Path] = [()]
    for spot in spots(write):
        if isinstance(spot.field, serializers.ListSerializer):
            found.append((*spot.path, 0))
        elif isinstance(spot.field, serializers.Serializer):
            found.append(spot.path)
    return found


def changed(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at a path; `empty` leaves it out."""
    if not path:
        return value
    step, *rest = path
    copy: Any = list(body) if isinstance(body, list) else dict(body)
    if not rest and value is empty:
        del copy[step]
    else:
        inner = copy[step] if rest else None
        copy[step] = changed(inner, tuple(rest), value)
    return copy
