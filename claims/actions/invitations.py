"""Invitations: an admin asks somebody in, who comes in by a link, once."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.desks import add_member, edited, invited, outlives
from claims.actions.editing import apply, locked
from claims.actions.recording import record
from claims.actions.signing_in import account_of, check_password_rules, named
from claims.errors import Duplicate, Forbidden, Invalid, InvitationRefused
from claims.models import ApiKey, Invitation, Member, Organization, User
from claims.moves import Rule
from claims.vocabulary import ChangeType, Role


def invite(
    *,
    organization: Organization,
    role: Role,
    name: str | None = None,
    email: str | None = None,
    expires_at: datetime,
    through: ApiKey | None = None,
    by: Member,
) -> tuple[Invitation, str]:
    """The invitation and its token, which is told this once.

    through: the key that asks for it, which gives nobody longer to come in than it lasts itself.
    Raises Forbidden.
    """
    if through is not None and outlives(expires_at, through):
        raise Forbidden.by(Rule.OUTLIVES_THE_KEY)
    token = Invitation.new_token()
    invitation = Invitation.objects.create(
        organization=organization,
        role=role,
        name=name,
        email=email,
        digest=Invitation.digest_of(token),
        expires_at=expires_at,
        created_by=by,
    )
    record(invited(ChangeType.INVITATION_CREATED, invitation, by=by))
    return invitation, token


def accept_invitation(
    *,
    token: str,
    name: str | None = None,
    username: str | None = None,
    password: str | None = None,
    user: User | None = None,
) -> Member:
    """Make the member, with a new user; or of a user who is signed in.

    Of two at once one comes in: the other waits for the row, and finds it used.
    Raises InvitationRefused, Invalid, Duplicate.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization", "created_by")
        .filter(digest=Invitation.digest_of(token))
        .first()
    )
    if invitation is None or not invitation.is_open(timezone.now()) or not stands(invitation):
        raise InvitationRefused.by(Rule.INVITATION_IS_OVER)
    if user is None:
        name = name or invitation.name
        user = new_user(invitation, name, username, password)
    elif username is not None or password is not None:
        field = "username" if username is not None else "password"
        raise Invalid.at(f"#/{field}", _("You are signed in: leave this out, or sign out first."))
    else:
        name = name or called(user) or invitation.name
    if not name:
        raise Invalid.at("#/name", _("Say by which name your colleagues are to see you."))
    member = joined(invitation, user, name)
    apply(
        invitation,
        {"accepted_at": timezone.now(), "accepted_by_id": member.pk},
        invited(ChangeType.INVITATION_ACCEPTED, invitation, by=member),
    )
    return member


def stands(invitation: Invitation) -> bool:
    """Whether who invited may still do so: else a link would outlive the right to give it."""
    by = invitation.created_by
    return by is None or by.may_act_as(Role.ADMIN)


def called(user: User) -> str | None:
    """By the name of an earlier membership."""
    named = Member.objects.filter(user=user, name__isnull=False)
    return named.order_by("-pk").values_list("name", flat=True).first()


def new_user(
    invitation: Invitation, name: str | None, username: str | None, password: str | None
) -> User:
    """Raises Invalid, Duplicate."""
    if username is None:
        raise Invalid.at("#/username", _("Choose a username, or sign in first."))
    if password is None:
        raise Invalid.at("#/password", _("Choose a password, or sign in first."))
    if named(username) is not None:
        raise Duplicate.at("#/username", _("This username is taken: choose another."))
    email = invitation.email or ""
    if email and account_of(email) is not None:
        detail = _("An account has this e-mail address already: sign in, then accept.")
        raise Duplicate.at("#", detail)
    # Their own name, too, is nothing to make a password of.
    likeness = User(username=username, email=email, first_name=(name or "")[:150])
    check_password_rules(password, likeness, pointer="#/password")
    return User.objects.create_user(username, email, password)


def joined(invitation: Invitation, user: User, name: str) -> Member:
    """A new member; or the one that the person was before, who takes it up again.

    Raises Duplicate.
    """
    before = Member.objects.filter(organization=invitation.organization, user=user).first()
    if before is None:
        return add_member(
            organization=invitation.organization,
            name=name,
            role=Role(invitation.role),
            user=user,
            by=invitation.created_by,
        )
    member = locked(Member, before.pk)
    if member.ended_at is None:
        raise Duplicate(_("You are a member of this organization already."))
    changes: dict[str, Any] = {"ended_at": None, "role": invitation.role, "name": name}
    return apply(
        member,
        changes,
        edited(member, by=invitation.created_by),
    )
