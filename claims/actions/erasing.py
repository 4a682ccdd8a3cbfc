"""Forcing out what a law forces out. The owner of the tables alone can: the web role may not.

Texts are in Contents, which append-only rows and Changes name: erasing empties them, hash and
length stay, and neither the record nor the log is touched. See docs/adr/0005 and 0043.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.contrib.admin.models import LogEntry as AdminEntry
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.desks import hold_claims_of, keep_an_admin, remove_member
from claims.actions.editing import locked
from claims.actions.recording import Happening, record
from claims.errors import NotFound
from claims.models import (
    ApiKey,
    Change,
    Content,
    Contest,
    Draft,
    DraftStep,
    Evidence,
    IdempotencyKey,
    Invitation,
    LogEntry,
    Member,
    Note,
    Notice,
    NoticeSettings,
    SecondFactor,
    Session,
    Snapshot,
    User,
    Verdict,
)
from claims.vocabulary import ChangeType

ERASED_LABEL = "(erased)"  # of keys, which have one


@dataclass(frozen=True, slots=True)
class Known:
    """By what somebody is known, in lower case. organization_id: where alone; None: everywhere."""

    names: Collection[str]
    addresses: Collection[str]
    organization_id: UUID | None = None

    def stands_in(self, text: str) -> bool:
        """As words of their own: who is called Ali is not named by Alice."""
        return any(
            re.search(rf"(?<![\w.+-]){re.escape(it)}(?![\w-]|\.\w)", text.lower())
            for it in (*self.names, *self.addresses)
        )


@transaction.atomic
def erase_person(person_id: UUID) -> list[UUID]:
    """Name, e-mail address and username, wherever they stand; the ids of whom they were, and then
    of invitations to the same address that they did not accept, and of contests.

    person_id: of a member; whose account goes too, where no other membership needs it. Or of a
    user: then all memberships go. Or of an invitation that nobody accepted. What has gone already
    is passed over. While the account stays, so does what other organizations know of the person.
    Raises NotFound, Conflict where the organization would be left without an admin.
    """
    found = Member.objects.filter(Q(pk=person_id) | Q(user_id=person_id))
    members = list(found.filter(erased_at__isnull=True).order_by("pk"))
    user = User.objects.filter(pk=person_id).first()
    if user is None:
        member = found.filter(pk=person_id).select_related("user").first()
        if member is None:
            return erase_invited(person_id)
        others = Member.objects.filter(user=member.user).exclude(pk=member.pk)
        user = None if others.exists() else member.user
    known = known_of(members, user)
    hold_claims_of(*(it.pk for it in members))  # of all of them before the first is locked
    for member in members:
        erase_member(member)
    if user is not None:
        erase_user(user)
    erase_answers()
    return [it.pk for it in (*members, *([user] if user else []))] + erase_known(known)


def known_of(members: Sequence[Member], user: User | None) -> Known:
    """Asked before they are erased. user: the account, if it goes as well."""
    ids = {it.user_id for it in members} | {user and user.pk}
    users = User.objects.filter(pk__in=[pk for pk in ids if pk is not None])
    invitations = Invitation.objects.filter(accepted_by__in=members)
    names = {it.name for it in members} | {it.name for it in invitations}
    addresses = {it.email for it in users} | {it.email for it in invitations}
    return Known(
        names={it.lower() for it in names if it},
        addresses={it.lower() for it in addresses if it},
        organization_id=None if user is not None or not members else members[0].organization_id,
    )


def erase_known(known: Known) -> list[UUID]:
    """Where they were invited, or contested a verdict, under an address of theirs."""
    if not known.addresses:
        return []
    invitations = Invitation.objects.alias(at=Lower("email")).filter(at__in=known.addresses)
    if known.organization_id is not None:
        return erase_invitations(invitations.filter(organization_id=known.organization_id))
    return erase_invitations(invitations) + erase_contests(known)


def erase_contests(known: Known) -> list[UUID]:
    """The address for the answer; what was written, and the answer, where the address stands in
    it, and what they wrote themselves also where their name does."""
    where = Q(at__in=known.addresses)
    for address in known.addresses:
        where |= Q(statement__text__icontains=address) | Q(answer__text__icontains=address)
    found = Contest.objects.alias(at=Lower("contact__text")).filter(where).order_by("pk")
    by_address = Known(names=(), addresses=known.addresses)
    erased = []
    for it in found.select_related("statement", "contact", "answer"):
        theirs = it.contact is not None and (it.contact.text or "").lower() in known.addresses
        gone = {it.contact_id} if theirs else set()
        if (known if theirs else by_address).stands_in(written(it)):
            gone.add(it.statement_id)
        if it.answer is not None and by_address.stands_in(it.answer.text or ""):
            gone.add(it.answer_id)
        if erase(pk for pk in gone if pk is not None):
            erased.append(it.pk)
    return erased


def written(contest: Contest) -> str:
    if contest.statement.text is None:
        return ""
    said = orjson.loads(contest.statement.text)
    pieces = [it for piece in said["evidence"] for it in piece.values() if it]
    return "\n".join([said["text"], *pieces])


def erase_invited(invitation_id: UUID) -> list[UUID]:
    """Raises NotFound."""
    invitation = Invitation.objects.filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound(_("There is no member, user or invitation with this id."))
    known = Known(
        names={it.lower() for it in [invitation.name] if it},
        addresses={it.lower() for it in [invitation.email] if it},
    )
    erase_invitations(Invitation.objects.filter(pk=invitation_id))
    erase_answers()
    return [invitation_id, *erase_known(known)]


def erase_invitations(invitations: QuerySet[Invitation]) -> list[UUID]:
    """Which they were."""
    ids = list(invitations.order_by("pk").values_list("pk", flat=True))
    erase_changes(Change.objects.filter(subject_id__in=ids))
    forget_admin(ids)
    Invitation.objects.filter(pk__in=ids).update(name=None, email=None, version=F("version") + 1)
    return ids


def erase_member(member: Member) -> None:
    keep_an_admin(member.organization_id, but=member.pk)
    remove_member(locked(Member, member.pk), by=None)
    keys = ApiKey.objects.filter(member=member)
    invitations = Invitation.objects.filter(accepted_by=member)
    subjects = {member.pk, *keys.values_list("pk", flat=True)}
    erase_changes(Change.objects.filter(subject_id__in=subjects))
    forget_admin(subjects)
    keys.update(label=ERASED_LABEL, version=F("version") + 1)
    erase_invitations(invitations)
    Notice.objects.filter(member=member).delete()
    NoticeSettings.objects.filter(member=member).delete()
    left = locked(Member, member.pk)
    left.name, left.user, left.erased_at = None, None, timezone.now()
    left.version += 1
    left.save(update_fields=["name", "user", "erased_at", "version"])
    # What is left is told anew: role and dates, and that the rest was erased.
    record(
        Happening(
            type=ChangeType.MEMBER_ERASED,
            subject=left,
            by=None,
            organization_id=left.organization_id,
        )
    )


def erase_user(user: User) -> None:
    """The row stays, as others name it; nobody can sign in by it."""
    Session.objects.filter(user=user).delete()
    SecondFactor.objects.filter(user=user).delete()
    forget_admin({user.pk})
    user.groups.clear()
    user.user_permissions.clear()
    user.username = f"erased-{user.pk}"
    user.email = user.first_name = user.last_name = ""
    user.last_login = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()


def forget_admin(pks: Iterable[UUID]) -> None:
    """What the admin site remembers of its own doings names rows by their words."""
    entries = AdminEntry.objects.filter(object_id__in=[str(pk) for pk in pks])
    entries.update(object_repr="", change_message="")


def erase_changes(changes: Iterable[Change]) -> None:
    ids = {pk for it in changes for pk in (it.document_id, it.before_id) if pk is not None}
    erase(ids)


def erase_answers() -> None:
    """All that are kept for a day by Idempotency-Key: who knows what they repeat. Keys stay, so
    that whoever sends a request once more does not write twice."""
    IdempotencyKey.objects.update(body=None)


def erase(ids: Iterable[UUID]) -> int:
    """The texts of these Contents; how many were there still."""
    there = Content.objects.filter(pk__in=set(ids), text__isnull=False)
    return there.update(text=None, erased_at=Now())


# Single texts


@transaction.atomic
def erase_text(ids: Iterable[UUID | None]) -> int:
    """Of Contents as `snapshot` and the others tell them; how many were there still.

    Raises NotFound.
    """
    kept = [pk for pk in ids if pk is not None]
    if not kept:
        raise NotFound(_("There is no such text."))
    erase_answers()
    return erase(kept)


def snapshot(pk: UUID) -> list[UUID | None]:
    return list(Snapshot.objects.filter(pk=pk).values_list("content_id", flat=True))


def rationale(verdict: UUID) -> list[UUID | None]:
    """And the draft that the verdict was, which says the same."""
    found = Verdict.objects.filter(pk=verdict).values_list("rationale_id", flat=True)
    return [*found, *findings(Draft.objects.filter(verdict=verdict))]


def quote(verdict: UUID, position: int) -> list[UUID | None]:
    """And the draft, as of a rationale."""
    found = Evidence.objects.filter(verdict=verdict, position=position, quote__isnull=False)
    drafts = Draft.objects.filter(verdict__in=found.values("verdict"))
    return [*found.values_list("quote_id", flat=True), *findings(drafts)]


def draft(pk: UUID) -> list[UUID | None]:
    """What it says and said before it was edited; and rationale and quotes of its verdict."""
    drafts = Draft.objects.filter(pk=pk)
    verdicts = Verdict.objects.filter(draft__in=drafts)
    evidence = Evidence.objects.filter(verdict__in=verdicts)
    return [
        *findings(drafts),
        *verdicts.values_list("rationale_id", flat=True),
        *evidence.values_list("quote_id", flat=True),
    ]


def findings(drafts: QuerySet[Draft]) -> list[UUID]:
    """What these drafts say and said. What was said before an edit is named by Changes alone, and
    by its hash, which no other text has, as it is salted."""
    said = dict(drafts.values_list("finding__sha256", "finding_id"))
    told = Change.objects.filter(subject_id__in=drafts).select_related("document", "before")
    remembered = (it for change in told for it in (change.document, change.before))
    hashes = {
        bytes.fromhex(orjson.loads(it.text)["finding"])
        for it in remembered
        if it is not None and it.text is not None
    }
    if earlier := hashes - {bytes(it) for it in said}:
        found = Content.objects.filter(sha256__in=earlier)
        return [*said.values(), *found.values_list("pk", flat=True)]
    return [*said.values()]


def reasons(draft: UUID, position: int) -> list[UUID | None]:
    """Why it was returned."""
    steps = DraftStep.objects.filter(draft=draft, position=position)
    return list(steps.values_list("reasons_id", flat=True))


def note(pk: UUID) -> list[UUID | None]:
    return list(Note.objects.filter(pk=pk).values_list("content_id", flat=True))


def contest(pk: UUID) -> list[UUID | None]:
    """What was written from outside, and whom to answer."""
    return [
        it for row in Contest.objects.filter(pk=pk) for it in (row.statement_id, row.contact_id)
    ]


def contact(pk: UUID) -> list[UUID | None]:
    """Whom to answer about a contest."""
    return list(Contest.objects.filter(pk=pk).values_list("contact_id", flat=True))


def answer(pk: UUID) -> list[UUID | None]:
    return list(Contest.objects.filter(pk=pk).values_list("answer_id", flat=True))


def change(number: int) -> list[UUID | None]:
    """What a Change remembers: the row, and the row before."""
    entries = LogEntry.objects.filter(number=number).select_related("change")
    kept = [pk for it in entries for pk in (it.change.document_id, it.change.before_id)]
    # Of a draft nothing else leads to what it said before an edit.
    drafts = Draft.objects.filter(pk__in=[it.change.subject_id for it in entries])
    still_said = set(drafts.values_list("finding_id", flat=True))
    return [*kept, *(pk for pk in findings(drafts) if pk not in still_said)]
