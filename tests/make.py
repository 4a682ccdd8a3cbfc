"""Things to test with, made by the same actions that users' requests run."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from claims.actions.articles import capture_snapshot, create_article
from claims.actions.claims import create_claim
from claims.actions.contests import correct, file_contest, uphold
from claims.actions.desks import (
    add_member,
    create_api_key,
    create_organization,
    external_organization,
)
from claims.actions.drafts import confirm_draft, create_draft
from claims.actions.invitations import invite
from claims.actions.notes import write_note
from claims.actions.publishers import create_publisher
from claims.actions.queue import put_in_queue
from claims.actions.relations import decide_relation
from claims.actions.scales import change_scale
from claims.actions.speakers import create_speaker
from claims.actions.verdicts import issue_verdict
from claims.actions.webhooks import create_webhook
from claims.models import (
    Appearance,
    Article,
    Claim,
    Contest,
    Draft,
    Invitation,
    Member,
    Note,
    Organization,
    Publisher,
    QueueItem,
    RatingScale,
    Relation,
    Snapshot,
    Speaker,
    User,
    Verdict,
    Webhook,
)
from claims.queries.etags import etag
from claims.queries.scales import newest_scale
from claims.vocabulary import ContestReason, Outcome, Party, RelationType, Role, Scope

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


def admin_of(desk: Desk) -> Member:
    """Another admin of a desk."""
    return add_member(
        organization=desk.organization, name="Another admin", role=Role.ADMIN, by=desk.admin
    )


def key(member: Member, scopes: tuple[Scope, ...] = tuple(Scope), **more: Any) -> str:
    return create_api_key(member=member, label="test", scopes=scopes, by=None, **more)[1]


def invitation(by: Member, **more: Any) -> tuple[Invitation, str]:
    """An invitation and its token."""
    given = {"role": Role.CHECKER, "expires_at": timezone.now() + timedelta(days=1)}
    return invite(organization=by.organization, **given | more, by=by)


PASSWORD = "nine bridges over the Tigris"


def person(name: str, *members: Member, password: str = PASSWORD) -> User:
    """Somebody who can sign in, and the memberships that are theirs."""
    user = User.objects.create_user(name, f"{name}@example.org", password)
    for member in members:
        member.user = user
        member.save(update_fields=["user"])
    return user


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


def draft(claim: Claim, by: Member, outcome: Outcome = Outcome.DISPUTED, **more: Any) -> Draft:
    given = {"rationale": "The announcement was a day earlier."}
    return create_draft(claim=claim.pk, outcome=outcome, by=by, **given | more)


def confirmed(draft: Draft, by: Member) -> Draft:
    """By somebody who has read it as it is."""
    tag = etag(Draft, draft.pk)
    assert tag is not None
    return confirm_draft(draft_id=draft.pk, by=by, if_match=frozenset({tag}))


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


RATINGS: list[dict[str, Any]] = [
    {"labels": {"en": "True", "ar": "صحيح"}, "outcome": "verified"}
    | {"worst": 1, "best": 5, "value": 5},
    {"labels": {"en": "Wrong date", "ar": "تاريخ خاطئ"}, "outcome": "disputed"}
    | {"worst": 1, "best": 5, "value": 2},
    {"labels": {"en": "False", "ar": "خطأ"}, "outcome": "disputed"}
    | {"worst": 1, "best": 5, "value": 1},
    {"labels": {"en": "Unproven"}, "outcome": "inconclusive"},
]


def scale(by: Member, ratings: list[dict[str, Any]] = RATINGS) -> RatingScale:
    """A scale by somebody who has read the one before."""
    before = newest_scale(by.organization_id)
    tag = before and etag(RatingScale, before.pk)
    return change_scale(
        organization_id=by.organization_id,
        ratings=ratings,
        by=by,
        if_match=None if tag is None else frozenset({tag}),
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


def contest(of: Verdict, **more: Any) -> Contest:
    given = {"party": Party.READER, "reason": ContestReason.NEW_EVIDENCE}
    given |= {"text": "The ministry has published its report since."}
    return file_contest(claim_id=of.claim_id, verdict=of.pk, **given | more)  # type: ignore[arg-type]


def upheld(of: Verdict, by: Member) -> Contest:
    answer = "The report says what the verdict says."
    return uphold(contest_id=contest(of).pk, answer=answer, by=by, if_match=None)


def corrected(of: Verdict, by: Member, outcome: Outcome = Outcome.VERIFIED) -> Verdict:
    """A verdict that answers a contest of another one."""
    contested = contest(of)
    found = verdict(of.claim, by, outcome, rationale="So the report says that has come since.")
    correct(contest_id=contested.pk, verdict=found.pk, by=by, if_match=None)
    return found
