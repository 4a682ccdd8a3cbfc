"""Organizations, their members, and the keys by which programs act as a member."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import apply, edit, locked
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.errors import Conflict, Forbidden, InvitationRefused
from claims.models import (
    ApiKey,
    Claim,
    Invitation,
    Member,
    Organization,
    QueueItem,
    Session,
    User,
)
from claims.models.base import SameAs
from claims.moves import Rule
from claims.vocabulary import ChangeType, Role, Scope


def create_organization(
    *, name: str, url: str | None = None, external_site: str | None = None, by: Member | None
) -> Organization:
    organization = Organization.objects.create(
        name=name, url=url, external_site=external_site, created_by=by
    )
    record(
        Happening(
            type=ChangeType.ORGANIZATION_CREATED,
            subject=organization,
            by=by,
            organization_id=organization.pk,
        )
    )
    return organization


def external_organization(
    *, site: str, name: str, url: str | None = None, by: Member
) -> Organization:
    """The organization that publishes its reviews on this site; recorded now if it is not yet.

    name: what it calls itself. Where another organization goes by that, however it is written, the
    site stands behind it: nobody who imports can speak as somebody else. Whoever calls it holds off
    others that might record it at the same moment.
    """
    if (there := Organization.objects.filter(external_site=site).first()) is not None:
        return there
    if Organization.objects.alias(same=SameAs("name")).filter(same=SameAs(Value(name))).exists():
        name = f"{name[: 300 - len(site) - 3]} ({site})"
    return create_organization(name=name, url=url, external_site=site, by=by)


def edit_organization(
    *, organization_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Organization:
    return edit(
        Organization,
        organization_id,
        changes,
        type=ChangeType.ORGANIZATION_EDITED,
        by=by,
        if_match=if_match,
        organization_id=organization_id,
    )


def add_member(
    *,
    organization: Organization,
    name: str,
    role: Role,
    user: User | None = None,
    by: Member | None,
) -> Member:
    member = Member.objects.create(
        organization=organization, name=name, role=role, user=user, created_by=by
    )
    record(
        Happening(
            type=ChangeType.MEMBER_ADDED,
            subject=member,
            by=by,
            organization_id=organization.pk,
        )
    )
    return member


def edit_member(
    *, member_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Member:
    """Change name or role, or end a membership (`ended`) with its keys, sessions and invitations.

    What an admin has given others to come in by ends with the role. An organization keeps an admin.

    Raises NotFound, Conflict, PreconditionRequired, PreconditionFailed.
    """
    ended = changes.pop("ended", None)
    if ended or changes.get("role") == Role.READER:
        hold_claims_of(member_id)
    if ended or changes.get("role", Role.ADMIN) != Role.ADMIN:
        keep_an_admin(by.organization_id, but=member_id)
    member = locked(Member, member_id)
    require_current(Member, member_id, if_match, needed=True)
    if member.erased_at is not None:
        raise Conflict(_("The person was erased: what is left of the member stays as it is."))
    if ended:
        end_access(member, by=by)
        changes["ended_at"] = member.ended_at or timezone.now()
    elif ended is not None:
        changes["ended_at"] = None
    elif member.role == Role.ADMIN != changes.get("role", Role.ADMIN):
        end_ways_given(member, by=by)
    return apply(member, changes, edited(member, by=by))


def leave(*, by: Member) -> Member:
    """End one's own membership; leaving again changes nothing. Raises Conflict."""
    hold_claims_of(by.pk)
    keep_an_admin(by.organization_id, but=by.pk)
    return remove_member(locked(Member, by.pk), by=by)


def remove_member(member: Member, *, by: Member | None) -> Member:
    """End the membership of a locked row, whose organization keeps an admin."""
    end_access(member, by=by)
    ended_at = member.ended_at or timezone.now()
    return apply(member, {"ended_at": ended_at}, edited(member, by=by))


def hold_claims_of(*member_ids: UUID) -> None:
    """Lock what waits to be judged by members whose role ends, which somebody else can have then.

    Before any member, as whoever judges does: of the two neither has what the other waits for. But
    what an editor gives them between this and the lock on them is not held: of two who wait for
    each other then, PostgreSQL ends one, who is told to repeat it (503).
    """
    items = QueueItem.objects.open().filter(assignee__in=member_ids)
    claims = Claim.objects.filter(pk__in=items.values("claim")).order_by("pk")
    list(claims.select_for_update(no_key=True).values_list("pk"))


def keep_an_admin(organization_id: UUID, *, but: UUID) -> None:
    """Raises Conflict where this member is the last admin.

    Locking all admins, in one order, keeps two of them from removing each other at once.
    """
    admins = (
        Member.objects.filter(
            organization_id=organization_id, role=Role.ADMIN, ended_at__isnull=True
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    if [admin.pk for admin in admins] == [but]:
        raise Conflict.by(Rule.LAST_ADMIN)


def end_access(member: Member, *, by: Member | None) -> None:
    """Whatever lets somebody act as this member, or come in on its word."""
    revoke_keys(Q(member=member), by=by)
    Session.objects.filter(member=member).delete()
    end_ways_given(member, by=by)


def end_ways_given(admin: Member, *, by: Member | None) -> None:
    """Keys that an admin has made for colleagues, whose secrets the admin knows, and invitations.

    They are as good as the right to give them: else one who is admin no more acts as a colleague.
    """
    revoke_keys(Q(created_by=admin) & ~Q(member=admin), by=by)
    open_ones = Invitation.objects.filter(created_by=admin, revoked_at=None, accepted_at=None)
    # Locked first, so that one that is accepted at this moment is left alone.
    for invitation in open_ones.order_by("pk").select_for_update(no_key=True):
        revoke_invitation(invitation_id=invitation.pk, by=by)


def revoke_keys(which: Q, *, by: Member | None) -> None:
    for key in ApiKey.objects.filter(which, revoked_at=None).order_by("pk"):
        revoke_api_key(key_id=key.pk, by=by)


def edited(member: Member, *, by: Member | None) -> Happening:
    return Happening(
        type=ChangeType.MEMBER_EDITED,
        subject=member,
        by=by,
        organization_id=member.organization_id,
    )


def create_api_key(
    *,
    member: Member,
    label: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
    through: ApiKey | None = None,
    by: Member | None,
) -> tuple[ApiKey, str]:
    """Make a key and its secret, which is told this once.

    through: the key that asks for it, which cannot pass on what it may not do itself.
    by: for a colleague, an admin, who is held as one who is edited is, so that no key is missed
    when the role ends at this moment.
    Raises Forbidden.
    """
    scopes = sorted(set(scopes))
    if by is not None and by.pk != member.pk and not locked(Member, by.pk).may_act_as(Role.ADMIN):
        raise Forbidden.by(Rule.ROLE, _("Only an admin makes keys for others."))
    if through is not None:
        if not set(scopes) <= set(through.scopes):
            raise Forbidden.by(Rule.MORE_THAN_THE_KEY)
        if outlives(expires_at, through):
            raise Forbidden.by(Rule.OUTLIVES_THE_KEY)
    secret = ApiKey.new_secret()
    key = ApiKey.objects.create(
        member=member,
        label=label,
        hint=secret[:12],
        digest=ApiKey.digest_of(secret),
        scopes=scopes,
        expires_at=expires_at,
        created_by=by,
    )
    record(
        Happening(
            type=ChangeType.API_KEY_CREATED,
            subject=key,
            by=by,
            organization_id=member.organization_id,
        )
    )
    return key, secret


def outlives(expires_at: datetime | None, key: ApiKey) -> bool:
    """Whether what ends then is good for longer than the key through which it is made."""
    return key.expires_at is not None and (expires_at is None or expires_at > key.expires_at)


def revoke_api_key(*, key_id: UUID, by: Member | None) -> ApiKey:
    """End a key for good; revoking it again changes nothing."""
    key = locked(ApiKey, key_id)
    if key.revoked_at is not None:
        return key
    return apply(
        key,
        {"revoked_at": timezone.now()},
        Happening(
            type=ChangeType.API_KEY_REVOKED,
            subject=key,
            by=by,
            organization_id=key.member.organization_id,
        ),
    )


def invited(type: ChangeType, invitation: Invitation, *, by: Member | None) -> Happening:
    return Happening(
        type=type, subject=invitation, by=by, organization_id=invitation.organization_id
    )


def revoke_invitation(*, invitation_id: UUID, by: Member | None) -> Invitation:
    """End it for good; revoking it again changes nothing. Raises InvitationRefused."""
    invitation = locked(Invitation, invitation_id)
    if invitation.accepted_at is not None:
        raise InvitationRefused.by(Rule.INVITATION_IS_ACCEPTED)
    if invitation.revoked_at is not None:
        return invitation
    return apply(
        invitation,
        {"revoked_at": timezone.now()},
        invited(ChangeType.INVITATION_REVOKED, invitation, by=by),
    )
