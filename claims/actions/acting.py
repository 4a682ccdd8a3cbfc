"""Who acts, looked at again: while a request waits for its turn, a right can end."""

from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import locked
from claims.errors import Forbidden, NotAuthenticated
from claims.models import ApiKey, Member
from claims.moves import Rule
from claims.vocabulary import Role


def acting(by: Member, through: ApiKey | None, *, needed: Role = Role.CHECKER) -> Member:
    """The member as it is now, which stays so until the transaction ends.

    Asked once all else is locked that could keep the request waiting: claim, then draft or contest,
    then who moves it. Whoever ends a membership locks in that order too (`desks.hold_claims_of`).
    through: the key that asks; None in a browser, whose session ends with the membership.
    Raises NotAuthenticated, Forbidden.
    """
    # The organization is read after the lock as well, by a statement of its own.
    member = locked(Member, by.pk)
    if through is not None:
        key = ApiKey.objects.get(pk=through.pk)
        if member.ended_at is not None or not key.is_usable(timezone.now()):
            raise NotAuthenticated(_("The key is unknown, expired or revoked."))
    if member.ended_at is not None:
        raise NotAuthenticated(_("Your membership has ended."))
    if not member.may_act_as(needed):
        detail = _("This needs the role %(needed)s; yours is %(role)s.")
        raise Forbidden.by(Rule.ROLE, detail % {"needed": needed.value, "role": member.role})
    return member
