"""Things to test with, made by the same actions that users' requests run."""

import itertools
from dataclasses import dataclass
from typing import Any

from claims.actions.articles import capture_snapshot, create_article
from claims.actions.claims import create_claim
from claims.actions.desks import (
    add_member,
    create_api_key,
    create_organization,
    external_organization,
)
from claims.actions.notes import write_note
from claims.actions.publishers import create_publisher
from claims.actions.queue import put_in_queue
from claims.actions.relations import decide_relation
from claims.actions.speakers import create_speaker
from claims.actions.verdicts import issue_verdict
from claims.actions.webhooks import create_webhook
from claims.models import (
    Appearance,
    Article,
    Claim,
    Member,
    Note,
    Organization,
    Publisher,
    QueueItem,
    Relation,
    Snapshot,
    Speaker,
    Verdict,
    Webhook,
)
from claims.queries.etags import etag
from claims.vocabulary import Outcome, RelationType, Role, Scope

TEXT = "وأعلن العراق تحرير كامل أراضيه. Iraq declared victory. Iraq declared victory again."

numbers = itertools.count(1)


@dataclass
class Desk:
    organization: Organization
    reader: Member
    checker: Member
    editor: Member
    admin: Member

    def __getitem__(self, role: Role) -> Member:
        member: Member = getattr(self, role.value)
        return member


def desk(name: str | None = None, **more: Any) -> Desk:
    organization = create_organization(name=name or f"Desk {next(numbers)}", by=None, **more)
    members = {
        role.value: add_member(
            organization=organization, name=f"A {role.value}", role=role, by=None
        )
        for role in Role
    }
    return Desk(organization, **members)


def key(member: Member, scopes: tuple[Scope, ...] = tuple(Scope), **more: Any) -> str:
    return create_api_key(member=member, label="test", scopes=scopes, by=None, **more)[1]


def outsider(*, by: Member, site: str = "outsiders.example", **more: Any) -> Organization:
    """An external organization."""
    return external_organization(**{"site": site, "name": "Outsiders", "by": by} | more)


def publisher(**more: Any) -> Publisher:
    return create_publisher(**{"name": "Sputnik Arabic", "by": None} | more)


def article(**more: Any) -> Article:
    if "publisher" not in more:
        more["publisher"] = publisher().pk
    given = {"headline": "عنوان", "language": "ar", "date_published": "2020-03-14", "by": None}
    return create_article(**given | more)


def snapshot(text: str = TEXT, of: Article | None = None, **more: Any) -> Snapshot:
    return capture_snapshot(article_id=(of or article()).pk, **{"text": text, "by": None} | more)


def speaker(**more: Any) -> Speaker:
    return create_speaker(**{"type": "person", "name": "Tahsin al-Khafaji", "by": None} | more)


FACT = {
    "subject": "liberation of Iraq from ISIS",
    "property": "declared on",
    "value": "2017-12-10",
    "value_type": "date",
}


def fact(**more: Any) -> Claim:
    given = {"kind": "fact", "text": "Iraq declared victory", "language": "en", "fact": FACT}
    return create_claim(**given | {"by": None} | more)


def statement(**more: Any) -> Claim:
    if "speaker" not in more:
        more["speaker"] = speaker().pk
    given = {"kind": "statement", "text": "We condemn this", "language": "en", "speech": "direct"}
    return create_claim(**given | {"by": None} | more)


def marked_fact(text: str = "Iraq declared victory again", **more: Any) -> tuple[Claim, Appearance]:
    """A fact with its passage in a snapshot."""
    held = snapshot()
    claim = fact(appearance={"snapshot": held.pk, "exact": text}, **more)
    return claim, claim.appearances.get()


def verdict(claim: Claim, by: Member, outcome: Outcome = Outcome.DISPUTED, **more: Any) -> Verdict:
    """A verdict by somebody who has read the claim as it is."""
    tag = etag(Claim, claim.pk)
    assert tag is not None
    return issue_verdict(
        claim_id=claim.pk,
        outcome=outcome,
        by=by,
        if_match=frozenset({tag}),
        **{"rationale": "The announcement was a day earlier."} | more,
    )


def relation(claim: Claim, other: Claim, by: Member, relation: str, **more: Any) -> Relation:
    """A decision by somebody who has read the claim as it is."""
    tag = etag(Claim, claim.pk)
    assert tag is not None
    return decide_relation(
        claim_id=claim.pk,
        other=other.pk,
        relation=RelationType(relation),
        by=by,
        if_match=frozenset({tag}),
        **more,
    )


def webhook(by: Member, **more: Any) -> Webhook:
    given = {"url": "https://example.org/hook", "types": [], "filters": {}}
    return create_webhook(**given | more, by=by)[0]


def queued(claim: Claim, by: Member, **more: Any) -> QueueItem:
    return put_in_queue(claim_id=claim.pk, by=by, **more)[0]


def done(claim: Claim, by: Member) -> QueueItem:
    item = queued(claim, by)
    verdict(claim, by)
    return item


def note(claim: Claim, by: Member, **more: Any) -> Note:
    return write_note(claim_id=claim.pk, by=by, **{"text": "Ask the ministry."} | more)
