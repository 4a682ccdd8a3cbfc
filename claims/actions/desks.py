"""Organizations, their members, and the keys by which programs act as a member."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import apply, edit, locked
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.errors import Conflict, Forbidden
from claims.models import ApiKey, Member, Organization, User
from claims.models.base import SameAs
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
    """Change name or role, or end a membership (`ended`) with all its keys.

    An organization keeps an admin.

    Raises NotFound, Conflict, PreconditionRequired, PreconditionFailed.
    """
    if "ended" in changes:
        changes["ended_at"] = timezone.now() if changes.pop("ended") else None
    # Locking all admins, in one order, keeps two of them from removing each other at once.
    admins = list(
        Member.objects.filter(
            organization_id=by.organization_id, role=Role.ADMIN, ended_at__isnull=True
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    locked(Member, member_id)
    require_current(Member, member_id, if_match, needed=True)
    stays = changes.get("role", Role.ADMIN) == Role.ADMIN and changes.get("ended_at") is None
    if not stays and [admin.pk for admin in admins] == [member_id]:
        raise Conflict(_("An organization needs an admin: make another member admin first."))
    if changes.get("ended_at") is not None:
        for key in ApiKey.objects.filter(member_id=member_id, revoked_at=None).order_by("pk"):
            revoke_api_key(key_id=key.pk, by=by)
    return edit(
        Member,
        member_id,
        changes,
        type=ChangeType.MEMBER_EDITED,
        by=by,
        if_match=if_match,
        organization_id=by.organization_id,
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
    Raises Forbidden.
    """
    scopes = sorted(set(scopes))
    if through is not None:
        if not set(scopes) <= set(through.scopes):
            raise Forbidden(_("A key cannot make a key that may more than itself."))
        if through.expires_at and (expires_at is None or expires_at > through.expires_at):
            raise Forbidden(_("A key cannot make a key that outlives it: set expires_at."))
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


def revoke_api_key(*, key_id: UUID, by: Member) -> ApiKey:
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
            organization_id=by.organization_id,
        ),
    )
